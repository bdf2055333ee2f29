"""The SQL of what providers tell."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.payments.model import IntentStatus
from entrepot.payments.provider_model import Notice


class Receipt(msgspec.Struct, frozen=True):
    """Something that a provider told, as it was sent."""

    id: int
    provider: str
    event_id: str
    kind: str
    body: bytes
    attempts: int


async def insert_receipt(tx: Tx, provider: str, notice: Notice, body: bytes, try_after: timedelta) -> int | None:
    """Its id; None: it was told before, or tells of the success of a payment that is known to have succeeded, as most do.

    It is tried again after `try_after` if whoever writes it dies meanwhile.
    """
    told = notice.intent
    succeeded = told is not None and told.outcome.status is IntentStatus.SUCCEEDED
    receipt_id: int | None = await tx.value(
        """
        insert into webhook_receipts (provider, event_id, kind, body, received_at, try_at, outcome, remark, done_at)
        select $1, $2, $3, $4, $5, case when not known then $5::timestamptz + $6::interval end,
               case when known then 'ignored' end, case when known then 'the payment intent is succeeded: nothing new' end,
               case when known then $5::timestamptz end
        from (select exists (
            select from payment_intents
            where provider = $1 and provider_id = $7::text and amount_minor = $8::bigint and currency = $9::text
              and status = 'succeeded') as known) k
        on conflict (provider, event_id) do nothing
        returning case when try_at is not null then id end
        """,
        provider,
        notice.event_id,
        notice.kind,
        body,
        clock.now(),
        try_after,
        told.provider_id if told is not None and succeeded else None,
        told.outcome.amount_minor if told is not None else None,
        told.outcome.currency if told is not None else None,
    )
    return receipt_id


async def insert_ignored(tx: Tx, provider: str, notice: Notice, body: bytes) -> None:
    """Keep an event of a kind that is of no interest."""
    await tx.run(
        """
        insert into webhook_receipts (provider, event_id, kind, body, received_at, outcome, remark, done_at)
        values ($1, $2, $3, $4, $5, 'ignored', 'of no interest', $5)
        on conflict (provider, event_id) do nothing
        """,
        provider,
        notice.event_id,
        notice.kind,
        body,
        clock.now(),
    )


async def find_waiting(db: Db, receipt_id: int) -> Receipt | None:
    """None: it is done with."""
    return await db.maybe(
        Receipt,
        """
        select id, provider, event_id, kind, body, attempts from webhook_receipts where id = $1 and try_at is not null
        """,
        receipt_id,
    )


async def claim_waiting(tx: Tx, limit: int, try_after: timedelta) -> list[int]:
    """Receipts whose time to be tried (again) has come; the next pause is twice as long."""
    return await tx.values(
        """
        with due as (
            select id from webhook_receipts where try_at <= $1 order by try_at limit $2 for update skip locked
        )
        update webhook_receipts r set attempts = attempts + 1,
               try_at = $1::timestamptz + $3::interval * power(2, least(r.attempts, 10))
        from due where r.id = due.id
        returning r.id
        """,
        clock.now(),
        limit,
        try_after,
    )


async def claim_done(tx: Tx, receipt_id: int, outcome: str, remark: str | None) -> bool:
    """Be done with it; False: somebody else was. In the transaction of the work, so that it is done once."""
    return bool(
        await tx.run(
            """
            update webhook_receipts set outcome = $2, remark = $3, done_at = $4, try_at = null
            where id = $1 and try_at is not null
            """,
            receipt_id,
            outcome,
            remark,
            clock.now(),
        )
    )


async def delete_old(tx: Tx, before: datetime, limit: int) -> int:
    """Forget what was done with long ago."""
    return await tx.run(
        """
        delete from webhook_receipts where id in (
            select id from webhook_receipts where done_at < $1 order by done_at limit $2)
        """,
        before,
        limit,
    )
