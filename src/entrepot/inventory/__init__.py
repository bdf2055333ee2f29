"""Inventory: warehouses, what lies in them, and who it is held for.

Owns `warehouses`, `stock_levels`, `product_stock`, `stock_movements`, `stock_reservations`, `stock_transfers`,
`stock_waiters` and `needed_items`, and `stock_folding`, `stock_days`, `stock_slots`, `stock_worth` and `stock_worth_days`: sums
of the history.
Promises: available stock is never negative, whatever happens at once; stock is the sum of its history at every moment. Its
verbs run inside the caller's transaction and lock `product_stock` in product order before anything else of stock, so that
they never deadlock with each other.
"""

from entrepot.inventory.create_warehouse import open_first_warehouse
from entrepot.inventory.events import (
    CACHE_TAGS,
    AwaitedStockCameBack,
    StockCameBack,
    StockChanged,
    StockRanLow,
    StockRanOut,
)
from entrepot.inventory.fold_history import fold_past
from entrepot.inventory.jobs import JOBS
from entrepot.inventory.model import (
    CONSTRAINTS,
    Back,
    FirstStock,
    InsufficientStock,
    NotShipped,
    NoWarehouse,
    Reason,
    StockChange,
    StockReserved,
    StockSet,
    Taken,
    TooMuchStock,
    Wanted,
)
from entrepot.inventory.offer import answer_waiters
from entrepot.inventory.open_stock import open_stock, open_stock_many
from entrepot.inventory.prove_stock import Drift, find_drift, set_right
from entrepot.inventory.reserve import release, reserve
from entrepot.inventory.set_stock import set_stock, set_stock_many
from entrepot.inventory.ship import ship
from entrepot.inventory.take_back import take_back
from entrepot.inventory.transfer import transfer
from entrepot.inventory.wait import claim_guest_waits, erase_person

__all__ = [
    "CACHE_TAGS",
    "CONSTRAINTS",
    "JOBS",
    "AwaitedStockCameBack",
    "Back",
    "Drift",
    "FirstStock",
    "InsufficientStock",
    "NoWarehouse",
    "NotShipped",
    "Reason",
    "StockCameBack",
    "StockChange",
    "StockChanged",
    "StockRanLow",
    "StockRanOut",
    "StockReserved",
    "StockSet",
    "Taken",
    "TooMuchStock",
    "Wanted",
    "answer_waiters",
    "claim_guest_waits",
    "erase_person",
    "find_drift",
    "fold_past",
    "open_first_warehouse",
    "open_stock",
    "open_stock_many",
    "release",
    "reserve",
    "set_right",
    "set_stock",
    "set_stock_many",
    "ship",
    "take_back",
    "transfer",
]
