"""Facets: how many entries of a list have which category, brand, price, rating, availability or attribute."""

from __future__ import annotations

from enum import Enum

import msgspec


class Counted(Enum):
    """What the counts are of: entries of the list, where a group is one; or products, each variant for itself."""

    ENTRIES = "entries"
    PRODUCTS = "products"


class FacetCount(msgspec.Struct, frozen=True):
    """`value` is what the filter takes, `label` what people read."""

    value: str
    label: str
    count: int


class PriceBand(msgspec.Struct, frozen=True):
    """In minor units, from `from_minor` to below `to_minor`; the last band has no end."""

    from_minor: int
    to_minor: int | None
    count: int


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """Each facet has its most frequent values first; prices and ratings come in their own order."""

    counted: Counted
    categories: list[FacetCount]
    brands: list[FacetCount]
    prices: list[PriceBand]
    ratings: list[FacetCount]
    availability: list[FacetCount]
    attributes: dict[str, list[FacetCount]]
