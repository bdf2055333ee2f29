"""The SQL of zones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.zones.model import Polygon, Zone, ZoneFields, ZoneRef, ZoneUses

_ZONE: Final = "id, slug, name, centre_latitude, centre_longitude, boundary, created_at, updated_at"


class Reach(msgspec.Struct, frozen=True):
    """How far a zone reaches."""

    id: int
    centre_latitude: float | None
    centre_longitude: float | None
    boundary: Polygon | None


async def list_zones(db: Db, skip: int, limit: int, after_id: int | None) -> list[Zone]:
    """The oldest first."""
    return await db.many(
        Zone,
        f"""
        select {_ZONE} from zones where deleted_at is null and ($3::bigint is null or id > $3)
        order by id offset $1 limit $2
        """,
        skip,
        limit,
        after_id,
    )


async def count_zones(db: Db) -> int:
    total: int = await db.value("select count(*) from zones where deleted_at is null")
    return total


async def find_zone(db: Db, zone_id: int) -> Zone | None:
    return await db.maybe(Zone, f"select {_ZONE} from zones where id = $1 and deleted_at is null", zone_id)


async def find_first_zone(db: Db) -> ZoneRef | None:
    """The oldest zone, held against deletion until the transaction ends."""
    return await db.maybe(
        ZoneRef, "select id, slug, name from zones where deleted_at is null order by id limit 1 for key share"
    )


async def find_ref(db: Db, zone_id: int) -> ZoneRef | None:
    """The zone, held against deletion until the transaction ends."""
    return await db.maybe(
        ZoneRef, "select id, slug, name from zones where id = $1 and deleted_at is null for key share", zone_id
    )


async def find_called(db: Db, slug: str) -> ZoneRef | None:
    return await db.maybe(ZoneRef, "select id, slug, name from zones where slug = $1 and deleted_at is null", slug)


async def list_named(db: Db, slugs: Sequence[str]) -> list[ZoneRef]:
    """The zones with these slugs, held against deletion until the transaction ends."""
    return await db.many(
        ZoneRef,
        """
        select id, slug, name from zones where slug = any($1::text[]) and deleted_at is null order by id for key share
        """,
        list(slugs),
    )


async def list_reaching(db: Db, latitude: float, longitude: float, band_degrees: float) -> list[Reach]:
    """Zones that the point may lie in, the smallest first; those without boundary when its latitude is near enough."""
    return await db.many(
        Reach,
        """
        select id, centre_latitude, centre_longitude, boundary from zones
        where deleted_at is null
          and (extent @> point($2, $1)
               or (boundary is null and centre_longitude is not null
                   and centre_latitude between $1::double precision - $3 and $1::double precision + $3))
        order by area(extent), id
        """,
        latitude,
        longitude,
        band_degrees,
    )


async def find_zone_called(db: Db, names: Sequence[str], slugs: Sequence[str]) -> int | None:
    """The zone with the first of these names, or slugs, that any has."""
    zone_id: int | None = await db.value(
        """
        select id from zones where deleted_at is null and (lower(name) = any($1::text[]) or slug = any($2::text[]))
        order by least(array_position($1, lower(name)), array_position($2, slug)), id limit 1
        """,
        [name.lower() for name in names],
        list(slugs),
    )
    return zone_id


async def insert_zone(tx: Tx, fields: ZoneFields) -> Zone:
    return await tx.one(
        Zone,
        f"""
        insert into zones (slug, name, centre_latitude, centre_longitude, boundary, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $6) returning {_ZONE}
        """,
        fields.slug,
        fields.name,
        fields.centre_latitude,
        fields.centre_longitude,
        fields.boundary,
        clock.now(),
    )


async def lock_zone(tx: Tx, zone_id: int) -> Zone | None:
    """Whoever wants to use the zone waits."""
    return await tx.maybe(Zone, f"select {_ZONE} from zones where id = $1 and deleted_at is null for update", zone_id)


async def set_zone(tx: Tx, zone_id: int, fields: ZoneFields) -> Zone:
    return await tx.one(
        Zone,
        f"""
        update zones set slug = $2, name = $3, centre_latitude = $4, centre_longitude = $5, boundary = $6, updated_at = $7
        where id = $1 returning {_ZONE}
        """,
        zone_id,
        fields.slug,
        fields.name,
        fields.centre_latitude,
        fields.centre_longitude,
        fields.boundary,
        clock.now(),
    )


async def get_uses(db: Db, zone_id: int) -> ZoneUses:
    return await db.one(
        ZoneUses,
        """
        select (select count(*) from company_zones z join companies c on c.id = z.company_id
                where z.zone_id = $1 and c.deleted_at is null) as companies,
               (select count(*) from warehouses where zone_id = $1 and deleted_at is null) as warehouses,
               (select count(*) from users where zone_id = $1 and deleted_at is null) as users,
               (select count(*) from admin_zones a join users u on u.id = a.user_id
                where a.zone_id = $1 and u.deleted_at is null) as admins
        """,
        zone_id,
    )


async def set_zone_deleted(tx: Tx, zone_id: int) -> int:
    return await tx.run("update zones set deleted_at = $2, updated_at = $2 where id = $1", zone_id, clock.now())
