"""However often, in whatever order and how late a provider tells of a payment, and the browser with it: charged once, paid once.

The drill is the provider: it takes what the sandbox has to tell, and delivers it three times, the wrong way round, while the
browser still waits for its reply. Two payments of one order at once charge one of them.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from functools import partial
from typing import Final

import httpx2
import msgspec

from entrepot.kernel import clock
from entrepot.verify import queries
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply, at_once
from entrepot.verify.queries import SandboxEvent
from entrepot.verify.stall import ToPay

WAYS: Final = (
    ("pm_card_visa",),
    ("pm_card_chargeDeclined", "pm_card_visa"),
    ("pm_card_authenticationRequired", "pm_card_authenticationRequired"),
)
"""What the buyer pays with, one after the other, until it has worked."""
DELIVERIES: Final = 3
APPLIED_LIMIT_S: Final = 15.0
AT_ONCE: Final = 8


async def run(ground: Ground, size: Size) -> list[Finding]:
    number = size.of(6, 24, 150)
    product_id = await ground.stall.a_product(10_000)
    secret = await queries.get_sandbox_secret(ground.database.reader)
    turn = asyncio.Semaphore(AT_ONCE)

    async def paid(way: tuple[str, ...]) -> list[str]:
        async with turn:
            return await _paid_once(ground, product_id, secret, way)

    found = await asyncio.gather(*(paid(WAYS[one % len(WAYS)]) for one in range(number)))
    faults = [fault for faults in found for fault in faults]
    return [
        finding("webhooks doubled, reordered and racing the browser", number, faults),
        await _two_payments(ground, product_id, size.of(3, 10, 50)),
        await _forged(ground, product_id),
    ]


async def _paid_once(ground: Ground, product_id: int, secret: str, way: tuple[str, ...]) -> list[str]:
    order = await ground.stall.an_order_to_pay(product_id)
    intent_id = await ground.stall.an_intent(order)
    over = asyncio.Event()
    telling = asyncio.create_task(_tell_at_once(ground, intent_id, secret, over))
    try:
        for method in way:
            await at_once([partial(_confirm, ground, order, intent_id, method) for _ in range(2)])
    finally:
        over.set()
        faults = await telling
    events = await queries.list_sandbox_events(ground.database.reader, intent_id)
    for event in reversed(events):
        faults += await _deliver(ground, event, secret)
    return [*faults, *await _charged_once(ground, order)]


async def _confirm(ground: Ground, order: ToPay, intent_id: str, method: str) -> httpx2.Response:
    path = f"/payments/intents/{intent_id}/confirm"
    return await ground.send("POST", path, json={"paymentMethodId": method}, headers=order.token)


async def _tell_at_once(ground: Ground, intent_id: str, secret: str, over: asyncio.Event) -> list[str]:
    """Deliver what there is to tell as soon as there is anything, while the browser waits."""
    told: set[int] = set()
    faults: list[str] = []
    while not over.is_set():
        for event in await queries.list_sandbox_events(ground.database.reader, intent_id):
            if event.id not in told:
                told.add(event.id)
                faults += await _deliver(ground, event, secret)
        await asyncio.sleep(0)
    return faults


async def _deliver(ground: Ground, event: SandboxEvent, secret: str) -> list[str]:
    """The event, several times at once."""
    body = msgspec.json.encode(
        {
            "id": f"evt_sandbox_{event.id}",
            "object": "event",
            "type": event.kind,
            "created": int(event.created_at.timestamp()),
            "livemode": False,
            "data": {"object": event.object},
        }
    )
    headers = {"Content-Type": "application/json", "Sandbox-Signature": signature(body, secret)}
    send = partial(ground.send, "POST", "/payments/webhooks/sandbox", content=body, headers=headers)
    replies = [Reply.of(answer) for answer in await at_once([send] * DELIVERIES)]
    return [f"{event.kind} was answered {reply}" for reply in replies if reply.status != 200]


def signature(body: bytes, secret: str) -> str:
    """As providers sign: a moment, and the HMAC of it and the body."""
    moment = int(clock.now().timestamp())
    return f"t={moment},v1={hmac.digest(secret.encode(), b'%d.%s' % (moment, body), hashlib.sha256).hex()}"


async def _charged_once(ground: Ground, order: ToPay) -> list[str]:
    """Webhooks are applied shortly after they were taken."""
    db, deadline = ground.database.reader, time.monotonic() + APPLIED_LIMIT_S
    while (status := await _payment_status(ground, order)) != "paid" and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    charges = await queries.list_charges(db, order.number)
    faults = [] if status == "paid" else [f"order {order.number} is {status}"]
    if charges != [order.total_minor]:
        faults.append(f"order {order.number} of {order.total_minor} was charged {charges}")
    if (times := await queries.count_told(db, "order.paid", order.number)) != 1:
        faults.append(f"order {order.number} was said to be paid {times} times")
    return faults


async def _payment_status(ground: Ground, order: ToPay) -> str | None:
    outcomes = await queries.list_outcomes(ground.database.reader, [order.number])
    return outcomes[0].payment_status if outcomes else None


async def _two_payments(ground: Ground, product_id: int, times: int) -> Finding:
    """Two intents of one order, confirmed at the same time."""
    faults = []
    for _ in range(times):
        order = await ground.stall.an_order_to_pay(product_id)
        intents = [await ground.stall.an_intent(order) for _ in range(2)]
        answers = await at_once([partial(_confirm, ground, order, intent_id, "pm_card_visa") for intent_id in intents])
        replies = [Reply.of(answer) for answer in answers]
        if sorted(reply.status < 400 for reply in replies) != [False, True] or any(
            one.status >= 500 for one in replies
        ):
            faults.append(f"answered {replies[0]} and {replies[1]}")
        faults += await _charged_once(ground, order)
    return finding("two payments of one order at once", times, faults, "one charged")


async def _forged(ground: Ground, product_id: int) -> Finding:
    """What is not signed by the provider changes nothing."""
    order = await ground.stall.an_order_to_pay(product_id)
    intent_id = await ground.stall.an_intent(order)
    intent = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": order.total_minor,
        "currency": "usd",
        "status": "succeeded",
    }
    event = {"id": "evt_forged", "object": "event", "type": "payment_intent.succeeded", "data": {"object": intent}}
    body = msgspec.json.encode(event)
    old = "t=1000000000,v1=" + signature(body, "whsec_forged").partition("v1=")[2]
    faults = []
    for header in ("", "v1=,t=", signature(body, "whsec_forged"), old):
        headers = {"Content-Type": "application/json", **({"Sandbox-Signature": header} if header else {})}
        reply = Reply.of(await ground.send("POST", "/payments/webhooks/sandbox", content=body, headers=headers))
        if not 400 <= reply.status < 500:
            faults.append(f"{header or 'no signature'} was answered {reply}")
    if (status := await _payment_status(ground, order)) != "unpaid":
        faults.append(f"the order is {status}")
    return finding("webhooks that nobody signed", 4, faults, "refused")
