"""The keys that sign tokens: made once, kept for their owner, and refused with a sentence."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from entrepot.kernel.keys import SigningKeyError, load_keys

PRINT_ID = """
import sys
from pathlib import Path
from entrepot.kernel.keys import load_keys
print(load_keys(None, Path(sys.argv[1])).current.id)
"""


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", PRINT_ID, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    ids = {process.communicate(timeout=60)[0] for process in started}

    assert ids == {f"{load_keys(None, tmp_path).current.id}\n"}
    assert [path.name for path in (tmp_path / "keys").glob("*.pem")] == ["signing.pem"]
    assert stat.S_IMODE((tmp_path / "keys" / "signing.pem").stat().st_mode) == 0o600


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock).decode()


def test_a_configured_key_counts_as_text_or_as_a_path(tmp_path: Path) -> None:
    text = pem(rsa.generate_private_key(65537, 2048))
    (tmp_path / "key.pem").write_text(text)

    assert load_keys(text, tmp_path).current.id == load_keys(str(tmp_path / "key.pem"), tmp_path).current.id
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    "configured",
    [
        "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505  refused, and that is the point
        pem(rsa.generate_private_key(65537, 2048), b"password"),
    ],
    ids=["nonsense", "another kind", "too short", "encrypted"],
)
def test_a_key_that_does_not_do_is_refused(tmp_path: Path, configured: str) -> None:
    with pytest.raises(SigningKeyError, match=r"^JWT_PRIVATE_KEY: ") as refused:
        load_keys(configured, tmp_path)
    assert "BEGIN" not in str(refused.value)


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(SigningKeyError, match="JWT_PRIVATE_KEY") as refused:
            load_keys(str(path), tmp_path)
        assert str(path) in str(refused.value)


def test_the_shops_own_key_that_was_damaged_is_named(tmp_path: Path) -> None:
    load_keys(None, tmp_path)
    path = tmp_path / "keys" / "signing.pem"
    path.write_text("damaged")

    with pytest.raises(SigningKeyError) as refused:
        load_keys(None, tmp_path)
    assert str(path) in str(refused.value)


def test_the_public_half_alone_is_published(tmp_path: Path) -> None:
    keys = load_keys(None, tmp_path)
    (shown,) = keys.jwks()["keys"]

    assert shown.keys() == {"kty", "n", "e", "kid", "use", "alg"}
    assert (shown["kid"], shown["alg"]) == (keys.current.id, "RS256")
