"""The SQL that posts to the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entrepot.kernel import clock
from entrepot.kernel.db import Tx
from entrepot.payments.ledger_model import Entry, Posting

SALE_OF_PART: Final = """(values
        ('buyers', null::bigint, p.total_minor),
        ('payable:' || p.company_id, p.company_id, p.commission_minor + p.tax_included_minor - p.subtotal_minor),
        ('commission', p.company_id, -p.commission_minor),
        ('tax', p.company_id, -p.tax_minor - p.tax_included_minor),
        ('delivery', p.company_id, -p.shipping_minor)) as s (code, company_id, amount_minor)"""
"""What the sale of a part `p` moves: the buyer owes its total; its company is owed its goods without the tax in them and
without commission."""

BOOKING_OF_SALE: Final = f"""
    sale_entries as (
        select s.code, s.company_id, sum(s.amount_minor)::bigint as amount_minor
        from new_parts p cross join lateral {SALE_OF_PART}
        group by s.code, s.company_id having sum(s.amount_minor) <> 0
    ), sale as (
        insert into ledger_transactions (reference, order_id, actor_id, occurred_at)
        select 'sale:' || id, id, user_id, created_at from new_order where exists (select from sale_entries)
        returning id, order_id, occurred_at
    ), accounts_known as (
        select id, code from ledger_accounts where code in (select code from sale_entries)
    ), accounts_opened as (
        insert into ledger_accounts (code)
        select code from sale_entries where code not in (select code from accounts_known) order by code
        on conflict (code) do update set code = excluded.code
        returning id, code
    ), booked as (
        insert into ledger_entries (transaction_id, account_id, order_id, company_id, currency, amount_minor, occurred_at)
        select sale.id, a.id, sale.order_id, e.company_id, o.currency, e.amount_minor, sale.occurred_at
        from new_order o, sale, sale_entries e
        join (select id, code from accounts_known union all select id, code from accounts_opened) a on a.code = e.code
        order by e.company_id nulls first, a.id
    )
    """
"""Books a sale in the statement that makes its order, so that it costs no statement of its own: to be put among the CTEs
after `new_order` (id, user_id, currency, created_at) and `new_parts` (with the columns of order_parts)."""


BOOKING_OF_PAYMENT: Final = """
    payment as (
        insert into ledger_transactions (reference, order_id, actor_id, occurred_at)
        select 'payment:' || id, order_id, user_id, succeeded_at from captured
        on conflict (reference) do nothing
        returning id, occurred_at
    ), booked as (
        insert into ledger_entries (transaction_id, account_id, order_id, currency, amount_minor, occurred_at)
        select payment.id, a.id, c.order_id, c.currency,
               case a.code when 'buyers' then -c.captured_minor else c.captured_minor end, payment.occurred_at
        from payment, captured c join ledger_accounts a on a.code in ('buyers', 'clearing:' || c.provider)
        order by a.code desc
    )
    """
"""Books what was taken from a buyer in the statement that notes that it was, once, however often it is noted: to be put among
the CTEs after `captured`, which is that row of payment_intents, or none. The accounts of providers are there from the first;
without its account a payment would not sum to zero, and be refused."""


async def insert_transaction(tx: Tx, posting: Posting, entries: Sequence[Entry]) -> int:
    """Book a step with its entries, and open accounts that are missing; returns how many entries, 0 when it was booked
    before.

    An account that somebody else opens at this moment is not seen by the first look, so it is "updated" to get its id.
    """
    return await tx.run(
        """
        with given as (
            select * from unnest($6::text[], $7::bigint[], $8::bigint[], $9::bigint[])
                     with ordinality as g (account, company_id, amount_minor, order_id, position)
        ), posted as (
            insert into ledger_transactions (reference, order_id, actor_id, occurred_at) values ($1, $2, $3, $5)
            on conflict (reference) do nothing
            returning id
        ), known as (
            select id, code from ledger_accounts where code = any($6)
        ), opened as (
            insert into ledger_accounts (code)
            select distinct account from given where account not in (select code from known) order by account
            on conflict (code) do update set code = excluded.code
            returning id, code
        )
        insert into ledger_entries (transaction_id, account_id, order_id, company_id, currency, amount_minor, occurred_at)
        select posted.id, a.id, coalesce(g.order_id, $2), g.company_id, $4, g.amount_minor, $5
        from posted, given g join (select id, code from known union all select id, code from opened) a on a.code = g.account
        order by g.position
        """,
        posting.reference,
        posting.order_id,
        posting.actor_id,
        posting.currency,
        clock.now(),
        [entry.account for entry in entries],
        [entry.company_id for entry in entries],
        [entry.amount_minor for entry in entries],
        [entry.order_id for entry in entries],
    )
