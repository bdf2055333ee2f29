"""The SQL of the list of payments."""

from __future__ import annotations

from datetime import datetime

from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters
from entrepot.payments.payments_list import Payment, PaymentFilter


async def list_payments(
    db: Db, wanted: PaymentFilter, before: tuple[datetime, str] | None, skip: int, limit: int
) -> list[Payment]:
    """Payments, the newest first."""
    filters = _filters(wanted)
    if before is not None:
        filters.add("(i.created_at, i.id) < ({}::timestamptz, {}::text)", *before)
    where = filters.sql
    offset, most = filters.arg(skip), filters.arg(limit)
    return await db.many(
        Payment,
        f"""
        select i.id, i.user_id, (select number from orders where id = i.order_id) as order_number, i.provider,
               i.amount_minor, i.captured_minor, i.refunded_minor, i.currency, i.status, i.failure_code, i.created_at,
               i.updated_at, i.succeeded_at
        from payment_intents i where {where}
        order by i.created_at desc, i.id desc offset {offset} limit {most}
        """,
        *filters.args,
    )


async def count_payments(db: Db, wanted: PaymentFilter) -> int:
    filters = _filters(wanted)
    total: int = await db.value(f"select count(*) from payment_intents i where {filters.sql}", *filters.args)
    return total


def _filters(wanted: PaymentFilter) -> Filters:
    filters = Filters()
    if wanted.status is not None:
        filters.add("i.status = {}", wanted.status)
    if wanted.provider is not None:
        filters.add("i.provider = {}", wanted.provider)
    if wanted.order_number is not None:
        filters.add("i.order_id = (select id from orders where number = {})", wanted.order_number)
    if wanted.user_id is not None:
        filters.add("i.user_id = {}", wanted.user_id)
    if wanted.since is not None:
        filters.add("i.created_at >= {}", wanted.since)
    if wanted.until is not None:
        filters.add("i.created_at < {}", wanted.until)
    return filters
