"""Checkout load: guests who buy and pay without end, on all servers, and remember what they were told.

A shopper who gets no reply, or a 503, does what a good client does: it sends the same request again with the same key, to
the next server, until it knows.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import httpx2
import msgspec

from entrepot.kernel.db import Db
from entrepot.verify import queries
from entrepot.verify.ground import Ground
from entrepot.verify.stall import order_of

PAUSE_S: Final = 0.05
KNOWN_LIMIT_S: Final = 60.0
"""So long shoppers ask for the reply that they have not got."""
RUNNING_LIMIT_S: Final = 3.0
"""So long they are told that their first request with the key is still running, before they leave it at that: what died in
the middle of a payment is settled by a job, and its key is free again after a quarter of an hour."""
CONNECT_TIMEOUT_S: Final = 15.0


class Bought(msgspec.Struct):
    """What one shopper knows of its order. Without a number, it never learned."""

    email: str
    number: str | None = None
    paid: bool = False


class Load:
    """Shoppers, from the beginning of the block to its end; then each finishes what it has begun.

    `answers` counts every reply by its status, and by the error where there was none.
    """

    def __init__(self, ground: Ground, product_ids: Sequence[int], shoppers: int) -> None:
        self.bought: list[Bought] = []
        self.answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self._ground = ground
        self._product_ids = product_ids
        self._shoppers = shoppers
        self._over = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._shop(number)) for number in range(self._shoppers)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        await asyncio.gather(*self._tasks)

    @property
    def acknowledged(self) -> list[str]:
        """Numbers of orders that a shopper was told of."""
        return [one.number for one in self.bought if one.number is not None]

    @property
    def paid(self) -> list[str]:
        """Numbers of orders that a shopper was told are paid."""
        return [one.number for one in self.bought if one.number is not None and one.paid]

    async def until_bought(self, more: int, limit_s: float = 30.0) -> bool:
        """Wait until so many more orders are acknowledged; False when that takes too long."""
        wanted, deadline = len(self.acknowledged) + more, time.monotonic() + limit_s
        while len(self.acknowledged) < wanted and time.monotonic() < deadline:  # noqa: ASYNC110  many shoppers, one number
            await asyncio.sleep(0.02)
        return len(self.acknowledged) >= wanted

    async def _shop(self, shopper: int) -> None:
        number = 0
        while not self._over:
            number += 1
            product_id = self._product_ids[(shopper + number) % len(self._product_ids)]
            bought = Bought(f"{self._ground.stall.name(f'shopper-{shopper}')}@verify.example")
            self.bought.append(bought)
            order = await self._insist("/orders", order_of((product_id, 1), email=bought.email), {})
            if order is None:
                continue
            bought.number = order["id"]
            if number % 2:
                bought.paid = await self._pay(order)

    async def _pay(self, order: dict[str, Any]) -> bool:
        token = {"X-Order-Token": order["token"]}
        amount = round(order["total"] * 100)
        intent = await self._insist(
            "/payments/intents", {"amount": amount, "metadata": {"orderId": order["id"]}}, token
        )
        if intent is None:
            return False
        body = {"paymentMethodId": "pm_card_visa"}
        confirmed = await self._insist(f"/payments/intents/{intent['id']}/confirm", body, token)
        return confirmed is not None and confirmed["status"] == "succeeded"

    async def _insist(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any] | None:
        """The reply, asked for until there is one; None for a refusal."""
        headers = {**headers, "Idempotency-Key": self._ground.stall.name("key")}
        deadline = time.monotonic() + KNOWN_LIMIT_S
        running_until = None
        while time.monotonic() < deadline:
            try:
                reply = await self._ground.send("POST", path, json=body, headers=headers, timeout=CONNECT_TIMEOUT_S)
            except httpx2.TransportError as error:
                self.answers[type(error).__name__] += 1
                await asyncio.sleep(PAUSE_S)
                continue
            self.answers[str(reply.status_code)] += 1
            if reply.status_code in (200, 201):
                made: dict[str, Any] = reply.json()
                return made
            if reply.status_code == 503:
                if "retry-after" not in reply.headers:
                    self.faults.append(f"503 without Retry-After for {path}")
            elif reply.status_code == 409:
                running_until = running_until or time.monotonic() + RUNNING_LIMIT_S
                if time.monotonic() > running_until:
                    return None
            else:
                self.faults.append(f"{path} was answered {reply.status_code}: {reply.text[:200]}")
                return None
            await asyncio.sleep(PAUSE_S)
        self.faults.append(f"{path} was asked for {KNOWN_LIMIT_S:.0f} s without an answer")
        return None


async def look_at_orders(load: Load, db: Db) -> list[str]:
    """Faults: what was acknowledged and is lost, and what was sent once and is there twice."""
    there = {one.number: one.payment_status for one in await queries.list_outcomes(db, load.acknowledged)}
    lost = [number for number in load.acknowledged if number not in there]
    unpaid = [number for number in load.paid if there.get(number) == "unpaid"]
    doubled = await queries.list_doubled_buyers(db, [one.email for one in load.bought])
    return [
        *[f"order {number} was acknowledged and is not there" for number in lost],
        *[f"the payment of {number} was acknowledged, and the order is unpaid" for number in unpaid],
        *[f"{one.email} sent one order and has {one.orders}" for one in doubled],
        *load.faults,
    ]
