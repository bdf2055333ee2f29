"""Reports that read sums of the history say what the whole history says, whenever it was summed up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from entrepot import inventory
from entrepot.inventory import report_queries
from entrepot.inventory.fold_history import fold_history
from entrepot.kernel import clock
from entrepot.kernel.db import Tx
from entrepot.kernel.filters import Filters
from tests.builders import Client
from tests.inventory.books import rewrite

# What the reports are to say, told by the whole history alone.
_WORTH = """
    with moved as (
        select product_id, warehouse_id, sum(on_hand_change) as change,
               coalesce(-sum(on_hand_change) filter (where reason = 'shipment'), 0) as shipped,
               coalesce(sum(on_hand_change) filter (where reason = 'return'), 0) as returned
        from stock_movements where occurred_at >= $2 group by 1, 2
    )
    select l.warehouse_id, p.currency, count(*) filter (where l.on_hand > 0) as products, sum(l.on_hand) as pieces,
           sum(l.reserved) as reserved, sum(l.on_hand * p.price_minor) as value_minor,
           sum(l.on_hand - coalesce(m.change, 0)) as pieces_before,
           sum((l.on_hand - coalesce(m.change, 0)) * p.price_minor) as value_before_minor,
           coalesce(sum(m.shipped), 0) as shipped, coalesce(sum(m.shipped * p.price_minor), 0) as shipped_minor,
           coalesce(sum(m.returned), 0) as returned
    from stock_levels l join warehouses w on w.id = l.warehouse_id join products p on p.id = l.product_id
    left join moved m on m.product_id = l.product_id and m.warehouse_id = l.warehouse_id
    where w.company_id = $1 group by 1, 2 order by 1, 2
    """
_DEAD = """
    select p.id as product_id, sum(l.on_hand) as pieces, sum(l.on_hand * p.price_minor) as value_minor,
           (select max(occurred_at) from stock_movements m where m.product_id = p.id and m.reason = 'sale') as last_sold_at
    from stock_levels l join warehouses w on w.id = l.warehouse_id join products p on p.id = l.product_id
    where w.company_id = $1 and l.on_hand > 0 and p.created_at < $2 and not exists (
        select from stock_movements m where m.product_id = p.id and m.reason = 'sale' and m.occurred_at >= $2)
    group by p.id order by 3 desc, 1 limit 2
    """
_DEMAND = """
    with ordered as (
        select product_id, warehouse_id, (occurred_at at time zone 'UTC')::date as day,
               coalesce(sum(reserved_change) filter (where reason in ('sale', 'release')), 0) as pieces,
               min(occurred_at) as began, min(occurred_at) filter (where on_hand_change > 0) as filled
        from stock_movements
        where occurred_at >= $2
          and (reason in ('sale', 'release') or (on_hand_change > 0 and on_hand_after = on_hand_change and reserved_after = 0))
        group by 1, 2, 3
    )
    select o.product_id, o.warehouse_id, sum(pieces) as sold, sum(pieces * pieces) as squares,
           greatest(1, extract(day from $3 - case when min(began) = min(filled) then min(began) else $2 end)) as days
    from ordered o join warehouses w on w.id = o.warehouse_id
    where w.company_id = $1 group by 1, 2 having sum(pieces) > 0 order by 1, 2
    """


async def the_same(client: Client, company: int, days: int) -> None:
    """What the reports say of the company is what its history says."""
    db, now = client.app.shop.database, clock.now()
    since = now - timedelta(days=days)

    def of_company() -> Filters:
        filters = Filters("w.deleted_at is null")
        filters.add("w.company_id = {}", company)
        return filters

    worth = await report_queries.list_worth(db.reader, of_company(), since)
    assert _as_told(worth, _WORTH_COLUMNS) == [
        row
        for row in await _all(client, _WORTH, company, since)
        if row["pieces"] or row["pieces_before"] or row["shipped"]
    ]
    dead = await report_queries.list_dead(db.reader, of_company(), since, 2)
    assert _as_told(dead, _DEAD_COLUMNS) == await _all(client, _DEAD, company, since)
    demand = await report_queries.list_demand(db.reader, of_company(), since, 180, 1_000_000, 2, 0, 100)
    assert {(row.product_id, row.warehouse_id): (row.sold, row.days, round(_squares(row), 3)) for row in demand} == {
        (row["product_id"], row["warehouse_id"]): (row["sold"], row["days"], round(_spread_squares(row), 3))
        for row in await _all(client, _DEMAND, company, since, now)
    }
    short = await report_queries.list_demand(db.reader, of_company(), since, 4, 14, 1.6, 0, 100)
    assert {(row.product_id, row.warehouse_id) for row in short} == {
        (row.product_id, row.warehouse_id) for row in demand if row.available <= row.mean * 18 + 1.6 * row.spread * 2
    }


_WORTH_COLUMNS = (
    "warehouse_id", "currency", "products", "pieces", "reserved", "value_minor", "pieces_before", "value_before_minor",
    "shipped", "shipped_minor", "returned",
)  # fmt: skip
_DEAD_COLUMNS = ("product_id", "pieces", "value_minor", "last_sold_at")


def _as_told(rows: Sequence[Any], columns: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in columns} for row in rows]


def _squares(row: report_queries.Demand) -> float:
    return row.spread**2 * max(1, row.days - 1)


def _spread_squares(row: dict[str, Any]) -> float:
    return max(0.0, float(row["squares"]) - float(row["sold"]) ** 2 / float(row["days"]))


async def _all(client: Client, sql: str, *args: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in await client.app.shop.database.pool.fetch(sql, *args)]


async def all_folded(client: Client) -> None:
    """Everything that is committed now is summed up; other tests run at the same time."""
    database = client.app.shop.database
    newest = await database.reader.value("select coalesce(max(id), 0) from stock_movements")
    while await database.reader.value("select movement_id < $1 from stock_folding", newest):
        await fold_history(database)
        await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(6))
async def test_any_history_is_reported_as_it_was(client: Client, seed: int) -> None:
    chance = Random(seed)
    admin = await client.signed_in("admin")
    company = await client.a_company()
    await client.a_warehouse(company)
    products = [
        (await client.a_product(company_id=company, stock=chance.choice([0, 3, 40]), price=chance.randint(1, 90)))["id"]
        for _ in range(4)
    ]
    places = await client.app.shop.database.reader.values("select id from warehouses where company_id = $1", company)
    for product in products[:3]:
        born = clock.now() - timedelta(days=chance.randint(5, 60))
        await client.value("update products set created_at = $2 where id = $1 returning id", product, born)
        await rewrite(client, "update stock_movements set occurred_at = $2 where product_id = $1", product, born)

    for _ in range(25):
        match chance.randrange(6):
            case 0:
                await all_folded(client)
            case 1:
                await admin.put(f"/products/{chance.choice(products)}", {"price": chance.randint(1, 90)})
            case _:
                await _something(client, chance, chance.choice(products), chance.choice(places))
        if chance.random() < 0.4:
            await the_same(client, company, chance.choice([1, 7, 30, 90]))
    await all_folded(client)
    await the_same(client, company, 30)


async def _something(client: Client, chance: Random, product: int, warehouse: int) -> None:
    """An entry at some moment past, as the verbs write them."""
    reason, on_hand, reserved = chance.choice(
        [
            ("receipt", 5, 0),
            ("sale", 0, 2),
            ("release", 0, -1),
            ("shipment", -1, -1),
            ("return", 1, 0),
            ("damage", -1, 0),
        ]
    )
    moment = clock.now() - timedelta(hours=chance.choice([0, 5, 30, 100, 24 * 40]))
    pool = client.app.shop.database.pool
    await pool.execute(
        "insert into stock_levels (product_id, warehouse_id) values ($1, $2) on conflict do nothing", product, warehouse
    )
    await pool.execute(
        """
        with level as (
            update stock_levels l set on_hand = l.on_hand + $4, reserved = l.reserved + $5
            where l.product_id = $1 and l.warehouse_id = $2 and l.on_hand + $4 >= l.reserved + $5 and l.reserved + $5 >= 0
            returning l.on_hand, l.reserved
        )
        insert into stock_movements (product_id, warehouse_id, reason, on_hand_change, reserved_change, on_hand_after,
                                     reserved_after, occurred_at)
        select $1, $2, $3::text, $4::integer, $5::integer, on_hand, reserved, $6::timestamptz from level
        """,
        product,
        warehouse,
        reason,
        on_hand,
        reserved,
        moment,
    )


async def test_who_commits_late_is_not_left_out(client: Client) -> None:
    company = await client.a_company()
    product = (await client.a_product(company_id=company, stock=10))["id"]
    (place,) = await client.app.shop.database.reader.values("select id from warehouses where company_id = $1", company)
    seller = await client.signed_in("admin")
    database = client.app.shop.database

    async with database.transaction() as late:
        await late.run(
            "update stock_levels set on_hand = 11 where product_id = $1 and warehouse_id = $2", product, place
        )
        await late.run("update product_stock set available = 11 where product_id = $1", product)
        await late.run(
            """
            insert into stock_movements (product_id, warehouse_id, reason, on_hand_change, on_hand_after, reserved_after,
                                         occurred_at)
            values ($1, $2, 'receipt', 1, 11, 0, $3)
            """,
            product,
            place,
            clock.now(),
        )
        other = (await client.a_product(company_id=company, stock=7))["id"]
        for _ in range(4):
            await fold_history(database)
        await the_same(client, company, 30)
    await the_same(client, company, 30)
    await all_folded(client)
    await the_same(client, company, 30)
    assert (await seller.get(f"/inventory/report?company={company}")).json()["totals"][0]["pieces"] == 18
    assert other != product


async def test_many_sum_up_at_once_and_nothing_is_counted_twice(client: Client) -> None:
    company = await client.a_company()
    await client.a_product(company_id=company, stock=12, price=5)
    database = client.app.shop.database

    for _ in range(5):
        await asyncio.gather(*(fold_history(database) for _ in range(4)))
    await all_folded(client)

    await the_same(client, company, 30)


async def test_a_shop_that_is_loaded_at_once_is_summed_up_at_once(client: Client) -> None:
    company = await client.a_company()
    for stock in (12, 0, 3):
        await client.a_product(company_id=company, stock=stock, price=5)
    await all_folded(client)
    sums = """
        select w.*, d.* from stock_worth w join warehouses h on h.id = w.warehouse_id
        left join stock_worth_days d on d.warehouse_id = w.warehouse_id where h.company_id = $1 order by d.day
        """
    async with client.app.shop.database.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            step_by_step = await connection.fetch(sums, company)
            await connection.execute("truncate stock_days, stock_slots, stock_worth, stock_worth_days")
            await inventory.fold_past(Tx(connection))
            assert await connection.fetch(sums, company) == step_by_step != []
        finally:
            await transaction.rollback()


async def test_what_is_worth_more_than_any_number_of_the_database_is_summed_up_too(client: Client) -> None:
    company = await client.a_company()
    product = (await client.a_product(company_id=company, stock=1_000_000_000))["id"]
    await client.value("update products set price_minor = 1000000000000 where id = $1", product)
    await all_folded(client)
    assert await client.value("select on_hand from stock_slots where product_id = $1", product) == 1_000_000_000
