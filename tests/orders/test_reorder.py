"""Ordering the same again."""

from __future__ import annotations

from tests.builders import Client
from tests.orders.handling import a_placed_order


async def test_what_is_still_sold_goes_into_the_cart(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    kept, gone = await client.a_product(stock=20), await client.a_product(stock=20)
    order = await a_placed_order(buyer, kept, gone, quantity=3)
    assert (await admin.delete(f"/products/{gone['id']}")).status_code == 200

    reply = await buyer.post(f"/orders/{order['id']}/reorder")

    shown = reply.json()
    assert (reply.status_code, shown["added"]) == (201, [kept["id"]])
    assert [(line["id"], line["quantity"]) for line in shown["cart"]["products"]] == [(kept["id"], 3)]
    assert shown["unavailable"] == [
        {"id": gone["id"], "title": gone["title"], "quantity": 3, "reason": "is not sold any more"}
    ]
    again = (await buyer.post(f"/orders/{order['id']}/reorder")).json()
    assert again["cart"]["totalQuantity"] == 3  # twice is once


async def test_what_is_short_is_told(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(stock=5)
    order = await a_placed_order(buyer, product, quantity=4)
    shown = (await buyer.post(f"/orders/{order['id']}/reorder")).json()
    notice = shown["cart"]["notices"][0]
    assert (notice["code"], notice["suggestedQuantity"]) == ("INSUFFICIENT_STOCK", 1)


async def test_only_ones_own_orders(client: Client) -> None:
    company_id = await client.a_company()
    order = await a_placed_order(await client.signed_in(), await client.a_product(company_id=company_id))
    path = f"/orders/{order['id']}/reorder"
    assert (await (await client.signed_in()).post(path)).status_code == 403
    assert (await (await client.signed_in("seller", company_id=company_id)).post(path)).status_code == 403
    assert (await (await client.signed_in("admin")).post(path)).status_code == 403
    assert (await client.post(path)).status_code == 401
