"""The SQL of stock in numbers: what it is worth, how it turns over, what lies dead, and what to order again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from entrepot.inventory.fold_queries import DAY, SUMS
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


_MOST: Final = 9223372036854775807
_MOST_WALKED: Final = 20_000
"""Of the most valuable slots. A number that the planner sees: it lets it walk along their index, and not sort them all."""

# What is not summed up yet. Both ends are given: a range with one open end is taken for a third of the table.
_FRESH: Final = f"""
    select {DAY} as day, product_id, warehouse_id, {SUMS} from stock_movements
    where id > (select movement_id from stock_folding) and id <= {_MOST} group by 1, 2, 3
    """
_TOUCHED: Final = f"""
    select product_id from stock_movements
    where id > (select movement_id from stock_folding) and id <= {_MOST}
    union
    select product_id from price_changes where id > (select price_id from stock_folding) and id <= {_MOST}
    """


async def list_worth(db: Db, filters: Filters, since: datetime) -> list[WarehouseWorth]:
    """By warehouse and currency; `before` is at `since`. `shipped` and `returned` count from then on. Where nothing lies and
    nothing moved, there is no row.

    The sums of everything; of the products that were touched later, what is in the sums is taken out again, and what is there
    now put in; and of the day that `since` lies in, the entries after it.
    """
    whole_days = _whole_days(since)
    since_arg, midnight_arg, day_arg = (f"${len(filters.args) + further}" for further in (1, 2, 3))
    return await db.many(
        WarehouseWorth,
        f"""
        with reach as materialized (
            select w.id, w.code, z.slug as zone from warehouses w join zones z on z.id = w.zone_id where {filters.sql}
        ), fresh as materialized ({_FRESH}), touched as materialized ({_TOUCHED}), there as (
            select warehouse_id, currency, products, pieces, reserved, value_minor from stock_worth
            union all
            select s.warehouse_id, s.currency, -(s.on_hand > 0)::integer, -s.on_hand, -s.reserved,
                   -s.on_hand::numeric * s.price_minor
            from touched t join stock_slots s on s.product_id = t.product_id
            union all
            select l.warehouse_id, p.currency, (l.on_hand > 0)::integer, l.on_hand, l.reserved,
                   l.on_hand::numeric * p.price_minor
            from touched t join stock_levels l on l.product_id = t.product_id join products p on p.id = t.product_id
        ), moved as (
            select warehouse_id, currency, change, change_minor, shipped, shipped_minor, returned
            from stock_worth_days where day >= {day_arg} and day <= 'infinity'
            union all
            select d.warehouse_id, v.currency, v.sign * d.change, v.sign * d.change::numeric * v.price_minor,
                   v.sign * d.shipped, v.sign * d.shipped::numeric * v.price_minor, v.sign * d.returned
            from touched t join stock_slots s on s.product_id = t.product_id join products p on p.id = t.product_id
            join stock_days d on d.product_id = s.product_id and d.warehouse_id = s.warehouse_id
                              and d.day >= {day_arg} and d.day <= 'infinity'
            cross join lateral (values (-1, s.currency, s.price_minor), (1, p.currency, p.price_minor))
                as v (sign, currency, price_minor)
            where (s.currency, s.price_minor) <> (p.currency, p.price_minor)
            union all
            select f.warehouse_id, p.currency, f.change, f.change::numeric * p.price_minor, f.shipped,
                   f.shipped::numeric * p.price_minor, f.returned
            from fresh f join products p on p.id = f.product_id where f.day >= {day_arg}
            union all
            select m.warehouse_id, p.currency, m.on_hand_change, m.on_hand_change::numeric * p.price_minor,
                   case when m.reason = 'shipment' then -m.on_hand_change else 0 end,
                   case when m.reason = 'shipment' then -m.on_hand_change::numeric * p.price_minor else 0 end,
                   case when m.reason = 'return' then m.on_hand_change else 0 end
            from stock_movements m join products p on p.id = m.product_id
            where m.occurred_at >= {since_arg} and m.occurred_at < {midnight_arg} and m.on_hand_change <> 0
        ), parts as (
            select warehouse_id, currency, products, pieces, reserved, value_minor, 0 as change, 0 as change_minor,
                   0 as shipped, 0 as shipped_minor, 0 as returned
            from there
            union all
            select warehouse_id, currency, 0, 0, 0, 0, change, change_minor, shipped, shipped_minor, returned from moved
        )
        select w.id as warehouse_id, w.code as warehouse, w.zone, p.currency,
               sum(p.products)::bigint as products, sum(p.pieces)::bigint as pieces, sum(p.reserved)::bigint as reserved,
               {_bounded("sum(p.value_minor)")} as value_minor, sum(p.pieces - p.change)::bigint as pieces_before,
               {_bounded("sum(p.value_minor - p.change_minor)")} as value_before_minor,
               sum(p.shipped)::bigint as shipped, {_bounded("sum(p.shipped_minor)")} as shipped_minor,
               sum(p.returned)::bigint as returned
        from reach w join parts p on p.warehouse_id = w.id
        group by w.id, w.code, w.zone, p.currency
        having (sum(p.pieces), sum(p.change), sum(p.shipped), sum(p.returned)) <> (0, 0, 0, 0)
        order by w.id, p.currency
        """,
        *filters.args,
        since,
        datetime.combine(whole_days, time(), UTC),
        whole_days,
    )


async def list_dead(db: Db, filters: Filters, since: datetime, limit: int) -> list[DeadStock]:
    """What nobody has bought since then, though it was there: the most valuable first.

    The most valuable slots are looked at, not all: a product among the `limit` most valuable is worth at least as much as the
    last of them, and lies in so many warehouses of its company at most, hence has a slot of its share of that.
    """
    since_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}::integer"
    dead = f"""
        s.on_hand > 0 and s.listed_at < {since_arg} and (s.last_sold_at is null or s.last_sold_at < {since_arg})
        and s.warehouse_id = any(array(select id from reach))
        and s.product_id not in (select product_id from touched)
        """
    return await db.many(
        DeadStock,
        f"""
        with reach as materialized (
            select w.id, w.company_id from warehouses w join zones z on z.id = w.zone_id where {filters.sql}
        ), most as materialized (
            select greatest(1, (select max(n) from (select count(*) as n from reach group by company_id) counted)) as slots
        ), touched as materialized ({_TOUCHED}), last as materialized (
            select case when {limit_arg} * (select slots from most) > {_MOST_WALKED} then 0
                        else coalesce(min(value_minor), 0) / (select slots from most) end as value_minor
            from (
                select value_minor from (
                    select s.value_minor from stock_slots s where {dead} order by s.value_minor desc limit {_MOST_WALKED}
                ) walked limit {limit_arg} * (select slots from most)) best
        ), sums as (
            select product_id, sum(pieces)::bigint as pieces, {_bounded("sum(value_minor)")} as value_minor,
                   max(last_sold_at) as last_sold_at
            from (
                select s.product_id, s.on_hand as pieces, s.value_minor, s.last_sold_at
                from stock_slots s
                where s.on_hand > 0 and s.warehouse_id = any(array(select id from reach)) and s.product_id in (
                    select s.product_id from stock_slots s
                    where {dead} and s.value_minor >= (select value_minor from last) and s.value_minor <= {_MOST})
                union all
                select l.product_id, l.on_hand, l.on_hand::numeric * p.price_minor, x.sold_at
                from touched t join stock_levels l on l.product_id = t.product_id join products p on p.id = t.product_id
                cross join lateral (
                    select max(m.occurred_at) as sold_at from stock_movements m
                    where m.product_id = t.product_id and m.reason = 'sale') x
                where l.on_hand > 0 and l.warehouse_id = any(array(select id from reach)) and p.created_at < {since_arg}
                  and (x.sold_at is null or x.sold_at < {since_arg})
            ) slots group by product_id order by value_minor desc, product_id limit {limit_arg}
        )
        select p.id as product_id, p.sku, p.title, p.currency, s.pieces, s.value_minor, s.last_sold_at
        from sums s join products p on p.id = s.product_id order by s.value_minor desc, p.id
        """,
        *filters.args,
        since,
        limit,
    )


_RECENT_DAYS: Final = 30
"""What was filled within so many days is looked at in any case, since few days may count."""

# What was ordered on each day, without what was released again; days on which nothing was count as well. Where
# nothing lay when the window began, only the days since it was filled count: before, nobody could buy.
# Only slots are looked at that can be short at all, a small part (see `stock_slots.cover`).
# Whole days that are summed up, days with entries that are not, and of the day that the window begins in what came after.
_SHORT: Final = f"""
    with fresh as materialized ({_FRESH}), candidates as materialized (
        -- So much is sold in d days at most, and spread so much at most: in all that was ever turned.
        select s.product_id, s.warehouse_id
        from (select greatest(1, least({_RECENT_DAYS}, extract(day from {{now}} - {{since}})))::float8 as d) least_days
        join stock_slots s on s.turned > 0 and s.cover >= 0 and s.cover <=
            1.0001 * (({{lead}} + {{horizon}}) / least_days.d
                      + greatest(0, {{z}}) * sqrt({{lead}} / greatest(1, least_days.d - 1)))
        cross join lateral (
            select greatest(1, extract(day from {{now}} - greatest({{since}}, s.last_filled_at)))::float8 as d) own_days
        where s.cover <= 1.0001 * (
            ({{lead}} + {{horizon}}) / own_days.d + greatest(0, {{z}}) * sqrt({{lead}} / greatest(1, own_days.d - 1)))
        union
        select product_id, warehouse_id from stock_slots
        where turned > 0 and last_filled_at >= {{now}} - interval '{_RECENT_DAYS} days' and last_filled_at <= 'infinity'
        union
        select product_id, warehouse_id from fresh
    ), ordered as (
        select d.product_id, d.warehouse_id, d.ordered as pieces, d.ordered::float8 * d.ordered as squares, d.began_at,
               d.filled_at
        from candidates c join stock_days d on d.product_id = c.product_id and d.warehouse_id = c.warehouse_id
        where d.day >= {{day}} and d.day <= 'infinity' and d.began_at is not null
        union all
        select f.product_id, f.warehouse_id, f.ordered,
               (coalesce(d.ordered, 0) + f.ordered)::float8 ^ 2 - coalesce(d.ordered, 0)::float8 ^ 2, f.began_at, f.filled_at
        from fresh f left join stock_days d
            on d.day = f.day and d.product_id = f.product_id and d.warehouse_id = f.warehouse_id
        where f.day >= {{day}} and f.began_at is not null
        union all
        select product_id, warehouse_id, ordered, ordered::float8 * ordered, began_at, filled_at from (
            select product_id, warehouse_id, {SUMS} from stock_movements
            where occurred_at >= {{since}} and occurred_at < {{midnight}} group by 1, 2) part
        where began_at is not null and (product_id, warehouse_id) in (select product_id, warehouse_id from candidates)
    ), sums as (
        select product_id, warehouse_id, sum(pieces)::bigint as sold, sum(squares) as squares,
               case when min(began_at) = min(filled_at) then min(began_at) else {{since}} end as began
        from ordered group by 1, 2 having sum(pieces) > 0
    ), demand as (
        select s.product_id, s.warehouse_id, l.on_hand - l.reserved as available, d.days, s.sold,
               s.sold::float8 / d.days as mean,
               sqrt(greatest(0, (s.squares - s.sold::float8 * s.sold / d.days) / greatest(1, d.days - 1))) as spread
        from sums s
        join stock_levels l on l.product_id = s.product_id and l.warehouse_id = s.warehouse_id
        cross join lateral (select greatest(1, extract(day from {{now}} - s.began)::integer) as days) d
    ), short as materialized (
        select * from demand d
        -- King's order point: the demand of the lead time, and a safety stock that covers its spread at the service level.
        where d.available <= d.mean * ({{lead}} + {{horizon}}) + {{z}} * d.spread * sqrt({{lead}})
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
        order by (d.available - d.mean * {_arg(filters, 5)} - {_arg(filters, 7)} * d.spread * sqrt({_arg(filters, 5)})) / d.mean,
                 d.product_id, d.warehouse_id
        offset {_arg(filters, 8)} limit {_arg(filters, 9)}
        """,
        *filters.args,
        *_window(since),
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
        *_window(since),
        lead_days,
        horizon_days,
        service_z,
    )
    return total


def _filled(sql: str, filters: Filters) -> str:
    return sql.format(
        since=f"{_arg(filters, 1)}::timestamptz",
        midnight=f"{_arg(filters, 2)}::timestamptz",
        day=f"{_arg(filters, 3)}::date",
        now=f"{_arg(filters, 4)}::timestamptz",
        lead=_arg(filters, 5),
        horizon=_arg(filters, 6),
        z=_arg(filters, 7),
        conditions=filters.sql,
    )


def _arg(filters: Filters, further: int) -> str:
    """The placeholder of a number that follows those of the filters."""
    return f"${len(filters.args) + further}" + ("::float8" if further in (5, 6, 7) else "")


def _window(since: datetime) -> tuple[datetime, datetime, date, datetime]:
    """The window's beginning, the first midnight in it and the day that begins there, and its end."""
    whole_days = _whole_days(since)
    return since, datetime.combine(whole_days, time(), UTC), whole_days, clock.now()


def _whole_days(since: datetime) -> date:
    """The first day that lies after `since` as a whole, in UTC."""
    day = since.astimezone(UTC).date()
    return day if since == datetime.combine(day, time(), UTC) else day + timedelta(days=1)


def _bounded(total: str) -> str:
    """A sum as a bigint; stock of absurd price and number counts as the most there is."""
    return f"least({total}, {_MOST})::bigint"
