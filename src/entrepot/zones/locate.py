"""Where a place lies: the zone of a point, or of an address."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from entrepot.kernel.db import Db
from entrepot.kernel.slugs import slug_of
from entrepot.zones import queries
from entrepot.zones.model import Polygon, Position
from entrepot.zones.queries import Reach

MAX_DISTANCE_KM: Final = 50.0
"""How far a zone without boundary reaches from its centre."""

_EARTH_RADIUS_KM: Final = 6371.0
_KM_PER_DEGREE: Final = 2 * math.pi * _EARTH_RADIUS_KM / 360


async def zone_of_point(db: Db, latitude: float, longitude: float) -> int | None:
    """The id of the zone that a point lies in, or None.

    Of several whose boundaries hold it, the one with the smallest extent. Where none does: of the zones without boundary,
    the one with the nearest centre, at most MAX_DISTANCE_KM away.
    """
    reaching = await queries.list_reaching(db, latitude, longitude, MAX_DISTANCE_KM / _KM_PER_DEGREE)
    return choose_zone(reaching, latitude, longitude)


async def zone_of_address(
    db: Db, *, latitude: float | None, longitude: float | None, city: str = "", state: str = ""
) -> int | None:
    """The id of an address's zone, or None: by its coordinates if it has any, else by the name of its city or state."""
    if latitude is not None and longitude is not None:
        return await zone_of_point(db, latitude, longitude)
    names = [name for name in (city.strip(), state.strip()) if name]
    return await queries.find_zone_called(db, names, [slug_of(name) for name in names]) if names else None


def choose_zone(zones: Sequence[Reach], latitude: float, longitude: float) -> int | None:
    """The first zone whose boundary holds the point; else the nearest of those without boundary, if it is near enough."""
    place = (longitude, latitude)
    for zone in zones:
        if zone.boundary is not None and lies_in(zone.boundary, place):
            return zone.id
    distances = [
        (distance_km(place, (zone.centre_longitude, zone.centre_latitude)), zone.id)
        for zone in zones
        if zone.boundary is None and zone.centre_longitude is not None and zone.centre_latitude is not None
    ]
    distance, nearest = min(distances, default=(math.inf, None))
    return nearest if distance <= MAX_DISTANCE_KM else None


def lies_in(polygon: Polygon, place: Position) -> bool:
    """Whether a place lies in a polygon, and in none of its holes; what lies on an edge of either belongs to it.

    Ray casting: a line from the place to the east crosses the rings an odd number of times.
    """
    x, y = place
    inside = False
    for ring in polygon.coordinates:
        for (x1, y1), (x2, y2) in pairwise(ring):
            side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)  # above 0: left of the edge
            if side == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
                return True
            if (y1 > y) != (y2 > y) and (side > 0) == (y2 > y1):
                inside = not inside
    return inside


def distance_km(one: Position, other: Position) -> float:
    """The great-circle distance (haversine formula)."""
    (x1, y1), (x2, y2) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    h = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, h)))
