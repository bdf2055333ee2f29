"""The access table: what each role is answered on its own and on another's object, for every route of the shop."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from entrepot.kernel.actors import Guard, Role
from tests.access.requests import handlers_of, try_out
from tests.access.world import GUEST, ROLES, NothingOwn, Scene, World

TABLE: Final = Path(str(resources.files("entrepot.verify"))) / "access.tsv"
"""With the product, since `entrepot verify` asks a running shop from it."""
HEAD: Final = ("method", "path", *ROLES)
CELL: Final = re.compile(r"\d{3}(\?\d{3})?( \d{3}(\?\d{3})?)?")


class Row(msgspec.Struct, frozen=True):
    """A route, and its cell for each role."""

    method: str
    path: str
    cells: dict[str, str]

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def line(self) -> str:
        return "\t".join([self.method, self.path, *(self.cells[role] for role in ROLES)])

    def statuses(self, role: str) -> list[int]:
        """What the role is answered on its own and on another's object; one number where there are not both."""
        return [int(answer[:3]) for answer in self.cells[role].split()]


def read_table() -> list[Row]:
    head, *lines = TABLE.read_text(encoding="utf-8").splitlines()
    assert tuple(head.split("\t")) == HEAD, f"the first line of {TABLE.name} must be {HEAD}"
    rows = []
    for line in lines:
        method, path, *cells = line.split("\t")
        assert len(cells) == len(ROLES), f"{TABLE.name}: {method} {path} has {len(cells)} cells, not {len(ROLES)}"
        rows.append(Row(method, path, dict(zip(ROLES, cells, strict=True))))
    return rows


async def observed(world: World, method: str, path: str) -> Row:
    """The route's row, as the shop answers now."""
    return Row(method, path, {role: await _cell(world, method, path, role) for role in ROLES})


async def _cell(world: World, method: str, path: str, role: str) -> str:
    guard: Guard = handlers_of(world)[path, method].opt["operation"].guard
    let_in = guard.guests if role == GUEST else Role(role) in guard.roles
    answers = []
    for mine in (True, False) if let_in else (False,):
        scene = await Scene.made(world, role, mine=mine)
        try:
            reply = await try_out(scene, method, path)
        except NothingOwn:
            continue
        answers.append(str(reply.status_code))
        if not scene.has_object:
            break
    return " ".join(answers)


def as_answered(cell: str) -> str:
    """The cell without what is said about an answer that is known to be wrong."""
    return re.sub(r"\?\d{3}", "", cell)
