"""Deleting products: gone everywhere, once; what named them stays."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.builders import Client, an_order, unique
from tests.catalog.writing import selling
from tests.inventory.books import assert_books_balance


async def test_the_reply_is_the_product_as_it_was(client: Client) -> None:
    product, seller = await selling(client)

    reply = await seller.delete(f"/products/{product['id']}")

    deleted = reply.json()
    assert (reply.status_code, deleted.pop("isDeleted"), deleted.pop("deletedOn")[-1]) == (200, True, "Z")
    assert deleted == {name: value for name, value in product.items() if name != "isDeleted"}


async def test_it_is_gone_from_page_list_and_history(client: Client) -> None:
    product, seller = await selling(client)
    path, listed = f"/products/{product['id']}", f"/products?company={product['companyId']}"
    for address in (path, f"{path}/price-history", listed):
        assert (await client.get(address)).status_code == 200

    await seller.delete(path)
    await client.app.tail.poll()

    for address in (path, f"{path}/price-history"):
        assert (await client.get(address)).json()["code"] == "PRODUCT_NOT_FOUND"
    assert (await client.get(f"{listed}&fresh=1")).json()["total"] == 0
    for reply in (await seller.delete(path), await seller.put(path, {"price": 1})):
        assert (reply.status_code, reply.json()["code"]) == (404, "PRODUCT_NOT_FOUND")


async def test_it_is_deleted_once(client: Client) -> None:
    product, seller = await selling(client)

    replies = await asyncio.gather(*(seller.delete(f"/products/{product['id']}") for _ in range(8)))

    assert Counter(reply.status_code for reply in replies) == {200: 1, 404: 7}
    events = "select count(*) from events where name = 'product.deleted' and (data ->> 'productId')::bigint = $1"
    assert await client.value(events, product["id"]) == 1


async def test_changes_and_deletion_at_once(client: Client) -> None:
    product, seller = await selling(client)
    path = f"/products/{product['id']}"

    replies = await asyncio.gather(*(
        seller.delete(path) if n == 4 else seller.put(path, {"price": n + 1, "stock": n}) for n in range(9)
    ))  # fmt: skip

    assert replies[4].status_code == 200
    assert {reply.status_code for reply in replies} <= {200, 404}
    assert await client.value("select deleted_at is not null from products where id = $1", product["id"])
    await assert_books_balance(client, [product["id"]])


async def test_its_sku_is_free_again(client: Client) -> None:
    product, seller = await selling(client, sku=unique("SKU"))
    await seller.delete(f"/products/{product['id']}")

    assert (await client.a_product(company_id=product["companyId"], sku=product["sku"]))["sku"] == product["sku"]


async def test_orders_carts_and_favourites_cope(client: Client) -> None:
    product, seller = await selling(client)
    buyer = await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 2)))).json()
    assert (await buyer.post("/cart/items", {"productId": product["id"], "quantity": 1})).status_code == 201
    assert (await buyer.post(f"/users/favorites/{product['id']}")).status_code == 201

    await seller.delete(f"/products/{product['id']}")

    shown = await buyer.get(f"/orders/{order['id']}")
    assert (shown.status_code, shown.json()["products"][0]["title"]) == (200, product["title"])
    cart = await buyer.get("/cart")
    assert cart.status_code == 200, cart.text
    refused = await buyer.post("/orders", an_order((product["id"], 1)))
    assert (refused.status_code, refused.json()["code"]) == (422, "PRODUCTS_UNAVAILABLE")
    assert (await buyer.get("/users/favorites")).json()["total"] == 0
    assert (await buyer.put(f"/orders/{order['id']}/cancel", {"reason": "gone"})).status_code < 500
    await assert_books_balance(client, [product["id"]])


async def test_administrators_deletions_are_written_down(client: Client) -> None:
    product, _ = await selling(client)
    admin = await client.signed_in("admin")
    await admin.delete(f"/products/{product['id']}")

    logged = await client.value(
        "select before::text from admin_log where action = 'product.deleted' and subject_id = $1", str(product["id"])
    )
    assert product["sku"] in logged
