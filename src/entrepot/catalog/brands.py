"""Listing brands, each with how many of its products are sold."""

from __future__ import annotations

import msgspec

from entrepot.catalog import brands_queries as queries
from entrepot.catalog.brands_queries import BY_COUNT, BY_NAME, SORT_KEYS, CountedBrand
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters, Sort, choose_sort
from entrepot.kernel.pages import Page


class BrandFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which brands are wanted: those whose name begins with `q`, whatever its case; and in which order."""

    q: str | None = None
    sort_by: str | None = None
    order: str | None = None


class Found(msgspec.Struct, frozen=True):
    """A page of brands, how many there are, and the cursor of the next page if there is one."""

    brands: list[CountedBrand]
    total: int
    following: tuple[object, ...] | None


async def list_brands(db: Db, wanted: BrandFilter, page: Page) -> Found:
    """Raises Invalid for an unknown sort key, or a cursor of another list."""
    filters = Filters()
    if wanted.q:
        filters.add("starts_with(lower(b.name), lower({}::text))", wanted.q)
    sort = _sort(wanted)
    total = await queries.count_brands(db, filters)
    if page.after is not None:
        sort.after(filters, page.after)
    brands = await queries.list_brands(db, filters, sort, page.skip, page.limit)
    return Found(brands, total, _cursor_after(brands, sort, page))


def _sort(wanted: BrandFilter) -> Sort:
    """Those with the most products first, unless `order` says otherwise."""
    sort = choose_sort(SORT_KEYS, wanted.sort_by, wanted.order, default=BY_NAME, id_column="b.id")
    most_first = sort.key is BY_COUNT and wanted.order is None
    return msgspec.structs.replace(sort, descending=True) if most_first else sort


def _cursor_after(brands: list[CountedBrand], sort: Sort, page: Page) -> tuple[object, ...] | None:
    if not brands or len(brands) < page.limit:
        return None
    last = brands[-1]
    values = {"lower(b.name)": last.lowered, BY_COUNT.column: last.products, "b.id": last.id}
    return sort.cursor(values[sort.key.column], last.id)
