"""What search knows of a product, what it is asked, and what it finds."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
"""Product ids."""


class IndexedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product as it is put into the index. Stock and ratings change too often for it: they are looked up live.

    `titles` and `descriptions` are translations by language tag, without the original's. `categories` goes from the root
    of the tree to the product's own, each with its id, slug, name and the names in other languages.
    """

    id: int
    company_id: int
    seller_id: int | None
    group_id: int | None
    group_title: str | None
    sku: str
    barcode: str
    title: str
    description: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    brand_id: int | None
    brand: str | None
    categories: list[IndexedCategory]
    tags: list[str]
    attributes: dict[str, Any]
    options: dict[str, Any]
    price_minor: int
    brand_slug: str | None = None

    def filter_terms(self) -> list[str]:
        """What the list filters ask for and seldom changes, as terms of the field `filter`: `brand:bosch`, `company:7`."""
        terms = [f"company:{self.company_id}", *(f"category:{step.slug}" for step in self.categories)]
        terms += [f"brand:{brand}" for brand in (self.brand, self.brand_slug) if brand is not None]
        terms += [f"tag:{tag}" for tag in self.tags]
        if self.seller_id is not None:
            terms.append(f"seller:{self.seller_id}")
        return terms


class IndexedCategory(msgspec.Struct, frozen=True):
    """A step of the path to a product's category."""

    id: int
    slug: str
    name: str
    names: dict[str, str]


class Synonyms(msgspec.Struct, frozen=True):
    """Words that mean the same to a shopper, at query time: lower-case phrase -> other phrases to look for as well.

    `by_language[None]` holds what applies in every language.
    """

    by_language: dict[str | None, dict[str, tuple[str, ...]]] = {}

    def of(self, phrase: str, language: str) -> tuple[str, ...]:
        """What to look for besides `phrase` (lower case, words separated by one space)."""
        everywhere = self.by_language.get(None, {}).get(phrase, ())
        return everywhere + self.by_language.get(language, {}).get(phrase, ())

    @property
    def longest(self) -> int:
        """The most words that a phrase on the left has."""
        return max((phrase.count(" ") + 1 for table in self.by_language.values() for phrase in table), default=0)


class Signals(msgspec.Struct, frozen=True):
    """What decides between products that fit a query alike; one value for each candidate, as they are now."""

    popularity: npt.NDArray[np.int32]
    """Units sold in the last 90 days."""
    rating: npt.NDArray[np.float32]
    """0 where nobody has rated it, else 1 to 5."""
    stock: npt.NDArray[np.int32]
    """What can be bought now."""
