"""A cart that many requests change at once."""

from __future__ import annotations

import asyncio

from tests.builders import Client
from tests.carts.conftest import NewDevice
from tests.carts.test_merge import CART_ORDER, fill_up


async def test_fifty_adds_at_once_add_up(client: Client) -> None:
    products = [await client.a_product() for _ in range(2)]
    buyer = await client.signed_in()

    replies = await asyncio.gather(
        *(buyer.post("/cart/items", {"productId": products[number % 2]["id"]}) for number in range(50))
    )

    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.json()["id"] for reply in replies}) == 1
    cart = (await buyer.get("/cart")).json()
    assert {line["id"]: line["quantity"] for line in cart["products"]} == {product["id"]: 25 for product in products}


async def test_a_guests_adds_at_once_add_up(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    guest = new_device()
    await guest.post("/cart/items", {"productId": product["id"]})

    await asyncio.gather(*(guest.post("/cart/items", {"productId": product["id"]}) for _ in range(49)))

    assert (await guest.get("/cart")).json()["totalQuantity"] == 50


async def test_a_cart_holds_two_hundred_lines_and_not_one_more(client: Client) -> None:
    products = [await client.a_product() for _ in range(5)]
    buyer = await client.signed_in()
    await buyer.post("/cart/items", {"productId": products[0]["id"]})
    await fill_up(client, buyer, 197)

    replies = await asyncio.gather(*(buyer.post("/cart/items", {"productId": product["id"]}) for product in products))

    assert sorted(reply.status_code for reply in replies) == [201, 201, 201, 422, 422]
    assert {reply.json()["code"] for reply in replies if reply.status_code == 422} == {"CART_FULL"}
    assert (await buyer.get("/cart")).json()["totalProducts"] == 200
    synced = await buyer.post("/cart", {"products": [{"id": product["id"]} for product in products]})
    assert (synced.status_code, synced.json()["code"]) == (422, "CART_FULL")


async def test_two_checkouts_at_once_buy_the_cart_once(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    await buyer.post("/cart/items", {"productId": product["id"], "quantity": 2})

    replies = await asyncio.gather(*(buyer.post("/orders", CART_ORDER) for _ in range(3)))

    assert sorted(reply.status_code for reply in replies) == [201, 422, 422]
    assert {reply.json()["code"] for reply in replies if reply.status_code == 422} == {"EMPTY_ORDER"}


async def test_syncing_adding_removing_and_clearing_at_once_fails_nobody(client: Client) -> None:
    products = [await client.a_product() for _ in range(4)]
    buyer = await client.signed_in()
    kept = [{"id": product["id"], "quantity": 2} for product in products]

    replies = await asyncio.gather(
        *(buyer.post("/cart", {"products": kept}) for _ in range(4)),
        *(buyer.post("/cart", {"products": kept[::-1]}) for _ in range(4)),
        *(buyer.delete(f"/cart/items/{product['id']}") for product in products),
        *(buyer.put(f"/cart/items/{product['id']}", {"quantity": 0}) for product in products),
        *(buyer.delete("/cart") for _ in range(2)),
    )

    assert {reply.status_code for reply in replies} <= {200, 204, 404}
