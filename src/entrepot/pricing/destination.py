"""Where a basket goes when nobody has said it in full."""

from __future__ import annotations

from entrepot import zones
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.pricing import quote_queries
from entrepot.pricing.quote import Destination


async def destination_of(
    db: Db, actor: Actor, zone: str | None = None, country: str | None = None, state: str | None = None
) -> Destination:
    """The zone (a slug) and place that are named; for what is not, the actor's own zone and default address.

    Raises:
        Invalid: an unknown zone.
    """
    zone_id = actor.home_zone_id if zone is None else await zones.zone_id_of(db, zone)
    if country is None and actor.user_id is not None:
        home = await quote_queries.find_default_place(db, actor.user_id)
        if home is not None:
            return Destination(zone_id, home.country, home.state)
    return Destination(zone_id, country, state)
