"""Whatever ends at a moment ends then: unpaid orders, lock-outs, tokens and promotions, in whatever process they are met.

Servers whose clocks are ahead, by half an hour, a day and a half, and eight days, stand for the future.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import msgspec

from entrepot.kernel import clock
from entrepot.verify import queries
from entrepot.verify.drill import Finding, Size, finding
from entrepot.verify.ground import Ground, Reply
from entrepot.verify.servers import Server
from entrepot.verify.stall import PASSWORD, bearer, moment, order_of

SOON: Final = timedelta(minutes=31)
TOMORROW: Final = timedelta(hours=36)
NEXT_WEEK: Final = timedelta(days=8)
WRONG_PASSWORDS: Final = 5
RUNS: Final = 20


class Times(msgspec.Struct, frozen=True):
    """The same shop now and later: a server for each."""

    now: Server
    soon: Server
    tomorrow: Server
    next_week: Server


async def run(ground: Ground, size: Size) -> list[Finding]:  # noqa: ARG001  once is enough: nothing races
    later = [ground.a_server("--no-worker", ahead=ahead) for ahead in (SOON, TOMORROW, NEXT_WEEK)]
    async with ground.serving(*later):
        times = Times(ground.servers[0], *later)
        return [
            await _expiry(ground),
            await _lock_out(ground, times),
            await _tokens(ground, times),
            await _promotion(ground, times),
        ]


async def _expiry(ground: Ground) -> Finding:
    """An unpaid card order holds its stock for half an hour, and not longer. The job runs here, as it does in a server."""
    product_id = await ground.stall.a_product(3)
    email = f"{ground.stall.name('late')}@verify.example"
    order = (await ground.send("POST", "/orders", json=order_of((product_id, 2), email=email))).json()
    faults = []
    for ahead, expected, left in ((SOON - timedelta(minutes=2), "pending", 1), (SOON, "cancelled", 3)):
        status = ""
        for _ in range(RUNS):  # a run expires so many orders, and other drills have left some
            with clock.moved(ahead):
                await ground.run_job("orders.expire_unpaid")
            if (status := await queries.get_status(ground.database.reader, order["id"])) != "pending":
                break
        available = await queries.get_available(ground.database.reader, product_id)
        if (status, available) != (expected, left):
            faults.append(
                f"after {ahead} the order is {status} and {available} pieces can be bought, not {expected} and {left}"
            )
    return finding("an unpaid order, before and after its time", 2, faults)


async def _lock_out(ground: Ground, times: Times) -> Finding:
    """Wrong passwords in a row lock an account, for a quarter of an hour."""
    email = (await ground.stall.sign_ups(1))[0]
    for _ in range(WRONG_PASSWORDS):
        await _sign_in(ground, times.now, email, "Wrong-" + PASSWORD)
    faults = []
    if (reply := Reply.of(await _sign_in(ground, times.now, email, PASSWORD))).status != 423:
        faults.append(f"after {WRONG_PASSWORDS} wrong passwords the right one is answered {reply}, not 423")
    if (reply := Reply.of(await _sign_in(ground, times.soon, email, PASSWORD))).status != 200:
        faults.append(f"after {SOON} the right password is answered {reply}")
    return finding("a locked account, before and after its time", 2, faults)


async def _tokens(ground: Ground, times: Times) -> Finding:
    """An access token lives for minutes, a refresh token for a week."""
    email = (await ground.stall.sign_ups(1))[0]
    first, second = [(await _sign_in(ground, times.now, email, PASSWORD)).json() for _ in range(2)]
    tried: list[tuple[str, Server, str, str, Any, int]] = [
        ("the access token now", times.now, "GET", "/auth/me", bearer(first["token"]), 200),
        ("the access token later", times.soon, "GET", "/auth/me", bearer(first["token"]), 401),
        ("the refresh token the next day", times.tomorrow, "POST", "/auth/refresh", first["refreshToken"], 200),
        ("the refresh token after its week", times.next_week, "POST", "/auth/refresh", second["refreshToken"], 401),
    ]
    faults = []
    for what, server, method, path, credential, expected in tried:
        sent = {"headers": credential} if method == "GET" else {"json": {"refreshToken": credential}}
        reply = Reply.of(await ground.send(method, path, server=server, **sent))
        if reply.status != expected:
            faults.append(f"{what} is answered {reply}, not {expected}")
    return finding("tokens, before and after their time", len(tried), faults)


async def _promotion(ground: Ground, times: Times) -> Finding:
    """A promotion counts from its start to its end, and at no other time."""
    product_id = await ground.stall.a_product(10, price=100)
    now = clock.now()
    await ground.stall.made(
        "/promotions",
        {
            "name": "Tomorrow only",
            "type": "percentage",
            "value": 50,
            "target": {"scope": "products", "ids": [product_id]},
            "startsAt": moment(now + timedelta(days=1)),
            "endsAt": moment(now + timedelta(days=2)),
        },
    )
    faults = []
    for what, server, expected in (
        ("before it", times.now, 100),
        ("while it lasts", times.tomorrow, 50),
        ("after it", times.next_week, 100),
    ):
        body = {"products": [{"id": product_id, "quantity": 1}]}
        reply = await ground.send("POST", "/checkout/quote", server=server, json=body)
        subtotal = reply.json().get("subtotal")
        if subtotal != expected:
            faults.append(f"{what} the product costs {subtotal}, not {expected}: {reply.text[:200]}")
    return finding("a promotion before, during and after its time", 3, faults)


async def _sign_in(ground: Ground, server: Server, email: str, password: str) -> Any:
    return await ground.send("POST", "/auth/login", server=server, json={"email": email, "password": password})
