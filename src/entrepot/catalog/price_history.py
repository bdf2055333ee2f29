"""What a product has cost: every change of its price or discount, and the lowest price before the discount that runs now.

A shop in the EU that announces a reduction has to name the lowest price of the 30 days before it (directive 98/6/EC,
article 6a).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from entrepot.catalog import price_history_queries
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.price_history_queries import PriceChange, PricedProduct
from entrepot.kernel import clock
from entrepot.kernel.db import Db
from entrepot.kernel.money import share
from entrepot.kernel.pages import Page, id_after

WINDOW: Final = timedelta(days=30)


class PriceHistory(msgspec.Struct, frozen=True):
    """A page of changes, the newest first, and how many there are in all.

    `lowest_minor` is the lowest price, after discounts, of the 30 days before the discount that runs now, or of the last
    30 days if none runs; None when the product has been discounted from the beginning.
    """

    changes: list[PriceChange]
    total: int
    product: PricedProduct
    lowest_minor: int | None
    following: int | None


async def price_history(db: Db, product_id: int, page: Page) -> PriceHistory:
    """Raises ProductNotFound, WrongCursor."""
    before_id = id_after(page)
    product = await price_history_queries.find_priced(db, product_id)
    if product is None:
        raise ProductNotFound
    total = await price_history_queries.count_changes(db, product_id)
    if total == 0:
        return _unchanged(product, page)
    changes = await price_history_queries.list_changes(db, product_id, before_id, page.skip, page.limit)
    lowest = await price_history_queries.find_lowest(db, product_id, WINDOW, clock.now())
    return PriceHistory(
        changes=changes,
        total=total,
        product=product,
        lowest_minor=_to_pay(lowest) if lowest is not None else None,
        following=changes[-1].id if changes and len(changes) == page.limit else None,
    )


def _unchanged(product: PricedProduct, page: Page) -> PriceHistory:
    """A product that was there before histories were kept, and has cost the same since."""
    first = PriceChange(
        id=0,
        price_minor=product.price_minor,
        discount_bp=product.discount_bp,
        currency=product.currency,
        changed_at=product.created_at,
    )
    shown = [] if page.skip or page.after else [first]
    return PriceHistory(
        changes=shown,
        total=1,
        product=product,
        lowest_minor=None if product.discount_bp else product.price_minor,
        following=None,
    )


def _to_pay(change: PriceChange) -> int:
    return change.price_minor - share(change.price_minor, change.discount_bp)
