"""Making a zone."""

from __future__ import annotations

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.zones import queries
from entrepot.zones.events import ZoneCreated
from entrepot.zones.model import Zone, ZoneFields


async def create_zone(tx: Tx, actor: Actor, fields: ZoneFields) -> Zone:
    """A new zone. Raises ZoneExists for a slug that is taken, decided by the database."""
    zone = await queries.insert_zone(tx, fields)
    await record_change(tx, actor, "zone.created", Subject("zone", zone.id), after=zone)
    await publish(tx, ZoneCreated(zone_id=zone.id), actor_id=actor.user_id)
    return zone
