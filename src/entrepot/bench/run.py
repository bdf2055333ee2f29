"""A whole run: the shop is served and asked, scenario by scenario, next to yardsticks; its books are checked at the end."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx2
import msgspec
import uvloop
from rich.console import Console

from entrepot import inventory
from entrepot.bench.bare import bare_server
from entrepot.bench.catalogs import catalog
from entrepot.bench.ground import SIZES, Ground, Served
from entrepot.bench.measure import Measured, measure
from entrepot.bench.pgbench import OrderIds, run_pgbench, script_of
from entrepot.bench.queries import find_order_ids
from entrepot.bench.report import Figures, Report
from entrepot.bench.scenarios import BARE, Scenario, order_of
from entrepot.bench.shopper import API, Goods
from entrepot.bench.statements import record
from entrepot.kernel import clock
from entrepot.kernel.db import connect
from entrepot.verify import free_port

HOST: Final = "127.0.0.1"
RECORDINGS: Final = 5
"""How often an order is recorded anew because its ids could mean two things."""


class BenchError(Exception):
    """Nothing can be reported; the message says why."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to measure, and how."""

    scenarios: Sequence[Scenario]
    size: str
    connections: int
    seconds: float
    seed: int


def run(wanted: Wanted, console: Console, *, keep: Path | None = None, database_url: str | None = None) -> Report:
    """Measure each scenario, next to its yardstick, on a catalog of its own; for `keep` and `database_url` see `catalog`.

    Raises:
        BenchError: some replies were errors, or the books do not balance afterwards: fast and wrong would be no use.
        WrongFolder, LoadFailed: there is no catalog to measure on.
    """
    report = uvloop.run(_run(wanted, console, keep, database_url))
    if report.errors:
        told = "\n".join(f"  {count:,} times {kind}" for kind, count in report.errors.items())
        raise BenchError(f"Some replies were errors, so these figures would mean nothing:\n{told}")
    return report


async def _run(wanted: Wanted, console: Console, keep: Path | None, database_url: str | None) -> Report:
    async with catalog(wanted.size, wanted.seed, console, keep=keep, database_url=database_url) as ground:
        return await _measured_on(ground, wanted, console)


async def _measured_on(ground: Ground, wanted: Wanted, console: Console) -> Report:
    async with ground.served() as served:
        goods, tokens = await ground.furnish(served, wanted.connections)
        bench = _Bench(ground, served, wanted, goods, tokens)
        figures: dict[str, Figures] = {}
        for scenario in wanted.scenarios:
            with console.status(f"{scenario.what} ..."):
                figures[scenario.name] = await bench.figures(scenario)
            measured = figures[scenario.name].measured
            mark = "[red]errors[/]" if measured.errors else "[green]done[/]"
            console.print(f"  {mark}  {scenario.what:<36} {measured.journeys_per_s:10,.0f}/s")
        await _refuse_drift(ground.dsn)
    return Report(
        taken_at=clock.now().isoformat(timespec="seconds"),
        machine=machine(),
        size=wanted.size,
        products=SIZES[wanted.size][0],
        connections=wanted.connections,
        seconds=wanted.seconds,
        first_reply_s=served.first_reply_s,
        scenarios=figures,
    )


def machine() -> str:
    """What it was measured on."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


class _Bench:
    """A served shop with its goods and buyers."""

    def __init__(self, ground: Ground, served: Served, wanted: Wanted, goods: Goods, tokens: Sequence[str]) -> None:
        self._ground = ground
        self._served = served
        self._wanted = wanted
        self._goods = goods
        self._tokens = tokens

    async def figures(self, scenario: Scenario) -> Figures:
        before = await self._served.statements()
        measured = await self._measured(self._served.port, scenario)
        sent = await self._served.statements() - before
        return Figures(
            measured=measured,
            memory_mb=self._served.memory_mb(),
            statements=sent / max(1, measured.requests),
            bare_per_s=await self._bare(scenario) if scenario.same_bytes is not None else None,
            pgbench_per_s=await self._pgbench(scenario) if scenario.same_statements else None,
        )

    async def _measured(self, port: int, scenario: Scenario) -> Measured:
        return await measure(
            HOST,
            port,
            scenario,
            self._goods,
            connections=self._wanted.connections,
            seconds=self._wanted.seconds,
            seed=self._wanted.seed,
            tokens=self._tokens,
        )

    async def _bare(self, scenario: Scenario) -> float:
        """Replies a second of a handler that returns the same bytes."""
        assert scenario.same_bytes is not None  # noqa: S101  asked before
        async with httpx2.AsyncClient() as http:
            reply = await http.get(f"{self._served.server.url}{API}{scenario.same_bytes(self._goods)}")
        body = self._ground.folder / "same-bytes"
        body.write_bytes(reply.content)
        port = free_port()
        with bare_server(body, port):
            return (await self._measured(port, BARE)).journeys_per_s

    async def _pgbench(self, scenario: Scenario) -> float:
        """Orders a second that pgbench places with the statements of one order."""
        buyable = self._goods.buyable if scenario.name == "checkout" else self._goods.buyable[:3]
        if buyable[-1] - buyable[0] != len(buyable) - 1:
            raise BenchError("Somebody else made products at the same time: nothing can be compared. Run it again.")
        for _ in range(RECORDINGS):
            recorded = await record(
                self._ground.settings, self._ground.dsn, "/orders", order_of(self._goods.buyable[:3]), self._tokens[0]
            )
            ids = await self._ids(recorded.reply["id"])
            if not ids.clash():
                break
        else:
            raise BenchError("The ids of the recorded order mean several things: run it again.")
        script = script_of(recorded.statements, ids, buyable[0], len(buyable))
        return await asyncio.to_thread(
            run_pgbench,
            script,
            self._ground.folder,
            self._ground.dsn,
            clients=self._wanted.connections,
            seconds=max(1, round(self._wanted.seconds)),
        )

    async def _ids(self, number: str) -> OrderIds:
        database = await connect(self._ground.dsn, pool_size=1)
        try:
            return await find_order_ids(database.reader, number)
        finally:
            await database.close()


async def _refuse_drift(dsn: str) -> None:
    database = await connect(dsn, pool_size=2)
    try:
        drift = [one async for one in inventory.find_drift(database.reader)]
    finally:
        await database.close()
    if drift:
        raise BenchError(f"The stock is not the sum of its history: {drift[:3]}")
