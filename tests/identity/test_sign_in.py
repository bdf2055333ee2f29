"""Signing in: by address or name, and alike for accounts that there are not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import bcrypt
import httpx
import pytest

from entrepot.settings import Settings
from tests.builders import PASSWORD, Client, unique
from tests.conftest import running

USER = {
    "id",
    "email",
    "username",
    "firstName",
    "lastName",
    "gender",
    "image",
    "phone",
    "age",
    "role",
    "createdAt",
    "updatedAt",
}


@pytest.fixture(autouse=True)
async def forget_the_address(client: Client) -> AsyncIterator[None]:
    """All tests come from one address, which would be locked by what others try."""
    yield
    await client.value("delete from sign_in_failures where subject like 'address:%'")


async def an_account(client: Client) -> dict[str, Any]:
    body = {
        "email": f"{unique('s')}@example.com", "password": PASSWORD, "firstName": "Jane", "lastName": "Smith",
        "username": unique("Name"),
    }  # fmt: skip
    user: dict[str, Any] = (await client.post("/auth/register", body)).json()["user"]
    return user


async def test_by_address_or_name_in_any_case(client: Client) -> None:
    user = await an_account(client)
    for field, value in (
        ("email", user["email"]),
        ("email", user["email"].upper()),
        ("username", user["username"]),
        ("username", user["username"].lower()),
        ("username", user["email"]),
        ("email", user["username"]),
    ):
        reply = await client.post("/auth/login", {field: value, "password": PASSWORD})

        assert reply.status_code == 200, (field, value)
        assert reply.json()["user"] == user


async def test_what_a_sign_in_answers(client: Client) -> None:
    user = await an_account(client)
    signed_in = (
        await client.post("/auth/login", {"email": user["email"], "password": PASSWORD, "expiresInMins": 30})
    ).json()

    assert user.keys() == USER
    assert signed_in.keys() == USER | {"token", "accessToken", "refreshToken", "expiresAt", "user"}
    assert {name: signed_in[name] for name in USER} == signed_in["user"] == user


async def test_me(client: Client) -> None:
    user = await an_account(client)
    token = (await client.post("/auth/login", {"email": user["email"], "password": PASSWORD})).json()["token"]

    assert (await Client(client.http, client.app, token).get("/auth/me")).json() == user
    assert (await client.get("/auth/me")).status_code == 401


async def attempt(
    client: Client, email: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, dict[str, Any], list[int]]:
    """The reply to a sign-in without its id, and the costs of the hashes that were compared for it."""
    costs: list[int] = []
    check = bcrypt.checkpw

    def counted(given: bytes, hashed: bytes) -> bool:
        costs.append(int(hashed.split(b"$")[2]))
        return check(given, hashed)

    with monkeypatch.context() as patch:
        patch.setattr(bcrypt, "checkpw", counted)
        reply = await client.post("/auth/login", {"email": email, "password": password})
    body: dict[str, Any] = reply.json()
    body.pop("requestId", None)
    return reply.status_code, body, costs


async def test_a_wrong_password_and_no_account_cannot_be_told_apart(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, gone, none = await an_account(client), await an_account(client), await an_account(client)
    await client.value("update users set status = 'deactivated' where id = $1", gone["id"])
    await client.value("update users set password_hash = null where id = $1", none["id"])

    answers = [
        await attempt(client, email, password, monkeypatch)
        for email, password in (
            (user["email"], "Wrong1234"),
            (f"{unique('nobody')}@example.com", PASSWORD),
            (gone["email"], PASSWORD),
            (none["email"], PASSWORD),
        )
    ]

    status, body, costs = answers[0]
    assert (status, body["code"], body["message"]) == (400, "INVALID_CREDENTIALS", "Email or password incorrect")
    assert len(costs) == 1
    assert answers == [answers[0]] * 4


@pytest.fixture
async def careful(settings: Settings, dsn: str) -> AsyncIterator[Client]:
    """A shop whose new sellers wait for approval."""
    async with running(settings.model_copy(update={"approve_new_sellers": True}), dsn) as application:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1") as http:
            yield Client(http, application)


@pytest.mark.parametrize(("role", "waits"), [("seller", True), ("shop_owner", True), ("user", False)])
async def test_who_waits_for_approval_has_no_tokens_until_then(careful: Client, role: str, waits: bool) -> None:
    body = {
        "email": f"{unique('p')}@example.com",
        "password": PASSWORD,
        "firstName": "Jane",
        "lastName": "Smith",
        "role": role,
    }
    made = (await careful.post("/auth/register", body)).json()
    reply = await careful.post("/auth/login", {"email": body["email"], "password": PASSWORD})

    assert ("token" in made) is not waits
    assert (reply.status_code, reply.json().get("code")) == ((403, "ACCOUNT_PENDING") if waits else (200, None))
    wrong = await careful.post("/auth/login", {"email": body["email"], "password": "Wrong1234"})
    assert wrong.json()["code"] == "INVALID_CREDENTIALS", "only who knows the password learns that the account waits"
    await careful.value("update users set status = 'active' where email = $1", body["email"])
    assert (await careful.post("/auth/login", {"email": body["email"], "password": PASSWORD})).status_code == 200


@pytest.mark.parametrize(
    "body",
    [{"password": "x"}, {"email": "a@example.com", "username": "a", "password": "x"}, {"email": "a@example.com"}, {}],
    ids=str,
)
async def test_an_incomplete_sign_in_is_refused(client: Client, body: dict[str, str]) -> None:
    assert (await client.post("/auth/login", body)).json()["code"] == "VALIDATION_ERROR"


async def test_an_old_token_does_not_keep_anybody_from_signing_in(client: Client) -> None:
    user = await an_account(client)
    reply = await client.post(
        "/auth/login", {"email": user["email"], "password": PASSWORD}, headers={"Authorization": "Bearer nonsense"}
    )

    assert reply.status_code == 200
