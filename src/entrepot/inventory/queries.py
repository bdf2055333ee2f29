"""The SQL of inventory. Every statement that changes stock writes its history in the same breath."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.inventory.model import Shelf, Taken
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


async def find_first_warehouse(db: Db, company_id: int) -> int | None:
    warehouse_id: int | None = await db.value(
        "select min(id) from warehouses where company_id = $1 and deleted_at is null", company_id
    )
    return warehouse_id


async def insert_warehouse(tx: Tx, company_id: int, zone_id: int, code: str, name: str) -> int:
    warehouse_id: int = await tx.value(
        """
        insert into warehouses (company_id, zone_id, code, name, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $5) returning id
        """,
        company_id,
        zone_id,
        code,
        name,
        clock.now(),
    )
    return warehouse_id


async def insert_stock(tx: Tx, product_id: int, warehouse_id: int, quantity: int, actor_id: int | None) -> None:
    """The first stock of a new product: level, total and receipt."""
    await tx.run(
        """
        with level as (
            insert into stock_levels (product_id, warehouse_id, on_hand) values ($1, $2, $3)
        ), total as (
            insert into product_stock (product_id, available) values ($1, $3)
        )
        insert into stock_movements (product_id, warehouse_id, reason, on_hand_change, on_hand_after, reserved_after,
                                     actor_id, note, occurred_at)
        select $1, $2, 'receipt', $3, $3, 0, $4, 'first stock', $5 where $3 > 0
        """,
        product_id,
        warehouse_id,
        quantity,
        actor_id,
        clock.now(),
    )


async def insert_no_stock(tx: Tx, product_id: int) -> None:
    """A product without a warehouse: there is nothing of it."""
    await tx.run("insert into product_stock (product_id, available) values ($1, 0)", product_id)


async def lock_shelves(tx: Tx, product_ids: Sequence[int], zone_id: int | None) -> list[Shelf]:
    """Where there is any of these products. Locks the products' totals and levels, in product order.

    Everything that changes stock locks in this order, so that no two of them can wait for each other in a circle.
    """
    return await tx.many(
        Shelf,
        """
        select l.product_id, l.warehouse_id, l.on_hand - l.reserved as available,
               coalesce(w.zone_id = $2, false) as near
        from product_stock p
        join stock_levels l on l.product_id = p.product_id
        join warehouses w on w.id = l.warehouse_id
        where p.product_id = any($1::bigint[]) and w.deleted_at is null
        order by p.product_id, l.warehouse_id
        for update of p, l
        """,
        list(product_ids),
        zone_id,
    )


async def hold(tx: Tx, order_id: int, taken: Sequence[Taken], actor_id: int | None) -> int:
    """Reserve on locked shelves; returns how many holds were made. The constraints refuse what is not there."""
    held: int = await tx.value(
        """
        with taken as (
            select * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::integer[])
                as t (line_id, product_id, warehouse_id, quantity)
        ), moved as (
            update stock_levels l set reserved = l.reserved + t.quantity
            from (select product_id, warehouse_id, sum(quantity)::integer as quantity from taken group by 1, 2) t
            where l.product_id = t.product_id and l.warehouse_id = t.warehouse_id
            returning l.product_id, l.warehouse_id, t.quantity, l.on_hand, l.reserved
        ), totals as (
            update product_stock p set available = p.available - t.quantity
            from (select product_id, sum(quantity)::integer as quantity from taken group by 1) t
            where p.product_id = t.product_id
        ), history as (
            insert into stock_movements (product_id, warehouse_id, reason, reserved_change, on_hand_after, reserved_after,
                                         actor_id, order_id, occurred_at)
            select product_id, warehouse_id, 'sale', quantity, on_hand, reserved, $6, $1, $7 from moved
        ), held as (
            insert into stock_reservations (order_line_id, warehouse_id, product_id, order_id, quantity)
            select line_id, warehouse_id, product_id, $1, quantity from taken returning 1
        )
        select count(*) from held
        """,
        order_id,
        [take.line_id for take in taken],
        [take.product_id for take in taken],
        [take.warehouse_id for take in taken],
        [take.quantity for take in taken],
        actor_id,
        clock.now(),
    )
    return held


async def list_held_products(db: Db, order_id: int) -> list[int]:
    return await db.values(
        "select distinct product_id from stock_reservations where order_id = $1 and status = 'held' order by 1",
        order_id,
    )


async def let_go(tx: Tx, order_id: int, actor_id: int | None) -> int:
    """Give back what an order holds, on locked shelves; returns how many holds there were."""
    released: int = await tx.value(
        """
        with released as (
            update stock_reservations set status = 'released' where order_id = $1 and status = 'held'
            returning product_id, warehouse_id, quantity
        ), moved as (
            update stock_levels l set reserved = l.reserved - r.quantity
            from (select product_id, warehouse_id, sum(quantity)::integer as quantity from released group by 1, 2) r
            where l.product_id = r.product_id and l.warehouse_id = r.warehouse_id
            returning l.product_id, l.warehouse_id, r.quantity, l.on_hand, l.reserved
        ), totals as (
            update product_stock p set available = p.available + r.quantity
            from (select product_id, sum(quantity)::integer as quantity from released group by 1) r
            where p.product_id = r.product_id
        ), history as (
            insert into stock_movements (product_id, warehouse_id, reason, reserved_change, on_hand_after, reserved_after,
                                         actor_id, order_id, occurred_at)
            select product_id, warehouse_id, 'release', -quantity, on_hand, reserved, $2, $1, $3 from moved
        )
        select count(*) from released
        """,
        order_id,
        actor_id,
        clock.now(),
    )
    return released
