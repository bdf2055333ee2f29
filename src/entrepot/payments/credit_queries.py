"""The SQL of credits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.payments.credit_model import CreditKind, Piece, Sold


async def lock_order(tx: Tx, order_id: int) -> None:
    """What the next statements read of the order's money does not change until this transaction ends."""
    await tx.run("select from orders where id = $1 for update", order_id)


async def get_sold(db: Db, order_id: int) -> Sold:
    """An order as it was sold, and what was taken back of it until now; its row is to be locked before."""
    return await db.one(
        Sold,
        """
        select o.id as order_id, o.number, o.currency,
               (select coalesce(jsonb_agg(s order by s.id), '[]') from (
                   select p.id, p.company_id, p.subtotal_minor as goods_minor, p.shipping_minor, p.commission_minor,
                          coalesce(sum(c.goods_minor), 0)::bigint as credited_goods_minor,
                          coalesce(sum(c.shipping_minor), 0)::bigint as credited_shipping_minor,
                          coalesce(sum(c.commission_minor), 0)::bigint as credited_commission_minor
                   from order_parts p left join credit_lines c on c.part_id = p.id
                   where p.order_id = o.id group by p.id) s) as shares,
               (select coalesce(jsonb_agg(s order by s.id), '[]') from (
                   select l.id, l.part_id, l.quantity, l.discounted_minor as goods_minor, l.tax_minor,
                          l.tax_included_minor,
                          coalesce(sum(c.quantity), 0)::bigint as credited_quantity,
                          coalesce(sum(c.goods_minor), 0)::bigint as credited_goods_minor,
                          coalesce(sum(c.tax_minor), 0)::bigint as credited_tax_minor,
                          coalesce(sum(c.tax_included_minor), 0)::bigint as credited_tax_included_minor
                   from order_lines l left join credit_lines c on c.line_id = l.id
                   where l.order_id = o.id group by l.id) s) as lines
        from orders o where o.id = $1
        """,
        order_id,
    )


class NewCredit(msgspec.Struct, frozen=True):
    """A credit's id, and when it was made."""

    id: int
    created_at: datetime


async def insert_credit(
    tx: Tx,
    *,
    order_id: int,
    currency: str,
    kind: CreditKind,
    reason: str,
    actor_id: int | None,
    return_id: int | None,
    pieces: Sequence[Piece],
) -> NewCredit:
    """A credit with its lines, in one statement."""
    return await tx.one(
        NewCredit,
        """
        with pieces as (
            select * from jsonb_to_recordset($7::jsonb) as p (
                part_id bigint, line_id bigint, quantity integer, goods_minor bigint, tax_minor bigint,
                tax_included_minor bigint, commission_minor bigint, shipping_minor bigint)
        ), made as (
            insert into credits (order_id, currency, kind, reason, actor_id, return_id, goods_minor, tax_minor,
                                 tax_included_minor, shipping_minor, commission_minor, total_minor, created_at)
            select $1, $2, $3, $4, $5, $6, sum(goods_minor), sum(tax_minor), sum(tax_included_minor), sum(shipping_minor),
                   sum(commission_minor), sum(goods_minor + tax_minor + shipping_minor), $8
            from pieces
            returning id, created_at
        ), lines as (
            insert into credit_lines (credit_id, part_id, line_id, quantity, goods_minor, tax_minor, tax_included_minor,
                                      commission_minor, shipping_minor)
            select made.id, p.part_id, p.line_id, p.quantity, p.goods_minor, p.tax_minor, p.tax_included_minor,
                   p.commission_minor, p.shipping_minor
            from made, pieces p
        )
        select id, created_at from made
        """,
        order_id,
        currency,
        kind,
        reason,
        actor_id,
        return_id,
        [msgspec.structs.asdict(piece) for piece in pieces],
        clock.now(),
    )
