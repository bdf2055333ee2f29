"""The HTTP surface of zones."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller
from litestar.params import QueryParameter

from entrepot.kernel.actors import Actor, admin, anyone
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import Cached, delete, get, post, put
from entrepot.kernel.slugs import slug_of
from entrepot.kernel.types import Id
from entrepot.zones import queries
from entrepot.zones.change import change_zone
from entrepot.zones.create import create_zone
from entrepot.zones.delete import delete_zone
from entrepot.zones.events import ZONES_TAG
from entrepot.zones.locate import zone_of_point
from entrepot.zones.model import Polygon, Zone, ZoneExists, ZoneFields, ZoneInUse, ZoneNotFound
from entrepot.zones.requests import NewZone, ZoneChanges


class Point(msgspec.Struct, frozen=True):
    """A place, in degrees."""

    latitude: float
    longitude: float


class ZoneView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A zone. `boundary` is a GeoJSON Polygon, longitude first."""

    id: int
    slug: str
    name: str
    centre: Point | None
    boundary: Polygon | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, zone: Zone) -> ZoneView:
        has_centre = zone.centre_latitude is not None and zone.centre_longitude is not None
        return cls(
            id=zone.id,
            slug=zone.slug,
            name=zone.name,
            centre=Point(zone.centre_latitude or 0.0, zone.centre_longitude or 0.0) if has_centre else None,
            boundary=zone.boundary,
            created_at=zone.created_at,
            updated_at=zone.updated_at,
        )


class ZonePage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """Zones, the oldest first."""

    zones: list[ZoneView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class ZoneController(Controller):
    path = "/zones"
    tags = ["Zones"]

    @get("/", guard=anyone, cached=Cached(lambda _: frozenset([ZONES_TAG])))
    async def list_zones(
        self,
        db: Db,
        page: Page,
        latitude: Annotated[
            float | None, QueryParameter(ge=-90, le=90, description="Of a place: only the zone that it lies in.")
        ] = None,
        longitude: Annotated[float | None, QueryParameter(ge=-180, le=180, description="See `latitude`.")] = None,
    ) -> ZonePage:
        """The zones that the shop serves; with `latitude` and `longitude`, the one that this place lies in, or none."""
        if latitude is None and longitude is None:
            return await _all_zones(db, page)
        if latitude is None or longitude is None:
            raise Invalid({"latitude": ["give latitude and longitude, or neither"]})
        return await _zone_of(db, latitude, longitude)

    @post("/", guard=admin, refuses=(ZoneExists,))
    async def create_zone(self, tx: Tx, actor: Actor, data: NewZone) -> ZoneView:
        """Create a zone."""
        return ZoneView.of(await create_zone(tx, actor, _fields(data)))

    @put("/{zone_id:int}", guard=admin, refuses=(ZoneNotFound, ZoneExists))
    async def change_zone(self, tx: Tx, actor: Actor, zone_id: Id, data: ZoneChanges) -> ZoneView:
        """Change a zone; what is not given stays as it is."""
        return ZoneView.of(await change_zone(tx, actor, zone_id, _changes(data)))

    @delete("/{zone_id:int}", guard=admin, refuses=(ZoneNotFound, ZoneInUse))
    async def delete_zone(self, tx: Tx, actor: Actor, zone_id: Id) -> None:
        """Delete a zone that no company, warehouse, person or administrator uses any more."""
        await delete_zone(tx, actor, zone_id)


async def _all_zones(db: Db, page: Page) -> ZonePage:
    zones = await queries.list_zones(db, page.skip, page.limit, id_after(page))
    return ZonePage(
        zones=[ZoneView.of(zone) for zone in zones],
        total=await queries.count_zones(db),
        skip=page.skip,
        limit=len(zones),
        next_cursor=encode_cursor(zones[-1].id) if zones and len(zones) == page.limit else None,
    )


async def _zone_of(db: Db, latitude: float, longitude: float) -> ZonePage:
    zone_id = await zone_of_point(db, latitude, longitude)
    zone = await queries.find_zone(db, zone_id) if zone_id is not None else None
    found = [ZoneView.of(zone)] if zone is not None else []
    return ZonePage(zones=found, total=len(found), skip=0, limit=len(found))


def _fields(new: NewZone) -> ZoneFields:
    middle = new.boundary.middle if new.boundary is not None else (None, None)
    longitude, latitude = new.centre.position if new.centre is not None else middle
    return ZoneFields(
        slug=new.slug or slug_of(new.name),
        name=new.name,
        centre_latitude=latitude,
        centre_longitude=longitude,
        boundary=new.boundary.polygon if new.boundary is not None else None,
    )


def _changes(data: ZoneChanges) -> dict[str, Any]:
    changes: dict[str, Any] = {name: value for name in ("name", "slug") if (value := getattr(data, name)) is not None}
    if data.centre is not None:
        changes["centre_longitude"], changes["centre_latitude"] = data.centre.position
    if "boundary" in data.model_fields_set:
        changes["boundary"] = data.boundary.polygon if data.boundary is not None else None
    return changes
