"""What products cost on the shelf: with the promotions that count for anyone who buys one piece, kept in this process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from entrepot.catalog import CategoriesChanged
from entrepot.kernel import clock
from entrepot.kernel.db import TROUBLE, Database
from entrepot.kernel.events import Recorded
from entrepot.pricing import promotions_queries
from entrepot.pricing import shelf_queries as queries
from entrepot.pricing.events import (
    PromotionChanged,
    PromotionCreated,
    PromotionDeleted,
    PromotionGivenBack,
    PromotionUsedUp,
)
from entrepot.pricing.model import Basket, BasketLine, Promotion, Scope
from entrepot.pricing.price import price
from entrepot.pricing.promotion_index import ANYTHING, Key, Promotions
from entrepot.pricing.promotions_overlap import Tree
from entrepot.pricing.rules import Rules
from entrepot.shop import OnShelf, Promoted

log = logging.getLogger("entrepot.pricing")

HEARD: Final = frozenset(
    event.name
    for event in (
        CategoriesChanged,
        PromotionChanged,
        PromotionCreated,
        PromotionDeleted,
        PromotionGivenBack,
        PromotionUsedUp,
    )
)

KEPT: Final = 50_000
"""Prices that are remembered at once."""

LONGEST: Final = timedelta(hours=1)
"""Between two looks, when nothing changes."""

PAUSE: Final = timedelta(seconds=1)
"""Between two tries while the database is away."""


class Shelf:
    """Made once by the composition root. The tail tells `hear` and `gap`; `run` runs; `on_change` is told of other prices.

    A price is the engine's own for a basket of one piece, bought by somebody of whom nothing is known. So promotions for
    zones, roles or first orders, and those limited for each user, are not on the shelf, nor what needs more than a piece.
    """

    def __init__(self, database: Database, on_change: Callable[[], None]) -> None:
        self._db = database.reader
        self._on_change = on_change
        self._wake = asyncio.Event()
        self._promotions = Promotions()
        self._tree = Tree(())
        self._prices: dict[OnShelf, Promoted | None] = {}

    def promoted(self, product: OnShelf) -> Promoted | None:
        """What a piece costs with promotions, and which they are; None where none counts."""
        if not self._promotions.all:
            return None
        if product in self._prices:
            return self._prices[product]
        found = self._priced(product)
        if len(self._prices) >= KEPT:
            self._prices.clear()
        self._prices[product] = found
        return found

    def _priced(self, product: OnShelf) -> Promoted | None:
        path = self._tree.path(product.category_id)
        about = self._promotions.about(_keys(product, path))
        if not about:
            return None
        line = BasketLine(
            product_id=product.product_id,
            company_id=product.company_id,
            quantity=1,
            price_minor=product.price_minor,
            discount_bp=product.discount_bp,
            category_path=path,
            brand_id=product.brand_id,
            group_id=product.group_id,
        )
        basket = Basket(lines=(line,), currency=product.currency, at=clock.now())
        priced = price(basket, Rules(promotions=Promotions(about)))
        if not priced.applied:
            return None
        return Promoted(
            final_price_minor=priced.subtotal_minor,
            promotions=tuple((applied.promotion_id, applied.name) for applied in priced.applied),
        )

    def hear(self, event: Recorded) -> None:
        if event.name in HEARD:
            self._wake.set()

    def gap(self) -> None:
        """Events may have been missed, or the tail has just begun to listen."""
        self._wake.set()

    async def run(self) -> None:
        """Read anew whenever something changed, begins or ends, until the task is cancelled."""
        while True:
            try:
                pause = await self.refresh()
            except TROUBLE as error:
                log.warning("promotions cannot be read, trying again: %s", error)
                pause = PAUSE
            try:
                async with asyncio.timeout(pause.total_seconds()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def refresh(self) -> timedelta:
        """Read the promotions that run; returns how long until the next one begins or ends."""
        self._wake.clear()
        promotions = [row.rule for row in await queries.list_for_anyone(self._db)]
        tree = Tree(await promotions_queries.list_branches(self._db))
        now = clock.now()
        running = [one for one in promotions if _runs(one, now)]
        changed = running != list(self._promotions.all) or tree != self._tree
        self._promotions, self._tree, self._prices = Promotions(running), tree, {}
        if changed:
            self._on_change()
        return _until_next(promotions, now)


def _keys(product: OnShelf, path: Iterable[int]) -> list[Key]:
    keys: list[Key] = [ANYTHING, (Scope.PRODUCTS, product.product_id), (Scope.COMPANIES, product.company_id)]
    if product.brand_id is not None:
        keys.append((Scope.BRANDS, product.brand_id))
    return [*keys, *((Scope.CATEGORIES, category_id) for category_id in path)]


def _runs(promotion: Promotion, now: datetime) -> bool:
    begun = promotion.starts_at is None or promotion.starts_at <= now
    return begun and (promotion.ends_at is None or promotion.ends_at > now)


def _until_next(promotions: Iterable[Promotion], now: datetime) -> timedelta:
    moments = [moment for one in promotions for moment in (one.starts_at, one.ends_at) if moment is not None]
    waits = [moment - now for moment in moments if moment > now]
    return min([LONGEST, *waits])
