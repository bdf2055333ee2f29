"""What must stand in the ledger, worked out from orders, credits, payments and refunds; and what differs from it."""

from __future__ import annotations

from typing import Final

import msgspec

from entrepot.kernel.db import Db, Tx
from entrepot.payments.ledger_queries import SALE_OF_PART


def _of_orders(*, sales: str, taken_back: str, payments: str, steps: str) -> str:
    """The entries of sales of orders `o`, credits `c` and payments `i`, of those that fulfil these conditions; `steps` has
    their bindings, if there are any."""
    return f"""
    select 'sale:' || p.order_id as reference, p.order_id, s.code, s.company_id, o.currency, s.amount_minor
    from orders o join order_parts p on p.order_id = o.id
    cross join lateral {SALE_OF_PART}
    where {sales}
    union all
    select 'credit:' || c.id, c.order_id, s.code, s.company_id, c.currency, s.amount_minor
    from credits c join credit_lines l on l.credit_id = c.id join order_parts p on p.id = l.part_id
    cross join lateral (values
        ('buyers', null::bigint, -l.goods_minor - l.tax_minor - l.shipping_minor),
        ('payable:' || p.company_id, p.company_id, l.goods_minor - l.tax_included_minor - l.commission_minor),
        ('commission', p.company_id, l.commission_minor),
        ('tax', p.company_id, l.tax_minor + l.tax_included_minor),
        ('delivery', p.company_id, l.shipping_minor)) as s (code, company_id, amount_minor)
    where {taken_back}
    union all
    select case when b.id is null then 'payment:' else 'binding:' end || i.id, i.order_id, s.code, null, i.currency,
           s.amount_minor
    from payment_intents i left join {steps} b on b.reference = 'binding:' || i.id
    cross join lateral (values
        (case when b.id is null then 'clearing:' || i.provider end, i.captured_minor),
        ('buyers', -i.captured_minor)) as s (code, amount_minor)
    where {payments} and i.captured_minor > 0 and s.code is not null
    """


_OF_ORDERS: Final = _of_orders(
    sales="o.id between $1 and $2",
    taken_back="c.order_id between $1 and $2",
    payments="i.order_id between $1 and $2",
    steps="(select id, reference from ledger_transactions where reference like 'binding:%')",
)

_OF_REFUNDS: Final = """
    select s.reference || r.id as reference, r.order_id, s.code, null::bigint as company_id, r.currency, s.amount_minor
    from refunds r cross join lateral (values
        ('refund_due:', 'buyers', r.amount_minor, not exists (select from refunds b where b.replaced_by = r.id)),
        ('refund_due:', 'refunds', -r.amount_minor, not exists (select from refunds b where b.replaced_by = r.id)),
        ('refund:', 'refunds', r.amount_minor, r.succeeded_at is not null),
        ('refund:', 'clearing:' || r.provider, -r.amount_minor, r.succeeded_at is not null),
        ('refund_returned:', 'refunds', -r.amount_minor, r.returned_at is not null),
        ('refund_returned:', 'clearing:' || r.provider, r.amount_minor, r.returned_at is not null)
    ) as s (reference, code, amount_minor, is_booked)
    where s.is_booked and
    """

# What payments that were made without an order must have.
_OF_PAYMENTS_ALONE: Final = """
    select 'payment:' || i.id as reference, null::bigint as order_id, s.code, null::bigint as company_id, i.currency,
           s.amount_minor
    from payment_intents i left join ledger_transactions b on b.reference = 'binding:' || i.id
    cross join lateral (values
        ('clearing:' || i.provider, i.captured_minor), ('buyers', -i.captured_minor)) as s (code, amount_minor)
    where i.captured_minor > 0 and (i.order_id is null or b.id is not null)
    union all
    select b.reference, null, 'buyers', null, i.currency, i.captured_minor
    from ledger_transactions b join payment_intents i on 'binding:' || i.id = b.reference
    where b.reference like 'binding:%' and i.captured_minor > 0
    """

# Both sides in one heap, and what does not cancel out in it. A full join would sort each of them first.
_DIFFERENCES: Final = """
    , both_sides as (
        select reference, order_id, code, company_id, currency, amount_minor as meant_minor, 0::bigint as posted_minor
        from expected
        union all
        select e.reference, e.order_id, coalesce(a.code, '?'), e.company_id, e.currency, 0, e.amount_minor
        from entries e left join ledger_accounts a on a.id = e.account_id
    )
    select reference, code as account, sum(meant_minor)::bigint as meant_minor, sum(posted_minor)::bigint as posted_minor
    from both_sides
    group by reference, order_id, code, company_id, currency
    having sum(meant_minor - posted_minor) <> 0
    order by reference, account limit 1000
    """


class Difference(msgspec.Struct, frozen=True):
    """What is meant to stand on an account for a step of business, and what does."""

    reference: str
    account: str
    meant_minor: int
    posted_minor: int


async def list_differences(db: Db, first_id: int, last_id: int) -> list[Difference]:
    """Of the orders with these ids. Nearly all of their entries are of transactions that name the order, too: the others are
    looked up one by one, so that no range reads all transactions."""
    return await db.many(
        Difference,
        f"""
        with expected as ({_OF_ORDERS} union all {_OF_REFUNDS} r.order_id between $1 and $2),
        entries as (
            select e.*, coalesce(t.reference, (select reference from ledger_transactions where id = e.transaction_id))
                   as reference
            from ledger_entries e
            left join (select id, reference from ledger_transactions where order_id between $1 and $2) t
                 on t.id = e.transaction_id
            where e.order_id between $1 and $2
        ) {_DIFFERENCES}
        """,
        first_id,
        last_id,
    )


async def list_differences_alone(db: Db) -> list[Difference]:
    """Of what has no order."""
    return await db.many(
        Difference,
        f"""
        with expected as ({_OF_PAYMENTS_ALONE} union all {_OF_REFUNDS} r.order_id is null),
        entries as (
            select e.*, t.reference from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
            where e.order_id is null
        ) {_DIFFERENCES}
        """,
    )


_OF_STEPS: Final = _of_orders(
    sales="o.id in (select order_id from steps where reference like 'sale:%')",
    taken_back="c.id in (select substr(reference, 8)::bigint from steps where reference like 'credit:%')",
    payments="i.id in (select substr(reference, 9) from steps where reference like 'payment:%')",
    steps="steps",
)


async def post_past(tx: Tx, first_id: int, last_id: int) -> int:
    """Book what the steps with ids from `first_id` to `last_id` must have, which stand in the ledger without entries."""
    return await tx.run(
        f"""
        with steps as materialized (
            select id, reference, order_id, occurred_at from ledger_transactions where id between $1 and $2
        ), expected as (
            {_OF_STEPS} union all
            {_OF_REFUNDS} r.id in (
                select substr(reference, position(':' in reference) + 1) from steps where reference like 'refund%'
            )
        )
        insert into ledger_entries (transaction_id, account_id, order_id, company_id, currency, amount_minor, occurred_at)
        select t.id, a.id, e.order_id, e.company_id, e.currency, sum(e.amount_minor), t.occurred_at
        from expected e join steps t on t.reference = e.reference join ledger_accounts a on a.code = e.code
        group by t.id, a.id, e.order_id, e.company_id, e.currency, t.occurred_at
        having sum(e.amount_minor) <> 0
        order by t.id, e.company_id nulls first, a.id
        """,
        first_id,
        last_id,
    )
