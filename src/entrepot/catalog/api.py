"""The HTTP surface of the catalog."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from litestar import Controller
from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter, QueryParameter

from entrepot.catalog import queries
from entrepot.catalog.create_product import create_product
from entrepot.catalog.events import CATALOG_TAG, product_tag
from entrepot.catalog.favourites_api import FavouritesController, WishlistController
from entrepot.catalog.list_products import ProductFilter, list_category, list_products
from entrepot.catalog.model import CategoryNotFound, NoWarehouse, ProductNotFound, SkuExists
from entrepot.catalog.requests import NewProduct
from entrepot.catalog.views import ProductPage, ProductView, SelectedPage, fields_of, selected
from entrepot.companies import company_tag
from entrepot.kernel import languages
from entrepot.kernel.actors import Actor, admin, anyone, seller_or_zone_admin
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.money import Currency
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.kernel.routes import Cached, get, post
from entrepot.kernel.types import MAX_ID, Id
from entrepot.shop import Shop

__all__ = ["FavouritesController", "ProductController", "WishlistController"]

Lang = Annotated[
    str | None, QueryParameter(name="lang", description="Language of titles and descriptions, such as `ar`.")
]
AcceptLanguage = Annotated[str, HeaderParameter(name="accept-language", description="Used where `lang` is not given.")]


def product_filter(
    shop: NamedDependency[Shop],
    min_price: Annotated[
        float | None, QueryParameter(name="minPrice", ge=0, le=1e12, description="In major units.")
    ] = None,
    max_price: Annotated[
        float | None, QueryParameter(name="maxPrice", ge=0, le=1e12, description="In major units.")
    ] = None,
    brand: Annotated[str | None, QueryParameter(max_length=100, description="Name or slug of a brand.")] = None,
    category: Annotated[str | None, QueryParameter(max_length=100, description="Slug; includes the sub-tree.")] = None,
    seller: Annotated[int | None, QueryParameter(ge=1, le=MAX_ID, description="Id of the selling user.")] = None,
    company: Annotated[int | None, QueryParameter(ge=1, le=MAX_ID, description="Id of the selling company.")] = None,
    zone: Annotated[str | None, QueryParameter(max_length=100, description="Slug of a zone it is sold in.")] = None,
    warehouse: Annotated[
        int | None, QueryParameter(ge=1, le=MAX_ID, description="Id of a warehouse that has it.")
    ] = None,
    tag: Annotated[str | None, QueryParameter(max_length=50, description="With this tag.")] = None,
    in_stock: Annotated[
        bool | None, QueryParameter(name="inStock", description="Only what can, or cannot, be bought now.")
    ] = None,
    sort_by: Annotated[
        str | None,
        QueryParameter(name="sortBy", description="price, rating, title, name, date, createdAt, stock or id."),
    ] = None,
    order: Annotated[str | None, QueryParameter(description="asc or desc.")] = None,
) -> ProductFilter:
    """The filters and the sort key of a product list."""
    return ProductFilter(
        min_price_minor=_minor("minPrice", min_price, shop.currency),
        max_price_minor=_minor("maxPrice", max_price, shop.currency),
        brand=brand,
        category=category,
        seller=seller,
        company=company,
        zone=zone,
        warehouse=warehouse,
        tag=tag,
        in_stock=in_stock,
        sort_by=sort_by,
        order=order,
    )


def _minor(field: str, amount: float | None, currency: Currency) -> int | None:
    if amount is None:
        return None
    try:
        return currency.minor(Decimal(str(amount)))
    except ValueError as error:
        raise Invalid({field: [str(error)]}) from None


def _list_tags(page: ProductPage | SelectedPage) -> frozenset[str]:
    ids = [view["id"] if isinstance(view, dict) else view.id for view in page.products]
    return frozenset([CATALOG_TAG, *map(product_tag, ids)])


def _product_tags(view: ProductView) -> frozenset[str]:
    return frozenset([product_tag(view.id), company_tag(view.company_id)])


LIST_CACHE = Cached(_list_tags, max_age_s=1.0)
"""What may change a list beyond its own products (stock filters, other companies) is seen after a second at most."""


class ProductController(Controller):
    path = "/products"
    tags = ["Catalog"]
    dependencies = {"wanted": Provide(product_filter, sync_to_thread=False)}

    @get("/", guard=anyone, cached=LIST_CACHE)
    async def list_products(
        self,
        db: Db,
        shop: Shop,
        wanted: ProductFilter,
        page: Page,
        lang: Lang = None,
        accept_language: AcceptLanguage = "",
        select: Annotated[str | None, QueryParameter(description="Only these fields, comma separated.")] = None,
    ) -> ProductPage | SelectedPage:
        """Products, with every filter and sort combined freely.

        Pages by `skip` and `limit`, `page` and `limit`, or `cursor`, which does not get slower with depth. Titles come in
        the language asked for where they are translated, in English otherwise.
        """
        language = languages.chosen_language(lang, accept_language)
        return _page(await list_products(db, wanted, page, language), page, select, shop)

    @get("/categories", guard=anyone, cached=Cached(lambda _: frozenset([CATALOG_TAG])))
    async def list_categories(self, db: Db) -> list[str]:
        """The slugs of all categories, parents before their children."""
        return await queries.list_category_slugs(db)

    @get("/category-list", guard=anyone, cached=Cached(lambda _: frozenset([CATALOG_TAG])))
    async def category_list(self, db: Db) -> list[str]:
        """The slugs of all categories, as DummyJSON serves them."""
        return await queries.list_category_slugs(db)

    @get("/category/{slug:str}", guard=anyone, cached=LIST_CACHE, refuses=(CategoryNotFound,))
    async def list_category(
        self,
        db: Db,
        shop: Shop,
        slug: str,
        wanted: ProductFilter,
        page: Page,
        lang: Lang = None,
        accept_language: AcceptLanguage = "",
        select: Annotated[str | None, QueryParameter(description="Only these fields, comma separated.")] = None,
    ) -> ProductPage | SelectedPage:
        """Products of a category and of everything below it."""
        language = languages.chosen_language(lang, accept_language)
        return _page(await list_category(db, slug, wanted, page, language), page, select, shop)

    @get("/{product_id:int}", guard=anyone, cached=Cached(_product_tags), refuses=(ProductNotFound,))
    async def get_product(
        self, db: Db, shop: Shop, product_id: Id, lang: Lang = None, accept_language: AcceptLanguage = ""
    ) -> ProductView:
        """A product with its newest reviews."""
        language = languages.chosen_language(lang, accept_language)
        row = await queries.find_product(db, product_id, languages.candidates(language))
        if row is None:
            raise ProductNotFound
        return ProductView.of(row, shop)

    @post("/", guard=seller_or_zone_admin, refuses=(SkuExists, NoWarehouse))
    async def create_product(self, tx: Tx, shop: Shop, actor: Actor, data: NewProduct) -> ProductView:
        """Create a product and receive its first stock.

        A seller creates it for its own company, an administrator for `companyId` or else the house company.
        """
        return await _created(tx, shop, actor, data)

    @post("/add", guard=admin, refuses=(SkuExists, NoWarehouse))
    async def add_product(self, tx: Tx, shop: Shop, actor: Actor, data: NewProduct) -> ProductView:
        """Create a product; the same as `POST /products`, for administrators."""
        return await _created(tx, shop, actor, data)


async def _created(tx: Tx, shop: Shop, actor: Actor, new: NewProduct) -> ProductView:
    product_id = await create_product(tx, actor, new, shop.currency)
    row = await queries.find_product(tx, product_id, languages.candidates(actor.language), hidden_too=True)
    if row is None:
        raise ProductNotFound
    return ProductView.of(row, shop)


def _page(found: Any, page: Page, select: str | None, shop: Shop) -> ProductPage | SelectedPage:
    listed, following = found
    shown = ProductPage(
        products=[ProductView.of(row, shop) for row in listed.products],
        total=listed.total,
        skip=page.skip,
        limit=len(listed.products),
        next_cursor=encode_cursor(*following) if following else None,
    )
    return shown if select is None else selected(shown, fields_of(select))
