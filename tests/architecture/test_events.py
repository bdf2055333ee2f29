"""Events are a public feed: each has a name of its own that never changes, and stands in its module's events.py."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from typing import Final

import pytest

from entrepot.kernel.events import Event
from tests.architecture.source import files

NAME: Final = re.compile(r"[a-z_]+(\.[a-z_]+)+")

for _file in files():
    if _file.path.endswith("events.py"):
        importlib.import_module(_file.dotted)


def _below(kind: type[Event]) -> list[type[Event]]:
    return [found for child in kind.__subclasses__() for found in (child, *_below(child))]


EVENTS: Final = sorted(_below(Event), key=lambda event: event.__qualname__)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__qualname__)
def test_an_event_has_a_name_of_its_own(event: type[Event]) -> None:
    assert "name" in vars(event), f"{event.__qualname__} inherits its name: give it one, `name: ClassVar[str] = ...`"
    assert NAME.fullmatch(event.name), f"{event.__qualname__}: {event.name!r} is not like thing.happened"
    assert event.__module__.endswith(".events"), f"{event.__qualname__} belongs into its module's events.py"


def test_no_two_events_share_a_name() -> None:
    shared = [name for name, count in Counter(event.name for event in EVENTS).items() if count > 1]
    assert not shared, f"Two events are called {shared}: whoever reads the feed could not tell them apart"
