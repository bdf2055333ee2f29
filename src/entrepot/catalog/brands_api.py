"""The HTTP surface of brands."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from litestar import Controller
from litestar.params import QueryParameter

from entrepot.catalog.brands import BrandFilter, list_brands
from entrepot.kernel.actors import anyone
from entrepot.kernel.db import Db
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import Cached, get

BRANDS_CACHE: Final = Cached(lambda _: frozenset(), max_age_s=60.0)
"""Any product may bring a brand along or change its count; counting reads an index of all products."""


class Brand(msgspec.Struct, frozen=True, rename="camel"):
    """A brand, and how many products of it are sold, each variant by itself."""

    id: int
    slug: str
    name: str
    product_count: int


class BrandPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of brands. `limit` is how many are on it, `total` how many there are."""

    brands: list[Brand]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class BrandController(Controller):
    path = "/brands"
    tags = ["Brands"]

    @get("/", guard=anyone, cached=BRANDS_CACHE)
    async def list_brands(
        self,
        db: Db,
        page: Page,
        q: Annotated[str | None, QueryParameter(max_length=100, description="How the name begins.")] = None,
        sort_by: Annotated[
            str | None, QueryParameter(name="sortBy", description="name, productCount (most first) or id.")
        ] = None,
        order: Annotated[str | None, QueryParameter(description="asc or desc.")] = None,
    ) -> BrandPage:
        """Brands by name, each with how many of its products are sold. At most a minute old."""
        found = await list_brands(db, BrandFilter(q=q, sort_by=sort_by, order=order), page)
        return BrandPage(
            brands=[Brand(brand.id, brand.slug, brand.name, brand.products) for brand in found.brands],
            total=found.total,
            skip=page.skip,
            limit=len(found.brands),
            next_cursor=encode_cursor(*found.following) if found.following else None,
        )
