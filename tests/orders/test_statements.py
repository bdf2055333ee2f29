"""Placing an order asks the database at most eight times, whatever the number of lines; and what it answers is what it wrote."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.architecture.test_statement_counts import counted, shop_client
from tests.builders import Client, an_order
from tests.pricing.promoting import a_coupon, a_promotion, about

__all__ = ["shop_client"]

MOST: int = 8
"""Besides the session, BEGIN and COMMIT."""


@pytest.mark.parametrize("lines", [1, 50])
async def test_placing_asks_at_most_eight_times(shop_client: Client, lines: int) -> None:
    admin, buyer = await shop_client.signed_in("admin"), await shop_client.signed_in()
    company_id, category = await shop_client.a_company(), await shop_client.a_category()
    products = [
        (await shop_client.a_product(company_id=company_id, category=category, stock=1000))["id"] for _ in range(lines)
    ]
    await a_promotion(admin, target=about(*products))
    coupon = await a_coupon(admin, target=about(*products), totalLimit=9, perUserLimit=1)

    with counted() as asked:
        body = an_order(*((product_id, 2) for product_id in products), couponCode=coupon["code"])
        reply = await buyer.post("/orders", body)
        await asyncio.sleep(0)

    assert reply.status_code == 201, reply.text
    assert reply.json()["couponCode"] == coupon["code"]
    assert len(asked) - 1 <= MOST, "\n".join(" ".join(sql.split())[:100] for sql in asked)
    assert reply.json() == (await buyer.get(f"/orders/{reply.json()['id']}")).json()


@pytest.mark.parametrize("role", ["user", "seller", "location_admin", "admin"])
async def test_the_reply_is_the_order_as_it_stands(client: Client, role: str) -> None:
    zone_id = await client.a_zone()
    companies = [await client.a_company(zones={zone_id: (300, None)}) for _ in range(2)]
    products = [(await client.a_product(company_id=company_id, price=9.99))["id"] for company_id in companies]
    scopes: dict[str, dict[str, Any]] = {
        "seller": {"company_id": companies[0]},
        "location_admin": {"zone_ids": [zone_id]},
    }
    buyer = await client.signed_in(role, zone_id=zone_id, **scopes.get(role, {}))

    placed = await buyer.post("/orders", an_order(*((product_id, 3) for product_id in products)))

    assert placed.status_code == 201, placed.text
    assert placed.json() == (await buyer.get(f"/orders/{placed.json()['id']}")).json()


async def test_what_is_bought_leaves_the_cart(client: Client) -> None:
    buyer = await client.signed_in()
    bought, kept = [(await client.a_product())["id"] for _ in range(2)]
    for product_id in (bought, kept):
        await buyer.post("/cart/items", {"productId": product_id, "quantity": 1})

    await buyer.post("/orders", an_order((bought, 1)))

    cart = (await buyer.get("/cart")).json()
    assert [line["id"] for line in cart["products"]] == [kept]
