"""The HTTP surface of search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

from litestar import Controller
from litestar.di import Provide
from litestar.params import QueryParameter

from entrepot.catalog import (
    CATALOG_TAG,
    AcceptLanguage,
    Columns,
    EncodedProducts,
    FacetsView,
    Lang,
    ListedProduct,
    Presentation,
    ProductFilter,
    presentation,
    product_filter,
    product_tag,
    products_in_order,
    selected,
)
from entrepot.kernel import languages
from entrepot.kernel.actors import Actor, admin, anyone
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.pages import Page, encode_cursor, id_after
from entrepot.kernel.routes import Cached, delete, get, post, put
from entrepot.kernel.types import Id
from entrepot.search import completion_queries, synonym_queries
from entrepot.search.events import SEARCH_TAG
from entrepot.search.find import Found, find
from entrepot.search.highlight import Highlight, highlight
from entrepot.search.index import SearchIndex
from entrepot.search.reader import NoIndexYet
from entrepot.search.requests import SynonymsBody
from entrepot.search.suggest import suggest
from entrepot.search.synonyms import (
    SynonymsExist,
    SynonymsNotFound,
    TooManySynonyms,
    add_synonyms,
    change_synonyms,
    delete_synonyms,
)
from entrepot.search.views import (
    FoundList,
    SelectedFoundList,
    SuggestedName,
    SuggestedProduct,
    SuggestionsView,
    SynonymsPage,
    SynonymsView,
)
from entrepot.shop import Shop


def _found_tags(page: FoundList | SelectedFoundList) -> frozenset[str]:
    return frozenset([CATALOG_TAG, SEARCH_TAG, *map(product_tag, _ids(page))])


def _ids(page: FoundList | SelectedFoundList) -> Iterable[int]:
    if isinstance(page.products, EncodedProducts):
        return page.products.ids
    return [view["id"] if isinstance(view, dict) else view.id for view in page.products]


FOUND_CACHE: Final = Cached(_found_tags, max_age_s=1.0, priced=True)
SUGGESTED_CACHE: Final = Cached(lambda _: frozenset([CATALOG_TAG, SEARCH_TAG]), max_age_s=1.0, priced=True)
"""The index takes a moment to follow, and so may these."""


class SearchController(Controller):
    path = "/products"
    tags = ["Search"]
    dependencies = {
        "wanted": Provide(product_filter, sync_to_thread=False),
        "presentation": Provide(presentation, sync_to_thread=False),
    }

    @get("/search", guard=anyone, cached=FOUND_CACHE, refuses=(NoIndexYet,))
    async def search_products(
        self,
        db: Db,
        shop: Shop,
        columns: Columns,
        index: SearchIndex,
        wanted: ProductFilter,
        page: Page,
        presentation: Presentation,
        q: Annotated[str | None, QueryParameter(max_length=200, description="What is looked for. Required.")] = None,
        highlights: Annotated[
            bool, QueryParameter(name="highlight", description="Tell where in title and description the words are.")
        ] = False,
    ) -> FoundList | SelectedFoundList:
        """Products by words in title, translations, brand, SKU, tags, category, attributes and description.

        Words may be misspelt, inflected, begun, or written together or apart; an exact SKU comes first. Nothing in `q` is an
        operator. All filters of the product list apply, to the data as it is now. Without `sortBy` (or with
        `sortBy=relevance`) what fits best comes first; between equals, what sells, is liked and can be had.

        `didYouMean` has a better spelling where there is one; it is searched for already. `total` is exact up to 1,000 matches,
        and of more an estimate where filters, groups or hidden products decide (with `facets` or another order: from 10,000
        on). Of more than 10,000 matches the best 10,000 can be paged through, and sorted otherwise; `facets` are of those.
        Where hardly any product has all the words, those that have some are found, the best 1,000 at most.
        """
        found = await find(index, columns, _asked(q), presentation.language, wanted, page, facets=presentation.facets)
        grouped = not wanted.variants_apart
        if not highlights:
            encoded = await columns.documents.in_order(db, shop, found.ids, presentation.language, grouped)
            return _list(shop, found, encoded, page, presentation, None)
        shown = await products_in_order(db, shop, found.ids, presentation.language, grouped=grouped)
        marked = await _highlights(index, found, shown, presentation.language)
        return _list(shop, found, shown, page, presentation, marked)

    @get("/suggest", guard=anyone, cached=SUGGESTED_CACHE, refuses=(NoIndexYet,))
    async def suggest_products(
        self,
        db: Db,
        shop: Shop,
        columns: Columns,
        index: SearchIndex,
        q: Annotated[str | None, QueryParameter(max_length=100, description="What was typed so far. Required.")] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=10, description="How many of each kind, at most.")] = 5,
        lang: Lang = None,
        accept_language: AcceptLanguage = "",
    ) -> SuggestionsView:
        """Products, categories, brands and queries that go on as typed, for every letter that somebody types.

        From four letters on a misspelling is forgiven. `queries` are what others have looked for and found.
        """
        language = languages.chosen_language(lang, accept_language)
        found = await suggest(index, columns, _asked(q), language, limit)
        tags = languages.candidates(language)
        rows = await completion_queries.list_suggested(db, found.product_ids, tags) if found.product_ids else []
        return SuggestionsView(
            products=[SuggestedProduct.of(row, shop) for row in rows],
            categories=[SuggestedName.of(named, tags) for named in found.categories],
            brands=[SuggestedName.of(named, tags) for named in found.brands],
            queries=found.queries,
        )


class SynonymsController(Controller):
    path = "/search/synonyms"
    tags = ["Search"]

    @get("/", guard=admin)
    async def list_synonyms(self, db: Db, page: Page) -> SynonymsPage:
        """Words that are declared to mean the same, the oldest first."""
        rows = await synonym_queries.list_synonyms(db, page.skip, page.limit, id_after(page))
        return SynonymsPage(
            synonyms=[SynonymsView.of(row) for row in rows],
            total=await synonym_queries.count_synonyms(db),
            skip=page.skip,
            limit=len(rows),
            next_cursor=encode_cursor(rows[-1].id) if rows and len(rows) == page.limit else None,
        )

    @post("/", guard=admin, refuses=(SynonymsExist, TooManySynonyms))
    async def add_synonyms(self, tx: Tx, actor: Actor, data: SynonymsBody) -> SynonymsView:
        """Declare words to mean the same. Searches know it within a second."""
        return SynonymsView.of(await add_synonyms(tx, actor, data.meaning()))

    @put("/{synonyms_id:int}", guard=admin, refuses=(SynonymsNotFound, SynonymsExist))
    async def change_synonyms(self, tx: Tx, actor: Actor, synonyms_id: Id, data: SynonymsBody) -> SynonymsView:
        """Put other words in place of these."""
        return SynonymsView.of(await change_synonyms(tx, actor, synonyms_id, data.meaning()))

    @delete("/{synonyms_id:int}", guard=admin, refuses=(SynonymsNotFound,))
    async def delete_synonyms(self, tx: Tx, actor: Actor, synonyms_id: Id) -> None:
        """These words mean the same no more."""
        await delete_synonyms(tx, actor, synonyms_id)


def _asked(q: str | None) -> str:
    if q is None or not q.strip():
        raise Invalid({"q": ["is required: say what to look for"]})
    return q


async def _highlights(
    index: SearchIndex, found: Found, shown: list[ListedProduct], language: str
) -> dict[str, Highlight]:
    def mark() -> dict[str, Highlight]:
        return {str(one.id): highlight(one.title, one.description, found.words, language) for one in shown}

    return await index.reader.in_thread(mark)


def _list(
    shop: Shop,
    found: Found,
    shown: list[ListedProduct],
    page: Page,
    presentation: Presentation,
    highlights: dict[str, Highlight] | None,
) -> FoundList | SelectedFoundList:
    cursor = encode_cursor(*found.next_cursor) if found.next_cursor is not None else None
    facets = FacetsView.of(found.facets, shop) if found.facets is not None else None
    if presentation.fields is None:
        return FoundList(
            products=shown,
            total=found.total,
            skip=page.skip,
            limit=len(shown),
            next_cursor=cursor,
            facets=facets,
            did_you_mean=found.did_you_mean,
            highlights=highlights,
        )
    return SelectedFoundList(
        products=selected(shown, presentation.fields),
        total=found.total,
        skip=page.skip,
        limit=len(shown),
        next_cursor=cursor,
        facets=facets,
        did_you_mean=found.did_you_mean,
        highlights=highlights,
    )
