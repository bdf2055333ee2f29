"""Carts by their ids, as DummyJSON serves them, for their users and administrators."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client
from tests.carts.conftest import NewDevice


async def test_filling_a_cart(client: Client) -> None:
    one, other = await client.a_product(price=2), await client.a_product(price=3)
    buyer = await client.signed_in()
    body = {"userId": buyer.user["id"], "products": [{"id": other["id"], "quantity": 2}, {"id": one["id"]}]}

    reply = await buyer.post("/carts/add", body)

    assert reply.status_code == 201, reply.text
    cart = reply.json()
    assert [(line["id"], line["quantity"], line["total"]) for line in cart["products"]] == [
        (other["id"], 2, 6),
        (one["id"], 1, 2),
    ]
    assert (cart["total"], cart["totalProducts"], cart["totalQuantity"]) == (8, 2, 3)
    assert (await buyer.get(f"/carts/{cart['id']}")).json() == cart == (await buyer.get("/cart")).json()

    again = await buyer.post("/carts/add", {"products": [{"id": one["id"], "quantity": 4}]})
    assert (again.json()["id"], again.json()["totalQuantity"]) == (cart["id"], 7)


async def test_listing_a_users_carts(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    path = f"/carts/user/{buyer.user['id']}"
    assert (await buyer.get(path)).json() == {"carts": [], "total": 0, "skip": 0, "limit": 0}

    cart = (await buyer.post("/cart/items", {"productId": product["id"]})).json()

    assert (await buyer.get(path)).json() == {"carts": [cart], "total": 1, "skip": 0, "limit": 1}
    assert (await buyer.get(f"{path}?skip=1")).json() == {"carts": [], "total": 1, "skip": 1, "limit": 0}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"merge": True}, {0: 9, 1: 1, 2: 4}),
        ({"merge": False}, {0: 9, 2: 4}),
        ({}, {0: 9, 2: 4}),
    ],
)
async def test_updating_a_cart(client: Client, body: dict[str, Any], expected: dict[int, int]) -> None:
    products = [await client.a_product() for _ in range(3)]
    buyer = await client.signed_in()
    cart = (await buyer.post("/cart", {"products": [{"id": products[n]["id"]} for n in (0, 1)]})).json()
    wanted = [{"id": products[0]["id"], "quantity": 9}, {"id": products[2]["id"], "quantity": 4}]

    reply = await buyer.put(f"/carts/{cart['id']}", {**body, "products": wanted})

    assert reply.status_code == 200, reply.text
    assert {line["id"]: line["quantity"] for line in reply.json()["products"]} == {
        products[number]["id"]: quantity for number, quantity in expected.items()
    }
    assert (await buyer.get("/cart")).json() == reply.json()


async def test_an_update_with_something_that_is_not_sold_changes_nothing(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    cart = (await buyer.post("/cart/items", {"productId": product["id"]})).json()

    reply = await buyer.put(f"/carts/{cart['id']}", {"products": [{"id": 2**61}]})

    assert (reply.status_code, reply.json()["code"]) == (404, "PRODUCT_NOT_FOUND")
    assert (await buyer.get("/cart")).json() == cart


async def test_deleting_a_cart_shows_what_was_in_it(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    cart = (await buyer.post("/cart/items", {"productId": product["id"]})).json()

    reply = await buyer.delete(f"/carts/{cart['id']}")

    assert reply.status_code == 200
    deleted = reply.json()
    assert deleted.pop("isDeleted") is True
    assert deleted.pop("deletedOn").endswith("Z")
    assert deleted == cart
    assert (await buyer.get(f"/carts/{cart['id']}")).status_code == 404
    assert (await buyer.delete(f"/carts/{cart['id']}")).status_code == 404
    assert (await buyer.get("/cart")).json()["id"] is None
    assert (await buyer.post("/cart/items", {"productId": product["id"]})).status_code == 201


async def test_a_cart_is_open_to_its_user_and_administrators(client: Client) -> None:
    product = await client.a_product()
    owner, stranger, admin = [await client.signed_in(role) for role in ("user", "seller", "admin")]
    cart = (await owner.post("/cart/items", {"productId": product["id"]})).json()
    path, listed = f"/carts/{cart['id']}", f"/carts/user/{owner.user['id']}"
    filled = {"userId": owner.user["id"], "products": [{"id": product["id"]}]}

    for reply in (
        await stranger.get(path),
        await stranger.put(path, {"products": []}),
        await stranger.delete(path),
    ):
        assert (reply.status_code, reply.json()["code"]) == (404, "CART_NOT_FOUND")
    for reply in (await stranger.get(listed), await stranger.post("/carts/add", filled)):
        assert (reply.status_code, reply.json()["code"]) == (403, "FORBIDDEN")
    assert (await owner.get("/cart")).json() == cart
    assert await client.value("select count(*) from carts where user_id = $1", stranger.user["id"]) == 0

    assert (await admin.get(path)).json() == cart
    assert (await admin.get(listed)).json()["carts"] == [cart]
    assert (await admin.post("/carts/add", filled)).json()["userId"] == owner.user["id"]
    assert (await admin.put(path, {"merge": True, "products": []})).json()["totalQuantity"] == 2
    assert (await admin.delete(path)).json()["isDeleted"] is True


async def test_a_guests_cart_is_open_to_administrators_only(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    cart = (await new_device().post("/cart/items", {"productId": product["id"]})).json()
    buyer, admin = await client.signed_in(), await client.signed_in("admin")

    assert (await buyer.get(f"/carts/{cart['id']}")).status_code == 404
    assert (await admin.get(f"/carts/{cart['id']}")).json() == cart


@pytest.mark.parametrize("cart_id", [str(2**62), "0", "-1", "x", str(2**63)])
async def test_an_unknown_cart_is_not_found(client: Client, cart_id: str) -> None:
    buyer = await client.signed_in()

    assert (await buyer.get(f"/carts/{cart_id}")).status_code == 404
    assert (await buyer.put(f"/carts/{cart_id}", {"products": []})).status_code == 404
    assert (await buyer.delete(f"/carts/{cart_id}")).status_code == 404


async def test_an_unknown_user_is_not_found(client: Client) -> None:
    product = await client.a_product()
    admin, former = await client.signed_in("admin"), await client.signed_in()
    await client.value("update users set deleted_at = now() where id = $1", former.user["id"])

    for user_id in (2**62, former.user["id"]):
        listed = await admin.get(f"/carts/user/{user_id}")
        filled = await admin.post("/carts/add", {"userId": user_id, "products": [{"id": product["id"]}]})
        assert (listed.status_code, listed.json()["code"]) == (404, "USER_NOT_FOUND")
        assert (filled.status_code, filled.json()["code"]) == (404, "USER_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [{}, {"products": []}, {"products": None}, {"products": [{"id": 1, "quantity": 0}]}, {"userId": 0}, [1], "x", 1],
)
async def test_what_cannot_fill_a_cart_is_refused(client: Client, body: Any) -> None:
    buyer = await client.signed_in()

    reply = await buyer.post("/carts/add", body)

    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")
