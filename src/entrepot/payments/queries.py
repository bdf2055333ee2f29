"""The SQL of payments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.payments.ledger_queries import BOOKING_OF_PAYMENT
from entrepot.payments.model import CONFIRMABLE, Intent, Outcome, Payable, PendingRefund, RefundDue

_INTENT: Final = """
    id, user_id, order_id, provider, coalesce(provider_id, id) as provider_id, amount_minor, currency, status, attempt,
    payment_method, failure_code, metadata, created_at, updated_at
    """
_INTENT_I: Final = """
    i.id, i.user_id, i.order_id, i.provider, coalesce(i.provider_id, i.id) as provider_id, i.amount_minor, i.currency, i.status,
    i.attempt, i.payment_method, i.failure_code, i.metadata, i.created_at, i.updated_at
    """

IN_FLIGHT: Final = timedelta(minutes=1)
"""Longer than a provider may take: a charge without an answer then was left by a process that died, and is asked about."""
ASK_OF_PROCESSING: Final = timedelta(minutes=5)
ASK_OF_ACTION: Final = timedelta(minutes=15)
"""Pauses before the provider is asked what became of an intent, if it does not say so itself. They grow to ASK_AT_MOST."""
ASK_AT_MOST: Final = timedelta(days=1)


async def find_payable(db: Db, number: str, user_id: int | None, order_token_hash: bytes | None) -> Payable | None:
    """The order with this number; whether it is the asker's, by account or token, and whether it waits to be paid.

    What is to be paid is what was sold and not taken back: some of it may have been cancelled.
    """
    return await db.maybe(
        Payable,
        """
        select o.id as order_id, coalesce(o.user_id = $2 or o.guest_token_hash = $3, false) as mine,
               d.amount_minor, o.currency,
               o.status <> 'cancelled' and o.payment_status in ('unpaid', 'failed') and d.amount_minor > 0 as open,
               (select count(*) from payment_intents i where i.order_id = o.id) as intents
        from orders o, lateral (
            select o.total_minor - coalesce(sum(k.total_minor), 0)::bigint as amount_minor
            from credits k where k.order_id = o.id
        ) d
        where o.number = $1
        """,
        number,
        user_id,
        order_token_hash,
    )


async def insert_intent(
    tx: Tx,
    *,
    intent_id: str,
    user_id: int | None,
    order_id: int | None,
    provider: str,
    provider_id: str,
    amount_minor: int,
    currency: str,
    client_secret_hash: bytes,
    metadata: dict[str, Any],
    ask_at: datetime | None,
) -> Intent:
    return await tx.one(
        Intent,
        f"""
        insert into payment_intents (id, user_id, order_id, provider, provider_id, amount_minor, currency, status,
                                     client_secret_hash, metadata, ask_at, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, 'requires_payment_method', $8, $9, $10, $11, $11)
        returning {_INTENT}
        """,
        intent_id,
        user_id,
        order_id,
        provider,
        provider_id,
        amount_minor,
        currency,
        client_secret_hash,
        metadata,
        ask_at,
        clock.now(),
    )


async def get_intent(db: Db, intent_id: str) -> Intent:
    return await db.one(Intent, f"select {_INTENT} from payment_intents where id = $1", intent_id)


# Whose an intent is: its own user's, whose order's token is sent ($4), or any administrator's ($2).
_MINE: Final = """
    ($2 or i.user_id = $3::bigint or exists (
        select from orders o where o.id = i.order_id and o.guest_token_hash = $4::bytea))
    """


async def find_intent(db: Db, actor: Actor, intent_id: str) -> Intent | None:
    """The intent, if it is the actor's: its own, that of the order it has the token of, or any for an administrator."""
    return await db.maybe(
        Intent,
        f"select {_INTENT} from payment_intents i where i.id = $1 and {_MINE}",
        intent_id,
        actor.is_admin,
        actor.user_id,
        actor.order_token_hash,
    )


async def find_intent_at(db: Db, provider: str, provider_id: str) -> Intent | None:
    """The intent that the provider calls so."""
    return await db.maybe(
        Intent,
        f"select {_INTENT} from payment_intents where provider = $1 and provider_id = $2",
        provider,
        provider_id,
    )


async def claim_for_charging(tx: Tx, actor: Actor, intent_id: str, provider: str, payment_method: str) -> Intent | None:
    """Move the actor's intent of this provider to `processing`, if it may be charged now and its order still waits for just
    that; None if not.

    Locks the order first, so that it cannot expire or be cancelled meanwhile. What of it is taken back at this very moment is
    paid, and refunded. The index
    payment_intents_one_charge_per_order refuses a second charge of the same order.
    """
    return await tx.maybe(
        Intent,
        f"""
        with payable as (
            select o.id from orders o join payment_intents i on i.order_id = o.id
            where i.id = $1 and o.status <> 'cancelled' and o.payment_status in ('unpaid', 'failed')
              and i.amount_minor = o.total_minor - (
                  select coalesce(sum(k.total_minor), 0) from credits k where k.order_id = o.id)
            for update of o
        )
        update payment_intents i set status = 'processing', payment_method = $6, failure_code = null, updated_at = $7,
               attempt = attempt + 1, charging_since = $7, ask_at = $7::timestamptz + $9
        where i.id = $1 and {_MINE} and i.provider = $5 and i.status = any($8)
          and (i.order_id is null or i.order_id in (select id from payable))
        returning {_INTENT}
        """,
        intent_id,
        actor.is_admin,
        actor.user_id,
        actor.order_token_hash,
        provider,
        payment_method,
        clock.now(),
        list(CONFIRMABLE),
        IN_FLIGHT,
    )


async def claim_outcome(tx: Tx, intent_id: str, outcome: Outcome, attempt: int, *, answered: bool) -> Intent | None:
    """Write what the provider said after this attempt, and book a success; None when that changes nothing, or may not be
    written.

    A success is written once, whatever was written before, since the money was moved. Anything else is written for the last
    attempt only; and not while its charge waits for an answer, unless this is the answer (`answered`). The order is locked
    first.
    """
    return await tx.maybe(
        Intent,
        f"""
        with held as (
            select o.id from orders o join payment_intents i on i.order_id = o.id where i.id = $1 for update of o
        ), written as (
        update payment_intents i set status = $2, failure_code = $3, updated_at = $4, charging_since = null,
               ask_at = $4::timestamptz + case $2 when 'processing' then $7::interval
                                                  when 'requires_action' then $8::interval end,
               captured_minor = case when $2 = 'succeeded' then amount_minor else captured_minor end,
               succeeded_at = case when $2 = 'succeeded' then $4::timestamptz end
        where i.id = $1 and (select count(*) from held) >= 0 and i.status <> 'succeeded'
          and ($2 = 'succeeded' or (
              i.attempt = $5 and i.status <> 'canceled'
              and ($6 or (i.status <> $2 and (i.charging_since is null or i.charging_since < $4::timestamptz - $9::interval)))
          ))
        returning *
        ), captured as (
            select * from written where status = 'succeeded'
        ), {BOOKING_OF_PAYMENT}
        select {_INTENT} from written
        """,
        intent_id,
        outcome.status,
        outcome.failure_code,
        clock.now(),
        attempt,
        answered,
        ASK_OF_PROCESSING,
        ASK_OF_ACTION,
        IN_FLIGHT,
    )


async def claim_for_order(
    tx: Tx, intent_id: str, user_id: int, order_id: int, amount_minor: int, currency: str, provider: str
) -> Intent | None:
    """Bind an intent that was made before its order; None unless it is the user's, unbound, and of this amount and provider."""
    return await tx.maybe(
        Intent,
        f"""
        update payment_intents set order_id = $3, updated_at = $6
        where id = $1 and user_id = $2 and order_id is null and amount_minor = $4 and currency = $5
          and provider = $7 and status <> 'canceled' and refunded_minor = 0
        returning {_INTENT}
        """,
        intent_id,
        user_id,
        order_id,
        amount_minor,
        currency,
        clock.now(),
        provider,
    )


async def claim_to_ask(tx: Tx, limit: int) -> list[Intent]:
    """Intents of which the provider is to be asked now. They are left alone for a while by everybody else."""
    return await tx.many(
        Intent,
        f"""
        with due as (
            select id from payment_intents where ask_at <= $1 order by ask_at limit $2 for update skip locked
        )
        update payment_intents i
        set ask_at = $1::timestamptz + least($4::interval, greatest($3::interval, $1::timestamptz - i.updated_at))
        from due where i.id = due.id
        returning {_INTENT_I}
        """,
        clock.now(),
        limit,
        IN_FLIGHT,
        ASK_AT_MOST,
    )


async def claim_refunds_to_ask(tx: Tx, limit: int) -> list[PendingRefund]:
    """Refunds that a provider has, and has said nothing of for a while; left alone for as long again."""
    return await tx.many(
        PendingRefund,
        """
        with due as (
            select id from refunds
            where status = 'pending' and next_attempt_at is null and provider_refund_id is not null and updated_at <= $1
            order by updated_at limit $2 for update skip locked
        )
        update refunds r set updated_at = $3
        from due, payment_intents i where r.id = due.id and i.id = r.payment_intent_id
        returning r.id, r.provider, r.provider_refund_id, coalesce(i.provider_id, i.id) as provider_intent_id, r.amount_minor,
                  r.currency, r.reason
        """,
        clock.now() - ASK_OF_PROCESSING,
        limit,
        clock.now(),
    )


async def list_pending_refunds(db: Db, intent_id: str) -> list[PendingRefund]:
    """Refunds of an intent that the provider has, and has not ended."""
    return await db.many(
        PendingRefund,
        """
        select r.id, r.provider, r.provider_refund_id, coalesce(i.provider_id, i.id) as provider_intent_id, r.amount_minor,
               r.currency, r.reason
        from refunds r join payment_intents i on i.id = r.payment_intent_id
        where r.payment_intent_id = $1 and r.status = 'pending' and r.provider_refund_id is not null
        order by r.created_at limit 100
        """,
        intent_id,
    )


async def find_refund(db: Db, refund_id: str) -> RefundDue | None:
    return await db.maybe(RefundDue, "select provider, amount_minor, currency from refunds where id = $1", refund_id)
