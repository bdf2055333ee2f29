"""The SQL that books past trade, many orders at a time."""

from __future__ import annotations

from entrepot.kernel.db import Db, Tx


async def last_order_id(db: Db) -> int:
    last_id: int = await db.value("select coalesce(max(id), 0) from orders")
    return last_id


async def open_accounts(tx: Tx) -> int:
    """An account for each company."""
    return await tx.run(
        "insert into ledger_accounts (code) select 'payable:' || id from companies order by id on conflict do nothing"
    )


async def receive_past(tx: Tx, first_id: int, last_id: int) -> int:
    """Payments of cash and bank transfers, of orders that are paid and have none."""
    return await tx.run(
        """
        insert into payment_intents (id, user_id, order_id, provider, provider_id, amount_minor, currency, status,
                                     client_secret_hash, created_at, updated_at, succeeded_at)
        select 'pi_' || md5('received ' || id), user_id, id, p.provider, 'pi_' || md5('received ' || id), total_minor, currency,
               'succeeded', ''::bytea, paid_at, paid_at, paid_at
        from orders o join (values ('cash_on_delivery', 'cash'), ('invoice', 'bank_transfer')) as p (method, provider)
             on p.method = o.payment_method
        where o.id between $1 and $2 and o.paid_at is not null and o.total_minor > 0
          and o.payment_status in ('paid', 'partially_refunded', 'refunded')
          and not exists (select from payment_intents i where i.order_id = o.id)
        """,
        first_id,
        last_id,
    )


async def capture_past(tx: Tx, first_id: int, last_id: int) -> int:
    """What succeeded was taken from the buyer."""
    return await tx.run(
        """
        update payment_intents set captured_minor = amount_minor, provider_id = coalesce(provider_id, id)
        where order_id between $1 and $2 and status = 'succeeded' and captured_minor = 0
        """,
        first_id,
        last_id,
    )


async def credit_past(tx: Tx, first_id: int, last_id: int) -> int:
    """Credits of whole parts that were cancelled or refunded."""
    return await tx.run(
        """
        with parts as (
            select p.id, p.order_id, p.subtotal_minor, p.commission_minor, p.shipping_minor, p.updated_at
            from order_parts p join orders o on o.id = p.order_id
            where o.id between $1 and $2 and (o.status = 'cancelled' or p.status = 'refunded')
              and not exists (select from credits c where c.order_id = o.id)
        ), pieces as (
            select p.order_id, p.id as part_id, l.id as line_id, l.quantity, l.discounted_minor as goods_minor, l.tax_minor,
                   l.tax_included_minor, 0::bigint as shipping_minor,
                   coalesce(
                       round(p.commission_minor::numeric * sum(l.discounted_minor) over sold / nullif(p.subtotal_minor, 0))
                       - round(p.commission_minor::numeric * (sum(l.discounted_minor) over sold - l.discounted_minor)
                               / nullif(p.subtotal_minor, 0)), 0)::bigint as commission_minor
            from parts p join order_lines l on l.part_id = p.id
            window sold as (partition by l.part_id order by l.id)
            union all
            select order_id, id, null, 0, 0, 0, 0, shipping_minor, 0 from parts where shipping_minor > 0
        ), made as (
            insert into credits (order_id, kind, reason, currency, goods_minor, tax_minor, tax_included_minor, shipping_minor,
                                 commission_minor, total_minor, created_at, return_id)
            select o.id, case when o.cancel_reason = 'not paid in time' then 'expiry'
                              when o.status = 'cancelled' then 'cancellation' else 'return' end,
                   coalesce(o.cancel_reason, ''), o.currency, s.goods_minor, s.tax_minor, s.tax_included_minor,
                   s.shipping_minor, s.commission_minor, s.goods_minor + s.tax_minor + s.shipping_minor,
                   coalesce(o.cancelled_at, (select max(updated_at) from parts where order_id = o.id)),
                   case when o.status <> 'cancelled' then (select min(id) from returns where order_id = o.id) end
            from orders o join (
                select order_id, sum(goods_minor) as goods_minor, sum(tax_minor) as tax_minor,
                       sum(tax_included_minor) as tax_included_minor, sum(shipping_minor) as shipping_minor,
                       sum(commission_minor) as commission_minor
                from pieces group by order_id) s on s.order_id = o.id
            returning id, order_id
        )
        insert into credit_lines (credit_id, part_id, line_id, quantity, goods_minor, tax_minor, tax_included_minor,
                                  commission_minor, shipping_minor)
        select m.id, p.part_id, p.line_id, p.quantity, p.goods_minor, p.tax_minor, p.tax_included_minor, p.commission_minor,
               p.shipping_minor
        from made m join pieces p on p.order_id = m.order_id
        order by m.id, p.part_id, p.line_id nulls last
        """,
        first_id,
        last_id,
    )


async def refund_past(tx: Tx, first_id: int, last_id: int) -> int:
    """Refunds of what was paid and taken back, given back when it was taken back."""
    return await tx.run(
        """
        with taken_back as (
            select order_id, min(id) as credit_id, sum(total_minor)::bigint as total_minor, max(created_at) as at
            from credits where order_id between $1 and $2 group by order_id
        ), excess as (
            select i.id as intent_id, o.id as order_id, c.credit_id, i.provider, i.currency, c.at,
                   i.captured_minor - i.refunded_minor - (o.total_minor - c.total_minor) as amount_minor
            from taken_back c join orders o on o.id = c.order_id
            join payment_intents i on i.order_id = o.id and i.captured_minor > i.refunded_minor
        ), given_back as (
            update payment_intents i set refunded_minor = i.refunded_minor + e.amount_minor
            from excess e where e.intent_id = i.id and e.amount_minor > 0
        )
        insert into refunds (id, payment_intent_id, order_id, credit_id, provider, provider_refund_id, amount_minor, currency,
                             status, created_at, updated_at, succeeded_at)
        select 're_' || md5('past ' || intent_id), intent_id, order_id, credit_id, provider, 're_' || md5('past ' || intent_id),
               amount_minor, currency, 'succeeded', at, at, at
        from excess where amount_minor > 0
        """,
        first_id,
        last_id,
    )


async def insert_past_steps(tx: Tx) -> int:
    """The steps of business, in the order of time; without entries as yet. Returns the highest id."""
    last_id: int = await tx.value(
        """
        with inserted as (
            insert into ledger_transactions (reference, order_id, actor_id, occurred_at)
            select reference, order_id, actor_id, occurred_at
            from (
                select 1 as step, 'sale:' || id as reference, id as order_id, user_id as actor_id, created_at as occurred_at
                from orders where total_minor > 0
                union all
                select 2, 'payment:' || id, order_id, user_id, succeeded_at from payment_intents
                where captured_minor > 0 and order_id is not null
                union all
                select 3, 'credit:' || id, order_id, actor_id, created_at from credits where total_minor > 0
                union all
                select 4, 'refund_due:' || id, order_id, actor_id, created_at from refunds where order_id is not null
                union all
                select 5, 'refund:' || id, order_id, null, succeeded_at from refunds
                where succeeded_at is not null and order_id is not null
            ) steps
            order by occurred_at, order_id, step
            returning id
        )
        select coalesce(max(id), 0) from inserted
        """
    )
    return last_id


async def count_payments(tx: Tx) -> None:
    """Tell the planner how much was paid and taken back by now."""
    await tx.run("analyze payment_intents, credits, credit_lines, refunds")


async def count_steps(tx: Tx) -> None:
    """Tell the planner how many steps there are by now."""
    await tx.run("analyze ledger_transactions")
