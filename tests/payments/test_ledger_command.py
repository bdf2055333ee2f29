"""`entrepot doctor --ledger`, as a person runs it."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from entrepot.kernel.embedded_postgres import EmbeddedPostgres
from tests.cli.conftest import home
from tests.cli.test_serve import run

__all__ = ["home"]


async def test_it_proves_a_shop_and_names_what_a_hand_in_the_database_has_changed(home: Path) -> None:
    loaded = run(home, "demo", "--products", "40", "--orders", "60")
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr

    well = run(home, "doctor", "--ledger")
    assert (well.returncode, "The ledger sums to zero" in well.stdout) == (0, True), well.stdout + well.stderr

    number = await _change(home)
    ill = run(home, "doctor", "--ledger")

    assert ill.returncode == 1, ill.stdout + ill.stderr
    assert "sale:1: commission should have" in ill.stdout
    assert "sale:1: payable:" in ill.stdout
    assert f"order {number}: is unpaid, and holds" in ill.stdout
    assert "3 faults: nothing was changed." in ill.stdout


async def _change(home: Path) -> str:
    """A part's commission, and whether an order is paid; returns that order's number."""
    with EmbeddedPostgres(home / "postgres") as server:
        connection = await asyncpg.connect(server.dsn())
        try:
            await connection.execute(
                "update order_parts set commission_minor = commission_minor + 1 "
                "where id = (select min(id) from order_parts where order_id = 1)"
            )
            number: str = await connection.fetchval(
                "update orders set payment_status = 'unpaid' "
                "where id = (select max(id) from orders where payment_status = 'paid') returning number"
            )
        finally:
            await connection.close()
    return number
