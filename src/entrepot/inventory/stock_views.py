"""How stock that was set is shown."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from entrepot.inventory.model import StockChange, StockSet


class StockSetView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What became of a product's stock: pieces in the warehouse that was named, or else in all that one may use.

    `available` can be bought of them; `stock` over all warehouses.
    """

    product_id: int
    warehouse_id: int | None
    change: int
    on_hand: int
    reserved: int
    available: int
    stock: int

    @classmethod
    def of(cls, outcome: StockSet) -> StockSetView:
        return cls(
            product_id=outcome.product_id,
            warehouse_id=outcome.warehouse_id,
            change=outcome.change,
            on_hand=outcome.on_hand,
            reserved=outcome.reserved,
            available=outcome.available,
            stock=outcome.total,
        )


class StockRowStatus(StrEnum):
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class StockRowReport(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What became of a row, which is counted from 0; `code` and `message` say why one was refused."""

    row: int
    product_id: int
    status: StockRowStatus
    warehouse_id: int | None = None
    change: int | None = None
    on_hand: int | None = None
    available: int | None = None
    stock: int | None = None
    code: str | None = None
    message: str | None = None

    @classmethod
    def of(cls, row: int, change: StockChange, outcome: StockSet) -> StockRowReport:
        if outcome.refusal is not None:
            return cls(
                row=row,
                product_id=change.product_id,
                warehouse_id=change.warehouse_id,
                status=StockRowStatus.REFUSED,
                code=outcome.refusal.code,
                message=outcome.refusal.message,
            )
        changed = outcome.change != 0 or change.low_stock_threshold is not None
        return cls(
            row=row,
            product_id=change.product_id,
            warehouse_id=outcome.warehouse_id,
            status=StockRowStatus.UPDATED if changed else StockRowStatus.UNCHANGED,
            change=outcome.change,
            on_hand=outcome.on_hand,
            available=outcome.available,
            stock=outcome.total,
        )


class BulkStockReport(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What became of each row."""

    total: int
    updated: int
    unchanged: int
    refused: int
    results: list[StockRowReport]

    @classmethod
    def of(cls, changes: Sequence[StockChange], outcomes: Sequence[StockSet]) -> BulkStockReport:
        pairs = zip(changes, outcomes, strict=True)
        results = [StockRowReport.of(row, change, outcome) for row, (change, outcome) in enumerate(pairs)]
        statuses = [result.status for result in results]
        return cls(
            total=len(results),
            updated=statuses.count(StockRowStatus.UPDATED),
            unchanged=statuses.count(StockRowStatus.UNCHANGED),
            refused=statuses.count(StockRowStatus.REFUSED),
            results=results,
        )
