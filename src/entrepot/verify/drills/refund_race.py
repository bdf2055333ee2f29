"""However many refunds of a payment are asked for at once, no more is given back than was paid.

Of many refunds of the whole amount one wins; of parts, as many as fit. The others are refused, and say why.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import httpx2

from entrepot.verify import queries
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply, at_once
from entrepot.verify.stall import Refusal

PARTS = 7


async def run(ground: Ground, size: Size) -> list[Finding]:
    times = size.of(8, 20, 20)
    product_id = await ground.stall.a_product(1_000)
    findings = []
    for _ in range(size.of(1, 2, 10)):
        findings.append(await _race(ground, product_id, times, parts=1))
        findings.append(await _race(ground, product_id, times, parts=PARTS))
    return findings


async def _race(ground: Ground, product_id: int, times: int, *, parts: int) -> Finding:
    """So many refunds at once, each of a part of what was paid."""
    intent_id, captured_minor = await _a_payment(ground, product_id)
    amount_minor = captured_minor // parts
    fitting = captured_minor // amount_minor
    body = {"paymentIntentId": intent_id, "amount": amount_minor}
    send = partial(ground.send, "POST", "/payments/refunds", json=body, headers=ground.stall.admin)
    seen = Counter(str(Reply.of(answer)) for answer in await at_once([send] * times))
    won = seen.pop("201", 0)
    faults = [] if won == min(fitting, times) else [f"{won} refunds were made, and {fitting} fit"]
    faults += [f"refused as {answer}" for answer in seen if not answer.startswith(("409 ", "422 "))]
    refunded = await queries.list_refunded(ground.database.reader, intent_id)
    if sum(refunded) > captured_minor or len(refunded) != won:
        faults.append(f"{sum(refunded)} of {captured_minor} were given back in {len(refunded)} refunds")
    what = "the whole amount" if parts == 1 else f"a {parts}th of the amount"
    return finding(f"{times} refunds of {what} at once", times, faults, f"{won} made")


async def _a_payment(ground: Ground, product_id: int) -> tuple[str, int]:
    order = await ground.stall.an_order_to_pay(product_id)
    intent_id = await ground.stall.an_intent(order)
    path = f"/payments/intents/{intent_id}/confirm"
    paid: httpx2.Response = await ground.send(
        "POST", path, json={"paymentMethodId": "pm_card_visa"}, headers=order.token
    )
    if paid.status_code != 200:
        raise Refusal(f"Paying was answered {Reply.of(paid)}")
    return intent_id, order.total_minor
