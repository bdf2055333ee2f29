"""The SQL that proves stock: what it is, against what its history and its reservations say it is."""

from __future__ import annotations

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class LevelDrift(msgspec.Struct, frozen=True, kw_only=True):
    """A level that is not the sum of its history, or does not hold what is reserved.

    `held` is what open reservations hold there; `last_...` what the last entry of the history says was there after it.
    """

    product_id: int
    warehouse_id: int
    on_hand: int
    reserved: int
    history_on_hand: int
    history_reserved: int
    held: int
    last_on_hand: int
    last_reserved: int


class TotalDrift(msgspec.Struct, frozen=True, kw_only=True):
    """A product whose total is not the sum of what can be bought in its warehouses; None: it has no total."""

    product_id: int
    total: int | None
    levels: int


async def get_last_product(db: Db) -> int:
    """The highest id of a product; 0 when there is none."""
    last: int = await db.value("select coalesce(max(id), 0) from products")
    return last


async def list_level_drift(db: Db, first_id: int, last_id: int) -> list[LevelDrift]:
    """Of the products with these ids."""
    return await db.many(
        LevelDrift,
        """
        with history as (
            select product_id, warehouse_id, sum(on_hand_change) as on_hand, sum(reserved_change) as reserved,
                   max(id) as last_id
            from stock_movements where product_id between $1 and $2 group by 1, 2
        ), held as (
            select product_id, warehouse_id, sum(quantity)::bigint as quantity from (
                select product_id, warehouse_id, quantity from stock_reservations
                where status = 'held' and product_id between $1 and $2
                union all
                select product_id, warehouse_id, quantity from stock_waiters
                where status = 'offered' and product_id between $1 and $2
            ) holds group by 1, 2
        ), levels as (
            select product_id, warehouse_id, on_hand, reserved from stock_levels where product_id between $1 and $2
        ), books as (
            select product_id, warehouse_id, coalesce(l.on_hand, 0) as on_hand, coalesce(l.reserved, 0) as reserved,
                   coalesce(h.on_hand, 0) as history_on_hand, coalesce(h.reserved, 0) as history_reserved,
                   coalesce(r.quantity, 0) as held, h.last_id
            from levels l full join history h using (product_id, warehouse_id)
            full join held r using (product_id, warehouse_id)
        )
        select b.product_id, b.warehouse_id, b.on_hand, b.reserved, b.history_on_hand, b.history_reserved, b.held,
               coalesce(m.on_hand_after, 0) as last_on_hand, coalesce(m.reserved_after, 0) as last_reserved
        from books b left join stock_movements m on m.id = b.last_id
        where (b.on_hand, b.on_hand, b.reserved, b.reserved, b.reserved)
           <> (b.history_on_hand, coalesce(m.on_hand_after, 0), b.history_reserved, b.held, coalesce(m.reserved_after, 0))
        order by b.product_id, b.warehouse_id
        """,
        first_id,
        last_id,
    )


async def list_total_drift(db: Db, first_id: int, last_id: int) -> list[TotalDrift]:
    """Of the products with these ids."""
    return await db.many(
        TotalDrift,
        """
        with levels as (
            select product_id, sum(on_hand - reserved) as available from stock_levels
            where product_id between $1 and $2 group by 1
        )
        select p.id as product_id, s.available as total, coalesce(l.available, 0)::bigint as levels
        from products p left join product_stock s on s.product_id = p.id left join levels l on l.product_id = p.id
        where p.id between $1 and $2 and s.available is distinct from coalesce(l.available, 0)
        order by p.id
        """,
        first_id,
        last_id,
    )


async def lock_product_of_books(tx: Tx, product_id: int) -> None:
    """Lock a product's stock; its total is made where it has none."""
    await tx.run(
        """
        insert into product_stock (product_id) values ($1)
        on conflict (product_id) do update set available = product_stock.available
        """,
        product_id,
    )


async def set_level_right(tx: Tx, drift: LevelDrift, note: str) -> None:
    """Let a level hold what is reserved, and enter what its history lacks. What lies on the shelf stays as it is."""
    await tx.run(
        """
        with level as (
            insert into stock_levels (product_id, warehouse_id, on_hand, reserved) values ($1, $2, $3, $4)
            on conflict (product_id, warehouse_id) do update set reserved = excluded.reserved
        )
        insert into stock_movements (product_id, warehouse_id, reason, on_hand_change, reserved_change, on_hand_after,
                                     reserved_after, note, occurred_at)
        values ($1, $2, 'correction', $5, $6, $3, $4, $7, $8)
        """,
        drift.product_id,
        drift.warehouse_id,
        drift.on_hand,
        drift.held,
        drift.on_hand - drift.history_on_hand,
        drift.held - drift.history_reserved,
        note,
        clock.now(),
    )


async def set_total_right(tx: Tx, product_id: int) -> int:
    """Let a product's total be what can be bought in its warehouses; returns it."""
    total: int = await tx.value(
        """
        update product_stock set available = (
            select coalesce(sum(on_hand - reserved), 0) from stock_levels where product_id = $1)
        where product_id = $1 returning available
        """,
        product_id,
    )
    return total
