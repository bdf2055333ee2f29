"""Many shoppers at once: how often they came through, and how long each step took them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Final

import msgspec

from entrepot.bench.connection import Connection
from entrepot.bench.scenarios import Scenario
from entrepot.bench.shopper import Goods, Notes, Refusal, Shopper

WARM_UP_S: Final = 1.0


class Step(msgspec.Struct, frozen=True):
    """A step's response times in milliseconds."""

    requests: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Measured(msgspec.Struct, frozen=True):
    """Journeys and requests a second, how long the steps took, and what went wrong, how often, by kind.

    `requests`: all that were sent, those of the warming up among them.
    """

    requests: int
    journeys_per_s: float
    requests_per_s: float
    all_steps: Step
    steps: dict[str, Step]
    errors: dict[str, int]


async def measure(
    host: str,
    port: int,
    scenario: Scenario,
    goods: Goods,
    *,
    connections: int,
    seconds: float,
    seed: int,
    tokens: Sequence[str] = (),
) -> Measured:
    """Let shoppers take the journey for so long, after a second of warming up that does not count."""
    number = scenario.shoppers or connections
    open_ones = [await Connection.open(host, port) for _ in range(number)]
    requests = 0
    try:
        for length, counts in ((WARM_UP_S, False), (seconds, True)):
            notes = Notes()
            shoppers = [
                Shopper(
                    connection,
                    goods,
                    random.Random(f"{seed}-{scenario.name}-{counts}-{position}"),
                    notes,
                    tokens[position % len(tokens)] if scenario.signed_in else None,
                )
                for position, connection in enumerate(open_ones)
            ]
            began = time.perf_counter()
            await asyncio.gather(*(_keep_going(shopper, scenario, began + length) for shopper in shoppers))
            elapsed = time.perf_counter() - began
            requests += sum(len(seconds) for seconds in notes.seconds.values())
    finally:
        for connection in open_ones:
            connection.close()
    return _summed_up(notes, elapsed, requests)


async def _keep_going(shopper: Shopper, scenario: Scenario, until: float) -> None:
    while (began := time.perf_counter()) < until:
        try:
            await scenario.journey(shopper)
        except Refusal:
            continue
        shopper.notes.journeys.append(time.perf_counter() - began)


def _summed_up(notes: Notes, elapsed: float, requests: int) -> Measured:
    everything = [seconds for step in notes.seconds.values() for seconds in step]
    return Measured(
        requests=requests,
        journeys_per_s=len(notes.journeys) / elapsed,
        requests_per_s=len(everything) / elapsed,
        all_steps=_step(everything),
        steps={name: _step(seconds) for name, seconds in notes.seconds.items()},
        errors=dict(notes.errors),
    )


def _step(seconds: Sequence[float]) -> Step:
    ordered = sorted(seconds) or [0.0]
    return Step(len(seconds), *(round(ordered[len(ordered) * part // 100] * 1000, 3) for part in (50, 95, 99)))
