"""Recommendations for a product: what goes with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from entrepot.catalog import related_queries as queries
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.reviews_queries import is_sold
from entrepot.kernel import clock
from entrepot.kernel.db import Db

MOST: Final = 30
REMEMBERED: Final = timedelta(days=365)
"""Orders that are older say nothing any more."""


async def related_to(db: Db, product_id: int) -> list[int]:
    """The ids of up to 30 products, the best first. Raises ProductNotFound for one that is not sold."""
    if not await is_sold(db, product_id):
        raise ProductNotFound
    return await queries.list_related(db, product_id, clock.now() - REMEMBERED, MOST)
