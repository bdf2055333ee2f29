"""Registering: who may become what, and that an address is registered once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.builders import PASSWORD, Client, unique


def a_person(**fields: Any) -> dict[str, Any]:
    return {
        "email": f"{unique('r')}@example.com",
        "password": PASSWORD,
        "firstName": "Jane",
        "lastName": "Smith",
        **fields,
    }


async def test_a_new_account_is_signed_in(client: Client) -> None:
    body = a_person()
    reply = await client.post("/auth/register", body)

    assert reply.status_code == 201
    made = reply.json()
    assert made["token"] == made["accessToken"]
    assert made["refreshToken"]
    assert made["expiresAt"].endswith("Z")
    assert (made["user"]["email"], made["user"]["role"], made["user"]["firstName"]) == (body["email"], "user", "Jane")
    assert "password" not in reply.text.lower()
    assert (await Client(client.http, client.app, made["token"]).get("/auth/me")).json() == made["user"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("user", "user"),
        ("seller", "seller"),
        ("shop_owner", "shop_owner"),
        ("SHOP_OWNER", "shop_owner"),
        ("BUYER", "user"),
        ("vendor", "seller"),
    ],
)
async def test_the_roles_that_one_may_ask_for(client: Client, asked: str, given: str) -> None:
    assert (await client.post("/auth/register", a_person(role=asked))).json()["user"]["role"] == given


@pytest.mark.parametrize(
    "role", ["admin", "ADMIN", "location_admin", "courier", "super_admin", "", "root", None, 5, ["admin"]]
)
async def test_the_roles_that_nobody_gives_itself(client: Client, role: Any) -> None:
    body = a_person(role=role)
    reply = await client.post("/auth/register", body)

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["role"])
    assert await client.value("select count(*) from users where email = $1", body["email"]) == 0


async def test_an_address_is_registered_once_however_it_is_written(client: Client) -> None:
    body = a_person()
    await client.post("/auth/register", body)
    for email in (body["email"], body["email"].upper(), f" {body['email']} "):
        reply = await client.post("/auth/register", {**body, "email": email})

        assert (reply.status_code, reply.json()["code"]) == (409, "EMAIL_EXISTS")


async def test_twenty_that_register_one_address_at_once(client: Client) -> None:
    body = a_person()
    replies = await asyncio.gather(
        *(
            client.post("/auth/register", {**body, "email": body["email"].upper() if n % 2 else body["email"]})
            for n in range(20)
        )
    )

    assert Counter(reply.status_code for reply in replies) == {201: 1, 409: 19}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"EMAIL_EXISTS"}


async def test_a_username_is_taken_once(client: Client) -> None:
    name = unique("Name")
    assert (await client.post("/auth/register", a_person(username=name))).status_code == 201
    reply = await client.post("/auth/register", a_person(username=name.upper()))

    assert (reply.status_code, reply.json()["code"]) == (409, "USERNAME_EXISTS")


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("abc", ["8 characters", "uppercase", "number"]),
        ("abcdefgh", ["uppercase", "number"]),
        ("ABCDEFG1", []),
        ("abcdefg1", ["uppercase"]),
        ("Abc1", ["8 characters"]),
        ("x" * 201, ["200 characters"]),
    ],
)
async def test_a_weak_password_is_told_all_its_faults(client: Client, password: str, faults: list[str]) -> None:
    reply = await client.post("/auth/register", a_person(password=password))

    if not faults:
        assert reply.status_code == 201
        return
    assert reply.status_code == 400
    said = " ".join(reply.json()["details"]["password"])
    assert all(fault in said for fault in faults), said
    assert password not in reply.text


async def test_all_faults_of_a_registration_are_named_at_once(client: Client) -> None:
    body = {"email": "nobody", "password": "x", "firstName": "J", "role": "admin", "phone": "call me", "isAdmin": True}
    reply = await client.post("/auth/register", body)

    assert reply.json()["details"].keys() == body.keys()


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Jane Smith", "Jane", "Smith"), ("Jane van der Berg", "Jane", "van der Berg"), ("Cher", "Cher", "")],
)
async def test_one_name_is_split(client: Client, name: str, first: str, last: str) -> None:
    body = {"email": f"{unique('r')}@example.com", "password": PASSWORD, "name": name}
    user = (await client.post("/auth/register", body)).json()["user"]

    assert (user["firstName"], user["lastName"]) == (first, last)


async def test_a_registration_without_a_name_is_refused(client: Client) -> None:
    reply = await client.post("/auth/register", {"email": f"{unique('r')}@example.com", "password": PASSWORD})

    assert reply.status_code == 400
    assert "firstName" in reply.text


async def test_a_shop_owner_has_its_zone(client: Client) -> None:
    zone = await client.a_zone()
    slug = await client.value("select slug from zones where id = $1", zone)
    body = a_person(role="shop_owner", zone=slug)

    assert (await client.post("/auth/register", body)).status_code == 201
    assert await client.value("select zone_id from users where email = $1", body["email"]) == zone
    refused = await client.post("/auth/register", a_person(role="shop_owner", zone="nowhere"))
    assert (refused.status_code, list(refused.json()["details"])) == (400, ["zone"])


@pytest.mark.parametrize("password", [f"A1{'ä' * 100}", f"A1{'x' * 80}", "A1 \u202e\U0001f600 bcd", "  Abcdefg1  "])
async def test_any_password_that_is_taken_opens_the_account_and_no_other_does(client: Client, password: str) -> None:
    body = a_person(password=password)
    assert (await client.post("/auth/register", body)).status_code == 201

    assert (await client.post("/auth/login", {"email": body["email"], "password": password})).status_code == 200
    wrong = password.strip()[:-1] + "?"
    assert (await client.post("/auth/login", {"email": body["email"], "password": wrong})).status_code == 400
