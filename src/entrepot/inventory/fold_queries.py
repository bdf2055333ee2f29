"""The SQL that sums up the history of stock."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx

KEPT_DAYS: Final = 400
"""Days are summed up for so long: a year, the longest that a report looks back, and some."""
DAYS_AT_ONCE: Final = 20_000


class Newest(msgspec.Struct, frozen=True):
    """The highest ids of the history and of the price changes."""

    movement_id: int
    price_id: int


class Folding(msgspec.Struct, frozen=True):
    """How far the history is summed up. `is_settled`: what was marked can be; `is_foreign`: it was marked by another server,
    whose dump this is."""

    movement_id: int
    price_id: int
    marked_movement: int | None
    marked_price: int | None
    is_settled: bool
    is_foreign: bool


async def newest_ids(db: Db) -> Newest:
    """That any transaction has taken, also one that still runs."""
    return await db.one(
        Newest,
        """
        select (select case when is_called then last_value else 0 end from stock_movements_id_seq) as movement_id,
               (select case when is_called then last_value else 0 end from price_changes_id_seq) as price_id
        """,
    )


async def lock_folding(tx: Tx) -> Folding | None:
    """None when somebody else sums up."""
    return await tx.maybe(
        Folding,
        """
        select movement_id, price_id, marked_movement, marked_price,
               coalesce(marked_by < pg_snapshot_xmin(pg_current_snapshot()), false) as is_settled,
               coalesce(marked_by > pg_current_xact_id(), false) as is_foreign
        from stock_folding for update skip locked
        """,
    )


async def mark(tx: Tx, newest: Newest) -> None:
    """To be summed up next; `newest` was read before this transaction has taken its id."""
    await tx.run(
        "update stock_folding set marked_movement = $1, marked_price = $2, marked_by = pg_current_xact_id()",
        newest.movement_id,
        newest.price_id,
    )


async def set_folded(tx: Tx, until: Newest) -> None:
    await tx.run("update stock_folding set movement_id = $1, price_id = $2", until.movement_id, until.price_id)


_INTO_WORTH: Final = """
    on conflict (warehouse_id, currency) do update
    set products = w.products + excluded.products, pieces = w.pieces + excluded.pieces,
        reserved = w.reserved + excluded.reserved, value_minor = w.value_minor + excluded.value_minor
    """
_INTO_WORTH_DAYS: Final = """
    on conflict (day, warehouse_id, currency) do update
    set change = w.change + excluded.change, change_minor = w.change_minor + excluded.change_minor,
        shipped = w.shipped + excluded.shipped, shipped_minor = w.shipped_minor + excluded.shipped_minor,
        returned = w.returned + excluded.returned
    """


async def reprice(tx: Tx, after_id: int, until_id: int) -> None:
    """Bring what is summed up of products, the price changes of which these are, to today's prices."""
    await tx.run(
        f"""
        with stale as materialized (
            select s.product_id, s.warehouse_id, s.on_hand, s.reserved, v.sign, v.currency, v.price_minor,
                   p.currency as new_currency, p.price_minor as new_price_minor
            from (select distinct product_id from price_changes where id > $1 and id <= $2) c
            join stock_slots s on s.product_id = c.product_id join products p on p.id = c.product_id
            cross join lateral (values (-1, s.currency, s.price_minor), (1, p.currency, p.price_minor))
                as v (sign, currency, price_minor)
            where (s.currency, s.price_minor) <> (p.currency, p.price_minor)
        ), slots as (
            update stock_slots s set currency = t.new_currency, price_minor = t.new_price_minor from stale t
            where t.sign = 1 and s.product_id = t.product_id and s.warehouse_id = t.warehouse_id
        ), worth as (
            insert into stock_worth as w (warehouse_id, currency, products, pieces, reserved, value_minor)
            select warehouse_id, currency, sum(sign * (on_hand > 0)::integer), sum(sign * on_hand), sum(sign * reserved),
                   sum(sign * on_hand::numeric * price_minor)
            from stale group by 1, 2 {_INTO_WORTH}
        )
        insert into stock_worth_days as w (day, warehouse_id, currency, change, change_minor, shipped, shipped_minor, returned)
        select d.day, d.warehouse_id, t.currency, sum(t.sign * d.change), sum(t.sign * d.change::numeric * t.price_minor),
               sum(t.sign * d.shipped), sum(t.sign * d.shipped::numeric * t.price_minor), sum(t.sign * d.returned)
        from stale t join stock_days d on d.product_id = t.product_id and d.warehouse_id = t.warehouse_id
        group by 1, 2, 3 {_INTO_WORTH_DAYS}
        """,
        after_id,
        until_id,
    )


async def fold(tx: Tx, after_id: int, until_id: int) -> None:
    """Add these entries of the history to the sums, at the prices of their slots; a new slot has today's."""
    await tx.run(
        f"""
        with moved as materialized (
            select {DAY} as day, product_id, warehouse_id, {SUMS}, {TURNED}, sum(reserved_change) as reserved
            from stock_movements where id > $1 and id <= $2 group by 1, 2, 3
        ), days as (
            insert into stock_days as d (day, product_id, warehouse_id, ordered, change, shipped, returned, began_at, filled_at)
            select day, product_id, warehouse_id, ordered, change, shipped, returned, began_at, filled_at from moved
            on conflict (day, product_id, warehouse_id) do update
            set ordered = d.ordered + excluded.ordered, change = d.change + excluded.change,
                shipped = d.shipped + excluded.shipped, returned = d.returned + excluded.returned,
                began_at = least(d.began_at, excluded.began_at), filled_at = least(d.filled_at, excluded.filled_at)
        ), valued as materialized (
            select m.product_id, m.warehouse_id, m.change, m.reserved, coalesce(s.on_hand, 0) as on_hand_before,
                   coalesce(s.on_hand, 0) + m.change as on_hand, coalesce(s.reserved, 0) + m.reserved as reserved_now,
                   coalesce(s.currency, p.currency) as currency, coalesce(s.price_minor, p.price_minor) as price_minor,
                   p.created_at, coalesce(s.turned, 0) + m.turned as turned,
                   greatest(s.last_filled_at, m.last_filled_at) as last_filled_at
            from (select product_id, warehouse_id, sum(change) as change, sum(reserved) as reserved, sum(turned) as turned,
                         max(last_filled_at) as last_filled_at from moved group by 1, 2) m
            join products p on p.id = m.product_id
            left join stock_slots s on s.product_id = m.product_id and s.warehouse_id = m.warehouse_id
        ), slots as (
            insert into stock_slots (product_id, warehouse_id, on_hand, reserved, currency, price_minor, turned,
                                     last_filled_at, listed_at)
            select product_id, warehouse_id, on_hand, reserved_now, currency, price_minor, turned, last_filled_at, created_at
            from valued
            on conflict (product_id, warehouse_id) do update
            set on_hand = excluded.on_hand, reserved = excluded.reserved, turned = excluded.turned,
                last_filled_at = excluded.last_filled_at
        ), worth as (
            insert into stock_worth as w (warehouse_id, currency, products, pieces, reserved, value_minor)
            select warehouse_id, currency, sum((on_hand > 0)::integer - (on_hand_before > 0)::integer), sum(change),
                   sum(reserved), sum(change::numeric * price_minor)
            from valued group by 1, 2 {_INTO_WORTH}
        )
        insert into stock_worth_days as w (day, warehouse_id, currency, change, change_minor, shipped, shipped_minor, returned)
        select m.day, m.warehouse_id, v.currency, sum(m.change), sum(m.change::numeric * v.price_minor), sum(m.shipped),
               sum(m.shipped::numeric * v.price_minor), sum(m.returned)
        from moved m join valued v on v.product_id = m.product_id and v.warehouse_id = m.warehouse_id
        group by 1, 2, 3 {_INTO_WORTH_DAYS}
        """,
        after_id,
        until_id,
    )


# An entry's day, and what the entries of a day come to; the report and the restock suggestions add the newest up the same way.
DAY: Final = "(occurred_at at time zone 'UTC')::date"
_FILLS: Final = "on_hand_change > 0 and on_hand_after = on_hand_change and reserved_after = 0"
SUMS: Final = f"""
    coalesce(sum(reserved_change) filter (where reason in ('sale', 'release')), 0)::bigint as ordered,
    sum(on_hand_change) as change,
    coalesce(-sum(on_hand_change) filter (where reason = 'shipment'), 0)::bigint as shipped,
    coalesce(sum(on_hand_change) filter (where reason = 'return'), 0)::bigint as returned,
    min(occurred_at) filter (where reason in ('sale', 'release') or ({_FILLS})) as began_at,
    min(occurred_at) filter (where {_FILLS}) as filled_at
    """

TURNED: Final = f"""
    coalesce(sum(abs(reserved_change)) filter (where reason in ('sale', 'release')), 0)::bigint as turned,
    max(occurred_at) filter (where {_FILLS}) as last_filled_at
    """


async def note_sales(tx: Tx, after_id: int, until_id: int) -> None:
    """Tell all slots of the products of these entries when the product was sold last."""
    await tx.run(
        """
        with sold as (
            select m.product_id, greatest(
                max(m.occurred_at) filter (where m.reason = 'sale'),
                (select max(o.last_sold_at) from stock_slots o where o.product_id = m.product_id)) as last_sold_at
            from stock_movements m where m.id > $1 and m.id <= $2 group by 1
        )
        update stock_slots s set last_sold_at = t.last_sold_at from sold t
        where s.product_id = t.product_id and s.last_sold_at is distinct from t.last_sold_at
        """,
        after_id,
        until_id,
    )


async def forget_old_days(tx: Tx) -> int:
    """Of days that no report looks back to."""
    day = clock.today() - timedelta(days=KEPT_DAYS)
    await tx.run("delete from stock_worth_days where day < $1", day)
    return await tx.run(
        """
        delete from stock_days where (day, product_id, warehouse_id) in (
            select day, product_id, warehouse_id from stock_days where day < $1 limit $2)
        """,
        day,
        DAYS_AT_ONCE,
    )


async def fill_days(tx: Tx) -> int:
    """All days of the history, into an empty table."""
    return await tx.run(
        f"""
        insert into stock_days (day, product_id, warehouse_id, change, ordered, shipped, returned, began_at, filled_at)
        select day, product_id, warehouse_id, change, ordered, shipped, returned, began_at, filled_at
        from (select {DAY} as day, product_id, warehouse_id, {SUMS} from stock_movements group by 1, 2, 3) days
        order by day, product_id
        """
    )


async def fill_slots(tx: Tx) -> int:
    """All slots as they are now, into an empty table."""
    return await tx.run(
        f"""
        insert into stock_slots (product_id, warehouse_id, on_hand, reserved, currency, price_minor, turned, last_filled_at,
                                 last_sold_at, listed_at)
        select l.product_id, l.warehouse_id, l.on_hand, l.reserved, p.currency, p.price_minor, coalesce(t.turned, 0),
               t.last_filled_at, m.sold_at, p.created_at
        from stock_levels l join products p on p.id = l.product_id left join (
            select product_id, max(occurred_at) as sold_at from stock_movements where reason = 'sale' group by 1
        ) m on m.product_id = l.product_id left join (
            select product_id, warehouse_id, {TURNED} from stock_movements group by 1, 2
        ) t on t.product_id = l.product_id and t.warehouse_id = l.warehouse_id
        order by l.product_id, l.warehouse_id
        """
    )


async def fill_worth(tx: Tx) -> None:
    """The sums of slots and days, into empty tables."""
    await tx.run(
        """
        with worth as (
            insert into stock_worth (warehouse_id, currency, products, pieces, reserved, value_minor)
            select warehouse_id, currency, count(*) filter (where on_hand > 0), sum(on_hand), sum(reserved),
                   sum(on_hand::numeric * price_minor)
            from stock_slots group by 1, 2
        )
        insert into stock_worth_days (day, warehouse_id, currency, change, change_minor, shipped, shipped_minor, returned)
        select d.day, d.warehouse_id, s.currency, sum(d.change), sum(d.change::numeric * s.price_minor), sum(d.shipped),
               sum(d.shipped::numeric * s.price_minor), sum(d.returned)
        from stock_days d join stock_slots s on s.product_id = d.product_id and s.warehouse_id = d.warehouse_id
        group by 1, 2, 3
        """
    )


async def count_sums(tx: Tx) -> None:
    """Tell the planner how much there is by now."""
    await tx.run("analyze stock_days, stock_slots, stock_worth, stock_worth_days")
