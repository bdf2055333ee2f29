"""The SQL of setting stock, in any number of products at once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.inventory.model import Reason
from entrepot.inventory.warehouse_queries import IN_REACH
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx


class LockedProduct(msgspec.Struct, frozen=True):
    """A product whose stock is locked; `open_to_actor`: the actor may change it."""

    id: int
    company_id: int
    total: int
    open_to_actor: bool


class Level(msgspec.Struct, frozen=True):
    """What lies in a warehouse of a product."""

    product_id: int
    warehouse_id: int
    on_hand: int
    reserved: int
    low_stock_threshold: int

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Place(msgspec.Struct, frozen=True):
    """A warehouse that the actor may fill and empty."""

    id: int
    company_id: int


class Move(msgspec.Struct, frozen=True):
    """A change of what lies in a warehouse, on locked stock, and the level after it."""

    product_id: int
    warehouse_id: int
    change: int
    on_hand_after: int
    reserved_after: int


class Threshold(msgspec.Struct, frozen=True):
    """At most so many left in a warehouse are few."""

    product_id: int
    warehouse_id: int
    pieces: int


async def lock_products(tx: Tx, actor: Actor, product_ids: Sequence[int]) -> list[LockedProduct]:
    """Lock these products' stock in the order in which everything that changes stock locks. Unknown ones are left out."""
    return await tx.many(
        LockedProduct,
        f"""
        select s.product_id as id, p.company_id, s.available as total,
               $1 or coalesce(p.company_id = $2::bigint, false)
                  or exists (select from company_zones z
                             where z.company_id = p.company_id and z.zone_id = any($3::bigint[]))
                  or exists (select from warehouses w
                             where w.company_id = p.company_id and w.deleted_at is null and {IN_REACH}) as open_to_actor
        from product_stock s join products p on p.id = s.product_id
        where s.product_id = any($4::bigint[]) and p.deleted_at is null
        order by s.product_id for update of s
        """,
        *actor.reach,
        list(product_ids),
    )


async def lock_totals(tx: Tx, product_ids: Sequence[int]) -> list[LockedProduct]:
    """As `lock_products`, for what no actor decides: also those that are deleted."""
    return await tx.many(
        LockedProduct,
        """
        select s.product_id as id, p.company_id, s.available as total, false as open_to_actor
        from product_stock s join products p on p.id = s.product_id
        where s.product_id = any($1::bigint[]) order by s.product_id for update of s
        """,
        list(product_ids),
    )


async def list_levels(db: Db, product_ids: Sequence[int]) -> list[Level]:
    return await db.many(
        Level,
        """
        select l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.low_stock_threshold
        from stock_levels l where l.product_id = any($1::bigint[])
        """,
        list(product_ids),
    )


async def list_open_levels(db: Db, product_id: int) -> list[Level]:
    """Where there is anything of a product, the oldest warehouse first."""
    return await db.many(
        Level,
        """
        select l.product_id, l.warehouse_id, l.on_hand, l.reserved, l.low_stock_threshold
        from stock_levels l join warehouses w on w.id = l.warehouse_id
        where l.product_id = $1 and l.on_hand > l.reserved and w.deleted_at is null order by l.warehouse_id
        """,
        product_id,
    )


async def hold_places(tx: Tx, actor: Actor, company_ids: Sequence[int]) -> list[Place]:
    """The warehouses of these companies that the actor may use, the oldest first; none is deleted meanwhile."""
    return await tx.many(
        Place,
        f"""
        select w.id, w.company_id from warehouses w
        where w.company_id = any($4::bigint[]) and w.deleted_at is null and {IN_REACH} order by w.id for key share
        """,
        *actor.reach,
        list(company_ids),
    )


async def write_moves(
    tx: Tx,
    moves: Sequence[Move],
    reason: Reason,
    actor_id: int | None,
    note: str,
    *,
    transfer_id: int | None = None,
    order_id: int | None = None,
) -> None:
    """Levels, totals and history of moves, in their order, on locked stock."""
    await tx.run(
        """
        with moves as (
            select * from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::integer[])
                with ordinality as m (product_id, warehouse_id, change, on_hand_after, reserved_after, place)
        ), levels as (
            insert into stock_levels (product_id, warehouse_id, on_hand, reserved)
            select distinct on (product_id, warehouse_id) product_id, warehouse_id, on_hand_after, reserved_after
            from moves order by product_id, warehouse_id, place desc
            on conflict (product_id, warehouse_id) do update set on_hand = excluded.on_hand
        ), totals as (
            update product_stock p set available = p.available + t.change
            from (select product_id, sum(change)::integer as change from moves group by 1) t
            where p.product_id = t.product_id and t.change <> 0
        )
        insert into stock_movements (product_id, warehouse_id, reason, on_hand_change, on_hand_after, reserved_after,
                                     actor_id, note, transfer_id, order_id, occurred_at)
        select product_id, warehouse_id, $6, change, on_hand_after, reserved_after, $7, $8, $9, $10, $11
        from moves order by place
        """,
        [move.product_id for move in moves],
        [move.warehouse_id for move in moves],
        [move.change for move in moves],
        [move.on_hand_after for move in moves],
        [move.reserved_after for move in moves],
        reason,
        actor_id,
        note,
        transfer_id,
        order_id,
        clock.now(),
    )


async def set_thresholds(tx: Tx, thresholds: Sequence[Threshold]) -> int:
    """From how many pieces on stock is low, on locked stock; a level is made where there is none."""
    return await tx.run(
        """
        insert into stock_levels (product_id, warehouse_id, low_stock_threshold)
        select distinct on (t.product_id, t.warehouse_id) t.product_id, t.warehouse_id, t.pieces
        from unnest($1::bigint[], $2::bigint[], $3::integer[]) with ordinality
             as t (product_id, warehouse_id, pieces, place)
        order by t.product_id, t.warehouse_id, t.place desc
        on conflict (product_id, warehouse_id) do update set low_stock_threshold = excluded.low_stock_threshold
        """,
        [threshold.product_id for threshold in thresholds],
        [threshold.warehouse_id for threshold in thresholds],
        [threshold.pieces for threshold in thresholds],
    )
