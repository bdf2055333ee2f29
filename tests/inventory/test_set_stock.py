"""Setting stock by the verb that the catalog, imports and routes share."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import asyncpg
import pytest

from entrepot import inventory
from entrepot.inventory import FirstStock, Reason, StockChange, StockSet
from entrepot.inventory.model import (
    NoWarehouse,
    ProductUnknown,
    StockReserved,
    TooMuchStock,
    WarehouseNeeded,
    WarehouseNotFound,
)
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.errors import Forbidden
from tests.builders import Client, an_order
from tests.inventory.books import assert_books_balance

ADMIN = Actor(role=Role.ADMIN)


async def set_many(client: Client, *changes: StockChange, actor: Actor = ADMIN, **how: Any) -> list[StockSet]:
    async with client.app.shop.database.transaction() as tx:
        return await inventory.set_stock_many(tx, actor, changes, **how)


async def first_warehouse(client: Client, company_id: int) -> int:
    warehouse_id: int = await client.value("select min(id) from warehouses where company_id = $1", company_id)
    return warehouse_id


async def test_stock_is_set_adjusted_and_counted(client: Client) -> None:
    product = (await client.a_product(stock=10))["id"]
    buyer = await client.signed_in()
    assert (await buyer.post("/orders", an_order((product, 3)))).status_code == 201

    async def done(**change: int) -> tuple[int, int, int, int]:
        (outcome,) = await set_many(client, StockChange(product_id=product, **change))
        assert outcome.refusal is None
        return outcome.change, outcome.on_hand, outcome.reserved, outcome.total

    assert await done(available=20) == (13, 23, 3, 20)
    assert await done(adjustment=-5) == (-5, 18, 3, 15)
    assert await done(on_hand=3) == (-15, 3, 3, 0)
    assert await done(on_hand=3) == (0, 3, 3, 0)
    await assert_books_balance(client, [product])


async def test_what_is_held_for_orders_cannot_be_taken_away(client: Client) -> None:
    product = (await client.a_product(stock=10))["id"]
    buyer = await client.signed_in()
    assert (await buyer.post("/orders", an_order((product, 4)))).status_code == 201

    for change in ({"on_hand": 3}, {"adjustment": -7}):
        (outcome,) = await set_many(client, StockChange(product_id=product, **change))
        assert isinstance(outcome.refusal, StockReserved)
        assert "At most 6" in outcome.refusal.message
    await assert_books_balance(client, [product])


async def test_without_a_warehouse_the_number_is_over_all(client: Client) -> None:
    company = await client.a_company()
    product = (await client.a_product(company_id=company, stock=10))["id"]
    first, second = await first_warehouse(client, company), await client.a_warehouse(company)

    outcomes = await set_many(
        client,
        StockChange(product_id=product, warehouse_id=second, available=7),
        StockChange(product_id=product, available=20),  # 3 more, in the first
        StockChange(product_id=product, adjustment=-15),  # 13 from the first, 2 from the second
        StockChange(product_id=product, on_hand=5),
    )

    assert [(outcome.change, outcome.total) for outcome in outcomes[:3]] == [(7, 17), (3, 20), (-15, 5)]
    assert isinstance(outcomes[3].refusal, WarehouseNeeded)
    levels = "select array_agg(on_hand order by warehouse_id) from stock_levels where product_id = $1"
    assert await client.value(levels, product) == [0, 5]
    assert first < second
    await assert_books_balance(client, [product])


async def test_each_row_is_refused_for_itself(client: Client) -> None:
    company, other = await client.a_company(), await client.a_company()
    product = (await client.a_product(company_id=company, stock=10))["id"]
    bare = await client.a_company()
    await client.value("update warehouses set deleted_at = now() where company_id = $1", bare)
    homeless = (await client.a_product(company_id=bare, stock=0))["id"]

    outcomes = await set_many(
        client,
        StockChange(product_id=2**40, available=1),
        StockChange(product_id=product, warehouse_id=await first_warehouse(client, other), available=1),
        StockChange(product_id=homeless, available=1),
        StockChange(product_id=product, adjustment=2_000_000_000),
        StockChange(product_id=product, adjustment=1),
    )

    assert [type(outcome.refusal) for outcome in outcomes] == [
        ProductUnknown,
        WarehouseNotFound,
        NoWarehouse,
        TooMuchStock,
        type(None),
    ]
    assert outcomes[-1].total == 11
    await assert_books_balance(client, [product, homeless])


async def test_who_may_change_what(client: Client) -> None:
    north, south = await client.a_zone(), await client.a_zone()
    company = await client.a_company(zones={north: (0, None), south: (0, None)})
    product = (await client.a_product(company_id=company, stock=10))["id"]
    in_north = await client.a_warehouse(company, north)
    own = Actor(role=Role.SELLER, company_id=company)
    foreign = Actor(role=Role.SELLER, company_id=await client.a_company())
    nobody = Actor(role=Role.SELLER)
    of_north = Actor(role=Role.LOCATION_ADMIN, zone_ids=(north,))
    of_south = Actor(role=Role.LOCATION_ADMIN, zone_ids=(south,))
    elsewhere = Actor(role=Role.LOCATION_ADMIN, zone_ids=(await client.a_zone(),))

    async def refusal(actor: Actor, **change: int) -> type:
        (outcome,) = await set_many(client, StockChange(product_id=product, **change), actor=actor)
        return type(outcome.refusal)

    assert await refusal(own, adjustment=1) is type(None)
    assert await refusal(foreign, adjustment=1) is Forbidden
    assert await refusal(nobody, adjustment=1) is Forbidden
    assert await refusal(Actor(role=Role.USER), adjustment=1) is Forbidden
    assert await refusal(elsewhere, adjustment=1) is Forbidden
    assert await refusal(of_north, adjustment=4) is type(None)
    assert await refusal(of_north, adjustment=-5) is StockReserved  # only what lies in its zone is its to take
    assert await refusal(of_south, adjustment=1) is NoWarehouse
    assert await refusal(of_south, warehouse_id=in_north, adjustment=1) is WarehouseNotFound
    assert await client.value("select on_hand from stock_levels where warehouse_id = $1", in_north) == 4


async def test_a_change_is_told_of(client: Client) -> None:
    product = (await client.a_product(stock=10))["id"]

    async def told(**change: int) -> list[str]:
        last = await client.value("select coalesce(max(id), 0) from events")
        await set_many(client, StockChange(product_id=product, **change), reason=Reason.DAMAGE, note="fell down")
        names = """
            select coalesce(array_agg(name order by id), '{}') from events
            where id > $1 and (data ->> 'productId' = $2 or data -> 'productIds' @> to_jsonb($2::bigint))
            """
        found: list[str] = await client.app.shop.database.pool.fetchval(
            names.replace("= $2", "= $2::bigint::text"), last, product
        )
        return found

    assert await told(available=6) == ["stock.changed"]
    assert await told(available=5) == ["stock.changed", "stock.low"]
    assert await told(available=4) == ["stock.changed"]
    assert await told(available=0) == ["stock.changed", "stock.out"]
    assert await told(available=0) == []
    assert await told(available=2) == ["stock.changed", "stock.back"]
    assert await told(available=0, low_stock_threshold=20) == ["stock.changed", "stock.out"]
    assert await told(available=30) == ["stock.changed", "stock.back"]
    assert await told(available=20) == ["stock.changed", "stock.low"]
    last = "select reason || ': ' || note from stock_movements where product_id = $1 order by id desc limit 1"
    assert await client.value(last, product) == "damage: fell down"


async def test_first_stock_of_many_products(client: Client) -> None:
    company, bare = await client.a_company(), await client.a_company()
    await client.value("update warehouses set deleted_at = now() where company_id = $1", bare)
    products = [(await client.a_product(company_id=owner, stock=0))["id"] for owner in (company, company, bare, bare)]
    pool = client.app.shop.database.pool
    for table in ("stock_levels", "product_stock"):
        await pool.execute(f"delete from {table} where product_id = any($1::bigint[])", products)

    async with client.app.shop.database.transaction() as tx:
        homeless = await inventory.open_stock_many(
            tx,
            ADMIN,
            [
                FirstStock(products[0], company, 5),
                FirstStock(products[1], company, 0),
                FirstStock(products[2], bare, 3),
                FirstStock(products[3], bare, 0),
            ],
        )

    assert homeless == [products[2]]
    totals = "select array_agg(available order by product_id) from product_stock where product_id = any($1::bigint[])"
    assert await client.value(totals, products) == [5, 0, 0, 0]
    await assert_books_balance(client, products)


@pytest.mark.parametrize("seed", range(3))
async def test_changes_in_any_order_at_once_keep_the_books(client: Client, seed: int) -> None:
    """Many rows in one go, in random order, beside sales: nothing deadlocks, and the books balance."""
    chance = random.Random(seed)
    company = await client.a_company()
    products = [(await client.a_product(company_id=company, stock=30))["id"] for _ in range(6)]
    places = [None, await first_warehouse(client, company), await client.a_warehouse(company)]
    buyer = await client.signed_in()

    async def change() -> None:
        await set_many(
            client,
            *(
                StockChange(
                    product_id=chance.choice(products),
                    warehouse_id=chance.choice(places),
                    **{chance.choice(["available", "on_hand", "adjustment"]): chance.randint(0, 9)},
                )
                for _ in range(12)
            ),
        )

    async def sell() -> None:
        basket = [(product, chance.randint(1, 3)) for product in chance.sample(products, 3)]
        assert (await buyer.post("/orders", an_order(*basket))).status_code in (201, 422)

    await asyncio.gather(*(chance.choice([change, sell])() for _ in range(30)))

    await assert_books_balance(client, products)


@pytest.mark.parametrize(
    "harm",
    [
        "update stock_movements set note = 'nothing happened' where product_id = {product}",
        "delete from stock_movements where product_id = {product}",
        "truncate stock_movements",
    ],
)
async def test_the_history_is_only_added_to(client: Client, harm: str) -> None:
    product = (await client.a_product(stock=10))["id"]

    with pytest.raises(asyncpg.RestrictViolationError, match="stock_movements are never changed or deleted"):
        await client.value(harm.format(product=product))

    await assert_books_balance(client, [product])
