"""Reserving and releasing: whatever happens at once, nothing is sold twice and the books balance."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import timedelta

import pytest

from entrepot import inventory
from entrepot.inventory import InsufficientStock, Wanted
from entrepot.inventory.model import Shelf
from entrepot.inventory.which_warehouse import take_from
from entrepot.kernel import clock
from entrepot.orders import expire_unpaid
from tests.builders import Client, an_order
from tests.inventory.books import assert_books_balance


async def test_sixty_buyers_of_ten_pieces_buy_exactly_ten(client: Client) -> None:
    product = await client.a_product(stock=10)
    buyers = [await client.signed_in() for _ in range(60)]

    replies = await asyncio.gather(*(buyer.post("/orders", an_order((product["id"], 1))) for buyer in buyers))

    assert Counter(reply.status_code for reply in replies) == {201: 10, 422: 50}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 422} == {"INSUFFICIENT_STOCK"}
    assert (await client.get(f"/products/{product['id']}")).json()["stock"] == 0
    await assert_books_balance(client, [product["id"]])


async def test_a_refusal_names_each_product_and_what_is_left(client: Client) -> None:
    some, none, enough = [await client.a_product(stock=stock) for stock in (2, 0, 50)]
    buyer = await client.signed_in()

    reply = await buyer.post("/orders", an_order((some["id"], 3), (none["id"], 1), (enough["id"], 1)))

    assert reply.status_code == 422
    assert reply.json()["details"] == {
        f"products.{some['id']}": ["only 2 left"],
        f"products.{none['id']}": ["sold out"],
    }
    assert await client.value("select count(*) from orders where user_id = $1", buyer.user["id"]) == 0
    await assert_books_balance(client, [some["id"], none["id"], enough["id"]])


async def test_a_product_named_twice_is_one_line(client: Client) -> None:
    product = await client.a_product(stock=5)
    buyer = await client.signed_in()

    assert (await buyer.post("/orders", an_order((product["id"], 3), (product["id"], 3)))).status_code == 422
    reply = await buyer.post("/orders", an_order((product["id"], 3), (product["id"], 2)))

    assert [line["quantity"] for line in reply.json()["products"]] == [5]


async def test_baskets_in_any_order_never_wait_for_each_other_in_a_circle(client: Client) -> None:
    company = await client.a_company()
    products = [(await client.a_product(company_id=company, stock=30))["id"] for _ in range(6)]
    buyers = [await client.signed_in() for _ in range(40)]
    chance = random.Random(7)

    async def buy(buyer: Client) -> int:
        basket = [(product, chance.randint(1, 3)) for product in chance.sample(products, 4)]
        reply = await buyer.post("/orders", an_order(*basket))
        return reply.status_code

    statuses = Counter(await asyncio.gather(*map(buy, buyers)))

    assert statuses.keys() <= {201, 422}
    assert statuses[201] > 5
    await assert_books_balance(client, products)


@pytest.mark.parametrize("seed", range(4))
async def test_any_sequence_of_sales_and_releases_keeps_the_books(client: Client, seed: int) -> None:
    """Several products in several warehouses; sales and releases of random baskets, several at a time."""
    chance = random.Random(seed)
    company = await client.a_company()
    products = [(await client.a_product(company_id=company, stock=chance.randint(0, 12)))["id"] for _ in range(4)]
    for product in products:
        await put_elsewhere(client, company, product, chance.randint(0, 12))
    buyer = await client.signed_in()
    placed: list[int] = []

    async def sell() -> None:
        basket = [(product, chance.randint(1, 4)) for product in chance.sample(products, chance.randint(1, 4))]
        reply = await buyer.post("/orders", an_order(*basket))
        assert reply.status_code in (201, 422), reply.text
        if reply.status_code == 201:
            placed.append(await client.value("select id from orders where number = $1", reply.json()["id"]))

    async def give_back() -> None:
        if placed:
            order_id = chance.choice(placed)  # also one that was given back before: nothing happens then
            async with client.app.shop.database.transaction() as tx:
                await inventory.release(tx, order_id, actor_id=None)

    for _ in range(6):
        await asyncio.gather(*(chance.choice([sell, sell, give_back])() for _ in range(6)))
        await assert_books_balance(client, products)


async def put_elsewhere(client: Client, company_id: int, product_id: int, quantity: int) -> int:
    """Stock in a further warehouse, as receiving would write it."""
    warehouse_id = await client.a_warehouse(company_id)
    await client.value("insert into stock_levels values ($1, $2, $3)", product_id, warehouse_id, quantity)
    await client.value(
        "update product_stock set available = available + $2 where product_id = $1", product_id, quantity
    )
    await client.value(
        """
        insert into stock_movements
            (product_id, warehouse_id, reason, on_hand_change, on_hand_after, reserved_after, occurred_at)
        values ($1, $2, 'receipt', $3, $3, 0, now())
        """,
        product_id,
        warehouse_id,
        quantity,
    )
    return warehouse_id


async def test_one_order_takes_from_several_warehouses_when_none_has_enough(client: Client) -> None:
    company = await client.a_company()
    product = await client.a_product(company_id=company, stock=4)
    await put_elsewhere(client, company, product["id"], 5)
    buyer = await client.signed_in()

    assert (await buyer.post("/orders", an_order((product["id"], 10)))).status_code == 422
    assert (await buyer.post("/orders", an_order((product["id"], 9)))).status_code == 201

    await assert_books_balance(client, [product["id"]])
    with clock.moved(timedelta(hours=1)):
        await expire_unpaid(client.app.shop.database)
    await assert_books_balance(client, [product["id"]])
    assert await client.value("select available from product_stock where product_id = $1", product["id"]) == 9


A, B, C = 1, 2, 3  # warehouses


@pytest.mark.parametrize(
    ("shelves", "wanted", "taken"),
    [
        ([(A, 5, False), (B, 9, False)], 4, [(B, 4)]),
        ([(A, 5, True), (B, 9, False)], 4, [(A, 4)]),
        ([(A, 5, True), (B, 9, False)], 6, [(A, 5), (B, 1)]),
        ([(A, 5, True), (B, 9, False)], 11, [(A, 5), (B, 6)]),
        ([(A, 5, False), (B, 5, False)], 5, [(A, 5)]),
        ([(A, 2, False), (B, 3, False), (C, 4, False)], 6, [(C, 4), (B, 2)]),
        ([(A, 0, True), (B, 1, False)], 1, [(B, 1)]),
    ],
    ids=["fullest", "near first", "near before enough", "near, then the rest", "older on a tie", "few", "empty is skipped"],
)  # fmt: skip
def test_which_warehouse_serves(
    shelves: list[tuple[int, int, bool]], wanted: int, taken: list[tuple[int, int]]
) -> None:
    standing = [Shelf(7, warehouse, available, near) for warehouse, available, near in shelves]

    chosen = [(take.warehouse_id, take.quantity) for take in take_from(standing, [Wanted(1, 7, wanted)])]

    assert chosen == taken


def test_two_lines_share_what_is_there() -> None:
    with pytest.raises(InsufficientStock):
        take_from([Shelf(7, A, 5, False)], [Wanted(1, 7, 3), Wanted(2, 7, 3)])
