"""What a drill is, how large it may be, what it finds, and which drills there are."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from entrepot.verify.ground import Ground

NAMES: Final = (
    "flash-sale",
    "coupon",
    "one-key",
    "payment-webhooks",
    "refund-race",
    "killed-server",
    "restarted-database",
    "redis",
    "access",
    "hostile-input",
    "backup",
    "clock",
)
"""In the order in which they are held."""

MAX_FAULTS: Final = 20
"""So many faults of one kind are told; the number says how many there were."""


class Size(StrEnum):
    """How much is tried: `tiny` is for tests, `quick` takes about a minute in all, `full` as long as it takes."""

    TINY = "tiny"
    QUICK = "quick"
    FULL = "full"

    def of(self, tiny: int, quick: int, full: int) -> int:
        """The number for this size."""
        return {Size.TINY: tiny, Size.QUICK: quick, Size.FULL: full}[self]


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was tried, how often, and what was wrong about it.

    `note` says more about what was seen; with `skipped`, why it could not be tried.
    """

    tried: str
    times: int
    faults: tuple[str, ...] = ()
    note: str = ""
    skipped: bool = False

    @property
    def passed(self) -> bool:
        return not self.faults


class Drill(msgspec.Struct, frozen=True):
    """A drill: its name, the promise that it tries to break, and how."""

    name: str
    promise: str
    run: Callable[[Ground, Size], Awaitable[list[Finding]]]


class UnknownDrill(Exception):
    """There is no drill of this name; the message says which there are."""


def catalogue() -> list[Drill]:
    """All drills, in their order."""
    return [_loaded(name) for name in NAMES]


def chosen(names: Sequence[str]) -> list[Drill]:
    """The drills of these names, in the order of all; all of them if none is named. Raises UnknownDrill."""
    if unknown := sorted(set(names) - set(NAMES)):
        raise UnknownDrill(f"There is no drill {unknown[0]}: choose from {', '.join(NAMES)}.")
    return [_loaded(name) for name in NAMES if not names or name in names]


def _loaded(name: str) -> Drill:
    """A drill's file is read when it is wanted: some need libraries that are slow to load."""
    module = importlib.import_module(f"entrepot.verify.drills.{name.replace('-', '_')}")
    promise = (inspect.getdoc(module) or "").partition("\n\n")[0].replace("\n", " ")
    return Drill(name, promise, module.run)


def finding(tried: str, times: int, faults: Sequence[str] = (), note: str = "") -> Finding:
    """A finding that tells the first of many faults, and how many more there are."""
    told = list(faults[:MAX_FAULTS])
    if len(faults) > MAX_FAULTS:
        told.append(f"... and {len(faults) - MAX_FAULTS} more")
    return Finding(tried=tried, times=times, faults=tuple(told), note=note)
