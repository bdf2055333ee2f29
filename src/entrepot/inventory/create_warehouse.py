"""Making warehouses: a company that delivers somewhere begins with one."""

from __future__ import annotations

from typing import Final

from entrepot import zones
from entrepot.companies import CompanyCreated
from entrepot.inventory import warehouse_queries
from entrepot.inventory.events import WarehouseCreated
from entrepot.inventory.model import WarehouseFields, WarehouseNotFound
from entrepot.inventory.warehouse_queries import Warehouse
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden, Invalid
from entrepot.kernel.events import publish

FIRST_CODE: Final = "MAIN"


async def create_warehouse(
    tx: Tx, actor: Actor, company_id: int | None, zone: str, fields: WarehouseFields
) -> Warehouse:
    """A warehouse of a company, in the zone with this slug. Without a company, it is the owner's own, or the shop's.

    Raises:
        Forbidden: a seller that does not own the company.
        Invalid: an unknown company or zone.
        WarehouseExists: the company has one with this code, decided by the database.
    """
    owner_id = await warehouse_queries.find_company_for(tx, actor, company_id)
    if owner_id is None:
        if not actor.is_admin:
            raise Forbidden("Only an owner of the company makes warehouses for it")
        raise Invalid({"companyId": ["there is no such company: see GET /companies"]})
    (named,) = await zones.zones_named(tx, [zone], "zone")
    warehouse_id = await warehouse_queries.insert_warehouse(tx, owner_id, named.id, fields)
    warehouse = await warehouse_queries.find_warehouse(tx, actor, warehouse_id)
    if warehouse is None:
        raise WarehouseNotFound
    await record_change(tx, actor, "warehouse.created", Subject("warehouse", warehouse_id), after=warehouse)
    event = WarehouseCreated(warehouse_id=warehouse_id, company_id=owner_id)
    await publish(tx, event, actor_id=actor.user_id)
    return warehouse


async def open_first_warehouse(tx: Tx, event: CompanyCreated) -> None:
    """Give a new company a warehouse in the first zone it delivers to, so that it can have stock."""
    if event.zone_ids:
        fields = WarehouseFields(code=FIRST_CODE, name="Main warehouse")
        warehouse_id = await warehouse_queries.insert_warehouse(tx, event.company_id, event.zone_ids[0], fields)
        await publish(tx, WarehouseCreated(warehouse_id=warehouse_id, company_id=event.company_id))
