"""The keys that sign access tokens, and the public half that anybody may check them with (JWKS, RFC 7517)."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

ALGORITHM = "RS256"
KEY_BITS = 2048


class SigningKeyError(Exception):
    """The signing key cannot be read; the message says what to set."""


class SigningKeys:
    """The key that signs, known by its thumbprint (RFC 7638)."""

    def __init__(self, private: RSAPrivateKey) -> None:
        self.private = private
        self.public: RSAPublicKey = private.public_key()
        self.id = _thumbprint(self.public)

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK set."""
        return {"keys": [{**_jwk(self.public), "kid": self.id, "use": "sig", "alg": ALGORITHM}]}


def load_keys(configured: str | None, folder: Path) -> SigningKeys:
    """The configured key (PEM, or a path to it); without one, the data folder's own, made at the first start.

    Raises:
        SigningKeyError: when the configured key cannot be read.
    """
    if configured is not None:
        pem = configured.encode() if "-----BEGIN" in configured else _read(Path(configured))
        return SigningKeys(_parse(pem))
    path = folder / "keys" / "signing.pem"
    if not path.exists():
        _make(path)
    return SigningKeys(_parse(path.read_bytes()))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningKeyError(f"JWT_PRIVATE_KEY: cannot read {path}: {error.strerror}") from None


def _parse(pem: bytes) -> RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS:
        raise SigningKeyError(f"JWT_PRIVATE_KEY: must be an unencrypted RSA key of {KEY_BITS} bits or more in PEM")
    return key


def _make(path: Path) -> None:
    """Write a new key for the owner only. Of two processes that start at once, the second takes the first one's."""
    pem = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _jwk(public: RSAPublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {"e": _base64(numbers.e), "kty": "RSA", "n": _base64(numbers.n)}


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _thumbprint(public: RSAPublicKey) -> str:
    canonical = msgspec.json.encode(dict(sorted(_jwk(public).items())))
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).decode().rstrip("=")
