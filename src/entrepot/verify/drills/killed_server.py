"""A server killed in the middle of its work loses nothing that it acknowledged, and doubles nothing that is sent again.

The other servers go on. What was half done when it died is as if it had never begun.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from entrepot.kernel import clock
from entrepot.verify import queries
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground
from entrepot.verify.load import Load, look_at_orders

SHOPPERS: Final = 16
ORDERS_BETWEEN: Final = 10
SEED: Final = 6
PAYMENT_WINDOW: Final = timedelta(minutes=31)


async def run(ground: Ground, size: Size) -> list[Finding]:
    """Shoppers buy and pay; one server after the other is killed at any moment of their work, and started again."""
    kills = size.of(1, 3, 10)
    product_ids = [await ground.stall.a_product(100_000) for _ in range(5)]
    chance = random.Random(SEED)
    stuck: list[str] = []
    async with Load(ground, product_ids, SHOPPERS) as load:
        for number in range(kills):
            await _kill_one(ground, load, number, chance.random, stuck)
            ground.advance(number + 1, kills)
    faults = [*stuck, *await look_at_orders(load, ground.database.reader)]
    broken = sum(times for answer, times in load.answers.items() if not answer.isdigit())
    note = f"{len(load.acknowledged):,} orders and {len(load.paid):,} payments acknowledged, {broken} requests cut off"
    return [
        finding("kill -9 of a server under checkout load", kills, faults, note),
        await _what_is_still_held(ground, product_ids),
    ]


async def _kill_one(ground: Ground, load: Load, number: int, chance: Callable[[], float], stuck: list[str]) -> None:
    if not await load.until_bought(ORDERS_BETWEEN):
        stuck.append(f"before kill {number + 1}, fewer than {ORDERS_BETWEEN} orders were placed within 30 s")
    await asyncio.sleep(chance() * 0.05)  # any moment of a request
    victim = ground.servers[number % len(ground.servers)]
    await victim.kill()
    if not await load.until_bought(ORDERS_BETWEEN):
        stuck.append(f"after kill {number + 1}, fewer than {ORDERS_BETWEEN} orders were placed within 30 s")
    await victim.start()


async def _what_is_still_held(ground: Ground, product_ids: list[int]) -> Finding:
    """What nobody was told of, and nobody paid, holds its stock until its time is over, and no longer."""
    reader = ground.database.reader
    before = await queries.list_unpaid_that_hold(reader, product_ids)
    with clock.moved(PAYMENT_WINDOW):
        await ground.run_job(
            "payments.ask_providers"
        )  # a charge that was cut off keeps its order until the provider was asked
        await ground.run_job("orders.expire_unpaid")
    faults = [
        f"{number} holds stock after its time" for number in await queries.list_unpaid_that_hold(reader, product_ids)
    ]
    return finding("stock held by orders that nobody paid, half an hour later", len(before), faults)
