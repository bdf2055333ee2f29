"""The HTTP surface of recommendations for a product."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Controller
from litestar.params import QueryParameter

from entrepot.catalog.asked_language import AcceptLanguage, Lang
from entrepot.catalog.events import CATEGORIES_TAG, product_tag
from entrepot.catalog.list_products import products_in_order
from entrepot.catalog.list_views import ProductList
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.related import MOST, related_to
from entrepot.companies import COMPANIES_TAG
from entrepot.kernel.actors import anyone
from entrepot.kernel.db import Db
from entrepot.kernel.languages import chosen_language
from entrepot.kernel.pages import DEFAULT_LIMIT
from entrepot.kernel.routes import Cached, get
from entrepot.kernel.types import Id
from entrepot.shop import Shop

RELATED_CACHE: Final = Cached(
    lambda page: frozenset([CATEGORIES_TAG, COMPANIES_TAG, *(product_tag(product.id) for product in page.products)]),
    max_age_s=60.0,
    priced=True,
)
"""Orders change what goes with what, but not within a minute."""


class RelatedController(Controller):
    path = "/products/{product_id:int}/related"
    tags = ["Catalog"]

    @get("/", guard=anyone, cached=RELATED_CACHE, refuses=(ProductNotFound,))
    async def list_related(
        self,
        db: Db,
        shop: Shop,
        product_id: Id,
        limit: Annotated[
            int, QueryParameter(ge=0, description="How many: 10 by default, at most 30, which 0 gives, too.")
        ] = DEFAULT_LIMIT,
        lang: Lang = None,
        accept_language: AcceptLanguage = "",
    ) -> ProductList:
        """What goes with a product, the best first: what others bought with it, and what is like it.

        What is in stock comes before what is not. The product itself and its variants are not among them; of each other
        group of variants, one is. `total` is how many there are, 30 at most.
        """
        language = chosen_language(lang, accept_language)
        related = await related_to(db, product_id)
        products = await products_in_order(db, shop, related[: limit or MOST], language)
        return ProductList(products=products, total=len(related), skip=0, limit=len(products))
