"""How stock in numbers is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from entrepot.inventory.report_queries import DeadStock, Demand, WarehouseWorth
from entrepot.inventory.restock import Policy, suggest
from entrepot.shop import Shop


class WorthView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What lies in a warehouse, at today's prices in major units, and how it turned over in the period.

    `turnover` is what was shipped by what lay there on average; `daysOfCover` how long it lasts at that pace.
    """

    warehouse_id: int
    warehouse: str
    zone: str
    currency: str
    products: int
    pieces: int
    reserved: int
    value: int | float
    shipped: int
    shipped_value: int | float
    returned: int
    turnover: float | None
    days_of_cover: float | None

    @classmethod
    def of(cls, worth: WarehouseWorth, days: int, shop: Shop) -> WorthView:
        major = shop.currency_of(worth.currency).major
        average_minor = (worth.value_minor + worth.value_before_minor) / 2
        return cls(
            warehouse_id=worth.warehouse_id,
            warehouse=worth.warehouse,
            zone=worth.zone,
            currency=worth.currency,
            products=worth.products,
            pieces=worth.pieces,
            reserved=worth.reserved,
            value=major(worth.value_minor),
            shipped=worth.shipped,
            shipped_value=major(worth.shipped_minor),
            returned=worth.returned,
            turnover=round(worth.shipped_minor / average_minor, 2) if average_minor > 0 else None,
            days_of_cover=round(worth.pieces * days / worth.shipped, 1) if worth.shipped > 0 else None,
        )


class DeadStockView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A product of which there is some, and nobody has bought any for long."""

    product_id: int
    sku: str
    title: str
    currency: str
    pieces: int
    value: int | float
    last_sold_at: datetime | None

    @classmethod
    def of(cls, dead: DeadStock, shop: Shop) -> DeadStockView:
        return cls(
            product_id=dead.product_id,
            sku=dead.sku,
            title=dead.title,
            currency=dead.currency,
            pieces=dead.pieces,
            value=shop.currency_of(dead.currency).major(dead.value_minor),
            last_sold_at=dead.last_sold_at,
        )


class WorthTotal(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """All warehouses together, in one currency and major units."""

    currency: str
    pieces: int
    value: int | float
    shipped: int
    shipped_value: int | float
    turnover: float | None
    days_of_cover: float | None

    @classmethod
    def of(cls, currency: str, all_worth: Sequence[WarehouseWorth], days: int, shop: Shop) -> WorthTotal:
        some = [worth for worth in all_worth if worth.currency == currency]
        major = shop.currency_of(currency).major
        average_minor = sum(worth.value_minor + worth.value_before_minor for worth in some) / 2
        pieces, shipped = sum(worth.pieces for worth in some), sum(worth.shipped for worth in some)
        shipped_minor = sum(worth.shipped_minor for worth in some)
        return cls(
            currency=currency,
            pieces=pieces,
            value=major(sum(worth.value_minor for worth in some)),
            shipped=shipped,
            shipped_value=major(shipped_minor),
            turnover=round(shipped_minor / average_minor, 2) if average_minor > 0 else None,
            days_of_cover=round(pieces * days / shipped, 1) if shipped > 0 else None,
        )


class StockReport(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Stock in numbers: all together, by warehouse, and what lies dead, the most valuable first."""

    since: datetime
    until: datetime
    days: int
    totals: list[WorthTotal]
    warehouses: list[WorthView]
    dead_after_days: int
    dead_stock: list[DeadStockView]


class SuggestionView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Order `quantity` on `orderOn`, when what is left falls to `orderPoint`; `reason` says why in words."""

    product_id: int
    sku: str
    title: str
    unit: str
    warehouse_id: int
    warehouse: str
    zone: str
    available: int
    sold_per_day: float
    order_point: int
    safety_stock: int
    quantity: int
    order_on: date
    runs_out_on: date
    reason: str

    @classmethod
    def of(cls, demand: Demand, policy: Policy) -> SuggestionView:
        return cls(
            product_id=demand.product_id,
            sku=demand.sku,
            title=demand.title,
            unit=demand.unit,
            warehouse_id=demand.warehouse_id,
            warehouse=demand.warehouse,
            zone=demand.zone,
            available=demand.available,
            sold_per_day=round(demand.mean, 2),
            **msgspec.structs.asdict(suggest(demand, policy)),
        )


class SuggestionPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A page of suggestions, the most urgent first."""

    suggestions: list[SuggestionView]
    total: int
    skip: int
    limit: int
