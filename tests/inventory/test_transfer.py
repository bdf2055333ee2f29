"""Moving stock between warehouses: all of it or nothing, never what is held, however many at once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

from tests.builders import Client, an_order
from tests.inventory.books import assert_books_balance


async def two_warehouses(client: Client, **sides: int) -> tuple[int, int, int]:
    company = await client.a_company()
    first = await client.value("select min(id) from warehouses where company_id = $1", company)
    return company, first, await client.a_warehouse(company)


def moving(from_id: int, to_id: int, *items: tuple[int, int], **fields: Any) -> dict[str, Any]:
    listed = [{"productId": product, "quantity": quantity} for product, quantity in items]
    return {"fromWarehouseId": from_id, "toWarehouseId": to_id, "items": listed, **fields}


async def levels(client: Client, product: int) -> list[int]:
    found: list[int] = await client.value(
        "select array_agg(on_hand order by warehouse_id) from stock_levels where product_id = $1", product
    )
    return found


async def test_stock_is_moved(client: Client) -> None:
    company, first, second = await two_warehouses(client)
    one, two = [(await client.a_product(company_id=company, stock=10))["id"] for _ in range(2)]
    seller = await client.signed_in("seller", company_id=company)

    reply = await seller.post("/inventory/transfers", moving(first, second, (two, 4), (one, 10), note="rebalance"))

    assert reply.status_code == 201, reply.text
    made = reply.json()
    assert made["items"] == [{"productId": one, "quantity": 10}, {"productId": two, "quantity": 4}]
    assert (await levels(client, one), await levels(client, two)) == ([0, 10], [6, 4])
    assert (await client.get(f"/products/{one}")).json()["stock"] == 10
    admin = await client.signed_in("admin")
    history = (await admin.get(f"/inventory/history?transfer={made['id']}")).json()["history"]
    assert sorted(entry["onHandChange"] for entry in history) == [-10, -4, 4, 10]
    assert {(entry["reason"], entry["note"]) for entry in history} == {("transfer", "rebalance")}
    await assert_books_balance(client, [one, two])


async def test_all_or_nothing_and_never_what_is_held(client: Client) -> None:
    company, first, second = await two_warehouses(client)
    one, two = [(await client.a_product(company_id=company, stock=10))["id"] for _ in range(2)]
    seller, buyer = await client.signed_in("seller", company_id=company), await client.signed_in()
    assert (await buyer.post("/orders", an_order((two, 3)))).status_code == 201

    reply = await seller.post("/inventory/transfers", moving(first, second, (one, 1), (two, 8)))

    assert (reply.status_code, reply.json()["code"]) == (422, "INSUFFICIENT_STOCK")
    assert reply.json()["details"] == {f"products.{two}": ["only 7 left"]}
    assert await levels(client, one) == [10]
    assert (await seller.post("/inventory/transfers", moving(first, second, (two, 7)))).status_code == 201
    await assert_books_balance(client, [one, two])


async def test_what_is_refused(client: Client) -> None:
    north = await client.a_zone()
    company, first, second = await two_warehouses(client)
    in_north = await client.a_warehouse(company, north)
    other, foreign, _ = await two_warehouses(client)
    product = (await client.a_product(company_id=company, stock=10))["id"]
    theirs = (await client.a_product(company_id=other, stock=10))["id"]
    seller = await client.signed_in("seller", company_id=company)
    admin, of_north = await client.signed_in("admin"), await client.signed_in("location_admin", zone_ids=[north])

    async def answer(who: Client, body: dict[str, Any]) -> tuple[int, str]:
        reply = await who.post("/inventory/transfers", body)
        return reply.status_code, reply.json()["code"]

    assert await answer(seller, moving(first, first, (product, 1))) == (422, "SAME_WAREHOUSE")
    assert await answer(seller, moving(first, foreign, (product, 1))) == (404, "WAREHOUSE_NOT_FOUND")
    assert await answer(admin, moving(first, foreign, (product, 1))) == (404, "WAREHOUSE_NOT_FOUND")
    assert await answer(of_north, moving(first, in_north, (product, 1))) == (404, "WAREHOUSE_NOT_FOUND")
    assert await answer(admin, moving(first, second, (theirs, 1))) == (400, "VALIDATION_ERROR")
    assert await answer(admin, moving(first, second, (2**40, 1))) == (400, "VALIDATION_ERROR")
    assert await answer(seller, moving(first, second, (product, 1), (product, 2))) == (400, "VALIDATION_ERROR")
    assert await answer(seller, moving(first, second, (product, 0))) == (400, "VALIDATION_ERROR")
    assert await answer(seller, moving(first, second)) == (400, "VALIDATION_ERROR")


async def test_transfers_both_ways_beside_sales_lose_nothing(client: Client) -> None:
    chance = random.Random(5)
    company, first, second = await two_warehouses(client)
    products = [(await client.a_product(company_id=company, stock=20))["id"] for _ in range(4)]
    seller, buyer = await client.signed_in("seller", company_id=company), await client.signed_in()

    async def move() -> int:
        items = [(product, chance.randint(1, 6)) for product in chance.sample(products, 3)]
        from_id, to_id = chance.sample([first, second], 2)
        return (await seller.post("/inventory/transfers", moving(from_id, to_id, *items))).status_code

    async def sell() -> int:
        basket = [(product, 1) for product in chance.sample(products, 3)]
        return (await buyer.post("/orders", an_order(*basket))).status_code

    statuses = Counter(await asyncio.gather(*(chance.choice([move, sell])() for _ in range(40))))

    assert statuses.keys() <= {201, 422}
    assert statuses[201] > 10
    for product in products:
        assert sum(await levels(client, product)) == 20
    await assert_books_balance(client, products)
