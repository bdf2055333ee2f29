"""`entrepot bench`: a real run on a small catalog, its JSON, its comparison, and its refusal to report errors."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from entrepot import bench
from entrepot.bench.measure import Measured, Step
from entrepot.bench.report import Figures, Report
from entrepot.bench.scenarios import Kind, Scenario
from entrepot.bench.shopper import Shopper


async def _ask_for_nothing(shopper: Shopper) -> None:
    await shopper.get("nothing", "/products/999999999")


NOTHING = Scenario(name="list", what="nothing", journey=_ask_for_nothing, steps={"nothing": Kind.GET})


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A catalog that is kept from one run to the next; not where pytest keeps things, since the database's user must get in."""
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_a_run_measures_next_to_its_yardsticks(folder: Path) -> None:
    json_file = folder / "figures.json"
    options = ["--seconds", "0.5", "--connections", "2", "--scenario", "list", "--scenario", "checkout"]
    command = [
        sys.executable,
        "-m",
        "entrepot",
        "bench",
        *options,
        "--keep",
        str(folder / "kept"),
        "--json",
        str(json_file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report = bench.read_report(json_file)
    assert set(report.scenarios) == {"list", "checkout"}
    assert not report.errors
    cached, orders = report.scenarios["list"], report.scenarios["checkout"]
    assert cached.measured.journeys_per_s > 0
    assert cached.bare_per_s is not None
    assert cached.bare_per_s > 0
    assert orders.pgbench_per_s is not None
    assert orders.pgbench_per_s > 0
    assert orders.statements > 5
    assert orders.memory_mb > 10
    assert "of pgbench" in done.stdout


def test_figures_with_errors_are_refused(folder: Path) -> None:
    wanted = bench.Wanted(scenarios=[NOTHING], size="1k", connections=2, seconds=0.5, seed=1)
    with pytest.raises(bench.BenchError, match="404 PRODUCT_NOT_FOUND"):
        bench.run(wanted, Console(quiet=True), keep=folder / "kept")


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    wanted = bench.Wanted(scenarios=[NOTHING], size="1k", connections=2, seconds=0.5, seed=1)
    with pytest.raises(bench.WrongFolder):
        bench.run(wanted, Console(quiet=True), keep=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def a_report(rate: float) -> Report:
    step = Step(requests=10, p50_ms=1.0, p95_ms=2.0, p99_ms=300.0)
    measured = Measured(
        requests=10, journeys_per_s=rate, requests_per_s=rate, all_steps=step, steps={"page": step}, errors={}
    )
    return Report(
        taken_at="2026-01-01T00:00:00+00:00",
        machine="here",
        size="1k",
        products=1000,
        connections=2,
        seconds=1,
        first_reply_s=1.0,
        scenarios={"page": Figures(measured=measured, memory_mb=100, statements=1.5, bare_per_s=rate * 2)},
    )


def test_figures_are_shown_next_to_targets_and_earlier_ones(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(width=150)
    bench.show(a_report(300), console)
    bench.compare(a_report(300), a_report(150), console)
    shown = capsys.readouterr().out
    assert "50% of a bare handler" in shown
    assert "MISSED" in shown  # 99 % within 300 ms, and 200 are allowed
    assert "2.00" in shown


def test_unknown_names_are_told() -> None:
    with pytest.raises(bench.UnknownScenario, match="choose from list, page"):
        bench.chosen(["flying"])
