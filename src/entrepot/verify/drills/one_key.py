"""The same checkout sent many times with one Idempotency-Key is one order, and every reply is the same.

So is one that is sent again because its reply never came. Without a key, as documented, each request is an order of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import httpx2

from entrepot.verify import queries
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply, at_once
from entrepot.verify.stall import order_of

RUNNING = "409 IDEMPOTENCY_CONFLICT"
HUNG_UP_AFTER_S = (0.001, 0.005, 0.01, 0.02, 0.04)
RETRY_LIMIT_S = 30.0


async def run(ground: Ground, size: Size) -> list[Finding]:
    return [
        await _all_at_once(ground, size.of(20, 100, 100)),
        await _another_body(ground),
        await _hung_up(ground, size.of(5, 10, 50)),
        await _without_key(ground),
    ]


async def _all_at_once(ground: Ground, times: int) -> Finding:
    """One checkout, sent so many times at once to all servers, and again until each has its reply."""
    product_id = await ground.stall.a_product(times)
    key, (person,) = ground.stall.name("key"), await ground.stall.people(1)
    headers = {**person, "Idempotency-Key": key}
    body = order_of((product_id, 1))
    answers = await at_once([lambda: _insist(ground, headers, body) for _ in range(times)])
    seen = Counter(str(Reply.of(answer)) for answer in answers)
    faults = []
    if seen != {"201": times}:
        faults.append(f"answers: {dict(seen)}")
    numbers = {answer.json()["id"] for answer in answers if isinstance(answer, httpx2.Response) and answer.is_success}
    if len(numbers) != 1:
        faults.append(f"{len(numbers)} different orders were acknowledged")
    faults += await _orders_are(ground, product_id, 1)
    return finding(f"one checkout sent {times} times at once with one key", times, faults, "one order")


async def _another_body(ground: Ground) -> Finding:
    """A key belongs to one request."""
    product_id = await ground.stall.a_product(10)
    (person,) = await ground.stall.people(1)
    headers = {**person, "Idempotency-Key": ground.stall.name("key")}
    await ground.send("POST", "/orders", json=order_of((product_id, 1)), headers=headers)
    reply = Reply.of(await ground.send("POST", "/orders", json=order_of((product_id, 2)), headers=headers))
    faults = [] if str(reply) == RUNNING else [f"answered {reply}"]
    faults += await _orders_are(ground, product_id, 1)
    return finding("another checkout with the same key", 1, faults, "refused")


async def _hung_up(ground: Ground, times: int) -> Finding:
    """The reply is not waited for, sooner or later; then the request is sent again with its key, to another server."""
    faults = []
    unanswered = 0
    for number in range(times):
        product_id = await ground.stall.a_product(10)
        email = f"{ground.stall.name('hung-up')}@verify.example"
        headers = {"Idempotency-Key": ground.stall.name("key")}
        body = order_of((product_id, 1), email=email)
        try:
            limit_s = HUNG_UP_AFTER_S[number % len(HUNG_UP_AFTER_S)]
            await ground.send("POST", "/orders", json=body, headers=headers, timeout=limit_s)
        except httpx2.TransportError:
            unanswered += 1
        answer = await _insist(ground, headers, body)
        if answer.status_code != 201:
            faults.append(f"sent again, it was answered {Reply.of(answer)}")
        faults += await _orders_are(ground, product_id, 1)
    return finding("sent again after hanging up", times, faults, f"{unanswered} without a first reply; one order each")


async def _without_key(ground: Ground) -> Finding:
    product_id = await ground.stall.a_product(10)
    (person,) = await ground.stall.people(1)
    for _ in range(2):
        await ground.send("POST", "/orders", json=order_of((product_id, 1)), headers=person)
    faults = await _orders_are(ground, product_id, 2)
    return finding("sent twice without a key", 2, faults, "two orders, as documented")


async def _insist(ground: Ground, headers: dict[str, str], body: object) -> httpx2.Response:
    """Send it until the first one with this key is not running any more."""
    deadline = time.monotonic() + RETRY_LIMIT_S
    while True:
        answer = await ground.send("POST", "/orders", json=body, headers=headers)
        if str(Reply.of(answer)) != RUNNING or time.monotonic() > deadline:
            return answer
        await asyncio.sleep(0.05)


async def _orders_are(ground: Ground, product_id: int, expected: int) -> list[str]:
    count = await queries.count_orders_of(ground.database.reader, product_id)
    return [] if count == expected else [f"{count} orders are in the database, not {expected}"]
