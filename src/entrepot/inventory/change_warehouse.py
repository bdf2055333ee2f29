"""Changing a warehouse, and deleting it once nothing lies in it."""

from __future__ import annotations

from typing import Any

from entrepot import zones
from entrepot.inventory import warehouse_queries
from entrepot.inventory.events import WarehouseChanged, WarehouseDeleted
from entrepot.inventory.model import WarehouseHoldsStock, WarehouseNotFound
from entrepot.inventory.warehouse_queries import Warehouse
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.events import publish


async def change_warehouse(tx: Tx, actor: Actor, warehouse_id: int, changes: dict[str, Any]) -> Warehouse:
    """Set the fields that are named in `changes`, and leave the others; `zone` is a slug.

    Raises:
        WarehouseNotFound
        Forbidden: a seller that does not own the company.
        Invalid: an unknown zone.
        WarehouseExists: the company has one with this code, decided by the database.
    """
    before = await _lock_managed(tx, actor, warehouse_id)
    columns = dict(changes)
    if (zone := columns.pop("zone", None)) is not None:
        (named,) = await zones.zones_named(tx, [zone], "zone")
        columns["zone_id"] = named.id
    await warehouse_queries.set_warehouse(tx, warehouse_id, columns)
    after = await warehouse_queries.find_warehouse(tx, actor, warehouse_id)
    if after is None:
        raise WarehouseNotFound
    await record_change(tx, actor, "warehouse.changed", Subject("warehouse", warehouse_id), before, after)
    event = WarehouseChanged(warehouse_id=warehouse_id, company_id=before.company_id)
    await publish(tx, event, actor_id=actor.user_id)
    return after


async def delete_warehouse(tx: Tx, actor: Actor, warehouse_id: int) -> None:
    """Delete an empty warehouse; its history stays.

    It is locked before it is looked into: what comes in meanwhile either is seen, or waits and finds it gone.

    Raises:
        WarehouseNotFound
        Forbidden: a seller that does not own the company.
        WarehouseHoldsStock: `details` says how much.
    """
    warehouse = await _lock_managed(tx, actor, warehouse_id)
    held = await warehouse_queries.get_held(tx, warehouse_id)
    if held.products:
        raise WarehouseHoldsStock(details={"products": held.products, "pieces": held.pieces})
    await warehouse_queries.set_warehouse_deleted(tx, warehouse_id)
    await record_change(tx, actor, "warehouse.deleted", Subject("warehouse", warehouse_id), before=warehouse)
    event = WarehouseDeleted(warehouse_id=warehouse_id, company_id=warehouse.company_id)
    await publish(tx, event, actor_id=actor.user_id)


async def _lock_managed(tx: Tx, actor: Actor, warehouse_id: int) -> Warehouse:
    warehouse = await warehouse_queries.lock_warehouse(tx, actor, warehouse_id)
    if warehouse is None:
        raise WarehouseNotFound
    if not (actor.is_admin or await warehouse_queries.owns_company(tx, actor.user_id, warehouse.company_id)):
        raise Forbidden("Only an owner of the company changes its warehouses")
    return warehouse
