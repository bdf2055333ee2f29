"""A guest's cart becomes the user's at sign-in, once and completely, whatever happens at the same time."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.builders import PASSWORD, Client, an_order, unique
from tests.carts.conftest import NewDevice

CART_ORDER = {name: value for name, value in an_order().items() if name != "products"}


async def sign_in(device: Client, user: Client, **options: Any) -> httpx.Response:
    reply = await device.post("/auth/login", {"email": user.user["email"], "password": PASSWORD}, **options)
    assert reply.status_code == 200, reply.text
    return reply


async def quantities(shopper: Client) -> dict[int, int]:
    return {line["id"]: line["quantity"] for line in (await shopper.get("/cart")).json()["products"]}


async def test_signing_in_adds_the_guests_cart_to_the_users(client: Client, new_device: NewDevice) -> None:
    both, guests, users = [await client.a_product() for _ in range(3)]
    buyer, device = await client.signed_in(), new_device()
    await buyer.post("/cart", {"products": [{"id": both["id"], "quantity": 2}, {"id": users["id"], "quantity": 1}]})
    guest = await device.post("/cart", {"products": [{"id": both["id"], "quantity": 3}, {"id": guests["id"]}]})

    await sign_in(device, buyer)

    assert await quantities(buyer) == {both["id"]: 5, users["id"]: 1, guests["id"]: 1}
    assert await quantities(device) == {}
    assert await client.value("select count(*) from carts where id = $1", guest.json()["id"]) == 0


async def test_signing_in_again_merges_nothing_twice(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    buyer, device = await client.signed_in(), new_device()
    await device.post("/cart/items", {"productId": product["id"], "quantity": 3})

    for _ in range(2):
        await sign_in(device, buyer)

    assert await quantities(buyer) == {product["id"]: 3}


async def test_registering_takes_the_cart_along(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    device = new_device()
    await device.post("/cart/items", {"productId": product["id"], "quantity": 3})

    registered = await device.post(
        "/auth/register",
        {"email": f"{unique('new')}@example.com", "password": PASSWORD, "firstName": "New", "lastName": "Buyer"},
    )

    buyer = Client(device.http, device.app, registered.json()["token"])
    assert await quantities(buyer) == {product["id"]: 3}


async def test_signing_in_with_an_unknown_token_makes_no_cart(client: Client, new_device: NewDevice) -> None:
    buyer = await client.signed_in()

    await sign_in(new_device(), buyer, headers={"X-Cart-Token": "guessed"})

    assert (await buyer.get("/cart")).json()["id"] is None


async def test_a_failed_sign_in_merges_nothing(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    buyer, device = await client.signed_in(), new_device()
    await device.post("/cart/items", {"productId": product["id"]})

    reply = await device.post("/auth/login", {"email": buyer.user["email"], "password": "Wrong123"})

    assert reply.status_code == 400
    assert await quantities(buyer) == {}
    assert await quantities(device) == {product["id"]: 1}


async def test_quantities_are_bounded(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    buyer, device = await client.signed_in(), new_device()
    for shopper in (buyer, device):
        await shopper.post("/cart/items", {"productId": product["id"], "quantity": 600_000})

    await sign_in(device, buyer)

    assert await quantities(buyer) == {product["id"]: 1_000_000}


async def test_a_full_cart_keeps_nobody_from_signing_in(client: Client, new_device: NewDevice) -> None:
    both = await client.a_product()
    buyer, device = await client.signed_in(), new_device()
    for shopper in (buyer, device):
        await shopper.post("/cart/items", {"productId": both["id"]})
    await fill_up(client, buyer, 198)
    older, newer = await client.a_product(), await client.a_product()
    for product in (older, newer):
        await device.post("/cart/items", {"productId": product["id"]})

    await sign_in(device, buyer)

    merged = await quantities(buyer)
    assert len(merged) == 200
    assert merged[both["id"]] == 2
    assert newer["id"] in merged
    assert older["id"] not in merged


async def test_sign_ins_at_once_merge_a_guests_cart_once(client: Client, new_device: NewDevice) -> None:
    products = [await client.a_product() for _ in range(5)]
    one, other, device = await client.signed_in(), await client.signed_in(), new_device()
    await device.post("/cart", {"products": [{"id": product["id"], "quantity": 2} for product in products]})

    await asyncio.gather(*(sign_in(device, buyer) for buyer in (one, other) for _ in range(4)))

    carts = [await quantities(one), await quantities(other)]
    assert sorted(carts, key=len) == [{}, {product["id"]: 2 for product in products}]


async def test_guests_who_become_one_user_at_once_lose_nothing(client: Client, new_device: NewDevice) -> None:
    products = [await client.a_product() for _ in range(4)]
    buyer, devices = await client.signed_in(), [new_device() for _ in range(8)]
    for number, device in enumerate(devices):
        turned = products[number % 4 :] + products[: number % 4]
        await device.post("/cart", {"products": [{"id": product["id"]} for product in turned]})

    await asyncio.gather(
        *(sign_in(device, buyer) for device in devices),
        *(buyer.post("/cart/items", {"productId": product["id"]}) for product in reversed(products)),
    )

    assert await quantities(buyer) == {product["id"]: 9 for product in products}


async def test_what_is_put_in_during_a_merge_is_not_lost(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    buyer, device = await client.signed_in(), new_device()
    first = await device.post("/cart/items", {"productId": product["id"]})
    token = {"X-Cart-Token": first.headers["X-Cart-Token"]}

    adding = [new_device().post("/cart/items", {"productId": product["id"]}, headers=token) for _ in range(10)]
    replies = await asyncio.gather(sign_in(device, buyer), *adding)

    # Whoever comes after the merge finds the guest's cart gone, and gets a new one.
    elsewhere = {reply.headers["X-Cart-Token"] for reply in replies[1:]} - {token["X-Cart-Token"]}
    left = [await quantities_of(new_device(), token) for token in elsewhere]
    assert sum((await quantities(buyer)).values()) + sum(left) == 11


async def test_a_merge_and_a_checkout_at_once(client: Client, new_device: NewDevice) -> None:
    """What the guest brings is bought, or in the cart afterwards; never both, never neither."""
    products = [await client.a_product(stock=1_000) for _ in range(3)]
    for _ in range(5):
        buyer, device = await client.signed_in(), new_device()
        await buyer.post("/cart", {"products": [{"id": product["id"], "quantity": 2} for product in products]})
        await device.post("/cart", {"products": [{"id": product["id"], "quantity": 3} for product in products[::-1]]})

        order, _ = await asyncio.gather(buyer.post("/orders", CART_ORDER), sign_in(device, buyer))

        assert order.status_code == 201, order.text
        bought = {line["id"]: line["quantity"] for line in order.json()["products"]}
        kept = await quantities(buyer)
        assert {p["id"]: bought[p["id"]] + kept.get(p["id"], 0) for p in products} == {p["id"]: 5 for p in products}


async def fill_up(client: Client, buyer: Client, lines: int) -> None:
    """Put so many products into a cart, behind the shop's back."""
    template = await client.a_product()
    cart_id = (await buyer.get("/cart")).json()["id"]
    await client.value(
        """
        with made as (
            insert into products (company_id, category_id, sku, title, price_minor, currency, created_at, updated_at)
            select company_id, category_id, sku || n, title, price_minor, currency, now(), now()
            from products, generate_series(1, $2) n where id = $1
            returning id
        )
        insert into cart_items (cart_id, product_id, quantity, added_at)
        select $3, id, 1, now() from made
        """,
        template["id"],
        lines,
        cart_id,
    )


async def quantities_of(device: Client, token: str) -> int:
    total: int = (await device.get("/cart", headers={"X-Cart-Token": token})).json()["totalQuantity"]
    return total
