"""Telling the others: what changed, what runs low, what ran out, what is there again. Once per crossing, not per change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from entrepot.inventory.events import StockCameBack, StockChanged, StockRanLow, StockRanOut
from entrepot.inventory.ledger import Ledger
from entrepot.inventory.model import Returned, Sunk
from entrepot.inventory.offer import offer_returned
from entrepot.kernel.db import Tx
from entrepot.kernel.events import Event, publish_all

MOST_AT_ONCE: Final = 1_000
"""Products that one event names at most."""


async def announce(tx: Tx, ledger: Ledger, company_of: Mapping[int, int], reason: str, *, actor_id: int | None) -> None:
    """Publish what was entered into a ledger and written down; nothing, if nothing was.

    What is there again is offered to those who waited for it.
    """
    changed = changed_events(sorted({move.product_id for move in ledger.moves}), reason)
    returned = returned_in(ledger, company_of)
    crossed = [*crossed_down(sunk_in(ledger, company_of)), *came_back(returned)]
    if changed or crossed:
        await publish_all(tx, [*changed, *crossed], actor_id=actor_id)
    if returned:
        await offer_returned(tx, [product.product_id for product in returned])


def changed_events(product_ids: Sequence[int], reason: str) -> list[StockChanged]:
    """As many events as it takes to name all of them."""
    return [
        StockChanged(product_ids=list(product_ids[start : start + MOST_AT_ONCE]), reason=reason)
        for start in range(0, len(product_ids), MOST_AT_ONCE)
    ]


def crossed_down(sunk: Sequence[Sunk]) -> list[Event]:
    """An event for each threshold that was crossed, and for each product of which nothing is left."""
    low: list[Event] = [
        StockRanLow(
            product_id=level.product_id,
            warehouse_id=level.warehouse_id,
            company_id=level.company_id,
            available=level.available,
            threshold=level.threshold,
        )
        for level in sunk
        if level.available <= level.threshold < level.available_before
    ]
    out = {level.product_id: level.company_id for level in sunk if level.total == 0}
    return low + [StockRanOut(product_id=product_id, company_id=company_id) for product_id, company_id in out.items()]


def came_back(returned: Sequence[Returned]) -> list[Event]:
    return [
        StockCameBack(product_id=product.product_id, company_id=product.company_id, available=product.total)
        for product in returned
    ]


def sunk_in(ledger: Ledger, company_of: Mapping[int, int]) -> list[Sunk]:
    """Levels of which there is less now."""
    return [
        Sunk(
            product_id=after.product_id,
            warehouse_id=after.warehouse_id,
            company_id=company_of[after.product_id],
            available_before=before.available,
            available=after.available,
            threshold=after.low_stock_threshold,
            total=ledger.total(after.product_id),
        )
        for before, after in ledger.changed_levels()
        if after.available < before.available
    ]


def returned_in(ledger: Ledger, company_of: Mapping[int, int]) -> list[Returned]:
    """Products of which there was nothing, and is something now."""
    return [
        Returned(product_id, company_of[product_id], ledger.total(product_id))
        for product_id in dict.fromkeys(move.product_id for move in ledger.moves)
        if ledger.totals_before[product_id] == 0 < ledger.total(product_id)
    ]
