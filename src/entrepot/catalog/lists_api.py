"""The HTTP surface of product lists: all products, a category's, a company's, and one's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from litestar import Controller
from litestar.di import Provide

from entrepot.catalog import queries
from entrepot.catalog.columns import Columns
from entrepot.catalog.documents import EncodedProducts
from entrepot.catalog.events import CATALOG_TAG, product_tag
from entrepot.catalog.list_products import Presentation, list_category, list_products, presentation
from entrepot.catalog.list_views import ProductList, SelectedList
from entrepot.catalog.model import CategoryNotFound
from entrepot.catalog.product_filter import ProductFilter, product_filter
from entrepot.companies import COMPANIES_TAG, CompanyNotFound
from entrepot.kernel.actors import Actor, anyone, seller
from entrepot.kernel.db import Db
from entrepot.kernel.pages import Page
from entrepot.kernel.routes import Cached, get
from entrepot.kernel.types import Id
from entrepot.shop import Shop

DEPENDENCIES: Final = {
    "wanted": Provide(product_filter, sync_to_thread=False),
    "presentation": Provide(presentation, sync_to_thread=False),
}


def _list_tags(page: ProductList | SelectedList) -> frozenset[str]:
    return frozenset([CATALOG_TAG, COMPANIES_TAG, *map(product_tag, _ids(page))])


def _ids(page: ProductList | SelectedList) -> Iterable[int]:
    if isinstance(page.products, EncodedProducts):
        return page.products.ids
    return [view["id"] if isinstance(view, dict) else view.id for view in page.products]


LIST_CACHE: Final = Cached(_list_tags, max_age_s=1.0, priced=True)
"""What may change a list beyond its own products, such as the stock of others, is seen after a second at most."""


class ProductListController(Controller):
    path = "/products"
    tags = ["Catalog"]
    dependencies = DEPENDENCIES

    @get("/", guard=anyone, cached=LIST_CACHE)
    async def list_products(
        self, db: Db, shop: Shop, columns: Columns, wanted: ProductFilter, page: Page, presentation: Presentation
    ) -> ProductList | SelectedList:
        """Products, with every filter and sort combined freely.

        Pages by `skip` and `limit`, `page` and `limit`, or `cursor`, which does not get slower with depth. Titles come in
        the language asked for where they are translated, in English otherwise.

        Variants of a group are one entry: the first of them in the order of the list that fits the filters, with the
        `group`'s price range and option values. `variants=all` lists each by itself.

        Who sends a token and has prices of their own sees those, with `listPrice` and `tiers`; filters, sorts, facets and the
        price range of a `group` go by the public price.

        `facets=true` counts the entries of the whole list by category, brand, price, rating, availability and attribute.
        Each facet ignores its own filter, so that beside the brand chosen stand the others.
        """
        return await list_products(db, shop, columns, wanted, page, presentation)

    @get("/category/{slug:str}", guard=anyone, cached=LIST_CACHE, refuses=(CategoryNotFound,))
    async def list_category(
        self,
        db: Db,
        shop: Shop,
        columns: Columns,
        slug: str,
        wanted: ProductFilter,
        page: Page,
        presentation: Presentation,
    ) -> ProductList | SelectedList:
        """Products of a category and of everything below it."""
        return await list_category(db, shop, columns, slug, wanted, page, presentation)


class CompanyProductsController(Controller):
    path = "/companies/{company_id:int}/products"
    tags = ["Catalog"]
    dependencies = DEPENDENCIES

    @get("/", guard=anyone, cached=LIST_CACHE, refuses=(CompanyNotFound,))
    async def list_company_products(
        self,
        db: Db,
        shop: Shop,
        columns: Columns,
        company_id: Id,
        wanted: ProductFilter,
        page: Page,
        presentation: Presentation,
    ) -> ProductList | SelectedList:
        """Products of a company that sells, with the filters and sorts of `GET /products`."""
        if not await queries.is_selling(db, company_id):
            raise CompanyNotFound
        of_company = msgspec.structs.replace(wanted, company=company_id)
        return await list_products(db, shop, columns, of_company, page, presentation)


class OwnProductsController(Controller):
    path = "/vendors/products"
    tags = ["Catalog"]
    dependencies = DEPENDENCIES

    @get("/", guard=seller, refuses=(CompanyNotFound,))
    async def list_own_products(
        self,
        db: Db,
        shop: Shop,
        columns: Columns,
        actor: Actor,
        wanted: ProductFilter,
        page: Page,
        presentation: Presentation,
    ) -> ProductList | SelectedList:
        """Products of the company that one sells for, also while it does not sell; filters as of `GET /products`."""
        if actor.company_id is None:
            raise CompanyNotFound("You sell for no company")
        own = msgspec.structs.replace(wanted, company=actor.company_id)
        return await list_products(db, shop, columns, own, page, presentation, hidden_too=True)
