"""While the database is away requests fail cleanly with a 503, and when it is back the servers recover by themselves.

No server has to be started again, and nothing that was acknowledged is lost.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply, at_once
from entrepot.verify.load import Load, look_at_orders
from entrepot.verify.stall import order_of

SHOPPERS: Final = 12
ORDERS_BETWEEN: Final = 10
RECOVERY_LIMIT_S: Final = 30.0


async def run(ground: Ground, size: Size) -> list[Finding]:
    """Shoppers buy and pay; the database goes away in the middle of it, gently and roughly in turn."""
    times = size.of(1, 2, 10)
    product_ids = [await ground.stall.a_product(100_000) for _ in range(5)]
    faults: list[str] = []
    async with Load(ground, product_ids, SHOPPERS) as load:
        for number in range(times):
            if not await load.until_bought(ORDERS_BETWEEN):
                faults.append(f"before interruption {number + 1}, fewer than {ORDERS_BETWEEN} orders were placed")
            await ground.scratch.interrupt(gently=number % 2 == 1)
            if not await load.until_bought(ORDERS_BETWEEN, RECOVERY_LIMIT_S):
                faults.append(f"no orders within {RECOVERY_LIMIT_S:.0f} s after interruption {number + 1}")
            ground.advance(number + 1, times)
    faults += [
        f"server {server.port} has ended: {server.end_of_log()}" for server in ground.servers if not server.lives
    ]
    faults += [
        f"{count} requests were cut off by {answer}, and not answered 503"
        for answer, count in load.answers.items()
        if not answer.isdigit()
    ]
    faults += await look_at_orders(load, ground.database.reader)
    away = load.answers["503"]
    note = f"{len(load.acknowledged):,} orders acknowledged, {away} answers 503; {ground.scratch.how_it_fails}"
    return [
        finding("the database taken away under checkout load", times, faults, note),
        await _every_server_sells(ground, product_ids[0]),
    ]


async def _every_server_sells(ground: Ground, product_id: int) -> Finding:
    """Each server, not just some of them."""
    bodies = [order_of((product_id, 1), email=f"{ground.stall.name('after')}@verify.example") for _ in ground.servers]
    answers = await at_once(
        [
            partial(ground.send, "POST", "/orders", server=server, json=body)
            for server, body in zip(ground.servers, bodies, strict=True)
        ]
    )
    faults = [f"answered {reply}" for reply in map(Reply.of, answers) if reply.status != 201]
    return finding("an order at each server afterwards", len(ground.servers), faults)
