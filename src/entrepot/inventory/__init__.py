"""Inventory: warehouses, what lies in them, and who it is held for.

Owns `warehouses`, `stock_levels`, `product_stock`, `stock_movements` and `stock_reservations`. Promises: available stock is
never negative, whatever happens at once; stock is the sum of its history at every moment. Its verbs run inside the
caller's transaction and lock rows in product order, so that they never deadlock with each other.
"""

from entrepot.inventory.create_warehouse import create_warehouse, open_first_warehouse
from entrepot.inventory.events import CACHE_TAGS, StockChanged
from entrepot.inventory.model import CONSTRAINTS, InsufficientStock, Wanted
from entrepot.inventory.open_stock import open_stock
from entrepot.inventory.reserve import release, reserve

__all__ = [
    "CACHE_TAGS",
    "CONSTRAINTS",
    "InsufficientStock",
    "StockChanged",
    "Wanted",
    "create_warehouse",
    "open_first_warehouse",
    "open_stock",
    "release",
    "reserve",
]
