"""The HTTP surface of inventory."""

from entrepot.inventory.counts_api import StockCountController
from entrepot.inventory.needed_api import NeededItemController
from entrepot.inventory.notify_api import NotifyController
from entrepot.inventory.reports_api import StockReportController
from entrepot.inventory.stock_api import ProductStockController, StockController, VendorStockController
from entrepot.inventory.stock_lists_api import StockListController
from entrepot.inventory.transfers_api import TransferController
from entrepot.inventory.warehouses_api import WarehouseController

__all__ = [
    "NeededItemController",
    "NotifyController",
    "ProductStockController",
    "StockController",
    "StockCountController",
    "StockListController",
    "StockReportController",
    "TransferController",
    "VendorStockController",
    "WarehouseController",
]
