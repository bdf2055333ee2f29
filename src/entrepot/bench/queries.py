"""What the benchmark looks up by itself."""

from __future__ import annotations

from entrepot.bench.pgbench import OrderIds
from entrepot.kernel.db import Db


async def find_order_ids(db: Db, number: str) -> OrderIds:
    """The ids that an order was given; its products in the order of its lines."""
    return await db.one(
        OrderIds,
        """
        select o.id as order, o.number,
               array(select p.id from order_parts p where p.order_id = o.id order by p.company_id) as parts,
               array(select l.id from order_lines l where l.order_id = o.id order by l.position) as lines,
               array(select l.product_id from order_lines l where l.order_id = o.id order by l.position) as products
        from orders o where o.number = $1
        """,
        number,
    )
