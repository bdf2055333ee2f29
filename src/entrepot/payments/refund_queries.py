"""The SQL of refunds."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.payments.provider_model import RefundStatus
from entrepot.payments.refund_model import Refund


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment, and what of it was not given back."""

    intent_id: str
    order_id: int | None
    provider: str
    currency: str
    left_minor: int


class Account(msgspec.Struct, frozen=True):
    """What an order costs by now, with its payments, the newest first."""

    currency: str
    costs_minor: int
    captured_minor: int
    paid: list[Paid]

    @property
    def excess_minor(self) -> int:
        return sum(paid.left_minor for paid in self.paid) - self.costs_minor


async def get_account(db: Db, order_id: int) -> Account:
    """How an order stands; its row is to be locked before."""
    return await db.one(
        Account,
        """
        select o.currency,
               (select coalesce(sum(i.captured_minor), 0)::bigint from payment_intents i where i.order_id = o.id)
                   as captured_minor,
               (o.total_minor - coalesce((select sum(c.total_minor) from credits c where c.order_id = o.id), 0))::bigint
                   as costs_minor,
               (select coalesce(jsonb_agg(p order by p.succeeded_at desc), '[]') from (
                   select i.id as intent_id, i.order_id, i.provider, i.currency,
                          i.captured_minor - i.refunded_minor as left_minor, i.succeeded_at
                   from payment_intents i where i.order_id = o.id and i.captured_minor > i.refunded_minor) p) as paid
        from orders o where o.id = $1
        """,
        order_id,
    )


class Refundable(msgspec.Struct, frozen=True):
    """What a refund is asked of: an order, or a payment without one, as far as anything is left of it."""

    order_id: int | None
    paid: Paid | None


async def find_refundable(db: Db, intent_id: str | None, order_number: str | None) -> Refundable | None:
    """The order with this number, or that of this payment; or the payment alone."""
    return await db.maybe(
        Refundable,
        """
        select o.id as order_id, null::jsonb as paid from orders o where o.number = $2 and $1::text is null
        union all
        select i.order_id, case when i.captured_minor > 0 then jsonb_build_object(
                   'intent_id', i.id, 'order_id', i.order_id, 'provider', i.provider, 'currency', i.currency,
                   'left_minor', i.captured_minor - i.refunded_minor) end
        from payment_intents i
        where i.id = $1 and ($2::text is null or i.order_id = (select id from orders where number = $2))
        """,
        intent_id,
        order_number,
    )


class OrderedLine(msgspec.Struct, frozen=True):
    """Which line of an order is of which product and part."""

    id: int
    part_id: int
    product_id: int


async def list_ordered_lines(db: Db, order_id: int) -> list[OrderedLine]:
    return await db.many(
        OrderedLine, "select id, part_id, product_id from order_lines where order_id = $1 order by position", order_id
    )


async def claim_refund(
    tx: Tx,
    refund_id: str,
    intent_id: str,
    order_id: int | None,
    amount_minor: int,
    *,
    reason: str,
    credit_id: int | None,
    actor_id: int | None,
    by_hand: bool,
) -> bool:
    """Make a refund of a payment, if so much is left of it and it belongs to this order, or still to none; False if not. The
    payment's row decides between two at once, and between a refund and the order that the payment is bound to meanwhile."""
    made = await tx.run(
        """
        with claimed as (
            update payment_intents set refunded_minor = refunded_minor + $3, updated_at = $7
            where id = $2 and captured_minor - refunded_minor >= $3 and order_id is not distinct from $9::bigint
            returning id, order_id, provider, currency
        )
        insert into refunds (id, payment_intent_id, order_id, credit_id, provider, amount_minor, currency, reason, actor_id,
                             next_attempt_at, created_at, updated_at)
        select $1, id, order_id, $5, provider, $3, currency, $4, $6, case when not $8 then $7::timestamptz end, $7, $7
        from claimed
        """,
        refund_id,
        intent_id,
        amount_minor,
        reason,
        credit_id,
        actor_id,
        clock.now(),
        by_hand,
        order_id,
    )
    return made == 1


_REFUND: Final = """
    r.id, r.payment_intent_id, r.order_id, (select number from orders where id = r.order_id) as order_number, r.credit_id,
    r.provider, r.provider_refund_id, r.amount_minor, r.currency, r.status, r.reason, r.failure_code, r.replaced_by,
    r.tries, r.created_at, r.updated_at, r.succeeded_at
    """


async def find_refund(db: Db, refund_id: str) -> Refund | None:
    return await db.maybe(Refund, f"select {_REFUND} from refunds r where r.id = $1", refund_id)


async def list_refunds(
    db: Db,
    *,
    status: RefundStatus | None,
    order_number: str | None,
    intent_id: str | None,
    before: tuple[datetime, str] | None,
    skip: int,
    limit: int,
) -> list[Refund]:
    """Refunds, the newest first."""
    return await db.many(
        Refund,
        f"""
        select {_REFUND} from refunds r
        where ($1::text is null or r.status = $1)
          and ($2::text is null or r.order_id = (select id from orders where number = $2))
          and ($3::text is null or r.payment_intent_id = $3)
          and ($4::timestamptz is null or (r.created_at, r.id) < ($4, $5))
        order by r.created_at desc, r.id desc offset $6 limit $7
        """,
        status,
        order_number,
        intent_id,
        before[0] if before else None,
        before[1] if before else "",
        skip,
        limit,
    )


async def count_refunds(db: Db, *, status: RefundStatus | None, order_number: str | None, intent_id: str | None) -> int:
    total: int = await db.value(
        """
        select count(*) from refunds r
        where ($1::text is null or r.status = $1)
          and ($2::text is null or r.order_id = (select id from orders where number = $2))
          and ($3::text is null or r.payment_intent_id = $3)
        """,
        status,
        order_number,
        intent_id,
    )
    return total


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A refund whose outcome was written."""

    id: str
    payment_intent_id: str
    order_id: int | None
    provider: str
    amount_minor: int
    currency: str
    failure_code: str | None


_SETTLED: Final = "id, payment_intent_id, order_id, provider, amount_minor, currency, failure_code"


async def claim_succeeded(tx: Tx, refund_id: str, provider_refund_id: str | None) -> Settled | None:
    """Write that the money went back, once."""
    return await tx.maybe(
        Settled,
        f"""
        update refunds set status = 'succeeded', provider_refund_id = coalesce($2, provider_refund_id),
               failure_code = null, next_attempt_at = null, succeeded_at = $3, updated_at = $3
        where id = $1 and status = 'pending'
        returning {_SETTLED}
        """,
        refund_id,
        provider_refund_id,
        clock.now(),
    )


async def claim_failed(
    tx: Tx, refund_id: str, provider_refund_id: str | None, failure_code: str | None, before: RefundStatus
) -> Settled | None:
    """Write that the money did not go back, or came back, once."""
    return await tx.maybe(
        Settled,
        f"""
        update refunds set status = 'failed', provider_refund_id = coalesce($2, provider_refund_id),
               failure_code = coalesce($3, 'failed'), next_attempt_at = null, updated_at = $4,
               returned_at = case when status = 'succeeded' then $4::timestamptz end
        where id = $1 and status = $5
        returning {_SETTLED}
        """,
        refund_id,
        provider_refund_id,
        failure_code,
        clock.now(),
        before,
    )


async def set_taken(tx: Tx, refund_id: str, provider_refund_id: str | None) -> int:
    """Note that the provider has taken it, and will tell what became of it."""
    return await tx.run(
        """
        update refunds set provider_refund_id = coalesce($2, provider_refund_id), next_attempt_at = null, updated_at = $3
        where id = $1 and status = 'pending'
        """,
        refund_id,
        provider_refund_id,
        clock.now(),
    )


class ToSend(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that its provider is to be asked for."""

    id: str
    provider: str
    provider_intent_id: str
    amount_minor: int
    currency: str
    reason: str
    tries: int


async def claim_to_send(tx: Tx, refund_id: str | None, now: datetime, again_at: datetime) -> ToSend | None:
    """Take a refund whose time has come (this one, or any) and put off its next attempt, so that others leave it alone
    until then; None when there is none."""
    return await tx.maybe(
        ToSend,
        """
        update refunds set tries = tries + 1, next_attempt_at = $3, updated_at = $2
        where id = (
            select id from refunds
            where status = 'pending' and next_attempt_at <= $2 and ($1::text is null or id = $1)
            order by next_attempt_at limit 1 for update skip locked)
        returning id, provider, (select coalesce(i.provider_id, i.id) from payment_intents i where i.id = payment_intent_id)
                  as provider_intent_id, amount_minor, currency, reason, tries
        """,
        refund_id,
        now,
        again_at,
    )


async def set_next_attempt(tx: Tx, refund_id: str, tries: int, at: datetime) -> int:
    """When it is tried again, after an attempt that reached nobody."""
    return await tx.run(
        "update refunds set next_attempt_at = $3 where id = $1 and tries = $2 and status = 'pending'",
        refund_id,
        tries,
        at,
    )


async def claim_again(tx: Tx, refund_id: str, new_id: str, actor_id: int) -> bool:
    """Make a refund in the place of one that failed, once; False when it did not fail, or was replaced before."""
    made = await tx.run(
        """
        with replaced as (
            update refunds set replaced_by = $2, updated_at = $4
            where id = $1 and status = 'failed' and replaced_by is null
            returning *
        )
        insert into refunds (id, payment_intent_id, order_id, credit_id, provider, amount_minor, currency, reason, actor_id,
                             next_attempt_at, created_at, updated_at)
        select $2, payment_intent_id, order_id, credit_id, provider, amount_minor, currency, reason, $3, $4, $4, $4
        from replaced
        """,
        refund_id,
        new_id,
        actor_id,
        clock.now(),
    )
    return made == 1
