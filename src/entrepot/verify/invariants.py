"""What must be true of the books at every moment, whatever was tried before."""

from __future__ import annotations

from typing import Final

from entrepot import inventory
from entrepot.kernel.db import Db
from entrepot.verify import queries
from entrepot.verify.drill import Finding, finding

TRIED: Final = "the books afterwards"


async def look_at_books(db: Db) -> Finding:
    """Stock, reservations, orders, payments, codes and the ledger."""
    return finding(TRIED, await queries.count_movements(db), await broken(db), "entries in the history of stock")


async def broken(db: Db) -> list[str]:
    """In words, all that is not as it must be."""
    return [
        *await _stock(db),
        *[f"product {product_id} is oversold" for product_id in await queries.list_oversold(db)],
        *[
            f"order {one.number} ({one.status}) has {one.ordered} pieces in its lines and holds {one.held}"
            for one in await queries.list_order_drift(db)
        ],
        *[
            f"{one.what} was used {one.used} times and counts {one.counted}"
            for one in await queries.list_count_drift(db)
        ],
        *[f"{one.what} was used {one.used} times of {one.counted}" for one in await queries.list_overused(db)],
        *[
            f"order {number} is paid without one payment of its own, or charged without being paid"
            for number in await queries.list_unlike_payments(db)
        ],
        *[f"payment {intent} gave back other sums than its refunds" for intent in await queries.list_overrefunded(db)],
        *[
            f"{one.reference} of the ledger sums to {one.balance_minor} {one.currency}"
            for one in await queries.list_imbalances(db)
        ],
    ]


async def _stock(db: Db) -> list[str]:
    """Stock is the sum of its history, reserved what orders hold, and totals the sum of warehouses."""
    return [
        f"product {drift.product_id}: {fault}" async for drift in inventory.find_drift(db) for fault in drift.faults
    ]
