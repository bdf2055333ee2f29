"""Placing orders, over HTTP and all at once."""

from __future__ import annotations

import asyncio

from tests.builders import Client, an_order


async def test_the_contracts_example_comes_out_to_the_cent(client: Client) -> None:
    product = await client.a_product(price=1199.99, discountPercentage=5.5)
    buyer = await client.signed_in()

    reply = await buyer.post("/orders", an_order((product["id"], 2)))

    assert reply.status_code == 201, reply.text
    order = reply.json()
    assert (order["subtotal"], order["tax"], order["shipping"], order["total"]) == (2267.98, 181.44, 0, 2449.42)
    assert order["status"] == "pending"
    assert order["products"][0]["total"] == 2399.98
    assert order["products"][0]["discountedTotal"] == 2267.98


async def test_the_last_piece_is_sold_once(client: Client) -> None:
    product = await client.a_product(stock=1)
    buyers = [await client.signed_in() for _ in range(2)]

    replies = await asyncio.gather(*(buyer.post("/orders", an_order((product["id"], 1))) for buyer in buyers))

    assert sorted(reply.status_code for reply in replies) == [201, 422]
    refused = next(reply for reply in replies if reply.status_code == 422)
    assert refused.json()["code"] == "INSUFFICIENT_STOCK"
