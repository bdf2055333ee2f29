"""Signing keys: a new one takes over while the old one's tokens live on."""

from __future__ import annotations

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.kernel import clock, keys
from entrepot.kernel.keys import GRACE, KeyFolder, SigningKeyError, SigningKeys, load_keys
from tests.builders import Client

LIFETIME = timedelta(minutes=15)


def folder(home: Path) -> KeyFolder:
    return KeyFolder(home / "keys", LIFETIME)


def ids(signing: SigningKeys) -> list[str]:
    return [key["kid"] for key in signing.jwks()["keys"]]


def a_pem(*, public: bool = False, bits: int = 2048) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    if public:
        encoding, kind = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_key().public_bytes(encoding, kind).decode()
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def a_minute_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the keys alone: the event loop's own clock is time.monotonic, and what sleeps by it would sleep on."""
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + keys.LOOK_AGAIN_AFTER_S + 1)
    monkeypatch.setattr(keys, "time", later)


# ---- the folder ----


def test_while_keys_change_both_count(tmp_path: Path) -> None:
    before = load_keys(None, tmp_path).current.id
    after = folder(tmp_path).rotate().id
    signing = load_keys(None, tmp_path)
    assert signing.current.id == after != before
    assert ids(signing) == [after, before]


def test_the_old_key_counts_until_its_last_token_has_expired(tmp_path: Path) -> None:
    before = load_keys(None, tmp_path).current.id
    after = folder(tmp_path).rotate().id
    signing = load_keys(None, tmp_path)
    with clock.moved(LIFETIME + GRACE - timedelta(seconds=5)):
        assert signing.find(before) is not None
    with clock.moved(LIFETIME + GRACE + timedelta(seconds=1)):
        assert signing.find(before) is None
        assert ids(signing) == [after]
        folder(tmp_path).rotate()
        assert not (tmp_path / "keys" / "previous" / f"{before}.pem").exists()


def test_a_running_process_sees_a_new_key_as_soon_as_it_is_shown_one(tmp_path: Path) -> None:
    signing = load_keys(None, tmp_path)
    assert signing.current is not None
    after = folder(tmp_path).rotate()
    assert signing.find(after.id) is not None
    assert signing.current.id == after.id
    assert signing.find("made-up") is None
    assert signing.find(None) is None


def test_a_running_process_looks_by_itself_once_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signing = load_keys(None, tmp_path)
    before = signing.current.id
    after = folder(tmp_path).rotate().id
    assert signing.current.id == before
    a_minute_passes(monkeypatch)
    assert signing.find(before) is not None
    assert ids(signing) == [after, before]


def test_a_key_that_cannot_be_read_leaves_all_as_it_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    signing = load_keys(None, tmp_path)
    before = signing.current.id
    (tmp_path / "keys" / "signing.pem").write_text("broken")
    assert signing.find("another") is None
    assert signing.current.id == before
    assert "cannot be read again" in caplog.text


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    folder(tmp_path).rotate()
    files = list((tmp_path / "keys").rglob("*.pem"))
    assert len(files) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert not list((tmp_path / "keys").rglob(f"*.{os.getpid()}"))


def test_of_keys_that_are_made_at_once_none_is_lost(tmp_path: Path) -> None:
    load_keys(None, tmp_path)
    with ThreadPoolExecutor(4) as threads:
        made = {key.id for key in threads.map(lambda _: folder(tmp_path).rotate(), range(4))}
    assert len(made) == 4
    assert made < set(ids(load_keys(None, tmp_path)))


# ---- configured keys ----


def test_previous_keys_may_be_configured_in_any_form(tmp_path: Path) -> None:
    current, public, private = a_pem(), a_pem(public=True), a_pem()
    files = [tmp_path / "a.pem", tmp_path / "b.pem"]
    for file, pem in zip(files, (public, private), strict=True):
        file.write_text(pem)
    by_path = load_keys(current, tmp_path, previous=f"{files[0]}, {files[1]}")
    in_place = load_keys(current, tmp_path, previous=public + private)
    assert len(ids(by_path)) == 3
    assert ids(by_path) == ids(in_place)
    assert all(by_path.find(key_id) is not None for key_id in ids(by_path))
    assert len(by_path.peppers("purpose")) == 2, "a public key keeps no secret"
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("previous", ["/nowhere.pem", a_pem(public=True, bits=1024)])
def test_wrong_keys_are_refused_by_name(tmp_path: Path, previous: str) -> None:
    with pytest.raises(SigningKeyError, match="JWT_PREVIOUS_KEYS"):
        load_keys(a_pem(), tmp_path, previous=previous)


def test_secrets_for_different_purposes_differ_and_last(tmp_path: Path) -> None:
    signing = load_keys(None, tmp_path)
    assert signing.peppers("one") == load_keys(None, tmp_path).peppers("one")
    assert signing.peppers("one") != signing.peppers("two")
    (old,) = signing.peppers("one")
    folder(tmp_path).rotate()
    assert load_keys(None, tmp_path).peppers("one")[1] == old


# ---- tokens ----


async def test_nobody_is_signed_out_when_the_key_changes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = client.app.shop
    before, user = shop.keys.current.id, await client.signed_in()
    after = KeyFolder(shop.settings.home / "keys", shop.settings.jwt_expires_in).rotate().id
    a_minute_passes(monkeypatch)

    assert (await user.get("/auth/me")).status_code == 200
    newcomer = await client.signed_in()
    assert jwt.get_unverified_header(newcomer.token or "")["kid"] == after
    assert (await newcomer.get("/auth/me")).status_code == 200
    published = await client.http.get("http://shop.test/.well-known/jwks.json")
    assert [key["kid"] for key in published.json()["keys"]][:2] == [after, before]


@pytest.mark.parametrize("header", [{}, {"kid": "made-up"}, {"kid": ""}])
async def test_a_token_names_a_key_of_ours(client: Client, header: dict[str, str]) -> None:
    user = await client.signed_in()
    claims = jwt.decode(user.token or "", options={"verify_signature": False})
    ours = client.app.shop.keys.current
    forged = jwt.encode(claims, rsa.generate_private_key(65537, 2048), algorithm="RS256", headers={"kid": ours.id})
    nameless = jwt.encode(claims, ours.private, algorithm="RS256", headers=header)
    for token in (forged, nameless):
        assert (await Client(client.http, client.app, token).get("/auth/me")).status_code == 401
