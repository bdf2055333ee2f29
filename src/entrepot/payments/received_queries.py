"""The SQL of money that came in."""

from __future__ import annotations

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.payments.ledger_queries import BOOKING_OF_PAYMENT


class Received(msgspec.Struct, frozen=True):
    """A payment that the shop took itself; `under_way`: it was not written, because a charge of the order is running."""

    amount_minor: int
    currency: str
    under_way: bool


async def insert_received(tx: Tx, intent_id: str, order_id: int, provider: str) -> Received | None:
    """A payment of what is still owed on a locked order, booked; None when nothing is."""
    return await tx.maybe(
        Received,
        f"""
        with owed as (
            select o.id, o.user_id, o.currency, (
                       o.total_minor
                       - coalesce((select sum(c.total_minor) from credits c where c.order_id = o.id), 0)
                       - coalesce((select sum(i.captured_minor - i.refunded_minor) from payment_intents i
                                   where i.order_id = o.id), 0))::bigint as amount_minor,
                   exists (select from payment_intents i where i.order_id = o.id and i.status = 'processing') as under_way
            from orders o where o.id = $2
        ), received as (
            insert into payment_intents (id, user_id, order_id, provider, provider_id, amount_minor, captured_minor, currency,
                                         status, client_secret_hash, created_at, updated_at, succeeded_at)
            select $1, user_id, id, $3, $1, amount_minor, amount_minor, currency, 'succeeded', ''::bytea, $4, $4, $4
            from owed where amount_minor > 0 and not under_way
            returning *
        ), captured as (
            select * from received
        ), {BOOKING_OF_PAYMENT}
        select amount_minor, currency, under_way from owed where amount_minor > 0
        """,
        intent_id,
        order_id,
        provider,
        clock.now(),
    )


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken from a buyer."""

    intent_id: str
    order_id: int | None
    amount_minor: int
    currency: str


async def get_captured(db: Db, intent_id: str) -> Captured:
    """A payment as it stands; `amount_minor` is 0 as long as nothing was taken."""
    return await db.one(
        Captured,
        """
        select id as intent_id, order_id, captured_minor as amount_minor, currency
        from payment_intents where id = $1
        """,
        intent_id,
    )
