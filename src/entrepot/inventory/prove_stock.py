"""Proving the books: stock is the sum of its history, reserved what orders hold, totals the sum of warehouses.

What drifted is told, and set right on demand: nobody is sold what is not there, so what lies on the shelf counts, and a
correction is entered into the history that leads there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from entrepot.inventory import proof_queries
from entrepot.inventory.announce import changed_events
from entrepot.inventory.model import Reason
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.events import publish_all

PRODUCTS_AT_A_TIME: Final = 20_000
NOTE: Final = "set right by the doctor"


class Drift(msgspec.Struct, frozen=True):
    """Where the books of a product do not balance, in words; `repairable` is not what more orders hold than there is."""

    product_id: int
    faults: tuple[str, ...]
    repairable: bool


async def find_drift(db: Db, first_id: int = 1, last_id: int | None = None) -> AsyncIterator[Drift]:
    """Products whose books do not balance, in the order of their ids; each looked at as of one moment."""
    last_id = await proof_queries.get_last_product(db) if last_id is None else last_id
    for start in range(first_id, last_id + 1, PRODUCTS_AT_A_TIME):
        end = min(start + PRODUCTS_AT_A_TIME - 1, last_id)
        levels = await proof_queries.list_level_drift(db, start, end)
        totals = await proof_queries.list_total_drift(db, start, end)
        faults: dict[int, list[str]] = {}
        for level in levels:
            faults.setdefault(level.product_id, []).extend(_level_faults(level))
        for total in totals:
            faults.setdefault(total.product_id, []).append(_total_fault(total))
        stuck = {level.product_id for level in levels if level.held > level.on_hand}
        for product_id, found in sorted(faults.items()):
            yield Drift(product_id, tuple(found), product_id not in stuck)


async def set_right(tx: Tx, product_id: int) -> bool:
    """Set the books of a product right, with an entry in its history; False when more is held for orders than there is.

    Publishes StockChanged.
    """
    await proof_queries.lock_product_of_books(tx, product_id)
    levels = await proof_queries.list_level_drift(tx, product_id, product_id)
    if any(level.held > level.on_hand for level in levels):
        return False
    for level in levels:
        await proof_queries.set_level_right(tx, level, NOTE)
    await proof_queries.set_total_right(tx, product_id)
    await publish_all(tx, changed_events([product_id], Reason.CORRECTION))
    return True


def _level_faults(level: proof_queries.LevelDrift) -> list[str]:
    where = f"warehouse {level.warehouse_id}"
    faults = []
    if level.on_hand != level.history_on_hand:
        faults.append(f"{where}: {level.on_hand} on hand, and the history makes {level.history_on_hand}")
    if level.reserved != level.held:
        faults.append(f"{where}: {level.reserved} reserved, and orders hold {level.held}")
    if level.reserved != level.history_reserved:
        faults.append(f"{where}: {level.reserved} reserved, and the history makes {level.history_reserved}")
    if (level.on_hand, level.reserved) != (level.last_on_hand, level.last_reserved):
        faults.append(
            f"{where}: {level.on_hand} on hand and {level.reserved} reserved, and the last entry of the history says "
            f"{level.last_on_hand} and {level.last_reserved}"
        )
    return faults


def _total_fault(total: proof_queries.TotalDrift) -> str:
    known = "no total" if total.total is None else f"{total.total} in all"
    return f"{known}, and its warehouses have {total.levels} to sell"
