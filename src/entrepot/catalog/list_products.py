"""Listing products: the columns in memory say which and how many, one statement fetches them as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from entrepot.catalog import categories_queries, queries
from entrepot.catalog.asked_language import AcceptLanguage, Lang
from entrepot.catalog.columns import Columns
from entrepot.catalog.list_views import FacetsView, ListedProduct, ProductList, SelectedList, fields_of, selected
from entrepot.catalog.model import CategoryNotFound
from entrepot.catalog.product_filter import ProductFilter
from entrepot.kernel import languages
from entrepot.kernel.db import Db
from entrepot.kernel.pages import Page, encode_cursor
from entrepot.shop import Shop


class Presentation(msgspec.Struct, frozen=True):
    """How a list is to be shown: in which language, with which fields (None: all), and whether with facets."""

    language: str
    fields: frozenset[str] | None
    facets: bool


def presentation(
    lang: Lang = None,
    accept_language: AcceptLanguage = "",
    select: Annotated[str | None, QueryParameter(description="Only these fields, comma separated.")] = None,
    facets: Annotated[
        bool,
        QueryParameter(description="Count the list by category, brand, price, rating, availability and attribute."),
    ] = False,
) -> Presentation:
    """How the query string wants a list to be shown. Raises Invalid."""
    return Presentation(
        languages.chosen_language(lang, accept_language), None if select is None else fields_of(select), facets
    )


async def list_products(
    db: Db,
    shop: Shop,
    columns: Columns,
    wanted: ProductFilter,
    page: Page,
    presentation: Presentation,
    *,
    hidden_too: bool = False,
) -> ProductList | SelectedList:
    """A page of products with the total, and the cursor of the next page if there is one.

    With `hidden_too`, also products of companies that do not sell now.

    Raises:
        Invalid: an unknown sort key, or a cursor of another list.
    """
    selection = columns.select(wanted, hidden_too=hidden_too)
    cut = selection.page(page)
    facets = FacetsView.of(selection.facets(), shop) if presentation.facets else None
    total = selection.total
    shown = await columns.documents.in_order(
        db, shop, cut.ids, presentation.language, grouped=not wanted.variants_apart
    )
    cursor = encode_cursor(*cut.following) if cut.following is not None else None
    if presentation.fields is None:
        return ProductList(
            products=shown, total=total, skip=page.skip, limit=len(shown), next_cursor=cursor, facets=facets
        )
    return SelectedList(
        products=selected(shown, presentation.fields),
        total=total,
        skip=page.skip,
        limit=len(shown),
        next_cursor=cursor,
        facets=facets,
    )


async def list_category(
    db: Db, shop: Shop, columns: Columns, slug: str, wanted: ProductFilter, page: Page, presentation: Presentation
) -> ProductList | SelectedList:
    """As `list_products`, in one category and everything below it. Raises CategoryNotFound."""
    if not columns.has_category(slug) and await categories_queries.find_category(db, slug) is None:
        raise CategoryNotFound
    return await list_products(db, shop, columns, msgspec.structs.replace(wanted, category=slug), page, presentation)


async def products_in_order(
    db: Db, shop: Shop, ids: Sequence[int], language: str, *, grouped: bool = True
) -> list[ListedProduct]:
    """Products as lists show them, in the order of their ids, with live prices and stock; deleted ones are left out.

    With `grouped`, a product of a group tells of the group.
    """
    if not ids:
        return []
    rows = await queries.list_in_order(db, ids, languages.candidates(language), grouped)
    return [ListedProduct.listed(row, shop) for row in rows]
