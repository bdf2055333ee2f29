"""The SQL of shipping and taking back."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.inventory.model import Taken
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class Parcel(msgspec.Struct, frozen=True):
    """Pieces of a line that were shipped from a warehouse, and how many of them came back; the next go `back_to`."""

    line_id: int
    warehouse_id: int
    product_id: int
    quantity: int
    returned: int
    back_to: int

    @property
    def left(self) -> int:
        return self.quantity - self.returned


async def send_off(tx: Tx, order_id: int, line_ids: Sequence[int] | None, actor_id: int | None) -> list[Taken]:
    """Take out what these lines hold, or all lines of the order, on locked shelves."""
    return await tx.many(
        Taken,
        """
        with shipped as (
            update stock_reservations set status = 'shipped'
            where order_id = $1 and status = 'held' and ($2::bigint[] is null or order_line_id = any($2))
            returning order_line_id, product_id, warehouse_id, quantity, why
        ), moved as (
            update stock_levels l set on_hand = l.on_hand - s.quantity, reserved = l.reserved - s.quantity
            from (select product_id, warehouse_id, sum(quantity)::integer as quantity from shipped group by 1, 2) s
            where l.product_id = s.product_id and l.warehouse_id = s.warehouse_id
            returning l.product_id, l.warehouse_id, s.quantity, l.on_hand, l.reserved
        ), history as (
            insert into stock_movements (product_id, warehouse_id, reason, on_hand_change, reserved_change, on_hand_after,
                                         reserved_after, actor_id, order_id, occurred_at)
            select product_id, warehouse_id, 'shipment', -quantity, -quantity, on_hand, reserved, $3, $1, $4 from moved
        )
        select order_line_id as line_id, product_id, warehouse_id, quantity, why from shipped
        order by order_line_id, warehouse_id
        """,
        order_id,
        list(line_ids) if line_ids is not None else None,
        actor_id,
        clock.now(),
    )


async def list_line_products(db: Db, line_ids: Sequence[int]) -> list[int]:
    return await db.values(
        "select distinct product_id from order_lines where id = any($1::bigint[]) order by 1", list(line_ids)
    )


async def list_shipped(tx: Tx, order_id: int, line_ids: Sequence[int]) -> list[Parcel]:
    """What was shipped of these lines, the oldest warehouse's first; no warehouse that takes it back is deleted
    meanwhile."""
    return await tx.many(
        Parcel,
        """
        select r.order_line_id as line_id, r.warehouse_id, r.product_id, r.quantity, r.returned,
               case when w.deleted_at is null then w.id
                    else coalesce((select min(o.id) from warehouses o
                                   where o.company_id = w.company_id and o.deleted_at is null), w.id) end as back_to
        from stock_reservations r join warehouses w on w.id = r.warehouse_id
        where r.order_id = $1 and r.order_line_id = any($2::bigint[]) and r.status = 'shipped'
        order by r.order_line_id, r.warehouse_id for key share of w
        """,
        order_id,
        list(line_ids),
    )


async def add_returned(tx: Tx, back: Sequence[tuple[Parcel, int]]) -> int:
    """Note down that so many pieces of these parcels came back. The constraint refuses more than were shipped."""
    return await tx.run(
        """
        update stock_reservations r set returned = r.returned + b.quantity
        from unnest($1::bigint[], $2::bigint[], $3::integer[]) as b (line_id, warehouse_id, quantity)
        where r.order_line_id = b.line_id and r.warehouse_id = b.warehouse_id
        """,
        [parcel.line_id for parcel, _ in back],
        [parcel.warehouse_id for parcel, _ in back],
        [quantity for _, quantity in back],
    )
