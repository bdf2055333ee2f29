"""The SQL of payments."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.payments.model import CONFIRMABLE, Intent, Outcome, Payable

_INTENT: Final = """
    id, user_id, order_id, provider, amount_minor, currency, status, payment_method, failure_code, metadata, created_at,
    updated_at
    """


async def find_payable(db: Db, number: str, user_id: int | None, order_token_hash: bytes | None) -> Payable | None:
    """The order with this number; whether it is the asker's, by account or token, and whether it waits to be paid."""
    return await db.maybe(
        Payable,
        """
        select id as order_id, coalesce(user_id = $2 or guest_token_hash = $3, false) as mine,
               total_minor as amount_minor, currency,
               status <> 'cancelled' and payment_status in ('unpaid', 'failed') and total_minor > 0 as open
        from orders where number = $1
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
    amount_minor: int,
    currency: str,
    client_secret_hash: bytes,
    metadata: dict[str, Any],
) -> Intent:
    return await tx.one(
        Intent,
        f"""
        insert into payment_intents (id, user_id, order_id, provider, amount_minor, currency, status,
                                     client_secret_hash, metadata, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, 'requires_payment_method', $7, $8, $9, $9)
        returning {_INTENT}
        """,
        intent_id,
        user_id,
        order_id,
        provider,
        amount_minor,
        currency,
        client_secret_hash,
        metadata,
        clock.now(),
    )


async def get_intent(db: Db, intent_id: str) -> Intent:
    return await db.one(Intent, f"select {_INTENT} from payment_intents where id = $1", intent_id)


async def find_intent(db: Db, actor: Actor, intent_id: str) -> Intent | None:
    """The intent, if it is the actor's: its own, that of the order it has the token of, or any for an administrator."""
    return await db.maybe(
        Intent,
        f"""
        select {_INTENT} from payment_intents i
        where i.id = $1 and ($2 or i.user_id = $3 or exists (
            select from orders o where o.id = i.order_id and o.guest_token_hash = $4))
        """,
        intent_id,
        actor.is_admin,
        actor.user_id,
        actor.order_token_hash,
    )


async def claim_for_charging(tx: Tx, intent_id: str, payment_method: str) -> Intent | None:
    """Move an intent to `processing`, if it may be charged now and its order still waits for it; None if not.

    Locks the order first, so that it cannot expire or be cancelled meanwhile. The index
    payment_intents_one_charge_per_order refuses a second charge of the same order.
    """
    return await tx.maybe(
        Intent,
        f"""
        with payable as (
            select o.id from orders o join payment_intents i on i.order_id = o.id
            where i.id = $1 and o.status <> 'cancelled' and o.payment_status in ('unpaid', 'failed')
            for update of o
        )
        update payment_intents i set status = 'processing', payment_method = $2, failure_code = null, updated_at = $3
        where i.id = $1 and i.status = any($4) and (i.order_id is null or i.order_id in (select id from payable))
        returning {_INTENT}
        """,
        intent_id,
        payment_method,
        clock.now(),
        list(CONFIRMABLE),
    )


async def claim_outcome(tx: Tx, intent_id: str, outcome: Outcome) -> Intent | None:
    """Write what the provider said, once: None when somebody else has written it before."""
    return await tx.maybe(
        Intent,
        f"""
        update payment_intents set status = $2, failure_code = $3, updated_at = $4,
               succeeded_at = case when $2 = 'succeeded' then $4::timestamptz end
        where id = $1 and status = 'processing'
        returning {_INTENT}
        """,
        intent_id,
        outcome.status,
        outcome.failure_code,
        clock.now(),
    )


async def claim_for_order(
    tx: Tx, intent_id: str, user_id: int, order_id: int, amount_minor: int, currency: str
) -> Intent | None:
    """Bind an intent that was made before its order; None unless it is the user's, unbound, and of the same amount."""
    return await tx.maybe(
        Intent,
        f"""
        update payment_intents set order_id = $3, updated_at = $6
        where id = $1 and user_id = $2 and order_id is null and amount_minor = $4 and currency = $5
          and status <> 'canceled'
        returning {_INTENT}
        """,
        intent_id,
        user_id,
        order_id,
        amount_minor,
        currency,
        clock.now(),
    )


async def list_hanging(db: Db, since: datetime, limit: int) -> list[Intent]:
    """Intents whose charge was begun before `since` and never answered."""
    return await db.many(
        Intent,
        f"""
        select {_INTENT} from payment_intents where status = 'processing' and updated_at < $1 order by updated_at limit $2
        """,
        since,
        limit,
    )
