"""Shipping and taking back, and any mix of everything that changes stock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot import inventory
from entrepot.inventory import Back, InsufficientStock, NotShipped, Reason, StockChange
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from tests.builders import Client, an_order, unique
from tests.inventory.books import assert_books_balance

ADMIN = Actor(role=Role.ADMIN)


async def in_tx(client: Client, verb: Callable[[Tx], Awaitable[Any]]) -> Any:
    async with client.app.shop.database.transaction() as tx:
        return await verb(tx)


async def an_order_of(client: Client, *lines: tuple[int, int]) -> tuple[int, list[int]]:
    """The id of a new order, and those of its lines."""
    buyer = await client.signed_in()
    reply = await buyer.post("/orders", an_order(*lines))
    assert reply.status_code == 201, reply.text
    order_id = await client.value("select id from orders where number = $1", reply.json()["id"])
    ids = await client.value("select array_agg(id order by position) from order_lines where order_id = $1", order_id)
    return order_id, ids


async def level(client: Client, product: int) -> tuple[int, int, int]:
    """On hand, reserved, and what can be bought, over all warehouses."""
    row = await client.app.shop.database.pool.fetchrow(
        """
        select sum(on_hand)::int, sum(reserved)::int, (select available from product_stock where product_id = $1)
        from stock_levels where product_id = $1
        """,
        product,
    )
    return tuple(row)


async def test_shipping_takes_what_was_held(client: Client) -> None:
    product = (await client.a_product(stock=10))["id"]
    order, (line,) = await an_order_of(client, (product, 4))
    assert await level(client, product) == (10, 4, 6)

    taken = await in_tx(client, lambda tx: inventory.ship(tx, order, actor_id=None))

    assert [(take.line_id, take.quantity) for take in taken] == [(line, 4)]
    assert taken[0].why == "the only one that has any left"
    assert await level(client, product) == (6, 0, 6)
    assert await in_tx(client, lambda tx: inventory.ship(tx, order, actor_id=None)) == []
    assert await in_tx(client, lambda tx: inventory.release(tx, order, actor_id=None)) == []
    await assert_books_balance(client, [product])


async def test_lines_are_shipped_and_released_apart(client: Client) -> None:
    one, two = [(await client.a_product(stock=10))["id"] for _ in range(2)]
    order, (first, second) = await an_order_of(client, (one, 4), (two, 5))

    await in_tx(client, lambda tx: inventory.ship(tx, order, line_ids=[first], actor_id=None))
    assert (await level(client, one), await level(client, two)) == ((6, 0, 6), (10, 5, 5))
    released = await in_tx(client, lambda tx: inventory.release(tx, order, line_ids=[second], actor_id=None))

    assert released == [two]
    assert (await level(client, one), await level(client, two)) == ((6, 0, 6), (10, 0, 10))
    await assert_books_balance(client, [one, two])


async def test_what_comes_back_can_be_bought_again(client: Client) -> None:
    product = (await client.a_product(stock=4))["id"]
    order, (line,) = await an_order_of(client, (product, 4))
    await in_tx(client, lambda tx: inventory.ship(tx, order, actor_id=None))
    last = await client.value("select max(id) from events")

    back = await in_tx(client, lambda tx: inventory.take_back(tx, order, [Back(line, 3)], actor_id=None))

    assert back == [product]
    assert await level(client, product) == (3, 0, 3)
    events = "select array_agg(name order by id) from events where id > $1"
    assert await client.value(events, last) == ["stock.changed", "stock.back"]
    reason = "select reason || ' ' || on_hand_change from stock_movements where order_id = $1 order by id desc limit 1"
    assert await client.value(reason, order) == "return 3"
    with pytest.raises(NotShipped):
        await in_tx(client, lambda tx: inventory.take_back(tx, order, [Back(line, 2)], actor_id=None))
    await in_tx(client, lambda tx: inventory.take_back(tx, order, [Back(line, 1)], actor_id=None))
    await assert_books_balance(client, [product])


async def test_what_was_not_shipped_does_not_come_back(client: Client) -> None:
    product = (await client.a_product(stock=4))["id"]
    order, (line,) = await an_order_of(client, (product, 4))

    for lines in ([Back(line, 1)], [Back(2**40, 1)]):
        with pytest.raises(NotShipped):
            await in_tx(client, lambda tx, lines=lines: inventory.take_back(tx, order, lines, actor_id=None))  # type: ignore[misc]
    await assert_books_balance(client, [product])


async def test_a_return_to_a_warehouse_that_is_gone_goes_to_the_first(client: Client) -> None:
    company = await client.a_company()
    product = (await client.a_product(company_id=company, stock=0))["id"]
    second = await client.a_warehouse(company)
    change = StockChange(product_id=product, warehouse_id=second, available=2)
    await in_tx(client, lambda tx: inventory.set_stock(tx, ADMIN, change))
    order, (line,) = await an_order_of(client, (product, 2))
    await in_tx(client, lambda tx: inventory.ship(tx, order, actor_id=None))
    await client.value("update warehouses set deleted_at = now() where id = $1", second)

    await in_tx(client, lambda tx: inventory.take_back(tx, order, [Back(line, 2)], actor_id=None))

    levels = "select array_agg(on_hand order by warehouse_id) from stock_levels where product_id = $1"
    assert await client.value(levels, product) == [2, 0]
    await assert_books_balance(client, [product])


async def test_the_same_pieces_come_back_once_however_often_it_is_tried(client: Client) -> None:
    product = (await client.a_product(stock=5))["id"]
    order, (line,) = await an_order_of(client, (product, 5))
    await in_tx(client, lambda tx: inventory.ship(tx, order, actor_id=None))

    async def give_back() -> bool:
        try:
            await in_tx(client, lambda tx: inventory.take_back(tx, order, [Back(line, 1)], actor_id=None))
        except NotShipped:
            return False
        return True

    assert sum(await asyncio.gather(*(give_back() for _ in range(12)))) == 5
    assert await level(client, product) == (5, 0, 5)
    await assert_books_balance(client, [product])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "ship", "release", "take back", "set", "adjust", "count", "transfer"]),
        st.integers(0, 2),
        st.integers(0, 1),
        st.integers(0, 8),
    ),
    min_size=1,
    max_size=25,
)


_ORDERS = """
    with orders as (
        insert into orders (number, guest_email, currency, subtotal_minor, tax_minor, shipping_minor, total_minor, status,
                            payment_status, payment_method, shipping_address, created_at, updated_at)
        select $3 || '-' || n, 'floor@example.com', 'USD', 1, 0, 0, 1, 'pending', 'unpaid', 'invoice', '{}', now(), now()
        from generate_series(1, 30) n returning id
    ), parts as (
        insert into order_parts (order_id, company_id, status, subtotal_minor, tax_minor, shipping_minor, total_minor,
                                 commission_bp, commission_minor, updated_at)
        select id, $1, 'pending', 1, 0, 0, 1, 0, 0, now() from orders returning id, order_id
    )
    insert into order_lines (order_id, part_id, position, product_id, sku, title, quantity, price_minor, total_minor,
                             discounted_minor, tax_minor)
    select order_id, id, 0, ($2::bigint[])[1 + order_id % 3], 'F', 'Floor', 9, 1, 9, 9, 0 from parts
    returning order_id, id, product_id
    """


class Floor:
    """A company with two warehouses and three products, and what was ordered of them."""

    def __init__(self, client: Client, products: list[int], warehouses: list[int], orders: list[tuple[int, int, int]]):
        self.client = client
        self.products = products
        self.warehouses = warehouses
        self.orders = orders
        """Order, line and product; nothing is held for them yet."""
        self.placed: list[tuple[int, int, int]] = []

    @classmethod
    async def made(cls, client: Client) -> Floor:
        company = await client.a_company()
        products = [(await client.a_product(company_id=company, stock=30))["id"] for _ in range(3)]
        first = await client.value("select min(id) from warehouses where company_id = $1", company)
        warehouses = [first, await client.a_warehouse(company)]
        orders = [
            tuple(record)
            for record in await client.app.shop.database.pool.fetch(_ORDERS, company, products, unique("F"))
        ]
        return cls(client, products, warehouses, orders)

    async def step(self, verb: str, product: int, warehouse: int, number: int) -> None:
        """One verb in a transaction of its own; what is refused changes nothing."""
        product_id, warehouse_id = self.products[product], self.warehouses[warehouse]
        try:
            match verb:
                case "reserve":
                    await self._reserve(product_id, number + 1)
                case "ship":
                    await self._with_placed(number, lambda tx, order, _: inventory.ship(tx, order, actor_id=None))
                case "release":
                    await self._with_placed(number, lambda tx, order, _: inventory.release(tx, order, actor_id=None))
                case "take back":
                    back = lambda tx, order, line: inventory.take_back(  # noqa: E731
                        tx, order, [Back(line, number + 1)], actor_id=None
                    )
                    await self._with_placed(number, back)
                case "transfer":
                    ends = (warehouse_id, self.warehouses[1 - warehouse])
                    quantities = {product_id: number + 1, self.products[0]: 1}
                    await in_tx(self.client, lambda tx: inventory.transfer(tx, ADMIN, *ends, quantities))
                case _:
                    field = {"set": "available", "adjust": "adjustment", "count": "on_hand"}[verb]
                    change = StockChange(
                        product_id=product_id, warehouse_id=warehouse_id, **{field: number - 4 * (verb == "adjust")}
                    )
                    await in_tx(
                        self.client,
                        lambda tx: inventory.set_stock_many(tx, ADMIN, [change], reason=Reason.CORRECTION),
                    )
        except (InsufficientStock, NotShipped):
            pass

    async def _reserve(self, product_id: int, quantity: int) -> None:
        found = next((order for order in self.orders if order[2] == product_id), None)
        if found is not None:
            self.orders.remove(found)
            order, line, _ = found
            wanted = [inventory.Wanted(line, product_id, quantity)]
            await in_tx(self.client, lambda tx: inventory.reserve(tx, order, wanted, zone_id=None, actor_id=None))
            self.placed.append(found)

    async def _with_placed(self, number: int, verb: Callable[[Tx, int, int], Awaitable[Any]]) -> None:
        if self.placed:
            order, line, _ = self.placed[number % len(self.placed)]
            await in_tx(self.client, lambda tx: verb(tx, order, line))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_any_sequence_of_verbs_keeps_the_books(client: Client, steps: list[tuple[str, int, int, int]]) -> None:
    """Available never below zero, stock the sum of its history, reserved the sum of open reservations: after each step."""
    floor = await Floor.made(client)
    for step in steps:
        await floor.step(*step)
        await assert_books_balance(client, floor.products)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_any_mix_of_verbs_at_once_keeps_the_books(client: Client, steps: list[tuple[str, int, int, int]]) -> None:
    """All at the same time: no deadlock reaches anybody, and the books balance."""
    floor = await Floor.made(client)
    await asyncio.gather(*(floor.step(*step) for step in steps * 2))
    await assert_books_balance(client, floor.products)
