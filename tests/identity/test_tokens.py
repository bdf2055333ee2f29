"""Access tokens: ours, in time, of a session that lives; nothing else opens a door."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.kernel import clock
from tests.builders import Client


async def refused(client: Client, token: str, code: str = "UNAUTHORIZED") -> None:
    for path in ("/auth/me", "/orders"):
        reply = await Client(client.http, client.app, token).get(path)

        assert (reply.status_code, reply.json()["code"]) == (401, code), path
        assert reply.headers["www-authenticate"] == "Bearer"


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_what_a_token_says(client: Client) -> None:
    user = await client.signed_in("seller")
    claims = claims_of(user.token or "")

    assert claims.keys() == {"iss", "sub", "email", "role", "sid", "iat", "exp", "jti"}
    assert (claims["sub"], claims["email"], claims["role"]) == (str(user.user["id"]), user.user["email"], "seller")
    assert claims["exp"] - claims["iat"] == 15 * 60


async def test_a_token_counts_until_its_time_is_over(client: Client) -> None:
    user = await client.signed_in()
    with clock.moved(timedelta(minutes=14, seconds=50)):
        assert (await user.get("/auth/me")).status_code == 200
    with clock.moved(timedelta(minutes=15, seconds=1)):
        await refused(client, user.token or "", "TOKEN_EXPIRED")


async def test_tokens_that_somebody_else_made(client: Client) -> None:
    user = await client.signed_in()
    admin = await client.signed_in("admin")
    token = user.token or ""
    claims, header = claims_of(token), jwt.get_unverified_header(token)
    mine = rsa.generate_private_key(65537, 2048)
    public_pem = client.app.shop.keys.current.public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()
    head, body, signature = token.split(".")
    kid = {"kid": header["kid"]}

    forged = {
        "no signature": f"{part({'alg': 'none', 'typ': 'JWT', **kid})}.{body}.",
        "no signature, its own kept": f"{part({'alg': 'none', **kid})}.{body}.{signature}",
        "another key": jwt.encode(claims, mine, algorithm="RS256", headers=kid),
        "another key under its own name": jwt.encode(claims, mine, algorithm="RS256", headers={"kid": "mine"}),
        "without a key's name": jwt.encode(claims, mine, algorithm="RS256"),
        "the public key as a password": hs256(public_pem, claims, kid),
        "another algorithm": jwt.encode(claims, mine, algorithm="PS256", headers=kid),
        "another user's claims": f"{head}.{part({**claims, 'sub': str(admin.user['id']), 'role': 'admin'})}.{signature}",
        "a longer life": f"{head}.{part({**claims, 'exp': claims['exp'] + 10**6})}.{signature}",
        "half a signature": token[:-20],
        "a key that travels along": f"{part({'alg': 'RS256', **kid, 'jwk': {'kty': 'RSA', 'n': 'AQAB'}})}.{body}.{signature}",
        "a kid that is a path": jwt.encode(claims, mine, algorithm="RS256", headers={"kid": "../../dev/null"}),
    }
    for name, token in forged.items():
        try:
            await refused(client, token)
        except AssertionError as error:
            raise AssertionError(name) from error


def hs256(secret: str, claims: dict[str, Any], header: dict[str, Any]) -> str:
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', **header})}.{part(claims)}"
    digest = hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "other"},
        {"sub": "x"},
        {"sub": None},
        {"sid": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**18},
        {"jti": None},
    ],
    ids=str,
)
async def test_our_own_signature_under_claims_that_make_no_sense(client: Client, change: dict[str, Any]) -> None:
    user = await client.signed_in()
    claims = {name: value for name, value in {**claims_of(user.token or ""), **change}.items() if value is not None}
    key = client.app.shop.keys.current

    await refused(client, jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.id}))


@pytest.mark.parametrize(
    "token", ["x", "a.b", "a.b.c", "..", "null", "{}", "é.é.é", "a" * 20_000, "eyJhbGciOiJSUzI1NiJ9.e30."]
)
async def test_garbage(client: Client, token: str) -> None:
    reply = await client.get("/auth/me", headers={"Authorization": f"Bearer {token}".encode()})

    assert (reply.status_code, reply.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic eDp5", "Token abc", "", "bearer"])
async def test_headers_that_are_none_of_ours(client: Client, header: str) -> None:
    assert (await client.get("/auth/me", headers={"Authorization": header})).status_code == 401


@pytest.mark.parametrize(
    "end",
    [
        "update sessions set revoked_at = now() where user_id = $1",
        "update sessions set expires_at = now() - interval '1 second' where user_id = $1",
        "delete from sessions where user_id = $1",
        "update users set status = 'deactivated' where id = $1",
        "update users set status = 'pending' where id = $1",
        "update users set deleted_at = now() where id = $1",
    ],
)
async def test_a_session_that_has_ended_ends_its_tokens_at_once(client: Client, end: str) -> None:
    user = await client.signed_in()
    assert (await user.get("/auth/me")).status_code == 200

    await client.value(end, user.user["id"])

    await refused(client, user.token or "")


async def test_a_session_of_somebody_else_does_not_do(client: Client) -> None:
    user, other = await client.signed_in(), await client.signed_in()
    key = client.app.shop.keys.current
    for session in (claims_of(other.token or "")["sid"], str(uuid.uuid4())):
        claims = {**claims_of(user.token or ""), "sid": session}
        await refused(client, jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.id}))


async def test_a_role_that_was_taken_away_is_gone_at_once(client: Client) -> None:
    admin = await client.signed_in("admin")
    await client.value("update users set role = 'user' where id = $1", admin.user["id"])

    assert (await admin.post("/products/add", {})).status_code == 403
