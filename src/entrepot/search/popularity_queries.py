"""The SQL of popularity."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.kernel.db import Db, Tx


class Sold(msgspec.Struct, frozen=True):
    product_id: int
    sold: int


async def list_sold_after(db: Db, after_id: int, limit: int) -> list[Sold]:
    """The next products that were sold, by id."""
    return await db.many(
        Sold,
        "select product_id, sold from product_popularity where product_id > $1 order by product_id limit $2",
        after_id,
        limit,
    )


async def count_anew(tx: Tx, since: datetime) -> int:
    """Units in orders since then that stand; writes only what is different, and returns how many products that were."""
    changed: int = await tx.value(
        """
        with sold as (
            select l.product_id, least(sum(l.quantity), 2147483647)::integer as sold
            from orders o join order_lines l on l.order_id = o.id
            where o.created_at >= $1 and o.status not in ('cancelled', 'returned', 'refunded')
            group by l.product_id
        ), written as (
            insert into product_popularity as p (product_id, sold) select product_id, sold from sold
            on conflict (product_id) do update set sold = excluded.sold where p.sold <> excluded.sold
            returning 1
        ), forgotten as (
            delete from product_popularity p where not exists (select from sold s where s.product_id = p.product_id)
            returning 1
        )
        select (select count(*) from written) + (select count(*) from forgotten)
        """,
        since,
    )
    return changed
