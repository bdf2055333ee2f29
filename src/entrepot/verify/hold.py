"""Holding drills: one after the other on one ground, with progress, a table of what was found, and JSON."""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from entrepot.kernel import clock
from entrepot.verify.drill import Drill, Finding, Size
from entrepot.verify.ground import PROGRAM, Ground, prepared
from entrepot.verify.invariants import look_at_books
from entrepot.verify.scratch import Scratch, embedded, on_server

SERVERS: Final = 4


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A drill that was held."""

    name: str
    promise: str
    passed: bool
    duration_s: float
    findings: list[Finding]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What all drills found."""

    version: str
    size: Size
    began_at: datetime
    database: str
    passed: bool
    duration_s: float
    drills: list[Held]


def hold(
    drills: Sequence[Drill],
    size: Size,
    console: Console,
    *,
    database_url: str | None = None,
    json_file: Path | None = None,
    program: Sequence[str] = PROGRAM,
) -> Report:
    """Hold the drills, print what they find as they go, and write it into the file if there is one.

    Without a `database_url` they are held on an embedded server of their own; with one, in a new database on that server,
    which is dropped afterwards. When something failed, the folder with the servers' logs is kept, and named.
    """
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)  # it tells of every connection that a drill cuts
    # Not below a folder that is closed to others: started by root, the database runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="entrepot-verify-"))
    report: Report | None = None
    try:
        report = asyncio.run(_held(drills, size, console, folder, database_url, program))
        if json_file is not None:
            json_file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
        return report
    finally:
        shutil.rmtree(folder / "postgres", ignore_errors=True)
        if report is not None and report.passed:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            console.print(f"The logs of the servers are in {folder}.", soft_wrap=True)


async def _held(
    drills: Sequence[Drill],
    size: Size,
    console: Console,
    folder: Path,
    database_url: str | None,
    program: Sequence[str],
) -> Report:
    began_at, began = clock.now(), time.perf_counter()
    held: list[Held] = []
    async with _scratch(folder, database_url) as scratch:
        console.print(f"Drills on {scratch.where}; nothing else is touched.\n", soft_wrap=True)
        async with prepared(folder, scratch, program, size.of(2, SERVERS, SERVERS)) as ground:
            for drill in drills:
                held.append(await _hold_one(drill, size, ground, console))
                _tell(held[-1], console)
    passed = all(one.passed for one in held)
    duration_s = round(time.perf_counter() - began, 1)
    console.print(_table(held))
    verdict = "[bold green]Every promise was kept.[/]" if passed else "[bold red]Promises were broken: see above.[/]"
    console.print(f"\n{verdict} {len(held)} drills in {duration_s:.0f} s.", soft_wrap=True)
    return Report(
        version=metadata.version("entrepot"),
        size=size,
        began_at=began_at,
        database=scratch.where,
        passed=passed,
        duration_s=duration_s,
        drills=held,
    )


@asynccontextmanager
async def _scratch(folder: Path, database_url: str | None) -> AsyncIterator[Scratch]:
    if database_url is not None:
        async with on_server(database_url) as scratch:
            yield scratch
    else:
        with embedded(folder / "postgres") as own:
            yield own


async def _hold_one(drill: Drill, size: Size, ground: Ground, console: Console) -> Held:
    began = time.perf_counter()
    columns = (SpinnerColumn(), TextColumn(f"{drill.name:<20}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(drill.name, total=None)
        ground.advance = lambda done, total: progress.update(bar, completed=done, total=total)
        findings = await _findings(drill, size, ground)
    findings = [*findings, await look_at_books(ground.database.reader)]
    return Held(
        name=drill.name,
        promise=drill.promise,
        passed=all(one.passed for one in findings),
        duration_s=round(time.perf_counter() - began, 1),
        findings=findings,
    )


async def _findings(drill: Drill, size: Size, ground: Ground) -> list[Finding]:
    try:
        return await drill.run(ground, size)
    except Exception as error:  # noqa: BLE001  whatever it breaks off with, it has failed, and the next one is held
        return [Finding(tried="the drill itself", times=1, faults=(f"broke off: {error!r:.1000}",))]


def _tell(held: Held, console: Console) -> None:
    mark = "[green]kept  [/]" if held.passed else "[bold red]BROKEN[/]"
    console.print(f"{mark}  [bold]{held.name:<20}[/] {held.duration_s:>6.1f} s  {escape(held.promise)}", soft_wrap=True)
    for finding in held.findings:
        for fault in finding.faults:
            console.print(f"                [red]{escape(finding.tried)}: {escape(fault)}[/]", soft_wrap=True)


def _table(held: Sequence[Held]) -> Table:
    table = Table("drill", "tried", "times", "result", box=None, padding=(0, 2, 0, 0), title_justify="left")
    table.columns[2].justify = "right"
    for one in held:
        for position, finding in enumerate(one.findings):
            name = one.name if position == 0 else ""
            table.add_row(name, escape(finding.tried), f"{finding.times:,}", _result(finding))
    return table


def _result(finding: Finding) -> str:
    if finding.skipped:
        return f"[yellow]skipped[/]: {escape(finding.note)}"
    if not finding.passed:
        return f"[bold red]{len(finding.faults)} faults[/]"
    return f"[green]held[/] {escape(finding.note)}".rstrip()
