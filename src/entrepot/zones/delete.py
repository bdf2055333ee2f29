"""Deleting a zone, once nobody uses it."""

from __future__ import annotations

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.zones import queries
from entrepot.zones.events import ZoneDeleted
from entrepot.zones.model import ZoneInUse, ZoneNotFound, ZoneUses


async def delete_zone(tx: Tx, actor: Actor, zone_id: int) -> None:
    """Delete a zone; orders that were delivered there keep it.

    It is locked before its uses are counted: who comes to use it meanwhile either is counted, or waits and finds it gone.

    Raises:
        ZoneNotFound: there is none of this id.
        ZoneInUse: companies, warehouses or people are there; `details` says how many.
    """
    zone = await queries.lock_zone(tx, zone_id)
    if zone is None:
        raise ZoneNotFound
    uses = await queries.get_uses(tx, zone_id)
    if uses != ZoneUses(0, 0, 0, 0):
        raise ZoneInUse.of(uses)
    await queries.set_zone_deleted(tx, zone_id)
    await record_change(tx, actor, "zone.deleted", Subject("zone", zone_id), before=zone)
    await publish(tx, ZoneDeleted(zone_id=zone_id), actor_id=actor.user_id)
