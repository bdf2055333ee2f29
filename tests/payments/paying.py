"""An order and the intents to pay it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.builders import Client, an_order


async def an_unpaid_order(client: Client, buyer: Client, **product: Any) -> dict[str, Any]:
    """A card order of one piece, 10.80 with tax if nothing else is said."""
    bought = await client.a_product(**product)
    reply = await buyer.post("/orders", an_order((bought["id"], 1)))
    assert reply.status_code == 201, reply.text
    order: dict[str, Any] = reply.json()
    return order


async def an_intent(buyer: Client, order: dict[str, Any] | None = None, amount: int | None = None) -> str:
    """An intent for the order's total, or unbound, for `amount` cents."""
    body: dict[str, Any] = {"amount": amount if amount is not None else cents(order)}
    if order is not None:
        body["metadata"] = {"orderId": order["id"]}
    reply = await buyer.post("/payments/intents", body)
    assert reply.status_code == 201, reply.text
    intent_id: str = reply.json()["id"]
    return intent_id


def cents(order: dict[str, Any] | None) -> int:
    amount: float = (order or {"total": 10.8})["total"]
    return round(amount * 100)


async def confirm(buyer: Client, intent_id: str, method: str = "pm_card_visa", **options: Any) -> httpx.Response:
    return await buyer.post(f"/payments/intents/{intent_id}/confirm", {"paymentMethodId": method}, **options)


async def standing(client: Client, order: dict[str, Any]) -> tuple[str, str]:
    """The order's status and payment status, from the database."""
    row = await client.app.shop.database.pool.fetchrow(
        "select status, payment_status from orders where number = $1", order["id"]
    )
    return row["status"], row["payment_status"]


async def published(client: Client, name: str, order: dict[str, Any]) -> int:
    """How many events of this name tell of the order."""
    order_id = await client.value("select id from orders where number = $1", order["id"])
    count: int = await client.value(
        "select count(*) from events where name = $1 and data ->> 'orderId' in ($2, $3::text)",
        name,
        order["id"],
        str(order_id),
    )
    return count
