"""The HTTP surface of stock in numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from litestar import Controller
from litestar.params import QueryParameter

from entrepot.inventory import report_queries
from entrepot.inventory.report_views import (
    DeadStockView,
    StockReport,
    SuggestionPage,
    SuggestionView,
    WorthTotal,
    WorthView,
)
from entrepot.inventory.restock import HORIZON_DAYS, Policy
from entrepot.inventory.stock_lists_api import CompanyId, WarehouseId, Zone
from entrepot.inventory.warehouse_queries import in_reach_of
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, zone_admin
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters
from entrepot.kernel.pages import Page
from entrepot.kernel.routes import get
from entrepot.shop import Shop

DEAD_SHOWN: Final = 100


class StockReportController(Controller):
    path = "/inventory"
    tags = ["Inventory"]

    @get("/report", guard=zone_admin)
    async def report(
        self,
        db: Db,
        actor: Actor,
        shop: Shop,
        company: CompanyId = None,
        warehouse: WarehouseId = None,
        zone: Zone = None,
        days: Annotated[int, QueryParameter(ge=1, le=366, description="So many days up to now.")] = 30,
        dead_after: Annotated[
            int,
            QueryParameter(name="deadAfterDays", ge=1, le=1000, description="Dead is what nobody bought for so long."),
        ] = 90,
    ) -> StockReport:
        """What the stock is worth at today's prices, how it turned over, how long it lasts, and what lies dead."""
        now = clock.now()
        filters = _levels(actor, company, warehouse, zone)
        worth = await report_queries.list_worth(db, filters, now - timedelta(days=days))
        dead = await report_queries.list_dead(db, filters, now - timedelta(days=dead_after), DEAD_SHOWN)
        return StockReport(
            since=now - timedelta(days=days),
            until=now,
            days=days,
            totals=[WorthTotal.of(code, worth, days, shop) for code in sorted({one.currency for one in worth})],
            warehouses=[WorthView.of(one, days, shop) for one in worth],
            dead_after_days=dead_after,
            dead_stock=[DeadStockView.of(one, shop) for one in dead],
        )

    @get("/restock-suggestions", guard=zone_admin)
    async def restock_suggestions(
        self,
        db: Db,
        actor: Actor,
        page: Page,
        company: CompanyId = None,
        warehouse: WarehouseId = None,
        zone: Zone = None,
        window: Annotated[
            int, QueryParameter(name="windowDays", ge=7, le=366, description="Sales of so many days are looked at.")
        ] = 90,
        lead: Annotated[
            int, QueryParameter(name="leadTimeDays", ge=1, le=180, description="Goods come so long after an order.")
        ] = 7,
        cover: Annotated[
            int, QueryParameter(name="coverDays", ge=1, le=366, description="What is ordered is to last so long.")
        ] = 30,
        service_level: Annotated[
            float,
            QueryParameter(name="serviceLevel", ge=0.5, le=0.999, description="Share of times without running out."),
        ] = 0.95,
    ) -> SuggestionPage:
        """What to order again within two weeks, when, how many, and why; the most urgent first.

        From how fast each product sells from each warehouse, how unevenly, and how long new goods take to come.
        """
        policy = Policy(window_days=window, lead_days=lead, cover_days=cover, service_level=service_level)
        since = clock.now() - timedelta(days=window)
        filters = _levels(actor, company, warehouse, zone)
        filters.add("p.deleted_at is null")
        demand = await report_queries.list_demand(
            db, filters, since, lead, HORIZON_DAYS, policy.z, page.skip, page.limit
        )
        if demand or not page.skip:
            total = demand[0].total if demand else 0
        else:
            total = await report_queries.count_demand(db, filters, since, lead, HORIZON_DAYS, policy.z)
        return SuggestionPage(
            suggestions=[SuggestionView.of(one, policy) for one in demand],
            total=total,
            skip=page.skip,
            limit=len(demand),
        )


def _levels(actor: Actor, company: int | None, warehouse: int | None, zone: str | None) -> Filters:
    filters = in_reach_of(actor, "w.deleted_at is null")
    if company is not None:
        filters.add("w.company_id = {}", company)
    if warehouse is not None:
        filters.add("w.id = {}", warehouse)
    if zone is not None:
        filters.add("z.slug = {}", zone)
    return filters
