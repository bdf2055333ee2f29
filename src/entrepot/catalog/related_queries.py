"""The SQL of recommendations for a product."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from entrepot.catalog.queries import SOLD
from entrepot.kernel.db import Db

ORDERS_LOOKED_AT: Final = 100
"""Of a product's orders, the newest."""

NEIGHBOURS: Final = 40
"""Of each kind: dearer, cheaper, of the same brand."""

BRAND_LOOKED_AT: Final = 500
"""Of a brand's products, the newest, when those of one category are looked for."""


async def list_related(db: Db, product_id: int, since: datetime, limit: int) -> list[int]:
    """The ids of what goes with a product, the best first; what is in stock comes before what is not.

    Bounded samples, each through an index, so that it costs the same in a large shop: what was bought together with it
    since then, what is next to it in price within its category, and what else its brand has there. Of a group of variants
    one is shown, and none of the product's own.
    """
    return await db.values(
        f"""
        with it as materialized (
            select id, category_id, brand_id, group_id, price_minor from products where id = $1
        ), recent as materialized (
            select distinct order_id from (
                select order_id from order_lines where product_id = $1 order by id desc limit {ORDERS_LOOKED_AT}
            ) as newest
        ), together as (
            select l.product_id as id, count(*) as times
            from recent join orders o on o.id = recent.order_id and o.created_at >= $2 and o.status <> 'cancelled'
            join order_lines l on l.order_id = o.id
            group by l.product_id order by times desc, l.product_id limit 2 * {NEIGHBOURS}
        ), candidates as (
            select id, max(times) as times from (
                select id, times from together
                union all
                select near.id, 0 from it, lateral (
                    select p.id from products p
                    where p.category_id = it.category_id and p.price_minor >= it.price_minor and p.deleted_at is null
                    order by p.price_minor, p.id limit {NEIGHBOURS}
                ) as near
                union all
                select near.id, 0 from it, lateral (
                    select p.id from products p
                    where p.category_id = it.category_id and p.price_minor < it.price_minor and p.deleted_at is null
                    order by p.price_minor desc, p.id desc limit {NEIGHBOURS}
                ) as near
                union all
                select near.id, 0 from it, lateral (
                    select newest.id from (
                        select p.id, p.category_id from products p where p.brand_id = it.brand_id and p.deleted_at is null
                        order by p.id desc limit {BRAND_LOOKED_AT}
                    ) as newest
                    where newest.category_id = it.category_id limit {NEIGHBOURS}
                ) as near
            ) as found group by id
        ), scored as (
            select p.id, p.group_id, coalesce(s.available, 0) > 0 as in_stock,
                   3 * ln(1 + c.times)
                   + case when p.category_id <> it.category_id then 0 when p.brand_id = it.brand_id then 1.5 else 0.5 end
                   + 1 - least(1, abs(ln((1 + p.price_minor)::numeric / (1 + it.price_minor)))) as score
            from candidates c join products p on p.id = c.id left join product_stock s on s.product_id = p.id, it
            where p.deleted_at is null and p.id <> it.id and p.group_id is distinct from coalesce(it.group_id, 0) and {SOLD}
        ), once as (
            select distinct on (coalesce(group_id, -id)) id, in_stock, score from scored
            order by coalesce(group_id, -id), in_stock desc, score desc, id
        )
        select id from once order by in_stock desc, score desc, id limit $3
        """,
        product_id,
        since,
        limit,
    )
