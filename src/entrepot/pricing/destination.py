"""Where a basket goes: the one rule for carts, quotes, shipping and orders."""

from __future__ import annotations

from entrepot import zones
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.pricing import quote_queries
from entrepot.pricing.quote import Destination
from entrepot.pricing.quote_queries import Place


async def destination_of(db: Db, actor: Actor, zone: str | None = None, place: Place | None = None) -> Destination:
    """Where what is sent to this place goes; without one, to the actor's default address.

    The zone (a slug) that is named counts; else the one that the place lies in; else the actor's own.

    Raises:
        Invalid: an unknown zone.
    """
    if place is None and actor.user_id is not None:
        place = await quote_queries.find_default_place(db, actor.user_id)
    zone_id = await _zone_id(db, actor, zone, place)
    return Destination(zone_id) if place is None else Destination(zone_id, place.country, place.state)


async def _zone_id(db: Db, actor: Actor, zone: str | None, place: Place | None) -> int | None:
    if zone is not None:
        return await zones.zone_id_of(db, zone)
    found = None
    if place is not None:
        found = await zones.zone_of_address(
            db, latitude=place.latitude, longitude=place.longitude, city=place.city, state=place.state
        )
    return actor.home_zone_id if found is None else found
