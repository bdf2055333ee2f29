"""The SQL that reads past orders, to see what a promotion would have made of them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.kernel.actors import Role
from entrepot.kernel.db import Db


class PastLine(msgspec.Struct, frozen=True, kw_only=True):
    """A bought line: its price then, what was charged for it, and what the shop had of it (`share_bp`).

    The shop's share is its commission; of its own goods it is all, since what they cost is not recorded.
    """

    product_id: int
    company_id: int
    category_id: int
    brand_id: int | None
    group_id: int | None
    quantity: int
    price_minor: int
    discount_bp: int
    total_minor: int
    discounted_minor: int
    share_bp: int


class PastOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`role` and `first_order` as of the buyer; None and false for a guest."""

    id: int
    user_id: int | None
    role: Role | None
    zone_id: int | None
    currency: str
    first_order: bool
    created_at: datetime
    lines: list[PastLine]


async def list_past_orders(db: Db, since: datetime, limit: int) -> list[PastOrder]:
    """The newest orders since then that were not cancelled, the newest first."""
    return await db.many(
        PastOrder,
        """
        select o.id, o.user_id, u.role, o.zone_id, o.currency, o.created_at,
               o.user_id is not null and not exists (
                   select from orders e where e.user_id = o.user_id and e.id < o.id and e.status <> 'cancelled') as first_order,
               coalesce((
                   select jsonb_agg(jsonb_build_object(
                       'product_id', l.product_id, 'company_id', r.company_id, 'category_id', p.category_id,
                       'brand_id', p.brand_id, 'group_id', p.group_id, 'quantity', l.quantity, 'price_minor', l.price_minor,
                       'discount_bp', l.discount_bp, 'total_minor', l.total_minor, 'discounted_minor', l.discounted_minor,
                       'share_bp', case when c.is_house then 10000 else r.commission_bp end) order by l.position)
                   from order_lines l join order_parts r on r.id = l.part_id join companies c on c.id = r.company_id
                   join products p on p.id = l.product_id where l.order_id = o.id), '[]') as lines
        from (
            select id, user_id, zone_id, currency, created_at from orders
            where created_at >= $1 and status <> 'cancelled' order by created_at desc, id desc limit $2
        ) o left join users u on u.id = o.user_id
        order by o.created_at desc, o.id desc
        """,
        since,
        limit,
    )
