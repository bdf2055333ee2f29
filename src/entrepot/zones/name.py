"""Naming zones: by their slugs, as requests do, or by their ids."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Invalid
from entrepot.zones import queries
from entrepot.zones.model import ZoneNotFound, ZoneRef


async def zones_named(tx: Tx, slugs: Sequence[str], field: str) -> list[ZoneRef]:
    """The zones with these slugs, in order of id. They are not deleted before the transaction ends.

    Raises:
        Invalid: `field` names slugs that no zone has.
    """
    found = await queries.list_named(tx, slugs)
    if unknown := sorted(set(slugs) - {zone.slug for zone in found}):
        raise Invalid({field: [f"there is no zone {slug}: see GET /zones" for slug in unknown]})
    return found


async def first_zone(tx: Tx) -> ZoneRef | None:
    """The shop's oldest zone: for who names none."""
    return await queries.find_first_zone(tx)


async def zone_by_id(tx: Tx, zone_id: int) -> ZoneRef | None:
    """The zone, which is not deleted before the transaction ends; None when it is gone already."""
    return await queries.find_ref(tx, zone_id)


async def zone_id_of(db: Db, slug: str) -> int:
    """The id of the zone that a request's field `zone` names. Raises Invalid when there is none."""
    zone = await queries.find_called(db, slug)
    if zone is None:
        raise Invalid({"zone": ["there is no such zone"]})
    return zone.id


async def zone_called(db: Db, slug: str) -> ZoneRef:
    """The zone with this slug, for reading. Raises ZoneNotFound."""
    zone = await queries.find_called(db, slug)
    if zone is None:
        raise ZoneNotFound
    return zone
