"""The SQL of inventory. Every statement that changes stock writes its history in the same breath."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entrepot.inventory.model import FirstStock, Returned, Shelf, Sunk, Taken
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


async def insert_first_stock(tx: Tx, first: Sequence[FirstStock], actor_id: int | None) -> list[int]:
    """Level, total and receipt of new products, in each company's first warehouse.

    Returns the products whose pieces found no warehouse.
    """
    return await tx.values(
        """
        with given as (
            select f.product_id, f.quantity, w.id as warehouse_id
            from unnest($1::bigint[], $2::bigint[], $3::integer[]) as f (product_id, company_id, quantity)
            left join (
                select company_id, min(id) as id from warehouses
                where company_id = any($2::bigint[]) and deleted_at is null group by company_id
            ) w on w.company_id = f.company_id
        ), level as (
            insert into stock_levels (product_id, warehouse_id, on_hand)
            select product_id, warehouse_id, quantity from given where warehouse_id is not null
        ), total as (
            insert into product_stock (product_id, available)
            select product_id, case when warehouse_id is null then 0 else quantity end from given
        ), history as (
            insert into stock_movements (product_id, warehouse_id, reason, on_hand_change, on_hand_after, reserved_after,
                                         actor_id, note, occurred_at)
            select product_id, warehouse_id, 'receipt', quantity, quantity, 0, $4, 'first stock', $5 from given
            where warehouse_id is not null and quantity > 0
        )
        select product_id from given where warehouse_id is null and quantity > 0 order by product_id
        """,
        [stock.product_id for stock in first],
        [stock.company_id for stock in first],
        [stock.quantity for stock in first],
        actor_id,
        clock.now(),
    )


async def lock_shelves(
    tx: Tx, product_ids: Sequence[int], zone_id: int | None, user_id: int | None = None, email: str | None = None
) -> list[Shelf]:
    """Where there is any of these products. Locks the products' totals and levels, in product order.

    Everything that changes stock locks in this order, so that no two of them can wait for each other in a circle. How far
    a warehouse is from the middle of the buyer's zone is the great circle between them, on a globe of 6,371 km.
    """
    return await tx.many(
        Shelf,
        """
        select l.product_id, l.warehouse_id, l.on_hand - l.reserved as available,
               coalesce(w.zone_id = $2, false) as near,
               case when w.zone_id <> $2 then
                   12742 * asin(sqrt(least(1,
                       sin(radians(b.centre_latitude - coalesce(w.latitude, z.centre_latitude)) / 2) ^ 2
                       + cos(radians(b.centre_latitude)) * cos(radians(coalesce(w.latitude, z.centre_latitude)))
                         * sin(radians(b.centre_longitude - coalesce(w.longitude, z.centre_longitude)) / 2) ^ 2)))
               end as distance_km,
               coalesce((select sum(o.quantity) from stock_waiters o
                         where o.product_id = l.product_id and o.warehouse_id = l.warehouse_id and o.status = 'offered'
                           and (o.user_id = $3::bigint or lower(o.email) = lower($4::text))), 0)::integer as offered
        from product_stock p
        join stock_levels l on l.product_id = p.product_id
        join warehouses w on w.id = l.warehouse_id
        join zones z on z.id = w.zone_id
        left join zones b on b.id = $2
        where p.product_id = any($1::bigint[]) and w.deleted_at is null
        order by p.product_id, l.warehouse_id
        for update of p, l
        """,
        list(product_ids),
        zone_id,
        user_id,
        email,
    )


async def hold(tx: Tx, order_id: int, taken: Sequence[Taken], actor_id: int | None) -> list[Sunk]:
    """Reserve on locked shelves. The constraints refuse what is not there.

    Returns the levels that fell to their threshold, and those of products of which nothing is left.
    """
    return await tx.many(
        Sunk,
        """
        with taken as (
            select * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::integer[], $6::text[])
                as t (line_id, product_id, warehouse_id, quantity, why)
        ), moved as (
            update stock_levels l set reserved = l.reserved + t.quantity
            from (select product_id, warehouse_id, sum(quantity)::integer as quantity, min(why) as why
                  from taken group by 1, 2) t
            where l.product_id = t.product_id and l.warehouse_id = t.warehouse_id
            returning l.product_id, l.warehouse_id, t.quantity, t.why, l.on_hand, l.reserved, l.low_stock_threshold
        ), totals as (
            update product_stock p set available = p.available - t.quantity
            from (select product_id, sum(quantity)::integer as quantity from taken group by 1) t
            where p.product_id = t.product_id
            returning p.product_id, p.available
        ), history as (
            insert into stock_movements (product_id, warehouse_id, reason, reserved_change, on_hand_after, reserved_after,
                                         actor_id, order_id, note, occurred_at)
            select product_id, warehouse_id, 'sale', quantity, on_hand, reserved, $7, $1, why, $8 from moved
        ), held as (
            insert into stock_reservations (order_line_id, warehouse_id, product_id, order_id, quantity, why)
            select line_id, warehouse_id, product_id, $1, quantity, why from taken
        )
        select m.product_id, m.warehouse_id, w.company_id, m.on_hand - m.reserved + m.quantity as available_before,
               m.on_hand - m.reserved as available, m.low_stock_threshold as threshold, t.available as total
        from moved m join totals t using (product_id) join warehouses w on w.id = m.warehouse_id
        where t.available = 0
           or m.low_stock_threshold between m.on_hand - m.reserved and m.on_hand - m.reserved + m.quantity - 1
        """,
        order_id,
        [take.line_id for take in taken],
        [take.product_id for take in taken],
        [take.warehouse_id for take in taken],
        [take.quantity for take in taken],
        [take.why for take in taken],
        actor_id,
        clock.now(),
    )


async def list_held_products(db: Db, order_id: int, line_ids: Sequence[int] | None) -> list[int]:
    """What these lines hold, or all lines of the order."""
    return await db.values(
        """
        select distinct product_id from stock_reservations
        where order_id = $1 and status = 'held' and ($2::bigint[] is null or order_line_id = any($2)) order by 1
        """,
        order_id,
        list(line_ids) if line_ids is not None else None,
    )


# What goes on from `released`, the pieces that an order ($1) holds no longer.
_GIVEN_BACK: Final = """
    ), moved as (
        update stock_levels l set reserved = l.reserved - r.quantity
        from (select product_id, warehouse_id, sum(quantity)::integer as quantity from released group by 1, 2) r
        where l.product_id = r.product_id and l.warehouse_id = r.warehouse_id
        returning l.product_id, l.warehouse_id, r.quantity, l.on_hand, l.reserved
    ), totals as (
        update product_stock p set available = p.available + r.quantity
        from (select product_id, sum(quantity)::integer as quantity from released group by 1) r
        where p.product_id = r.product_id
        returning p.product_id, p.available, r.quantity
    ), history as (
        insert into stock_movements (product_id, warehouse_id, reason, reserved_change, on_hand_after, reserved_after,
                                     actor_id, order_id, occurred_at)
        select product_id, warehouse_id, 'release', -quantity, on_hand, reserved, $3, $1, $4 from moved
    )
    select t.product_id, p.company_id, t.available as total
    from totals t join products p on p.id = t.product_id where t.available = t.quantity
    """


async def let_go(tx: Tx, order_id: int, line_ids: Sequence[int] | None, actor_id: int | None) -> list[Returned]:
    """Give back what these lines hold, or all lines of the order, on locked shelves.

    Returns the products of which there was nothing to buy before.
    """
    return await tx.many(
        Returned,
        f"""
        with released as (
            update stock_reservations set status = 'released'
            where order_id = $1 and status = 'held' and ($2::bigint[] is null or order_line_id = any($2))
            returning product_id, warehouse_id, quantity
        {_GIVEN_BACK}
        """,
        order_id,
        list(line_ids) if line_ids is not None else None,
        actor_id,
        clock.now(),
    )


async def let_go_pieces(
    tx: Tx, order_id: int, line_ids: Sequence[int], quantities: Sequence[int], actor_id: int | None
) -> list[Returned]:
    """As `let_go`, of each line so many pieces, or as many as it holds."""
    return await tx.many(
        Returned,
        f"""
        with held as (
            select r.order_line_id, r.warehouse_id, r.product_id, r.quantity, q.quantity as wanted,
                   sum(r.quantity) over (partition by r.order_line_id order by r.warehouse_id desc) as up_to
            from stock_reservations r join unnest($2::bigint[], $5::integer[]) as q (line_id, quantity)
                on q.line_id = r.order_line_id
            where r.order_id = $1 and r.status = 'held'
        ), parted as (
            select order_line_id, warehouse_id, product_id,
                   least(quantity, wanted - (up_to - quantity))::integer as quantity
            from held where up_to - quantity < wanted
        ), released as (
            update stock_reservations r
            set quantity = case when p.quantity < r.quantity then r.quantity - p.quantity else r.quantity end,
                status = case when p.quantity < r.quantity then r.status else 'released' end
            from parted p
            where r.order_line_id = p.order_line_id and r.warehouse_id = p.warehouse_id and r.status = 'held'
            returning p.product_id, p.warehouse_id, p.quantity
        {_GIVEN_BACK}
        """,
        order_id,
        list(line_ids),
        actor_id,
        clock.now(),
        list(quantities),
    )
