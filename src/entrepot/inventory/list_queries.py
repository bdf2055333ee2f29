"""The SQL of looking at stock: levels now and at any moment, what is low or out, and the history."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.inventory.model import Reason
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters


class StockLevel(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in a warehouse of a product."""

    product_id: int
    sku: str
    title: str
    unit: str
    warehouse_id: int
    warehouse: str
    company_id: int
    zone: str
    on_hand: int
    reserved: int
    low_stock_threshold: int
    is_deleted: bool


class SoldOut(msgspec.Struct, frozen=True, kw_only=True):
    """A product of which nothing can be bought; `reserved` pieces are held for orders, so many people wait."""

    product_id: int
    sku: str
    title: str
    unit: str
    company_id: int
    company: str
    reserved: int
    since: datetime | None


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the history; `order_number` is what people call the order by."""

    id: int
    product_id: int
    sku: str
    title: str
    warehouse_id: int
    warehouse: str
    reason: Reason
    on_hand_change: int
    reserved_change: int
    on_hand_after: int
    reserved_after: int
    actor_id: int | None
    order_number: str | None
    transfer_id: int | None
    note: str
    occurred_at: datetime


# Outer joins, although there always is such a row: to count, the planner leaves out those that no condition asks for.
_LEVELS: Final = """
    from stock_levels l
    left join warehouses w on w.id = l.warehouse_id
    left join products p on p.id = l.product_id
    left join zones z on z.id = w.zone_id
    """
_SHOWN: Final = """
    select l.product_id, p.sku, p.title, p.unit, l.warehouse_id, w.code as warehouse, w.company_id, z.slug as zone,
           l.low_stock_threshold, p.deleted_at is not null as is_deleted
    """


async def list_levels(db: Db, filters: Filters, skip: int, limit: int) -> list[StockLevel]:
    """By product, then warehouse."""
    return await db.many(
        StockLevel,
        f"""
        {_SHOWN}, l.on_hand, l.reserved {_LEVELS} where {filters.sql}
        order by l.product_id, l.warehouse_id offset {_next(filters, 1)} limit {_next(filters, 2)}
        """,
        *filters.args,
        skip,
        limit,
    )


async def list_levels_at(db: Db, filters: Filters, moment: datetime, skip: int, limit: int) -> list[StockLevel]:
    """As `list_levels`, with what lay there at that moment: after the last entry of the history before it."""
    return await db.many(
        StockLevel,
        f"""
        {_SHOWN}, coalesce(m.on_hand_after, 0) as on_hand, coalesce(m.reserved_after, 0) as reserved {_LEVELS}
        left join lateral (
            select on_hand_after, reserved_after from stock_movements h
            where h.product_id = l.product_id and h.warehouse_id = l.warehouse_id
              and h.occurred_at <= {_next(filters, 1)}::timestamptz
            order by h.id desc limit 1
        ) m on true
        where {filters.sql}
        order by l.product_id, l.warehouse_id offset {_next(filters, 2)} limit {_next(filters, 3)}
        """,
        *filters.args,
        moment,
        skip,
        limit,
    )


async def list_low(db: Db, filters: Filters, skip: int, limit: int) -> list[StockLevel]:
    """As `list_levels`, the fewest first."""
    return await db.many(
        StockLevel,
        f"""
        {_SHOWN}, l.on_hand, l.reserved {_LEVELS} where {filters.sql}
        order by l.on_hand - l.reserved, l.product_id, l.warehouse_id
        offset {_next(filters, 1)} limit {_next(filters, 2)}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_levels(db: Db, filters: Filters) -> int:
    total: int = await db.value(f"select count(*) {_LEVELS} where {filters.sql}", *filters.args)
    return total


_SOLD_OUT: Final = """
    from product_stock s join products p on p.id = s.product_id join companies c on c.id = p.company_id
    """


async def list_sold_out(db: Db, filters: Filters, skip: int, limit: int) -> list[SoldOut]:
    """By product. `since` is when the last piece was sold or taken away, if there ever was one."""
    return await db.many(
        SoldOut,
        f"""
        select p.id as product_id, p.sku, p.title, p.unit, p.company_id, c.name as company,
               (select coalesce(sum(l.reserved), 0) from stock_levels l where l.product_id = p.id)::integer as reserved,
               (select m.occurred_at from stock_movements m
                where m.product_id = p.id and m.on_hand_change - m.reserved_change < 0
                order by m.id desc limit 1) as since
        {_SOLD_OUT} where {filters.sql}
        order by p.id offset {_next(filters, 1)} limit {_next(filters, 2)}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_sold_out(db: Db, filters: Filters) -> int:
    total: int = await db.value(f"select count(*) {_SOLD_OUT} where {filters.sql}", *filters.args)
    return total


_HISTORY: Final = "from stock_movements m left join warehouses w on w.id = m.warehouse_id"


async def list_movements(db: Db, filters: Filters, skip: int, limit: int) -> list[Movement]:
    """The newest first."""
    return await db.many(
        Movement,
        f"""
        select m.id, m.product_id, p.sku, p.title, m.warehouse_id, w.code as warehouse, m.reason, m.on_hand_change,
               m.reserved_change, m.on_hand_after, m.reserved_after, m.actor_id, o.number as order_number, m.transfer_id,
               m.note, m.occurred_at
        {_HISTORY} join products p on p.id = m.product_id left join orders o on o.id = m.order_id
        where {filters.sql}
        order by m.id desc offset {_next(filters, 1)} limit {_next(filters, 2)}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_movements(db: Db, filters: Filters) -> int:
    total: int = await db.value(f"select count(*) {_HISTORY} where {filters.sql}", *filters.args)
    return total


def _next(filters: Filters, further: int) -> str:
    """The placeholder of an argument that follows those of the filters."""
    return f"${len(filters.args) + further}"
