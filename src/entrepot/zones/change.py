"""Changing a zone: what it is called, and where it lies."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.zones import queries
from entrepot.zones.events import ZoneChanged
from entrepot.zones.model import Zone, ZoneFields, ZoneNotFound


async def change_zone(tx: Tx, actor: Actor, zone_id: int, changes: dict[str, Any]) -> Zone:
    """Set the fields of `ZoneFields` that are given, and leave the others.

    Raises:
        ZoneNotFound: there is none of this id.
        ZoneExists: the slug is taken, decided by the database.
    """
    before = await queries.lock_zone(tx, zone_id)
    if before is None:
        raise ZoneNotFound
    after = await queries.set_zone(tx, zone_id, _merged(before, changes))
    await record_change(tx, actor, "zone.changed", Subject("zone", zone_id), before, after)
    await publish(tx, ZoneChanged(zone_id=zone_id), actor_id=actor.user_id)
    return after


def _merged(zone: Zone, changes: dict[str, Any]) -> ZoneFields:
    kept = {name: getattr(zone, name) for name in ZoneFields.__struct_fields__}
    return msgspec.structs.replace(ZoneFields(**kept), **changes)
