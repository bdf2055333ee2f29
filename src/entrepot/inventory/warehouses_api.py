"""The HTTP surface of warehouses, and of what lies in each."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller
from litestar.params import QueryParameter

from entrepot.inventory import warehouse_queries
from entrepot.inventory.change_warehouse import change_warehouse, delete_warehouse
from entrepot.inventory.create_warehouse import create_warehouse
from entrepot.inventory.list_stock import StockFilter
from entrepot.inventory.list_warehouses import WarehouseFilter, list_warehouses
from entrepot.inventory.model import WarehouseExists, WarehouseFields, WarehouseHoldsStock, WarehouseNotFound
from entrepot.inventory.stock_lists_api import At, CompanyId, ProductId, Q, Zone, stock_page
from entrepot.inventory.warehouse_requests import NewWarehouse, WarehouseChange
from entrepot.inventory.warehouse_views import StockPage, WarehousePage, WarehouseView
from entrepot.kernel.actors import Actor, seller_or_admin, seller_or_zone_admin
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import delete, get, post, put
from entrepot.kernel.types import Id


class WarehouseController(Controller):
    path = "/warehouses"
    tags = ["Inventory"]

    @get("/", guard=seller_or_zone_admin)
    async def list_warehouses(
        self,
        db: Db,
        actor: Actor,
        page: Page,
        company: CompanyId = None,
        zone: Zone = None,
        q: Annotated[str | None, QueryParameter(max_length=100, description="Looked for in code and name.")] = None,
    ) -> WarehousePage:
        """Warehouses: a seller sees its company's, a location admin those in its zones."""
        wanted = WarehouseFilter(company=company, zone=zone, q=q)
        warehouses, total = await list_warehouses(db, actor, wanted, page)
        return WarehousePage(
            warehouses=[WarehouseView.of(warehouse) for warehouse in warehouses],
            total=total,
            skip=page.skip,
            limit=len(warehouses),
            next_cursor=encode_cursor(warehouses[-1].id) if warehouses and len(warehouses) == page.limit else None,
        )

    @get("/{warehouse_id:int}", guard=seller_or_zone_admin, refuses=(WarehouseNotFound,))
    async def get_warehouse(self, db: Db, actor: Actor, warehouse_id: Id) -> WarehouseView:
        """A warehouse."""
        warehouse = await warehouse_queries.find_warehouse(db, actor, warehouse_id)
        if warehouse is None:
            raise WarehouseNotFound
        return WarehouseView.of(warehouse)

    @post("/", guard=seller_or_admin, refuses=(WarehouseExists,))
    async def create_warehouse(self, tx: Tx, actor: Actor, data: NewWarehouse) -> WarehouseView:
        """Create a warehouse: an owner for its company, an administrator for `companyId` or else the house company."""
        fields = WarehouseFields(
            code=data.code,
            name=data.name,
            address=data.address_column,
            latitude=data.latitude,
            longitude=data.longitude,
        )
        return WarehouseView.of(await create_warehouse(tx, actor, data.company_id, data.zone, fields))

    @put("/{warehouse_id:int}", guard=seller_or_admin, refuses=(WarehouseNotFound, WarehouseExists))
    async def change_warehouse(self, tx: Tx, actor: Actor, warehouse_id: Id, data: WarehouseChange) -> WarehouseView:
        """Change a warehouse; what is not given stays. Owners of its company and administrators may."""
        return WarehouseView.of(await change_warehouse(tx, actor, warehouse_id, data.changes))

    @delete("/{warehouse_id:int}", guard=seller_or_admin, refuses=(WarehouseNotFound, WarehouseHoldsStock))
    async def delete_warehouse(self, tx: Tx, actor: Actor, warehouse_id: Id) -> None:
        """Delete a warehouse in which nothing lies; its history stays."""
        await delete_warehouse(tx, actor, warehouse_id)

    @get("/{warehouse_id:int}/stock", guard=seller_or_zone_admin, refuses=(WarehouseNotFound,))
    async def list_stock_of_warehouse(
        self, db: Db, actor: Actor, warehouse_id: Id, page: Page, product: ProductId = None, q: Q = None, at: At = None
    ) -> StockPage:
        """What lies in a warehouse, by product; now, or as it was `at` a moment."""
        if await warehouse_queries.find_warehouse(db, actor, warehouse_id) is None:
            raise WarehouseNotFound
        return await stock_page(db, actor, StockFilter(warehouse=warehouse_id, product=product, q=q), at, page)
