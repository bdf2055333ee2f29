"""Facts that zones publish, and which cached replies they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from entrepot.kernel.events import Event

ZONES_TAG: Final = "zones"
"""On every reply that shows zones."""


class ZoneCreated(Event, frozen=True):
    name: ClassVar[str] = "zone.created"

    zone_id: int


class ZoneChanged(ZoneCreated, frozen=True):
    name: ClassVar[str] = "zone.changed"


class ZoneDeleted(ZoneCreated, frozen=True):
    name: ClassVar[str] = "zone.deleted"


CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    event.name: lambda _: [ZONES_TAG] for event in (ZoneCreated, ZoneChanged, ZoneDeleted)
}
