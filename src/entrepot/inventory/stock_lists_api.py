"""The HTTP surface of looking at stock: levels, what is low, what is out, and the history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import Controller
from litestar.di import Provide
from litestar.params import QueryParameter

from entrepot.inventory.list_stock import (
    HistoryFilter,
    StockFilter,
    list_history,
    list_low_stock,
    list_sold_out,
    list_stock,
)
from entrepot.inventory.model import Reason
from entrepot.inventory.warehouse_views import (
    HistoryPage,
    LowStockPage,
    MovementView,
    SoldOutPage,
    SoldOutView,
    StockLevelView,
    StockPage,
)
from entrepot.kernel.actors import Actor, seller_or_zone_admin, zone_admin
from entrepot.kernel.db import Db
from entrepot.kernel.fields import Since, Until, aware
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import get
from entrepot.kernel.types import MAX_ID

ProductId = Annotated[int | None, QueryParameter(name="product", ge=1, le=MAX_ID, description="Id of a product.")]
WarehouseId = Annotated[int | None, QueryParameter(name="warehouse", ge=1, le=MAX_ID, description="Id of a warehouse.")]
CompanyId = Annotated[int | None, QueryParameter(name="company", ge=1, le=MAX_ID, description="Id of a company.")]
Zone = Annotated[str | None, QueryParameter(name="zone", max_length=100, description="Slug of a zone.")]
Q = Annotated[str | None, QueryParameter(name="q", max_length=100, description="Looked for in SKU and title.")]
At = Annotated[
    datetime | None, QueryParameter(name="at", description="As it was at this moment, such as 2026-03-29T10:00:00Z.")
]


def stock_filter(
    product: ProductId = None, warehouse: WarehouseId = None, company: CompanyId = None, zone: Zone = None, q: Q = None
) -> StockFilter:
    """The filters of what lies where."""
    return StockFilter(product=product, warehouse=warehouse, company=company, zone=zone, q=q)


class StockListController(Controller):
    path = "/inventory"
    tags = ["Inventory"]
    dependencies = {"wanted": Provide(stock_filter, sync_to_thread=False)}

    @get("/stock", guard=seller_or_zone_admin)
    async def list_stock(
        self,
        db: Db,
        actor: Actor,
        wanted: StockFilter,
        page: Page,
        at: At = None,
    ) -> StockPage:
        """What lies where, by product and warehouse; now, or as it was `at` a moment."""
        return await stock_page(db, actor, wanted, at, page)

    @get("/low-stock", guard=zone_admin)
    async def list_low_stock(
        self,
        db: Db,
        actor: Actor,
        wanted: StockFilter,
        page: Page,
    ) -> LowStockPage:
        """Products of which a warehouse has as few as its threshold says, but some; the fewest first."""
        levels, total, following = await list_low_stock(db, actor, wanted, page)
        return LowStockPage(
            products=[StockLevelView.of(level) for level in levels],
            total=total,
            skip=page.skip,
            limit=len(levels),
            next_cursor=encode_cursor(*following) if following else None,
        )

    @get("/out-of-stock", guard=zone_admin)
    async def list_out_of_stock(
        self,
        db: Db,
        actor: Actor,
        wanted: StockFilter,
        page: Page,
    ) -> SoldOutPage:
        """Products of which nothing can be bought, in no warehouse."""
        products, total, following = await list_sold_out(db, actor, wanted, page)
        return SoldOutPage(
            products=[SoldOutView.of(found) for found in products],
            total=total,
            skip=page.skip,
            limit=len(products),
            next_cursor=encode_cursor(*following) if following else None,
        )

    @get("/history", guard=zone_admin)
    async def list_history(
        self,
        db: Db,
        actor: Actor,
        page: Page,
        product: ProductId = None,
        warehouse: WarehouseId = None,
        reason: Annotated[Reason | None, QueryParameter(description="Such as sale, receipt or count.")] = None,
        by: Annotated[
            int | None, QueryParameter(name="actor", ge=1, le=MAX_ID, description="Id of who did it.")
        ] = None,
        order: Annotated[str | None, QueryParameter(max_length=50, description="Number of an order.")] = None,
        moved: Annotated[
            int | None, QueryParameter(name="transfer", ge=1, le=MAX_ID, description="Id of a transfer.")
        ] = None,
        since: Since = None,
        until: Until = None,
    ) -> HistoryPage:
        """Every change of stock, the newest first: what changed, why, who did it, and what was there after it."""
        wanted = HistoryFilter(
            product=product,
            warehouse=warehouse,
            reason=reason,
            actor=by,
            order=order,
            transfer=moved,
            since=aware("since", since),
            until=aware("until", until),
        )
        movements, total, following = await list_history(db, actor, wanted, page)
        return HistoryPage(
            history=[MovementView.of(movement) for movement in movements],
            total=total,
            skip=page.skip,
            limit=len(movements),
            next_cursor=encode_cursor(*following) if following else None,
        )


async def stock_page(db: Db, actor: Actor, wanted: StockFilter, at: datetime | None, page: Page) -> StockPage:
    """A page of levels."""
    at = aware("at", at)
    levels, total, following = await list_stock(db, actor, wanted, at, page)
    return StockPage(
        stock=[StockLevelView.of(level) for level in levels],
        total=total,
        skip=page.skip,
        limit=len(levels),
        next_cursor=encode_cursor(*following) if following else None,
        at=at,
    )
