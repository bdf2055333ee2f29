"""What a zone is, and what can be refused about one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self

import msgspec

from entrepot.kernel.errors import Conflict, NotFound

Position = tuple[float, float]
"""Longitude and latitude in degrees, in GeoJSON's order."""

Ring = Sequence[Position]
"""A closed line: the last position is the first."""


class Polygon(msgspec.Struct, frozen=True):
    """An area as GeoJSON has it: its outer ring, then its holes."""

    type: str
    coordinates: list[list[Position]]


class ZoneFields(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a zone. Without a boundary, it reaches as far as its centre is the nearest."""

    slug: str
    name: str
    centre_latitude: float | None = None
    centre_longitude: float | None = None
    boundary: Polygon | None = None


class Zone(ZoneFields, frozen=True, kw_only=True):
    """A row of `zones`."""

    id: int
    created_at: datetime
    updated_at: datetime


class ZoneRef(msgspec.Struct, frozen=True):
    """A zone as other things name it."""

    id: int
    slug: str
    name: str


class ZoneUses(msgspec.Struct, frozen=True):
    """How many use a zone: companies that deliver there, warehouses, people who live there, and its administrators."""

    companies: int
    warehouses: int
    users: int
    admins: int


class ZoneNotFound(NotFound):
    code = "ZONE_NOT_FOUND"
    message = "Zone not found"


class ZoneExists(Conflict):
    code = "ZONE_EXISTS"
    message = "There is a zone with this slug already"


class ZoneInUse(Conflict):
    code = "ZONE_IN_USE"
    message = "The zone is in use: let companies, warehouses and people leave it first"

    @classmethod
    def of(cls, uses: ZoneUses) -> Self:
        return cls(details={name: count for name, count in msgspec.structs.asdict(uses).items() if count})


CONSTRAINTS: Final = {"zones_slug_key": ZoneExists}
