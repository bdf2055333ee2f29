"""The keys that sign access tokens, and the public halves that anybody may check them with (JWKS, RFC 7517).

One key signs. Those whose place it took still count until the last token that they signed has expired. Keys that are not
configured live in the data folder, `keys/signing.pem` and `keys/previous/*.pem`; running processes see when they change.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import logging
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from entrepot.kernel import clock

log = logging.getLogger("entrepot.keys")

ALGORITHM: Final = "RS256"
KEY_BITS: Final = 2048
TOKEN_LIFETIME: Final = timedelta(minutes=15)
LOOK_AGAIN_AFTER_S: Final = 60.0
GRACE: Final = timedelta(minutes=5)
"""How much longer than its tokens a previous key counts: other processes sign with it until they look again."""

_PEM: Final = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)


class SigningKeyError(Exception):
    """A key cannot be read; the message says what to set."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key, known by its thumbprint (RFC 7638). `until`: from when on it does not count any more."""

    id: str
    public: RSAPublicKey
    until: datetime | None = None

    @property
    def counts(self) -> bool:
        return self.until is None or clock.now() < self.until


class PrivateKey(Key, frozen=True, kw_only=True):
    """One that can sign."""

    private: RSAPrivateKey


class SigningKeys:
    """The key that signs, and the previous ones that still count."""

    def __init__(self, current: PrivateKey, previous: Sequence[Key] = (), folder: KeyFolder | None = None) -> None:
        self._current = current
        self._previous = previous
        self._replaced: Sequence[Key] = ()
        self._folder = folder
        self._stamp: object = None
        self._look_again_at = 0.0

    @property
    def current(self) -> PrivateKey:
        """The key that signs."""
        self._look_once_a_minute()
        return self._current

    def find(self, key_id: object) -> Key | None:
        """The key with this id, if it counts; the folder is looked at when it is not known."""
        self._look_once_a_minute()
        if (found := self._find(key_id)) is None and self._folder is not None:
            self._look(self._folder)
            found = self._find(key_id)
        return found

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK set, the one that signs first."""
        return {
            "keys": [{**_jwk(key.public), "kid": key.id, "use": "sig", "alg": ALGORITHM} for key in self._counting()]
        }

    def peppers(self, purpose: str) -> list[bytes]:
        """Secrets of the shop that stand in no database, a different one for each purpose; the newest first."""
        return [_derived(key.private, purpose) for key in self._counting() if isinstance(key, PrivateKey)]

    def _find(self, key_id: object) -> Key | None:
        return next((key for key in (self._current, *self._others()) if key.id == key_id), None)

    def _counting(self) -> list[Key]:
        return [self.current, *self._others()]

    def _others(self) -> Iterator[Key]:
        return (key for key in (*self._replaced, *self._previous) if key.counts and key.id != self._current.id)

    def _look_once_a_minute(self) -> None:
        if self._folder is not None and time.monotonic() >= self._look_again_at:
            self._look(self._folder)

    def _look(self, folder: KeyFolder) -> None:
        """Take over what has changed in the folder; what cannot be read leaves all as it was."""
        self._look_again_at = time.monotonic() + LOOK_AGAIN_AFTER_S
        try:
            stamp = folder.stamp()
            if stamp != self._stamp:
                self._current, self._replaced = folder.read()
                self._stamp = stamp
        except (SigningKeyError, OSError) as error:
            log.warning("the signing keys cannot be read again: %s", error)


def load_keys(
    configured: str | None, home: Path, *, previous: str | None = None, lifetime: timedelta = TOKEN_LIFETIME
) -> SigningKeys:
    """The configured key (PEM, or a path to it); without one, the data folder's own, made at the first start.

    `previous` are keys that still count: PEM blocks, or paths with commas between. `lifetime` is that of access tokens.

    Raises:
        SigningKeyError: when a configured key cannot be read.
    """
    others = _previous_keys(previous) if previous is not None else []
    if configured is not None:
        pem = configured.encode() if "-----BEGIN" in configured else _read(Path(configured), "JWT_PRIVATE_KEY")
        return SigningKeys(_private_key(pem, "JWT_PRIVATE_KEY"), others)
    folder = KeyFolder(home / "keys", lifetime)
    current, _ = folder.read()
    return SigningKeys(current, others, folder)


class KeyFolder:
    """The keys of a shop that has none configured."""

    def __init__(self, path: Path, lifetime: timedelta) -> None:
        self._path = path
        self._signing = path / "signing.pem"
        self._previous = path / "previous"
        self._lifetime = lifetime

    def stamp(self) -> object:
        """Differs when the keys do."""
        found = [self._signing.stat(), *(path.stat() for path in self._previous_files())]
        return tuple((file.st_ino, file.st_mtime_ns, file.st_size) for file in found)

    def read(self) -> tuple[PrivateKey, list[PrivateKey]]:
        """The key that signs, made if there is none, and those whose place it took."""
        if not self._signing.exists():
            with _draft(self._signing, _new_pem()) as draft:
                _put_unless_there(draft, self._signing)
        current = _private_key(self._signing.read_bytes(), str(self._signing))
        replaced = [
            msgspec.structs.replace(_private_key(path.read_bytes(), str(path)), until=self._end_of(path))
            for path in self._previous_files()
        ]
        return current, replaced

    def rotate(self) -> PrivateKey:
        """Make a new key that signs from now on; the old one counts as long as its tokens may live. Returns the new one.

        Previous keys whose time is over are deleted.
        """
        with self._alone():
            current, _ = self.read()
            for path in self._previous_files():
                if clock.now() >= self._end_of(path):
                    path.unlink()
            self._previous.mkdir(mode=0o700, exist_ok=True)
            kept = self._previous / f"{current.id}.pem"
            with _draft(kept, self._signing.read_bytes()) as draft:
                draft.replace(kept)
            with _draft(self._signing, _new_pem()) as draft:
                draft.replace(self._signing)
            return _private_key(self._signing.read_bytes(), str(self._signing))

    def _previous_files(self) -> list[Path]:
        return sorted(self._previous.glob("*.pem"))

    def _end_of(self, path: Path) -> datetime:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) + self._lifetime + GRACE

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Of two that rotate at once, the second waits."""
        self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._path / "rotating").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@contextmanager
def _draft(path: Path, pem: bytes) -> Iterator[Path]:
    """A key beside its place, for its owner only, to be put there whole; nothing of it is left behind."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _put_unless_there(draft: Path, path: Path) -> None:
    """Of two processes that start at once, the second takes the first one's key."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return


def _new_pem() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _previous_keys(configured: str) -> list[Key]:
    if "-----BEGIN" in configured:
        pems = [found[0].encode() for found in _PEM.finditer(configured)]
    else:
        pems = [_read(Path(part.strip()), "JWT_PREVIOUS_KEYS") for part in configured.split(",") if part.strip()]
    return [_key(pem, "JWT_PREVIOUS_KEYS") for pem in pems]


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningKeyError(f"{setting}: cannot read {path}: {error.strerror}") from None


def _key(pem: bytes, source: str) -> Key:
    """A key in PEM, of which the public half is enough."""
    if b"PRIVATE KEY" in pem:
        return _private_key(pem, source)
    try:
        public = serialization.load_pem_public_key(pem)
    except ValueError:
        public = None
    if not isinstance(public, RSAPublicKey) or public.key_size < KEY_BITS:
        raise SigningKeyError(f"{source}: must be RSA keys of {KEY_BITS} bits or more in PEM")
    return Key(id=_thumbprint(public), public=public)


def _private_key(pem: bytes, source: str) -> PrivateKey:
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, RSAPrivateKey) or private.key_size < KEY_BITS:
        raise SigningKeyError(f"{source}: must be an unencrypted RSA key of {KEY_BITS} bits or more in PEM")
    public = private.public_key()
    return PrivateKey(id=_thumbprint(public), public=public, private=private)


def _derived(private: RSAPrivateKey, purpose: str) -> bytes:
    material = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(material)


def _jwk(public: RSAPublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {"e": _base64(numbers.e), "kty": "RSA", "n": _base64(numbers.n)}


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _thumbprint(public: RSAPublicKey) -> str:
    canonical = msgspec.json.encode(dict(sorted(_jwk(public).items())))
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).decode().rstrip("=")
