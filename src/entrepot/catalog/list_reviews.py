"""Listing the reviews of a product, and how many stars they give."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.catalog import reviews_queries as queries
from entrepot.catalog.model import ProductNotFound, ReviewRow
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters, Sort, SortKey
from entrepot.kernel.pages import Page


class ReviewOrder(StrEnum):
    """How reviews are sorted; of those with as many stars, the newest come first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    HIGHEST = "highest"
    LOWEST = "lowest"


_BY_DATE: Final = SortKey("r.created_at", "timestamptz")
ORDERS: Final[Mapping[ReviewOrder, Sort]] = {
    ReviewOrder.NEWEST: Sort(_BY_DATE, descending=True, id_column="r.id"),
    ReviewOrder.OLDEST: Sort(_BY_DATE, descending=False, id_column="r.id"),
    ReviewOrder.HIGHEST: Sort(SortKey("r.rating", "integer"), descending=True, id_column="r.id"),
    ReviewOrder.LOWEST: Sort(SortKey("(-r.rating)", "integer"), descending=True, id_column="r.id"),
}


class Found(msgspec.Struct, frozen=True):
    """A page of reviews; how many there are of each number of stars, over all; and the cursor of the next page."""

    reviews: list[ReviewRow]
    by_rating: dict[int, int]
    total: int
    following: tuple[object, ...] | None


async def list_reviews(db: Db, product_id: int, order: ReviewOrder, rating: int | None, page: Page) -> Found:
    """The reviews of a product; with `rating`, only those with so many stars.

    Raises:
        ProductNotFound: there is none, or nobody sells it now.
        Invalid: a cursor of another list.
    """
    if not await queries.is_sold(db, product_id):
        raise ProductNotFound
    counts = {count.rating: count.count for count in await queries.count_by_rating(db, product_id)}
    filters = Filters("r.deleted_at is null")
    filters.add("r.product_id = {}", product_id)
    if rating is not None:
        filters.add("r.rating = {}", rating)
    sort = ORDERS[order]
    if page.after is not None:
        sort.after(filters, page.after)
    reviews = await queries.list_reviews(db, filters, sort, page.skip, page.limit)
    total = sum(counts.values()) if rating is None else counts.get(rating, 0)
    return Found(reviews, counts, total, _cursor_after(reviews, order, page))


def _cursor_after(reviews: list[ReviewRow], order: ReviewOrder, page: Page) -> tuple[object, ...] | None:
    if not reviews or len(reviews) < page.limit:
        return None
    last = reviews[-1]
    match order:
        case ReviewOrder.HIGHEST:
            value: object = last.rating
        case ReviewOrder.LOWEST:
            value = -last.rating
        case _:
            value = last.date.isoformat()
    return ORDERS[order].cursor(value, last.id)
