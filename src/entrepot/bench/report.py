"""Figures: as a table for people, as JSON for the next run, and next to those of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from entrepot.bench.measure import Measured, Step
from entrepot.bench.scenarios import SCENARIOS, Kind

TARGETS_MS: Final[Mapping[Kind, tuple[int, int, int]]] = {
    Kind.GET: (50, 100, 200),
    Kind.LIST: (100, 200, 500),
    Kind.SEARCH: (200, 500, 1000),
    Kind.WRITE: (100, 300, 500),
}
"""The slowest that half, 95 % and 99 % of the requests may be, by kind."""

WHAT: Final = {scenario.name: scenario for scenario in SCENARIOS}


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario.

    `memory_mb`: of the server process, after it. `statements`: sent to the database for each request, those of background work
    among them. `bare_per_s`: replies of a bare handler with the same bytes; `pgbench_per_s`: the same statements without the
    shop.
    """

    measured: Measured
    memory_mb: float
    statements: float
    bare_per_s: float | None = None
    pgbench_per_s: float | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run: when and on what, with how many products and orders, and what came of each scenario."""

    taken_at: str
    machine: str
    size: str
    products: int
    connections: int
    seconds: float
    first_reply_s: float
    """From the start of the server process to its first reply."""

    scenarios: dict[str, Figures]

    @property
    def errors(self) -> dict[str, int]:
        """By scenario and kind; figures of a scenario with errors say nothing."""
        return {
            f"{name}: {kind}": count
            for name, figures in self.scenarios.items()
            for kind, count in figures.measured.errors.items()
        }


def show(report: Report, console: Console) -> None:
    """Print the figures, the yardsticks and the response-time targets. `SQL`: statements for each request; `MB`: of memory."""
    console.print(
        f"\n{report.products:,} products · {report.connections} connections · {report.seconds:g} s each · "
        f"first reply after {report.first_reply_s:.1f} s\n{report.machine}\n"
    )
    console.print(_rates(report))
    for name, figures in report.scenarios.items():
        if yardstick := _yardstick(figures):
            console.print(f"{WHAT[name].what}: {yardstick}")
    console.print(_targets(report))


def compare(report: Report, earlier: Report, console: Console) -> None:
    """Print how the rates and response times differ from those of an earlier run."""
    title = f"Next to {earlier.taken_at}"
    table = Table("scenario", "then /s", "now /s", "ratio", "p95 then", "p95 now", title=title, box=SIMPLE)
    for name, figures in report.scenarios.items():
        if (before := earlier.scenarios.get(name)) is None:
            continue
        then, now = before.measured, figures.measured
        ratio = now.journeys_per_s / then.journeys_per_s if then.journeys_per_s else 0.0
        table.add_row(
            WHAT[name].what,
            f"{then.journeys_per_s:,.0f}",
            f"{now.journeys_per_s:,.0f}",
            f"{ratio:.2f}",
            f"{then.all_steps.p95_ms:.1f}",
            f"{now.all_steps.p95_ms:.1f}",
        )
    if earlier.machine != report.machine or earlier.products != report.products:
        console.print("[yellow]Another machine or another number of products: read the ratios with care.[/]")
    console.print(table)


def _rates(report: Report) -> Table:
    table = Table("what", "/s", "p50 ms", "p95 ms", "p99 ms", "SQL", "MB", box=SIMPLE)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, figures in report.scenarios.items():
        step = figures.measured.all_steps
        table.add_row(
            WHAT[name].what,
            f"{figures.measured.journeys_per_s:,.0f}",
            f"{step.p50_ms:.1f}",
            f"{step.p95_ms:.1f}",
            f"{step.p99_ms:.1f}",
            f"{figures.statements:.1f}",
            f"{figures.memory_mb:.0f}",
        )
    return table


def _yardstick(figures: Figures) -> str:
    rate = figures.measured.journeys_per_s
    if figures.bare_per_s is not None:
        return f"{rate / figures.bare_per_s:.0%} of a bare handler ({figures.bare_per_s:,.0f}/s)"
    if figures.pgbench_per_s is not None:
        return f"{rate / figures.pgbench_per_s:.0%} of pgbench ({figures.pgbench_per_s:,.0f}/s)"
    return ""


def _targets(report: Report) -> Table:
    table = Table(
        "step", "p50 ms", "p95 ms", "p99 ms", "target", title="Response times next to their targets", box=SIMPLE
    )
    for name, figures in report.scenarios.items():
        for step, times in figures.measured.steps.items():
            kind = WHAT[name].steps[step]
            allowed = TARGETS_MS[kind]
            taken = (times.p50_ms, times.p95_ms, times.p99_ms)
            cells = (f"{took:.1f} < {limit}" for took, limit in zip(taken, allowed, strict=True))
            table.add_row(f"{name}: {step}", *cells, "[green]met[/]" if is_met(times, kind) else "[red]MISSED[/]")
    return table


def is_met(times: Step, kind: Kind) -> bool:
    """Whether all three targets of the kind are kept."""
    taken = (times.p50_ms, times.p95_ms, times.p99_ms)
    return all(took < limit for took, limit in zip(taken, TARGETS_MS[kind], strict=True))


def write_report(report: Report, file: Path) -> None:
    """Write it as JSON."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")


def read_report(file: Path) -> Report:
    """Read what `write_report` wrote. Raises msgspec.MsgspecError for anything else, OSError where there is no file."""
    return msgspec.json.decode(file.read_bytes(), type=Report)
