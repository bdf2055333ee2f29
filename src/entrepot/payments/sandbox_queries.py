"""The SQL of the sandbox's own books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.payments.provider_model import RefundStatus
from entrepot.payments.sandbox_methods import LATE_BY, REVERSED_AFTER


class SandboxIntent(msgspec.Struct, frozen=True, kw_only=True):
    """How an intent stands, in Stripe's words."""

    id: str
    amount_minor: int
    currency: str
    status: str
    payment_method: str
    failure_code: str | None
    refunded_minor: int
    webhooks: str


class SandboxRefund(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    intent_id: str
    reference: str
    amount_minor: int
    currency: str
    status: RefundStatus
    failure_code: str | None


class SandboxEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be told. `object` is the intent, charge or refund as it was then."""

    id: int
    kind: str
    object: dict[str, Any]
    webhooks: str
    deliveries: int
    attempts: int
    created_at: datetime


_INTENT: Final = "id, amount_minor, currency, status, payment_method, failure_code, refunded_minor, webhooks"
_REFUND: Final = "id, intent_id, reference, amount_minor, currency, status, failure_code"

_KIND: Final = """
    case status when 'succeeded' then 'payment_intent.succeeded' when 'processing' then 'payment_intent.processing'
                when 'requires_action' then 'payment_intent.requires_action' when 'canceled' then 'payment_intent.canceled'
                else 'payment_intent.payment_failed' end
    """
_OBJECT: Final = """
    jsonb_build_object(
        'object', 'payment_intent', 'id', id, 'amount', amount_minor, 'currency', lower(currency), 'status', status,
        'last_payment_error', case when failure_code is not null then jsonb_build_object('code', failure_code) end)
    """
_DUE: Final = f"""
    $1::timestamptz + case webhooks when 'late' then interval '{LATE_BY.total_seconds()} s'
                                    when 'reversed' then interval '{REVERSED_AFTER.total_seconds()} s'
                                    else interval '0' end
    """
_DELIVERIES: Final = "case webhooks when 'twice' then 2 else 1 end"


async def charge(
    tx: Tx,
    *,
    intent_id: str,
    amount_minor: int,
    currency: str,
    payment_method: str,
    key: str,
    status: str,
    failure_code: str | None,
    settles_at: datetime | None,
    settles_code: str | None,
    webhooks: str,
) -> SandboxIntent | None:
    """Charge, and note what is to be told of it; None: there was a charge under this key, or none can be made any more.

    An intent is kept from its first charge on. One that waited for the buyer's further step succeeds with the same method.
    """
    return await tx.maybe(
        SandboxIntent,
        f"""
        with charged as (
            insert into sandbox_intents as i (id, amount_minor, currency, payment_method, last_key, status, failure_code,
                                              settles_at, settles_code, webhooks, created_at)
            values ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $1)
            on conflict (id) do update set
                status = case when excluded.status = 'requires_action' and i.status = 'requires_action'
                                   and i.payment_method = excluded.payment_method then 'succeeded' else excluded.status end,
                payment_method = excluded.payment_method, last_key = excluded.last_key,
                failure_code = excluded.failure_code, settles_at = excluded.settles_at,
                settles_code = excluded.settles_code, charges = i.charges + 1
            where i.last_key <> excluded.last_key and i.status in ('requires_payment_method', 'requires_action')
            returning *
        ), told as (
            insert into sandbox_events (kind, intent_id, object, webhooks, due_at, deliveries, created_at)
            select {_KIND}, id, {_OBJECT}, webhooks, {_DUE}, {_DELIVERIES}, $1 from charged where webhooks <> 'never'
        )
        select {_INTENT} from charged
        """,
        clock.now(),
        intent_id,
        amount_minor,
        currency,
        payment_method,
        key,
        status,
        failure_code,
        settles_at,
        settles_code,
        webhooks,
    )


async def find_intent(db: Db, intent_id: str) -> SandboxIntent | None:
    return await db.maybe(SandboxIntent, f"select {_INTENT} from sandbox_intents where id = $1", intent_id)


async def lock_intent(tx: Tx, intent_id: str) -> SandboxIntent | None:
    return await tx.maybe(SandboxIntent, f"select {_INTENT} from sandbox_intents where id = $1 for update", intent_id)


async def settle_charges(tx: Tx, limit: int) -> list[str]:
    """End the charges whose time has come, and note what is to be told; returns the ids of their intents."""
    return await tx.values(
        f"""
        with due as (
            select id from sandbox_intents where settles_at <= $1 order by settles_at limit $2 for update skip locked
        ), settled as (
            update sandbox_intents i
            set status = case when settles_code is null then 'succeeded' else 'requires_payment_method' end,
                failure_code = settles_code, settles_at = null, settles_code = null
            from due where i.id = due.id returning i.*
        ), told as (
            insert into sandbox_events (kind, intent_id, object, webhooks, due_at, deliveries, created_at)
            select {_KIND}, id, {_OBJECT}, webhooks, {_DUE}, {_DELIVERIES}, $1 from settled where webhooks <> 'never'
        )
        select id from settled
        """,
        clock.now(),
        limit,
    )


async def settle_refunds(tx: Tx, limit: int) -> list[SandboxRefund]:
    """End the refunds whose time has come."""
    return await tx.many(
        SandboxRefund,
        f"""
        with due as (
            select id from sandbox_refunds where settles_at <= $1 order by settles_at limit $2 for update skip locked
        )
        update sandbox_refunds r set status = 'succeeded', settles_at = null from due where r.id = due.id
        returning {", ".join(f"r.{name}" for name in _REFUND.split(", "))}
        """,
        clock.now(),
        limit,
    )


async def find_refund_at(db: Db, key: str) -> SandboxRefund | None:
    return await db.maybe(SandboxRefund, f"select {_REFUND} from sandbox_refunds where key = $1", key)


async def find_refund(db: Db, refund_id: str) -> SandboxRefund | None:
    return await db.maybe(SandboxRefund, f"select {_REFUND} from sandbox_refunds where id = $1", refund_id)


async def insert_refund(
    tx: Tx, refund: SandboxRefund, *, key: str, settles_after: timedelta | None
) -> SandboxRefund | None:
    """None: there is one of this key."""
    return await tx.maybe(
        SandboxRefund,
        f"""
        insert into sandbox_refunds (id, intent_id, reference, amount_minor, currency, status, failure_code, key, settles_at,
                                     created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz + $10::interval, $9)
        on conflict (key) do nothing
        returning {_REFUND}
        """,
        refund.id,
        refund.intent_id,
        refund.reference,
        refund.amount_minor,
        refund.currency,
        refund.status,
        refund.failure_code,
        key,
        clock.now(),
        settles_after,
    )


async def add_refunded(tx: Tx, intent_id: str, amount_minor: int) -> None:
    await tx.run(
        "update sandbox_intents set refunded_minor = refunded_minor + $2 where id = $1", intent_id, amount_minor
    )


async def tell_of_refund(tx: Tx, kind: str, refund: SandboxRefund) -> None:
    """Note what is to be told of a refund, in the way of its intent."""
    await tx.run(
        f"""
        insert into sandbox_events (kind, intent_id, object, webhooks, due_at, deliveries, created_at)
        select $2, id, case when $2 = 'charge.refunded' then
                   jsonb_build_object('object', 'charge', 'id', 'ch_' || id, 'payment_intent', id, 'amount', amount_minor,
                                      'amount_refunded', refunded_minor, 'currency', lower(currency))
               else $4 end, webhooks, {_DUE}, {_DELIVERIES}, $1
        from sandbox_intents where id = $3 and webhooks <> 'never'
        """,
        clock.now(),
        kind,
        refund.intent_id,
        {
            "object": "refund",
            "id": refund.id,
            "payment_intent": refund.intent_id,
            "amount": refund.amount_minor,
            "currency": refund.currency.lower(),
            "status": refund.status,
            "failure_reason": refund.failure_code,
            "metadata": {"refund_id": refund.reference},
        },
    )


async def get_webhook_secret(db: Db) -> str:
    secret: str = await db.value("select webhook_secret from sandbox_account")
    return secret


async def claim_events(tx: Tx, limit: int, lease: timedelta) -> list[SandboxEvent]:
    """Events that are to be sent now. Who claims them has `lease` to do it; then they are sent again.

    Of an intent whose events go the wrong way round, the newest is sent first.
    """
    return await tx.many(
        SandboxEvent,
        """
        with due as (
            select id from sandbox_events e
            where due_at <= $1 and not (webhooks = 'reversed' and exists (
                select from sandbox_events newer
                where newer.intent_id = e.intent_id and newer.id > e.id and newer.due_at is not null))
            order by due_at, id limit $2 for update skip locked
        )
        update sandbox_events e set due_at = $1::timestamptz + $3::interval, attempts = attempts + 1
        from due where e.id = due.id
        returning e.id, e.kind, e.object, e.webhooks, e.deliveries, e.attempts, e.created_at
        """,
        clock.now(),
        limit,
        lease,
    )


async def set_delivered(tx: Tx, event_ids: Sequence[int]) -> None:
    """They have arrived once; one that is to arrive twice is due again."""
    await tx.run(
        """
        update sandbox_events set deliveries = deliveries - 1, due_at = case when deliveries > 1 then $2::timestamptz end
        where id = any($1::bigint[]) and deliveries > 0
        """,
        list(event_ids),
        clock.now(),
    )


async def set_not_delivered(tx: Tx, event_id: int, try_after: timedelta | None) -> None:
    """It has not arrived; None: it is given up."""
    await tx.run(
        "update sandbox_events set due_at = $2::timestamptz + $3::interval where id = $1",
        event_id,
        clock.now(),
        try_after,
    )


async def delete_old_events(tx: Tx, before: datetime) -> int:
    return await tx.run("delete from sandbox_events where created_at < $1 and due_at is null", before)
