"""Four processes sell one product to two hundred buyers, while it is moved, counted and given back: never one too many."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from entrepot import inventory
from tests.builders import Client, unique
from tests.inventory.books import assert_books_balance
from tests.inventory.crowd import Result, Round

PROCESSES = 4
PIECES = 50
BUYERS = 200
ROUNDS = 5
GIVE_BACK = 6
"""So many of each process's fifty give back what they got, in the first wave."""

_ORDERS = """
    with orders as (
        insert into orders (number, guest_email, currency, subtotal_minor, tax_minor, shipping_minor, total_minor, status,
                            payment_status, payment_method, shipping_address, created_at, updated_at)
        select $1 || '-' || n, 'crowd@example.com', 'USD', 1, 0, 0, 1, 'pending', 'unpaid', 'invoice', '{}', now(), now()
        from generate_series(1, $2::integer) n returning id
    ), parts as (
        insert into order_parts (order_id, company_id, status, subtotal_minor, tax_minor, shipping_minor, total_minor,
                                 commission_bp, commission_minor, updated_at)
        select id, $3, 'pending', 1, 0, 0, 1, 0, 0, now() from orders returning id, order_id
    ), lines as (
        insert into order_lines (order_id, part_id, position, product_id, sku, title, quantity, price_minor, total_minor,
                                 discounted_minor, tax_minor)
        select order_id, id, position,
               case position when 0 then $4 else ($5::bigint[])[1 + order_id % cardinality($5::bigint[])] end,
               'C', 'Crowd', 1, 1, 1, 1, 0
        from parts cross join generate_series(0, 1) position
        returning order_id, id, position, product_id
    )
    select a.order_id, a.id, b.id, b.product_id
    from lines a join lines b using (order_id) where a.position = 0 and b.position = 1 order by 1
    """


class Process:
    """One of the four."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def answer(self) -> bytes:
        assert self._process.stdout is not None
        return await self._process.stdout.readline()

    async def carry_out(self, this: Round) -> Result:
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(this) + b"\n")
        await self._process.stdin.drain()
        return msgspec.json.decode(await self.answer(), type=Result)


@asynccontextmanager
async def processes(dsn: str) -> AsyncIterator[list[Process]]:
    """Started, connected, and ended at the end."""
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.inventory.crowd",
            dsn,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**20,
        )
        for _ in range(PROCESSES)
    ]
    try:
        found = [Process(process) for process in started]
        assert await asyncio.gather(*(process.answer() for process in found)) == [b"ready\n"] * PROCESSES
        yield found
    finally:
        for process in started:
            process.kill()
            await process.wait()


async def test_four_processes_sell_exactly_what_there_is(client: Client, dsn: str) -> None:
    """Two waves in each round. In the first, some who got a piece give it back; in the second, all who got none try again.

    A deadlock would show: these verbs are called bare, without the kernel that carries out a request once more.
    """
    async with asyncio.timeout(120), processes(dsn) as crowd:
        for number in range(ROUNDS):
            await sell_out(client, crowd, number)


async def sell_out(client: Client, crowd: list[Process], number: int) -> None:
    company = await client.a_company()
    hot = (await client.a_product(company_id=company, stock=PIECES))["id"]
    others = [(await client.a_product(company_id=company, stock=1_000))["id"] for _ in range(3)]
    first = await client.value("select min(id) from warehouses where company_id = $1", company)
    warehouses = [first, *[await client.a_warehouse(company) for _ in range(2)]]
    records = await client.app.shop.database.pool.fetch(_ORDERS, unique("C"), BUYERS, company, hot, others)
    orders = [tuple(record) for record in records]

    async def wave(orders: list[tuple[int, ...]], give_back: int) -> list[Result]:
        shares = [orders[place::PROCESSES] for place in range(PROCESSES)]
        rounds = [
            Round(number * PROCESSES + place, hot, warehouses, others, share, give_back)  # type: ignore[arg-type]
            for place, share in enumerate(shares)
        ]
        return await asyncio.gather(*(process.carry_out(this) for process, this in zip(crowd, rounds, strict=True)))

    one = await wave(orders, GIVE_BACK)
    empty_handed = {order for result in one for order in result.refused}
    two = await wave([order for order in orders if order[0] in empty_handed], 0)

    results = [*one, *two]
    assert [result.errors for result in results if result.errors] == []
    assert sum(len(result.bought) for result in results) == PIECES
    returned = sum(len(result.returned) for result in results)
    assert returned > 0
    assert sum(len(result.refused) for result in two) == BUYERS - PIECES - returned
    assert all(result.disturbances for result in one)
    assert await client.value("select available from product_stock where product_id = $1", hot) == 0
    held = "select sum(quantity) from stock_reservations where product_id = $1 and status = 'held'"
    assert await client.value(held, hot) == PIECES
    lying = "select sum(on_hand) from stock_levels where product_id = any($1)"
    assert await client.value(lying, [hot]) == PIECES
    assert await client.value(lying, others) == 3_000
    await assert_books_balance(client, [hot, *others])
    drift = [one async for one in inventory.find_drift(client.app.shop.database.reader, hot, others[-1])]
    assert not [one for one in drift if one.product_id in {hot, *others}]
