"""Zones: the parts of the country that the shop serves, where they lie, and which of them a place lies in.

Owns `zones`. Promises: a boundary that is stored is a sound polygon; a zone is not deleted while companies, warehouses or
people use it; the zone of a point is found without reading the boundaries of zones that cannot hold it. Location admins
see and change only what lies in theirs.
"""

from entrepot.zones.create import create_zone
from entrepot.zones.events import CACHE_TAGS, ZONES_TAG, ZoneChanged, ZoneCreated, ZoneDeleted
from entrepot.zones.locate import zone_of_address, zone_of_point
from entrepot.zones.model import CONSTRAINTS, Zone, ZoneFields, ZoneNotFound, ZoneRef
from entrepot.zones.name import first_zone, zone_by_id, zone_called, zone_id_of, zones_named
from entrepot.zones.requests import Latitude, Longitude, refuse_half_a_place

__all__ = [
    "CACHE_TAGS",
    "CONSTRAINTS",
    "ZONES_TAG",
    "Latitude",
    "Longitude",
    "Zone",
    "ZoneChanged",
    "ZoneCreated",
    "ZoneDeleted",
    "ZoneFields",
    "ZoneNotFound",
    "ZoneRef",
    "create_zone",
    "first_zone",
    "refuse_half_a_place",
    "zone_by_id",
    "zone_called",
    "zone_id_of",
    "zone_of_address",
    "zone_of_point",
    "zones_named",
]
