"""Each drill can fail: a shop that breaks its promise is caught by it, and by what it says of it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from entrepot import verify
from tests.verify import sabotage

CAUGHT = {
    "flash-sale": ("oversold", "orders were placed for 5 pieces"),
    "coupon": ("coupon_counts_nothing", "orders were placed with a code for 1"),
    "one-key": ("keys_are_forgotten", "different orders were acknowledged"),
    "payment-webhooks": ("anybody_is_the_provider", "was answered 200"),
    "refund-race": ("refunds_are_forgotten", "gave back other sums than its refunds"),
    "killed-server": ("loses_orders", "was acknowledged and is not there"),
    "restarted-database": ("trouble_is_a_fault", "was answered 500"),
    "access": ("everybody_is_an_admin", "as user is answered 200"),
    "hostile-input": ("null_characters_pass", ": 500 "),
    "backup": ("half_a_backup", "pieces in its lines and holds 0"),
    "clock": ("locked_for_a_day", "the right password is answered 423"),
}


@pytest.mark.parametrize("drill", CAUGHT)
def test_a_broken_promise_is_caught(server: str, drill: str) -> None:
    name, fault = CAUGHT[drill]
    console = Console(file=io.StringIO(), width=200)
    report = verify.hold(
        verify.chosen([drill]), verify.Size.TINY, console, database_url=server, program=sabotage.program(name)
    )
    faults = [fault for finding in report.drills[0].findings for fault in finding.faults]
    assert not report.passed
    assert any(fault in told for told in faults), faults


def test_every_drill_has_its_sabotage() -> None:
    assert {drill.name for drill in verify.catalogue()} - CAUGHT.keys() == {"redis"}, "there is no Redis to stop"
    assert {name for name, _ in CAUGHT.values()} == sabotage.SABOTAGES.keys()
