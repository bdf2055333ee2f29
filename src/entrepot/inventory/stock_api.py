"""The HTTP surface of setting stock: of a product, and of thousands at once."""

from __future__ import annotations

from litestar import Controller

from entrepot.inventory.model import (
    NoWarehouse,
    ProductUnknown,
    StockReserved,
    TooMuchStock,
    WarehouseNeeded,
    WarehouseNotFound,
)
from entrepot.inventory.set_stock import set_stock, set_stock_many
from entrepot.inventory.stock_requests import BulkStockUpdate, ProductStockChange, StockUpdate
from entrepot.inventory.stock_views import BulkStockReport, StockSetView
from entrepot.kernel.actors import Actor, seller, seller_or_zone_admin, zone_admin
from entrepot.kernel.db import Tx
from entrepot.kernel.routes import patch
from entrepot.kernel.types import Id

REFUSALS = (ProductUnknown, WarehouseNotFound, NoWarehouse, WarehouseNeeded, StockReserved, TooMuchStock)


class ProductStockController(Controller):
    path = "/products"
    tags = ["Inventory"]

    @patch("/{product_id:int}/stock", guard=seller_or_zone_admin, refuses=REFUSALS)
    async def set_stock(self, tx: Tx, actor: Actor, product_id: Id, data: ProductStockChange) -> StockSetView:
        """Set or adjust a product's stock, with a reason that stands in its history.

        `quantity` sets what can be bought, `onHand` what was counted on the shelf, `adjustment` adds or takes away. A
        seller changes the stock of its company, a location admin what lies in warehouses of its zones. Pieces that are held
        for orders cannot be taken away.
        """
        change = data.change_of(product_id)
        return StockSetView.of(await set_stock(tx, actor, change, reason=data.recorded_reason, note=data.note))


class VendorStockController(Controller):
    path = "/vendors/products"
    tags = ["Inventory"]

    @patch("/{product_id:int}/stock", guard=seller, refuses=REFUSALS)
    async def set_stock(self, tx: Tx, actor: Actor, product_id: Id, data: ProductStockChange) -> StockSetView:
        """Set or adjust the stock of a product of one's company; the same as `PATCH /products/{productId}/stock`."""
        change = data.change_of(product_id)
        return StockSetView.of(await set_stock(tx, actor, change, reason=data.recorded_reason, note=data.note))


class StockController(Controller):
    path = "/inventory"
    tags = ["Inventory"]

    @patch("/stock/update", guard=zone_admin, refuses=REFUSALS)
    async def update_stock(self, tx: Tx, actor: Actor, data: StockUpdate) -> StockSetView:
        """Set or adjust a product's stock; as `PATCH /products/{productId}/stock`, for administrators."""
        change = data.change_of(data.product_id)
        return StockSetView.of(await set_stock(tx, actor, change, reason=data.recorded_reason, note=data.note))

    @patch("/bulk-update", guard=zone_admin)
    async def update_many(self, tx: Tx, actor: Actor, data: BulkStockUpdate) -> BulkStockReport:
        """Set or adjust the stock of up to 10,000 products in one go, in the order of the rows.

        What can be done is done; the report says of each row what became of it.
        """
        changes = data.changes
        outcomes = await set_stock_many(tx, actor, changes, reason=data.recorded_reason, note=data.note)
        return BulkStockReport.of(changes, outcomes)
