"""An order and the intents to pay it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from entrepot.kernel.actors import Actor, Role
from entrepot.payments import queries
from entrepot.payments.providers import provider_of
from tests.builders import Client, an_order

ADMIN = Actor(role=Role.ADMIN)


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


async def charges(client: Client, order: dict[str, Any]) -> int:
    """How many charges the sandbox has made for the order, by its own books."""
    count: int = await client.value(
        """
        select count(*) from sandbox_intents s join payment_intents i on i.provider_id = s.id
        where i.order_id = (select id from orders where number = $1) and s.status = 'succeeded'
        """,
        order["id"],
    )
    return count


async def asked_to_charge(client: Client, intent_id: str) -> int:
    """How often the sandbox was asked to charge the intent."""
    asked: int | None = await client.value("select charges from sandbox_intents where id = $1", intent_id)
    return asked or 0


@asynccontextmanager
async def slow_bank(client: Client, *intent_ids: str) -> AsyncIterator[None]:
    """Inside the block, charges of these intents are on their way, and none comes to an end."""
    async with client.app.shop.database.pool.acquire() as connection:
        held = connection.transaction()
        await held.start()
        try:
            await connection.execute(
                """
                insert into sandbox_intents (id, amount_minor, currency, status, payment_method, last_key, webhooks, created_at)
                select id, 1, 'USD', 'canceled', '', '', 'never', now() from unnest($1::text[]) id
                """,
                list(intent_ids),
            )
            yield
        finally:
            await held.rollback()


async def under_way(client: Client, intent_id: str) -> None:
    """Come back when a charge of the intent has begun."""
    while await client.value("select status from payment_intents where id = $1", intent_id) != "processing":  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def a_process_that_dies(
    client: Client, intent_id: str, method: str = "pm_card_visa", *, after_the_charge: bool
) -> None:
    """Confirm an intent as a process does that dies on the way."""
    shop = client.app.shop
    async with shop.database.transaction() as tx:
        claimed = await queries.claim_for_charging(tx, ADMIN, intent_id, provider_of(shop).name, method)
    assert claimed is not None
    if after_the_charge:
        await provider_of(shop).charge(claimed, method)
