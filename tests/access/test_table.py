"""Who may do what: every route of the running shop, as every role, on its own and on another's object.

`src/entrepot/verify/access.tsv` holds a row for each route and a column for each role. A cell is the status that the role is
answered: one number where the request is about nothing that is anybody's, otherwise one for an object of its own and one for
another's. What is its own: what is the user's; for a seller, its company's; for a location admin, its zones'. Another's is
another user's, in another zone, of another company. A role that can own nothing of the kind has one number, for another's.

`403?404` is a known fault: the shop answers 403, and ought to answer 404.
"""

from __future__ import annotations

import pytest

from entrepot.kernel.actors import Role
from tests.access.requests import handlers_of
from tests.access.table import CELL, Row, as_answered, observed, read_table
from tests.access.world import GUEST, ROLES, World

ROWS = read_table()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
async def test_a_route_answers_as_the_table_says(world: World, row: Row) -> None:
    assert (row.path, row.method) in handlers_of(world), f"There is no such route any more: delete {row.route}"
    seen = await observed(world, row.method, row.path)
    wrong = [
        f"{role}: {seen.cells[role]}, not {as_answered(row.cells[role])}"
        for role in ROLES
        if seen.cells[role] != as_answered(row.cells[role])
    ]
    assert not wrong, f"{row.route} answers {'; '.join(wrong)}. Observed:\n{seen.line}"


async def test_every_route_has_a_row(world: World) -> None:
    missing = sorted(handlers_of(world).keys() - {(row.path, row.method) for row in ROWS})
    rows = [(await observed(world, method, path)).line for path, method in missing]
    assert not rows, (
        "Check these against the requirements, and add them to src/entrepot/verify/access.tsv:\n" + "\n".join(rows)
    )


def test_the_table_is_well_formed() -> None:
    keys = [(row.path, row.method) for row in ROWS]
    assert keys == sorted(set(keys)), "rows are sorted by path and method, and stand there once"
    wrong = [f"{row.route}: {cell!r}" for row in ROWS for cell in row.cells.values() if not CELL.fullmatch(cell)]
    assert not wrong, wrong
    failing = [row.route for row in ROWS for cell in row.cells.values() if " 5" in f" {cell}"]
    assert not failing, f"no role is to be answered a 5xx: {failing}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
async def test_the_table_agrees_with_the_guard(world: World, row: Row) -> None:
    """Who is not let in by the guard is refused whatever it asks for."""
    guard = handlers_of(world)[row.path, row.method].opt["operation"].guard
    if not guard.guests:
        assert row.statuses(GUEST) == [401], "nobody is let in without signing in"
    for role in Role:
        if role not in guard.roles:
            assert set(row.statuses(role)) == {403}, f"{role} is not let in"
