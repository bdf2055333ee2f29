"""Listing coupons."""

from __future__ import annotations

import msgspec

from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters
from entrepot.kernel.pages import Page, id_after
from entrepot.pricing import coupons_queries as queries
from entrepot.pricing.coupons import StoredCoupon


class CouponFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which coupons are wanted: whose code begins with `q`, whatever its case; those that share a promotion's terms."""

    q: str | None = None
    promotion: int | None = None


class Found(msgspec.Struct, frozen=True):
    """A page of coupons, how many there are, and the cursor of the next page if there is one."""

    coupons: list[StoredCoupon]
    total: int
    following: tuple[object, ...] | None


async def list_coupons(db: Db, wanted: CouponFilter, page: Page) -> Found:
    """The newest first. Raises Invalid for a cursor of another list."""
    filters = Filters()
    if wanted.q:
        filters.add("starts_with(k.code, upper({}::text))", wanted.q)
    if wanted.promotion is not None:
        filters.add("k.promotion_id = {}::bigint", wanted.promotion)
    total = await queries.count_coupons(db, filters)
    after = id_after(page)
    if after is not None:
        filters.add("k.id < {}::bigint", after)
    coupons = await queries.list_coupons(db, filters, page.skip, page.limit)
    full = len(coupons) == page.limit and coupons
    return Found(coupons, total, (coupons[-1].id,) if full else None)
