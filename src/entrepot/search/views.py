"""How search shows what it found."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import msgspec

from entrepot.catalog import ProductList, SelectedList
from entrepot.search.completion_queries import Named, SuggestedRow
from entrepot.search.highlight import Highlight
from entrepot.search.synonym_queries import SynonymRow
from entrepot.shop import Shop


class FoundList(ProductList, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of what was found. `didYouMean`: a spelling that fits more. `highlights`: by product id."""

    did_you_mean: str | None = None
    highlights: dict[str, Highlight] | None = None


class SelectedFoundList(SelectedList, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of what was found, with only the fields that were selected, and always the ids."""

    did_you_mean: str | None = None
    highlights: dict[str, Highlight] | None = None


class SuggestedProduct(msgspec.Struct, frozen=True):
    """Enough to show a line below the search box; the price is in major units."""

    id: int
    title: str
    thumbnail: str
    price: int | float

    @classmethod
    def of(cls, row: SuggestedRow, shop: Shop) -> Self:
        price = shop.currency_of(row.currency).major(row.price_minor)
        return cls(row.id, row.title, shop.files.url(row.thumbnail), price)


class SuggestedName(msgspec.Struct, frozen=True):
    """A category or a brand: what the list filters take, and what people read."""

    slug: str
    name: str

    @classmethod
    def of(cls, named: Named, languages: list[str]) -> Self:
        translated = (named.names[language] for language in languages if language in named.names)
        return cls(named.slug, next(translated, named.name))


class SuggestionsView(msgspec.Struct, frozen=True):
    """What goes on as somebody has begun to type, the likeliest first."""

    products: list[SuggestedProduct]
    categories: list[SuggestedName]
    brands: list[SuggestedName]
    queries: list[str]


class OneWayView(msgspec.Struct, frozen=True, rename={"word": "from"}):
    word: str
    to: list[str]


class SynonymsView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Words that mean the same. Either `terms` mean each other, or who looks for `oneWay.from` finds `oneWay.to` as well."""

    id: int
    terms: list[str] | None
    one_way: OneWayView | None
    language: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: SynonymRow) -> Self:
        return cls(
            id=row.id,
            terms=None if row.also else row.terms,
            one_way=OneWayView(row.terms[0], row.also) if row.also else None,
            language=row.language,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class SynonymsPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """Sets of synonyms, the oldest first."""

    synonyms: list[SynonymsView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
