"""Orders of several companies, and those who handle them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.builders import Client, an_order
from tests.payments.paying import an_intent, confirm

STEPS = ("confirmed", "processing", "shipped", "delivered")


async def a_placed_order(buyer: Client, *products: dict[str, Any], quantity: int = 1, **fields: Any) -> dict[str, Any]:
    body = an_order(*((product["id"], quantity) for product in products), **{"paymentMethod": "invoice", **fields})
    reply = await buyer.post("/orders", body)
    assert reply.status_code == 201, reply.text
    order: dict[str, Any] = reply.json()
    return order


async def pay(buyer: Client, order: dict[str, Any]) -> None:
    reply = await confirm(buyer, await an_intent(buyer, order))
    assert reply.status_code == 200, reply.text


async def move(by: Client, order: dict[str, Any], status: str, **fields: Any) -> httpx.Response:
    return await by.put(f"/orders/{order['id']}/status", {"status": status, **fields})


async def take_to(by: Client, order: dict[str, Any], last: str, **fields: Any) -> dict[str, Any]:
    """Step by step, until it is so far."""
    for status in STEPS[: STEPS.index(last) + 1]:
        reply = await move(by, order, status, **fields)
        assert reply.status_code == 200, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


async def stock_of(client: Client, product: dict[str, Any]) -> tuple[int, int]:
    """How many can be bought, and how many lie there."""
    available = await client.value("select available from product_stock where product_id = $1", product["id"])
    on_hand = await client.value("select sum(on_hand)::int from stock_levels where product_id = $1", product["id"])
    return available, on_hand


async def refunded(client: Client, order: dict[str, Any]) -> int:
    """What was to be given back of an order, in cents."""
    total: int = await client.value(
        """
        select coalesce(sum(r.amount_minor), 0)::bigint from refunds r join orders o on o.id = r.order_id
        where o.number = $1 and r.replaced_by is null
        """,
        order["id"],
    )
    return total


async def credited(client: Client, order: dict[str, Any]) -> int:
    """What was taken back of an order, in cents."""
    total: int = await client.value(
        """
        select coalesce(sum(c.total_minor), 0)::bigint from credits c join orders o on o.id = c.order_id where o.number = $1
        """,
        order["id"],
    )
    return total


async def statuses(client: Client, order: dict[str, Any]) -> list[str]:
    """What the parts are, by company."""
    found: list[str] = await client.value(
        """
        select array_agg(p.status order by p.company_id) from order_parts p join orders o on o.id = p.order_id
        where o.number = $1
        """,
        order["id"],
    )
    return found
