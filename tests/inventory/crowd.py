"""A process of its own that buys, gives back, moves and counts: `python -m tests.inventory.crowd DSN`.

It reads rounds from standard input, one JSON object a line, and answers each with what it sold; see `test_crowd.py`.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter

import msgspec

from entrepot import inventory
from entrepot.inventory import Back, InsufficientStock, Reason, StockChange, Wanted
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import TROUBLE, Database, connect
from entrepot.kernel.errors import Unavailable

ADMIN = Actor(role=Role.ADMIN)
CONNECTIONS = 16


class Round(msgspec.Struct, frozen=True):
    """Each order has a line of the hot product and a line of another: (order, hot line, other line, other product).

    With `give_back`, so many who got a piece return it, and want no other.
    """

    seed: int
    hot: int
    warehouses: list[int]
    others: list[int]
    orders: list[tuple[int, int, int, int]]
    give_back: int


class Result(msgspec.Struct, frozen=True):
    """Orders that hold a piece, those that gave it back, those that got none, and every error that no rule explains."""

    bought: list[int]
    returned: list[int]
    refused: list[int]
    disturbances: int
    errors: dict[str, int]


class Crowd:
    def __init__(self, database: Database, this: Round) -> None:
        self._database = database
        self._round = this
        self._chance = random.Random(this.seed)
        self._buying = True
        self.bought: list[int] = []
        self.returned: list[int] = []
        self.refused: list[int] = []
        self.disturbances = 0
        self.errors: Counter[str] = Counter()

    async def run(self) -> Result:
        disturbers = [asyncio.create_task(self._disturb(what)) for what in (self._transfer, self._count)]
        buyers = [self._buy(order, place < self._round.give_back) for place, order in enumerate(self._round.orders)]
        await asyncio.gather(*buyers)
        self._buying = False
        await asyncio.gather(*disturbers)
        return Result(self.bought, self.returned, self.refused, self.disturbances, dict(self.errors))

    async def _buy(self, order: tuple[int, int, int, int], give_back: bool) -> None:
        order_id, hot_line, other_line, other = order
        wanted = [Wanted(hot_line, self._round.hot, 1), Wanted(other_line, other, 1)]
        self._chance.shuffle(wanted)
        try:
            async with self._database.transaction() as tx:
                await inventory.reserve(tx, order_id, wanted, zone_id=None, actor_id=None)
            if give_back and order_id % 2:
                async with self._database.transaction() as tx:
                    await inventory.release(tx, order_id, actor_id=None)
            elif give_back:
                async with self._database.transaction() as tx:
                    await inventory.ship(tx, order_id, actor_id=None)
                async with self._database.transaction() as tx:
                    await inventory.take_back(tx, order_id, [Back(other_line, 1), Back(hot_line, 1)], actor_id=None)
            (self.returned if give_back else self.bought).append(order_id)
        except InsufficientStock:
            self.refused.append(order_id)
        except (*TROUBLE, Unavailable) as error:
            self.errors[repr(error)] += 1

    async def _disturb(self, what: object) -> None:
        """Again and again, as long as somebody buys."""
        while self._buying:
            try:
                await what()  # type: ignore[operator]
                self.disturbances += 1
            except InsufficientStock:
                pass
            except (*TROUBLE, Unavailable) as error:
                self.errors[repr(error)] += 1

    async def _transfer(self) -> None:
        """Move pieces of everything from one warehouse to another."""
        source, target = self._chance.sample(self._round.warehouses, 2)
        products = [self._round.hot, *self._round.others]
        quantities = dict.fromkeys(self._chance.sample(products, self._chance.randint(1, len(products))), 1)
        async with self._database.transaction() as tx:
            await inventory.transfer(tx, ADMIN, source, target, quantities)

    async def _count(self) -> None:
        """Find a piece too many, look again, and find that there is none: what lies there stays the same."""
        place = self._chance.choice(self._round.warehouses)
        async with self._database.transaction() as tx:
            await tx.run("select from product_stock where product_id = $1 for update", self._round.hot)
            there = "select on_hand from stock_levels where product_id = $1 and warehouse_id = $2"
            on_hand = await tx.value(there, self._round.hot, place) or 0
            changes = [
                StockChange(product_id=self._round.hot, warehouse_id=place, on_hand=on_hand + more) for more in (1, 0)
            ]
            await inventory.set_stock_many(tx, ADMIN, changes, reason=Reason.COUNT)


async def main(dsn: str) -> None:
    database = await connect(dsn, pool_size=CONNECTIONS)
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        result = await Crowd(database, msgspec.json.decode(line, type=Round)).run()
        print(msgspec.json.encode(result).decode(), flush=True)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
