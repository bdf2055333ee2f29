"""A code that counts once is used once, however many users send it at the same time.

Whoever comes too late is told that the code is used up, and gets no order at another price than it was promised.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Final

from entrepot.verify import queries
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply, at_once
from entrepot.verify.stall import order_of

REFUSALS: Final = ("COUPON_USED_UP", "COUPON_OVER", "PROMOTION_USED_UP", "PROMOTION_OVER")


async def run(ground: Ground, size: Size) -> list[Finding]:
    """One code for one order, and one for three; each wanted by everybody at once."""
    people = await ground.stall.people(size.of(20, 200, 200))
    return [await _race(ground, people, limit) for limit in (1, 3)]


async def _race(ground: Ground, people: list[dict[str, str]], limit: int) -> Finding:
    product_id = await ground.stall.a_product(len(people) * 2)
    code = await ground.stall.a_coupon(total_limit=limit)
    body = order_of((product_id, 1), couponCode=code)
    answers = await at_once([partial(ground.send, "POST", "/orders", json=body, headers=person) for person in people])
    replies = [Reply.of(answer) for answer in answers]
    seen = Counter(str(reply) for reply in replies)
    faults = []
    if seen["201"] != limit:
        faults.append(f"{seen['201']} orders were placed with a code for {limit}")
    wrong = [reply for reply in replies if reply.status != 201 and not (400 <= reply.status < 500 and reply.code)]
    if wrong:
        faults.append(f"refused without a reason: {dict(Counter(map(str, wrong)))}")
    if strange := {str(reply) for reply in replies if reply.status != 201 and reply.code not in REFUSALS} - set(
        map(str, wrong)
    ):
        faults.append(f"refused for another reason than that it is used up: {sorted(strange)}")
    uses = await queries.count_uses(ground.database.reader, code)
    if uses != limit:
        faults.append(f"the code was used {uses} times")
    return finding(f"a code for {limit}, {len(people)} users at once", len(people), faults, f"{uses} counted")
