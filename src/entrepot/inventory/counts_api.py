"""The HTTP surface of stock counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import Controller
from litestar.params import QueryParameter

from entrepot.inventory.count_stock import CountedLine, count_stock
from entrepot.inventory.read_counts import read_counts
from entrepot.inventory.stock_views import StockRowStatus
from entrepot.kernel.actors import Actor, seller_or_zone_admin
from entrepot.kernel.db import Tx
from entrepot.kernel.routes import post
from entrepot.kernel.types import MAX_ID
from entrepot.kernel.uploads import Upload


class CountedLineView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What became of a line of the file; `code` and `message` say why one was refused."""

    line: int
    status: StockRowStatus
    sku: str | None = None
    product_id: int | None = None
    warehouse_id: int | None = None
    change: int | None = None
    on_hand: int | None = None
    available: int | None = None
    code: str | None = None
    message: str | None = None

    @classmethod
    def of(cls, done: CountedLine) -> CountedLineView:
        counted, outcome = done.counted, done.outcome
        if outcome.refusal is not None:
            return cls(
                line=counted.line,
                status=StockRowStatus.REFUSED,
                sku=counted.sku or None,
                product_id=counted.product_id,
                code=outcome.refusal.code,
                message=outcome.refusal.message,
            )
        return cls(
            line=counted.line,
            status=StockRowStatus.UPDATED if outcome.change else StockRowStatus.UNCHANGED,
            sku=counted.sku or None,
            product_id=outcome.product_id,
            warehouse_id=outcome.warehouse_id,
            change=outcome.change,
            on_hand=outcome.on_hand,
            available=outcome.available,
        )


class CountReport(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What became of each line."""

    total: int
    updated: int
    unchanged: int
    refused: int
    results: list[CountedLineView]

    @classmethod
    def of(cls, done: Sequence[CountedLine]) -> CountReport:
        results = [CountedLineView.of(line) for line in done]
        statuses = [result.status for result in results]
        return cls(
            total=len(results),
            updated=statuses.count(StockRowStatus.UPDATED),
            unchanged=statuses.count(StockRowStatus.UNCHANGED),
            refused=statuses.count(StockRowStatus.REFUSED),
            results=results,
        )


class StockCountController(Controller):
    path = "/inventory"
    tags = ["Inventory"]

    @post("/counts", guard=seller_or_zone_admin, status=200, multipart="file")
    async def count_stock(
        self,
        tx: Tx,
        actor: Actor,
        upload: Upload,
        company: Annotated[
            int | None,
            QueryParameter(ge=1, le=MAX_ID, description="Whose SKUs these are, if several companies' may be."),
        ] = None,
        note: Annotated[str, QueryParameter(max_length=500, description="Stands in the history.")] = "",
    ) -> CountReport:
        """Enter a stock count from a CSV file of up to 20,000 lines.

        Its first line names the columns: `sku` or `productId`, `warehouse` (its code, where there are several) and `onHand`,
        what was counted, with what is held for orders. What can be entered is; the report says of each line what became of
        it.
        """
        lines = await asyncio.to_thread(read_counts, upload.content)
        return CountReport.of(await count_stock(tx, actor, lines, company_id=company, note=note))
