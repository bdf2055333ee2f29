"""Favourites, which are also called the wishlist: one list under two paths."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from entrepot.catalog import favourites
from tests.builders import Client


def refused(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


async def kept(user: Client, query: str = "") -> list[int]:
    reply = await user.get(f"/users/favorites{query}")
    assert reply.status_code == 200, reply.text
    return [product["id"] for product in reply.json()["products"]]


@pytest.fixture
async def products(client: Client) -> list[dict[str, Any]]:
    company, category = await client.a_company(), await client.a_category()
    return [await client.a_product(company_id=company, category=category) for _ in range(5)]


async def test_a_product_is_kept_once_under_both_paths(client: Client, products: list[dict[str, Any]]) -> None:
    user = await client.signed_in()
    first, second = products[0]["id"], products[1]["id"]
    added = await user.post(f"/users/favorites/{first}")
    assert (added.status_code, added.json()["productId"]) == (201, first)
    assert (await user.post("/wishlist", {"productId": first})).json() == added.json(), (
        "keeping it again changes nothing"
    )
    assert (await user.post("/wishlist", {"productId": second})).status_code == 201
    assert await kept(user) == [second, first]
    assert (await user.get("/wishlist")).json() == (await user.get("/users/favorites")).json()

    shown = (await user.get("/users/favorites")).json()["products"][1]
    product = (await client.get(f"/products/{first}")).json()
    assert shown == product
    assert (await user.delete(f"/wishlist/{first}")).status_code == 204
    assert (await user.delete(f"/users/favorites/{first}")).status_code == 204, "nothing left to remove is no fault"
    assert await kept(user) == [second]
    assert await kept(await client.signed_in()) == []


async def test_pages_are_the_same_by_skip_and_by_cursor(client: Client, products: list[dict[str, Any]]) -> None:
    user = await client.signed_in()
    ids = [product["id"] for product in products]
    for product_id in ids:
        await user.post(f"/users/favorites/{product_id}")
    first = (await user.get("/users/favorites?limit=3")).json()
    assert (first["total"], first["skip"], first["limit"]) == (5, 0, 3)
    rest = (await user.get(f"/users/favorites?limit=3&cursor={first['nextCursor']}")).json()
    assert (rest["total"], rest["limit"]) == (5, 2)
    assert [product["id"] for product in first["products"] + rest["products"]] == ids[::-1]
    assert await kept(user, "?limit=3&skip=3") == await kept(user, "?limit=3&page=2") == ids[1::-1]
    foreign = (await client.get("/products?limit=1")).json()["nextCursor"]
    for cursor in (foreign, "WzEsIDJd", "WyJ4IiwgMl0", "WyIyMDI2LTAxLTAxIiwgMl0", "x"):
        assert refused(await user.get(f"/wishlist?cursor={cursor}")) == (400, "VALIDATION_ERROR")


async def test_what_is_not_sold_any_more_is_not_shown(client: Client, products: list[dict[str, Any]]) -> None:
    user = await client.signed_in()
    other = await client.a_product()
    ids = [product["id"] for product in products]
    for product_id in (*ids, other["id"]):
        await user.post(f"/users/favorites/{product_id}")
    await client.value("update products set deleted_at = now() where id = $1", ids[0])
    await client.value("update companies set status = 'inactive' where id = $1", other["companyId"])
    page = (await user.get("/wishlist")).json()
    assert [product["id"] for product in page["products"]] == ids[:0:-1]
    assert page["total"] == 4
    assert (await user.delete(f"/wishlist/{ids[0]}")).status_code == 204
    await client.value("update companies set status = 'active' where id = $1", other["companyId"])
    assert (await kept(user))[0] == other["id"]


async def test_an_unknown_product_is_not_kept(client: Client, products: list[dict[str, Any]]) -> None:
    user = await client.signed_in()
    await client.value("update products set deleted_at = now() where id = $1", products[0]["id"])
    for product_id in (4611686018427387904, products[0]["id"]):
        assert refused(await user.post(f"/users/favorites/{product_id}")) == (404, "PRODUCT_NOT_FOUND")
        assert refused(await user.post("/wishlist", {"productId": product_id})) == (404, "PRODUCT_NOT_FOUND")
    assert refused(await user.post("/users/favorites/0")) == (404, "NOT_FOUND")
    for body in ({}, {"productId": "x"}, {"productId": 0}, {"productId": 2**63}, {"productId": 1, "userId": 2}):
        assert refused(await user.post("/wishlist", body)) == (400, "VALIDATION_ERROR")


async def test_guests_keep_nothing(client: Client) -> None:
    for method, path in (("GET", "/users/favorites"), ("GET", "/wishlist"), ("POST", "/users/favorites/1"),
                         ("DELETE", "/wishlist/1")):  # fmt: skip
        assert refused(await client.request(method, path)) == (401, "UNAUTHORIZED")


async def test_adding_and_removing_at_once_never_fails(client: Client, products: list[dict[str, Any]]) -> None:
    user = await client.signed_in()
    product_id = products[0]["id"]
    replies = await asyncio.gather(*(user.post(f"/users/favorites/{product_id}") for _ in range(15)))
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.json()["addedAt"] for reply in replies}) == 1
    mixed = await asyncio.gather(
        *(user.post(f"/users/favorites/{product_id}") for _ in range(10)),
        *(user.delete(f"/users/favorites/{product_id}") for _ in range(10)),
    )
    assert {reply.status_code for reply in mixed} == {201, 204}
    assert len(await kept(user)) <= 1


async def test_nobody_keeps_without_bounds(
    client: Client, products: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(favourites, "MAX_FAVOURITES", 2)
    user = await client.signed_in()
    for product in products[:2]:
        assert (await user.post(f"/users/favorites/{product['id']}")).status_code == 201
    assert refused(await user.post(f"/users/favorites/{products[2]['id']}")) == (422, "TOO_MANY_FAVOURITES")
    assert (await user.post(f"/users/favorites/{products[0]['id']}")).status_code == 201
