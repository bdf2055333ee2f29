"""Builders of promotions and coupons, as their makers make them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from entrepot.kernel import clock
from entrepot.kernel.clock import iso
from tests.builders import Client, an_order, unique

TEN_PERCENT: dict[str, Any] = {"type": "percentage", "value": 10}


def about(*product_ids: int) -> dict[str, Any]:
    """A target: these products."""
    return {"scope": "products", "ids": list(product_ids)}


def in_days(days: float) -> str:
    return iso(clock.now() + timedelta(days=days))


async def a_promotion(maker: Client, **fields: Any) -> dict[str, Any]:
    """Ten percent, if nothing else is said. Say what it is about: one about everything would count in other tests."""
    reply = await maker.post(
        "/promotions", {"name": unique("Promotion"), **({} if "type" in fields else TEN_PERCENT), **fields}
    )
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def a_coupon(admin: Client, **fields: Any) -> dict[str, Any]:
    """Ten percent with a code of its own, if nothing else is said."""
    own = {} if "batch" in fields else {"code": unique("C").upper()}
    reply = await admin.post("/coupons", {**own, **({} if "type" in fields else TEN_PERCENT), **fields})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


async def with_cart(client: Client, *lines: tuple[int, int]) -> Client:
    """A new user with these products in the cart."""
    buyer = await client.signed_in("user")
    for product_id, quantity in lines:
        reply = await buyer.post("/cart/items", {"productId": product_id, "quantity": quantity})
        assert reply.status_code == 201, reply.text
    return buyer


async def ordered(buyer: Client, *lines: tuple[int, int], **fields: Any) -> dict[str, Any]:
    reply = await buyer.post("/orders", an_order(*lines, **{"paymentMethod": "cash_on_delivery", **fields}))
    assert reply.status_code == 201, reply.text
    order: dict[str, Any] = reply.json()
    return order
