"""The SQL that proves the books."""

from __future__ import annotations

import msgspec

from entrepot.kernel.db import Db, Tx


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with what."""

    name: str
    fault: str


async def stand_still(tx: Tx) -> None:
    """All that this transaction reads is of one moment; it may take its time, and plans for the ranges it is asked for. To be
    called first."""
    await tx.run("set transaction isolation level repeatable read read only")
    await tx.run("set local statement_timeout = 0")
    await tx.run("set local work_mem = '64MB'")
    await tx.run("set local plan_cache_mode = force_custom_plan")


async def last_order_id(db: Db) -> int:
    last_id: int = await db.value("select coalesce(max(id), 0) from orders")
    return last_id


async def list_unbalanced(db: Db) -> list[Fault]:
    """Steps that do not sum to zero, or stand on accounts that there are not."""
    return await db.many(
        Fault,
        """
        select t.reference as name, 'sums to ' || sum(e.amount_minor) || ' ' || e.currency as fault
        from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
        group by t.id, e.currency having sum(e.amount_minor) <> 0
        union all
        select 'entry ' || e.id, 'is on account ' || e.account_id || ', which there is not'
        from ledger_entries e where not exists (select from ledger_accounts a where a.id = e.account_id)
        limit 1000
        """,
    )


async def list_wrong_sums(db: Db) -> list[Fault]:
    """Closed sums that are not those of the entries."""
    return await db.many(
        Fault,
        """
        select 'closed sum of ' || coalesce(a.code, '?') as name,
               'should be ' || coalesce(e.amount_minor, 0) || ', is ' || coalesce(c.amount_minor, 0) || ' '
                   || coalesce(c.currency, e.currency) as fault
        from ledger_closed c full join (
            select account_id, currency, sum(amount_minor) as amount_minor, count(*) as entries from ledger_entries
            where id <= (select closed_id from ledger_closing) group by account_id, currency) e
            on (e.account_id, e.currency) = (c.account_id, c.currency)
        left join ledger_accounts a on a.id = coalesce(c.account_id, e.account_id)
        where (coalesce(c.amount_minor, 0), coalesce(c.entries, 0)) <> (coalesce(e.amount_minor, 0), coalesce(e.entries, 0))
        """,
    )


async def list_wrong_orders(db: Db, first_id: int, last_id: int) -> list[Fault]:
    """Orders that do not cost what their parts and lines do, hold more money than they cost, or say of their payment what
    is not so."""
    return await db.many(
        Fault,
        """
        with paid as (
            select order_id, sum(captured_minor)::bigint as captured_minor,
                   sum(captured_minor - refunded_minor)::bigint as kept_minor
            from payment_intents where order_id between $1 and $2 group by order_id
        ), taken_back as (
            select order_id, sum(total_minor)::bigint as total_minor from credits
            where order_id between $1 and $2 group by order_id
        ), parts as (
            select order_id, sum(total_minor) as total_minor from order_parts where order_id between $1 and $2 group by order_id
        ), lines as (
            select order_id, sum(discounted_minor + tax_minor) as total_minor from order_lines
            where order_id between $1 and $2 group by order_id
        ), standing as (
            select o.number, o.status, o.payment_status, o.total_minor, o.shipping_minor,
                   coalesce(parts.total_minor, 0) as parts_minor, coalesce(lines.total_minor, 0) as lines_minor,
                   coalesce(paid.captured_minor, 0) as captured_minor, coalesce(paid.kept_minor, 0) as kept_minor,
                   o.total_minor - coalesce(taken_back.total_minor, 0) as costs_minor
            from orders o left join parts on parts.order_id = o.id left join lines on lines.order_id = o.id
            left join paid on paid.order_id = o.id left join taken_back on taken_back.order_id = o.id
            where o.id between $1 and $2
        )
        select number as name, fault from (
            select number, case
                when total_minor <> parts_minor then 'costs ' || total_minor || ', its parts ' || parts_minor
                when total_minor - shipping_minor <> lines_minor
                    then 'costs ' || total_minor - shipping_minor || ' without delivery, its lines ' || lines_minor
                when costs_minor < 0 then 'more was taken back than was sold: ' || -costs_minor
                when status = 'cancelled' and costs_minor <> 0 then 'is cancelled, and still costs ' || costs_minor
                when kept_minor > costs_minor then 'holds ' || kept_minor || ', costs ' || costs_minor
                when payment_status in ('unpaid', 'failed', 'authorized') and kept_minor > 0
                    then 'is ' || payment_status || ', and holds ' || kept_minor
                when payment_status in ('paid', 'partially_refunded')
                     and (kept_minor <> costs_minor or kept_minor = 0 and total_minor > 0)
                    then 'is ' || payment_status || ', holds ' || kept_minor || ' and costs ' || costs_minor
                when payment_status = 'refunded' and (kept_minor > 0 or captured_minor = 0)
                    then 'is refunded, and holds ' || kept_minor || ' of ' || captured_minor end as fault
            from standing) faults
        where fault is not null order by number limit 1000
        """,
        first_id,
        last_id,
    )


async def list_wrong_credits(db: Db, first_id: int, last_id: int) -> list[Fault]:
    """Credits that are not the sum of their lines, and lines and deliveries of which more was taken back than sold."""
    return await db.many(
        Fault,
        """
        with pieces as (
            select c.order_id, l.* from credits c join credit_lines l on l.credit_id = c.id where c.order_id between $1 and $2
        ), faults as (
            select c.order_id, 'credit ' || c.id || ' is of ' || c.total_minor || ', its lines of '
                       || coalesce(s.total_minor, 0) as fault
            from credits c left join (
                select credit_id, sum(goods_minor + tax_minor + shipping_minor) as total_minor,
                       sum(commission_minor) as commission_minor from pieces group by credit_id) s on s.credit_id = c.id
            where c.order_id between $1 and $2
              and (c.total_minor, c.commission_minor)
                  is distinct from (coalesce(s.total_minor, 0), coalesce(s.commission_minor, 0))
            union all
            select l.order_id, 'of line ' || l.id || ' more was taken back than was sold'
            from order_lines l join (
                select line_id, sum(quantity) as quantity, sum(goods_minor) as goods_minor, sum(tax_minor) as tax_minor,
                       sum(tax_included_minor) as included_minor
                from pieces where line_id is not null group by line_id) s on s.line_id = l.id
            where s.quantity > l.quantity or s.goods_minor > l.discounted_minor or s.tax_minor > l.tax_minor
               or s.included_minor > l.tax_included_minor
            union all
            select p.order_id, 'of part ' || p.id || ' more was taken back than was sold'
            from order_parts p join (
                select part_id, sum(shipping_minor) as shipping_minor, sum(commission_minor) as commission_minor
                from pieces group by part_id) s on s.part_id = p.id
            where s.shipping_minor > p.shipping_minor or s.commission_minor > p.commission_minor
        )
        select o.number as name, f.fault from faults f join orders o on o.id = f.order_id order by o.id limit 1000
        """,
        first_id,
        last_id,
    )


async def list_wrong_payments(db: Db) -> list[Fault]:
    """Payments that took another amount than they were for, or gave back another than their refunds say."""
    return await db.many(
        Fault,
        """
        with given_back as (
            select payment_intent_id, sum(amount_minor)::bigint as amount_minor from refunds
            where replaced_by is null group by payment_intent_id
        )
        select i.id as name, case
                   when i.captured_minor <> case i.status when 'succeeded' then i.amount_minor else 0 end
                       then 'is ' || i.status || ' for ' || i.amount_minor || ', and took ' || i.captured_minor
                   else 'gave back ' || i.refunded_minor || ', its refunds ' || coalesce(g.amount_minor, 0) end as fault
        from payment_intents i left join given_back g on g.payment_intent_id = i.id
        where i.captured_minor <> case i.status when 'succeeded' then i.amount_minor else 0 end
           or i.refunded_minor <> coalesce(g.amount_minor, 0)
        order by i.id limit 1000
        """,
    )
