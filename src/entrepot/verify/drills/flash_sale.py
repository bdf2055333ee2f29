"""However many buyers want the last pieces at once, exactly so many orders are placed as there are pieces.

Buyers who come too late are told so, clearly; no server fails. They are spread over all server processes.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Final

from entrepot.verify import queries
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply, at_once
from entrepot.verify.stall import order_of

SOLD_OUT: Final = Reply(422, "INSUFFICIENT_STOCK", "")


async def run(ground: Ground, size: Size) -> list[Finding]:
    """Ten buyers for each piece, and each wants one."""
    pieces = size.of(5, 50, 50)
    buyers = 10 * pieces
    product_id = await ground.stall.a_product(pieces)
    emails = [f"{ground.stall.name('flash')}@verify.example" for _ in range(buyers)]
    answers = await at_once(
        [partial(ground.send, "POST", "/orders", json=order_of((product_id, 1), email=email)) for email in emails]
    )
    seen = Counter(str(Reply.of(answer)) for answer in answers)
    faults = []
    if seen["201"] != pieces:
        faults.append(f"{seen['201']} orders were placed for {pieces} pieces")
    if refused := {answer: times for answer, times in seen.items() if answer not in ("201", str(SOLD_OUT))}:
        faults.append(f"other answers than an order or {SOLD_OUT}: {refused}")
    written = await queries.count_orders_of(ground.database.reader, product_id)
    if written != seen["201"]:
        faults.append(f"{written} orders are in the database, and {seen['201']} were acknowledged")
    left = await queries.get_available(ground.database.reader, product_id)
    if left != 0:
        faults.append(f"{left} pieces are left")
    note = f"{seen['201']} orders, {seen[str(SOLD_OUT)]} refusals, {len(ground.servers)} servers"
    return [finding(f"{pieces} pieces, {buyers} buyers at once", buyers, faults, note)]
