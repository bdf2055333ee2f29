"""Addresses: one resource under two paths, and always exactly one default."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.builders import ADDRESS, Client

PATHS = ["/users/me/addresses", "/addresses"]


async def added(user: Client, path: str = "/addresses", **fields: Any) -> dict[str, Any]:
    reply = await user.post(path, {**ADDRESS, **fields})
    assert reply.status_code == 201, reply.text
    address: dict[str, Any] = reply.json()
    return address


async def defaults(user: Client) -> list[int]:
    return [address["id"] for address in (await user.get("/addresses")).json() if address["isDefault"]]


async def set_default(user: Client, address_id: int) -> httpx.Response:
    return await user.request("PATCH", f"/addresses/{address_id}/default")


@pytest.mark.parametrize("path", PATHS)
async def test_an_address_has_the_contracts_shape_and_stands_under_both_paths(client: Client, path: str) -> None:
    user = await client.signed_in()
    first = await added(user, path, label="Work", latitude=36.19, longitude=44.01)
    assert {**ADDRESS, "label": "Work", "latitude": 36.19, "longitude": 44.01, "userId": user.user["id"]} == {
        name: value for name, value in first.items() if name not in ("id", "isDefault", "createdAt", "updatedAt")
    }
    second = await added(user, path)
    assert (first["isDefault"], second["isDefault"], second["label"]) == (True, False, "Home")
    assert second["latitude"] is None
    for listing in PATHS:
        assert (await user.get(listing)).json() == [first, second]
    assert (await user.get(f"/addresses/{second['id']}")).json() == second


@pytest.mark.parametrize("path", PATHS)
async def test_changing_one_leaves_the_rest_as_it_was(client: Client, path: str) -> None:
    user = await client.signed_in()
    address = await added(user, latitude=1.5, longitude=2.5)
    renamed = (await user.put(f"{path}/{address['id']}", {"label": "Office", "phone": ""})).json()
    assert renamed == {**address, "label": "Office", "phone": "", "updatedAt": renamed["updatedAt"]}
    moved = (await user.put(f"{path}/{address['id']}", {"city": "Erbil"})).json()
    assert (moved["city"], moved["latitude"], moved["longitude"]) == ("Erbil", None, None)
    placed = (await user.put(f"{path}/{address['id']}", {**ADDRESS, "latitude": 36.2, "longitude": 44.0})).json()
    assert (placed["city"], placed["latitude"]) == ("New York", 36.2)


async def test_faults_are_told_by_field(client: Client) -> None:
    user = await client.signed_in()
    reply = await user.post("/addresses", {"firstName": "", "label": "", "latitude": 91, "nonsense": 1})
    assert reply.status_code == 400
    assert reply.json()["details"].keys() >= {
        "firstName", "lastName", "address", "city", "country", "label", "latitude", "nonsense",
    }  # fmt: skip
    assert (await user.post("/addresses", {**ADDRESS, "latitude": 10})).status_code == 400
    address = await added(user)
    for change in ({"city": None}, {"isDefault": None}, {"longitude": 10}, {"userId": 1}, {"id": 1}):
        assert (await user.put(f"/addresses/{address['id']}", change)).status_code == 400, change


async def test_another_users_address_is_not_there(client: Client) -> None:
    owner, thief = await client.signed_in(), await client.signed_in()
    address = await added(owner)
    await added(thief)
    path = f"/addresses/{address['id']}"
    for attempt in (
        thief.get(path),
        thief.put(path, {"label": "Mine"}),
        thief.put(path, {"isDefault": True}),
        thief.delete(path),
        thief.put(f"/users/me{path}", {"label": "Mine"}),
        thief.delete(f"/users/me{path}"),
        set_default(thief, address["id"]),
        (await client.signed_in("admin")).get(path),
    ):
        reply = await attempt
        assert (reply.status_code, reply.json()["code"]) == (404, "ADDRESS_NOT_FOUND")
    assert (await owner.get("/addresses")).json() == [address]
    assert len(await defaults(thief)) == 1
    assert (await client.get("/addresses")).status_code == 401


async def test_there_is_always_one_default(client: Client) -> None:
    user = await client.signed_in()
    first, second = await added(user), await added(user)
    third = await added(user, isDefault=True)
    assert await defaults(user) == [third["id"]]
    assert (await set_default(user, second["id"])).json()["isDefault"] is True
    assert await defaults(user) == [second["id"]]
    assert (await user.put(f"/addresses/{first['id']}", {"isDefault": True})).status_code == 200
    assert await defaults(user) == [first["id"]]
    assert (await user.put(f"/addresses/{first['id']}", {"isDefault": False})).json()["isDefault"] is True
    assert (await user.delete(f"/addresses/{first['id']}")).status_code == 204
    assert await defaults(user) == [third["id"]], "the newest takes its place"
    assert (await user.delete(f"/addresses/{second['id']}")).status_code == 204
    assert await defaults(user) == [third["id"]]
    assert (await user.delete(f"/addresses/{third['id']}")).status_code == 204
    assert (await user.delete(f"/addresses/{third['id']}")).status_code == 404
    assert (await user.get("/addresses")).json() == []
    assert (await added(user))["isDefault"] is True


async def test_fifty_at_once_set_different_defaults_and_one_remains(client: Client) -> None:
    user = await client.signed_in()
    ids = [(await added(user))["id"] for _ in range(10)]
    replies = await asyncio.gather(*(set_default(user, address_id) for address_id in ids * 5))
    assert {reply.status_code for reply in replies} == {200}
    assert len(await defaults(user)) == 1


async def test_everything_at_once_leaves_one_default(client: Client) -> None:
    user = await client.signed_in()
    ids = [(await added(user))["id"] for _ in range(8)]
    replies = await asyncio.gather(
        *(set_default(user, address_id) for address_id in ids),
        *(user.delete(f"/addresses/{address_id}") for address_id in ids[:6]),
        *(user.post("/addresses", {**ADDRESS, "isDefault": True}) for _ in range(6)),
        *(user.put(f"/addresses/{address_id}", {"isDefault": True, "label": "x"}) for address_id in ids),
    )
    assert {reply.status_code for reply in replies} <= {200, 201, 204, 404}
    assert len(await defaults(user)) == 1
    assert len((await user.get("/addresses")).json()) == 8


async def test_first_addresses_at_once_make_one_default(client: Client) -> None:
    user = await client.signed_in()
    replies = await asyncio.gather(*(user.post("/addresses", ADDRESS) for _ in range(12)))
    assert {reply.status_code for reply in replies} == {201}
    assert len(await defaults(user)) == 1


async def test_there_are_at_most_fifty_however_many_are_sent_at_once(client: Client) -> None:
    user = await client.signed_in()
    replies = await asyncio.gather(*(user.post("/addresses", {**ADDRESS, "isDefault": n % 2 == 0}) for n in range(56)))
    assert sorted(reply.status_code for reply in replies) == [201] * 50 + [422] * 6
    refused = next(reply for reply in replies if reply.status_code == 422)
    assert refused.json()["code"] == "TOO_MANY_ADDRESSES"
    assert len((await user.get("/addresses")).json()) == 50
    assert len(await defaults(user)) == 1
