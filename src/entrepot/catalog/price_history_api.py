"""The HTTP surface of price histories."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Controller

from entrepot.catalog.events import product_tag
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.price_history import PriceHistory, price_history
from entrepot.catalog.price_history_queries import PriceChange
from entrepot.companies import company_tag
from entrepot.kernel.actors import anyone
from entrepot.kernel.db import Db
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import Cached, get
from entrepot.kernel.types import Id
from entrepot.shop import Shop


class PriceChangeView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a product cost from a time on: its price before the discount, in major units, and the discount."""

    price: int | float
    discount_percentage: float
    currency: str
    changed_at: datetime

    @classmethod
    def of(cls, change: PriceChange, shop: Shop) -> PriceChangeView:
        return cls(
            price=shop.currency_of(change.currency).major(change.price_minor),
            discount_percentage=change.discount_bp / 100,
            currency=change.currency,
            changed_at=change.changed_at,
        )


class PriceHistoryPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """Changes of a price, the newest first.

    `lowest30Days` is the lowest price, after its discount, of the 30 days before the discount that runs now; of the last
    30 days if there is none; null for a product that has been discounted from the beginning.
    """

    product_id: int
    history: list[PriceChangeView]
    total: int
    skip: int
    limit: int
    lowest_30_days: int | float | None = msgspec.field(name="lowest30Days")
    company_id: int
    next_cursor: str | None = None

    @classmethod
    def of(cls, product_id: int, found: PriceHistory, skip: int, shop: Shop) -> PriceHistoryPage:
        currency = shop.currency_of(found.product.currency)
        return cls(
            product_id=product_id,
            company_id=found.product.company_id,
            history=[PriceChangeView.of(change, shop) for change in found.changes],
            total=found.total,
            skip=skip,
            limit=len(found.changes),
            lowest_30_days=currency.major(found.lowest_minor) if found.lowest_minor is not None else None,
            next_cursor=encode_cursor(found.following) if found.following is not None else None,
        )


def _tags(page: PriceHistoryPage) -> frozenset[str]:
    return frozenset([product_tag(page.product_id), company_tag(page.company_id)])


class PriceHistoryController(Controller):
    path = "/products"
    tags = ["Catalog"]

    @get("/{product_id:int}/price-history", guard=anyone, cached=Cached(_tags), refuses=(ProductNotFound,))
    async def price_history(self, db: Db, shop: Shop, product_id: Id, page: Page) -> PriceHistoryPage:
        """What a product has cost, the last change first, and the lowest price of 30 days.

        `lowest30Days` is what the EU's rule on price reductions asks shops to name beside a discount.
        """
        return PriceHistoryPage.of(product_id, await price_history(db, product_id, page), page.skip, shop)
