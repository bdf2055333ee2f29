"""The HTTP surface of the catalog."""

from __future__ import annotations

from litestar import Controller

from entrepot.catalog import queries
from entrepot.catalog.asked_language import AcceptLanguage, Lang
from entrepot.catalog.brands_api import BrandController
from entrepot.catalog.bulk_api import BulkController
from entrepot.catalog.categories_api import CategoryController
from entrepot.catalog.events import CATEGORIES_TAG, PRICES_TAG, group_tag, product_tag
from entrepot.catalog.exports_api import ExportController
from entrepot.catalog.favourites_api import FavouritesController, WishlistController
from entrepot.catalog.images_api import ProductImagesController
from entrepot.catalog.imports_api import ImportsController
from entrepot.catalog.lists_api import CompanyProductsController, OwnProductsController, ProductListController
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.price_history_api import PriceHistoryController
from entrepot.catalog.related_api import RelatedController
from entrepot.catalog.reviews_api import ProductReviewController, ReviewController
from entrepot.catalog.show_product import show_product
from entrepot.catalog.uploads_api import UploadController
from entrepot.catalog.views import SingleProductView
from entrepot.catalog.write_products_api import ProductWritingController, VendorProductController
from entrepot.companies import company_tag
from entrepot.kernel import languages
from entrepot.kernel.actors import anyone
from entrepot.kernel.db import Db
from entrepot.kernel.routes import Cached, get
from entrepot.kernel.types import Id
from entrepot.shop import Shop

__all__ = [
    "BrandController",
    "BulkController",
    "CategoryController",
    "CompanyProductsController",
    "ExportController",
    "FavouritesController",
    "ImportsController",
    "OwnProductsController",
    "PriceHistoryController",
    "ProductController",
    "ProductImagesController",
    "ProductListController",
    "ProductReviewController",
    "ProductWritingController",
    "RelatedController",
    "ReviewController",
    "UploadController",
    "VendorProductController",
    "WishlistController",
]


def _product_tags(view: SingleProductView) -> frozenset[str]:
    tags = {product_tag(view.id), company_tag(view.company_id), CATEGORIES_TAG, PRICES_TAG}
    if view.group is not None:
        tags |= {group_tag(view.group.id), *(product_tag(variant.id) for variant in view.variants or ())}
    return frozenset(tags)


class ProductController(Controller):
    path = "/products"
    tags = ["Catalog"]

    @get("/categories", guard=anyone, cached=Cached(lambda _: frozenset([CATEGORIES_TAG])))
    async def list_categories(self, db: Db) -> list[str]:
        """The slugs of all categories, parents before their children."""
        return await queries.list_category_slugs(db)

    @get("/category-list", guard=anyone, cached=Cached(lambda _: frozenset([CATEGORIES_TAG])))
    async def category_list(self, db: Db) -> list[str]:
        """The slugs of all categories, as DummyJSON serves them."""
        return await queries.list_category_slugs(db)

    @get("/{product_id:int}", guard=anyone, cached=Cached(_product_tags, priced=True), refuses=(ProductNotFound,))
    async def get_product(
        self, db: Db, shop: Shop, product_id: Id, lang: Lang = None, accept_language: AcceptLanguage = ""
    ) -> SingleProductView:
        """A product with its newest reviews; one of a group with the group's other members."""
        language = languages.chosen_language(lang, accept_language)
        return SingleProductView.shown(await show_product(db, product_id, languages.candidates(language)), shop)
