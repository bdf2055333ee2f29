"""The SQL of stock in numbers: what it is worth, how it turns over, what lies dead, and what to order again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters


class WarehouseWorth(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in a warehouse, in one currency, and what became of it since a moment; worth at today's prices."""

    warehouse_id: int
    warehouse: str
    zone: str
    currency: str
    products: int
    pieces: int
    reserved: int
    value_minor: int
    pieces_before: int
    value_before_minor: int
    shipped: int
    shipped_minor: int
    returned: int


class DeadStock(msgspec.Struct, frozen=True, kw_only=True):
    """A product of which there is some, and nobody has bought any for long."""

    product_id: int
    sku: str
    title: str
    currency: str
    pieces: int
    value_minor: int
    last_sold_at: datetime | None


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """How a product sold from a warehouse, in pieces a day, and what is left there; `total` counts all that are listed."""

    product_id: int
    sku: str
    title: str
    unit: str
    warehouse_id: int
    warehouse: str
    zone: str
    available: int
    days: int
    sold: int
    mean: float
    spread: float
    total: int


_LEVELS: Final = """
    from stock_levels l
    join warehouses w on w.id = l.warehouse_id
    join products p on p.id = l.product_id
    join zones z on z.id = w.zone_id
    """


def _worth(pieces: str) -> str:
    """What so many pieces are worth together, as a bigint; stock of absurd price and number counts as the most there is."""
    return f"least(sum(({pieces})::numeric * p.price_minor), 9223372036854775807)::bigint"


async def list_worth(db: Db, filters: Filters, since: datetime) -> list[WarehouseWorth]:
    """By warehouse and currency; `before` is at `since`. `shipped` and `returned` count from then on."""
    since_arg = f"${len(filters.args) + 1}"
    return await db.many(
        WarehouseWorth,
        f"""
        with moved as (
            select product_id, warehouse_id, sum(on_hand_change) as change,
                   coalesce(-sum(on_hand_change) filter (where reason = 'shipment'), 0) as shipped,
                   coalesce(sum(on_hand_change) filter (where reason = 'return'), 0) as returned
            from stock_movements where occurred_at >= {since_arg} group by 1, 2
        )
        select w.id as warehouse_id, w.code as warehouse, z.slug as zone, p.currency,
               count(*) filter (where l.on_hand > 0) as products,
               sum(l.on_hand)::bigint as pieces, sum(l.reserved)::bigint as reserved,
               {_worth("l.on_hand")} as value_minor,
               sum(l.on_hand - coalesce(m.change, 0))::bigint as pieces_before,
               {_worth("l.on_hand - coalesce(m.change, 0)")} as value_before_minor,
               coalesce(sum(m.shipped), 0)::bigint as shipped,
               {_worth("coalesce(m.shipped, 0)")} as shipped_minor,
               coalesce(sum(m.returned), 0)::bigint as returned
        {_LEVELS} left join moved m on m.product_id = l.product_id and m.warehouse_id = l.warehouse_id
        where {filters.sql}
        group by w.id, w.code, z.slug, p.currency order by w.id, p.currency
        """,
        *filters.args,
        since,
    )


async def list_dead(db: Db, filters: Filters, since: datetime, limit: int) -> list[DeadStock]:
    """What nobody has bought since then, though it was there: the most valuable first."""
    since_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        DeadStock,
        f"""
        with sold as (
            select distinct product_id from stock_movements where occurred_at >= {since_arg} and reason = 'sale'
        ), dead as (
            select p.id, p.sku, p.title, p.currency, sum(l.on_hand)::bigint as pieces,
                   {_worth("l.on_hand")} as value_minor
            {_LEVELS}
            where {filters.sql} and l.on_hand > 0 and p.created_at < {since_arg}
              and not exists (select from sold where sold.product_id = p.id)
            group by p.id order by value_minor desc, p.id limit {limit_arg}
        )
        select d.id as product_id, d.sku, d.title, d.currency, d.pieces, d.value_minor,
               (select max(occurred_at) from stock_movements m where m.product_id = d.id and m.reason = 'sale') as last_sold_at
        from dead d order by d.value_minor desc, d.id
        """,
        *filters.args,
        since,
        limit,
    )


# What was ordered on each day, without what was released again; days on which nothing was count as well. Where
# nothing lay when the window began, only the days since it was filled count: before, nobody could buy.
# The history is read once and alone; what it is called is looked up for what is short, a small part.
_SHORT: Final = """
    with ordered as (
        select product_id, warehouse_id, (occurred_at at time zone 'UTC')::date as day,
               coalesce(sum(reserved_change) filter (where reason in ('sale', 'release')), 0)::bigint as pieces,
               min(occurred_at) as began, min(occurred_at) filter (where on_hand_change > 0) as filled
        from stock_movements
        where occurred_at >= {since}
          and (reason in ('sale', 'release') or (on_hand_change > 0 and on_hand_after = on_hand_change and reserved_after = 0))
        group by 1, 2, 3
    ), sums as (
        select product_id, warehouse_id, sum(pieces)::bigint as sold, sum(pieces::float8 * pieces) as squares,
               case when min(began) = min(filled) then min(began) else {since} end as began
        from ordered group by 1, 2 having sum(pieces) > 0
    ), demand as (
        select s.product_id, s.warehouse_id, l.on_hand - l.reserved as available, d.days, s.sold,
               s.sold::float8 / d.days as mean,
               sqrt(greatest(0, (s.squares - s.sold::float8 * s.sold / d.days) / greatest(1, d.days - 1))) as spread
        from sums s
        join stock_levels l on l.product_id = s.product_id and l.warehouse_id = s.warehouse_id
        cross join lateral (select greatest(1, extract(day from {now} - s.began)::integer) as days) d
    ), short as materialized (
        select * from demand d
        -- King's order point: the demand of the lead time, and a safety stock that covers its spread at the service level.
        where d.available <= d.mean * ({lead} + {horizon}) + {z} * d.spread * sqrt({lead})
    )
    """
_NAMED: Final = """
    from short d
    join warehouses w on w.id = d.warehouse_id
    join zones z on z.id = w.zone_id
    join products p on p.id = d.product_id
    where {conditions}
    """


async def list_demand(
    db: Db,
    filters: Filters,
    since: datetime,
    lead_days: float,
    horizon_days: float,
    service_z: float,
    skip: int,
    limit: int,
) -> list[Demand]:
    """What falls to its order point within the horizon, the most urgent first."""
    return await db.many(
        Demand,
        f"""
        {_filled(_SHORT, filters)}
        select d.product_id, p.sku, p.title, p.unit, d.warehouse_id, w.code as warehouse, z.slug as zone, d.available,
               d.days, d.sold, d.mean, d.spread, count(*) over () as total
        {_filled(_NAMED, filters)}
        order by (d.available - d.mean * {_arg(filters, 3)} - {_arg(filters, 5)} * d.spread * sqrt({_arg(filters, 3)})) / d.mean,
                 d.product_id, d.warehouse_id
        offset {_arg(filters, 6)} limit {_arg(filters, 7)}
        """,
        *filters.args,
        since,
        clock.now(),
        lead_days,
        horizon_days,
        service_z,
        skip,
        limit,
    )


async def count_demand(
    db: Db, filters: Filters, since: datetime, lead_days: float, horizon_days: float, service_z: float
) -> int:
    """For a page behind the last one, which has no row to say it."""
    total: int = await db.value(
        f"{_filled(_SHORT, filters)} select count(*) {_filled(_NAMED, filters)}",
        *filters.args,
        since,
        clock.now(),
        lead_days,
        horizon_days,
        service_z,
    )
    return total


def _filled(sql: str, filters: Filters) -> str:
    return sql.format(
        since=f"{_arg(filters, 1)}::timestamptz",
        now=f"{_arg(filters, 2)}::timestamptz",
        lead=_arg(filters, 3),
        horizon=_arg(filters, 4),
        z=_arg(filters, 5),
        conditions=filters.sql,
    )


def _arg(filters: Filters, further: int) -> str:
    """The placeholder of a number that follows those of the filters."""
    return f"${len(filters.args) + further}" + ("::float8" if further in (3, 4, 5) else "")
