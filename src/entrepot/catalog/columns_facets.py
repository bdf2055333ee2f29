"""Counting facets: how many entries of a selection have which category, brand, price, rating, availability, attribute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_mask import Mask, rows_in
from entrepot.catalog.columns_table import BANDS, Table
from entrepot.catalog.facets import Counted, FacetCount, Facets, PriceBand
from entrepot.catalog.product_filter import ProductFilter

MOST_VALUES: Final = 50
"""Values that a facet shows, the most frequent ones."""

MOST_GROUPED: Final = 20_000
"""In a list of more products than this, each variant is counted for itself: to tell groups apart would take too long."""

MOST_NAMES: Final = 20
"""Attributes that are shown, those that most entries have."""

MOST_PAIRS: Final = 1_000
"""Attributes with their values that are looked at, the most frequent ones."""

RATINGS: Final = (4, 3, 2, 1)
"""Counted is what is rated at least so."""

Counts = npt.NDArray[np.int64]


def count_facets(table: Table, wanted: ProductFilter, mask: Mask, without: Callable[[ProductFilter], Mask]) -> Facets:
    """Facets of what the filter wants. Each ignores its own condition: beside the brand chosen stand the others.

    `mask` is what the filter wants, `without` gives that of a filter with fewer conditions.
    """
    masks = {name: mask if fewer == wanted else without(fewer) for name, fewer in _each_without_its_own(wanted).items()}
    has_groups = table.grouped > 0 and not wanted.variants_apart
    once = has_groups and max(int(np.count_nonzero(one)) for one in masks.values()) <= MOST_GROUPED
    whole = Tally(table, mask, once)
    tallies = {name: whole if fewer is mask else Tally(table, fewer, once) for name, fewer in masks.items()}
    return Facets(
        counted=Counted.PRODUCTS if has_groups and not once else Counted.ENTRIES,
        categories=_categories(table, tallies["category"]),
        brands=_brands(table, tallies["brand"]),
        prices=_prices(tallies["price"]),
        ratings=_ratings(table, tallies["rating"]),
        availability=_availability(table, tallies["stock"]),
        attributes=_attributes(table, whole, {name: tallies[f":{name}"] for name, _ in wanted.attributes}),
    )


def _each_without_its_own(wanted: ProductFilter) -> dict[str, ProductFilter]:
    """By facet, the filter without its condition; an attribute's facet begins with a colon."""
    replace = msgspec.structs.replace
    return {
        "category": replace(wanted, category=None),
        "brand": replace(wanted, brand=None),
        "price": replace(wanted, min_price_minor=None, max_price_minor=None),
        "rating": replace(wanted, min_rating_hundredths=None),
        "stock": replace(wanted, in_stock=None),
        **{
            f":{name}": replace(wanted, attributes=tuple(pair for pair in wanted.attributes if pair[0] != name))
            for name, _ in wanted.attributes
        },
    }


class Tally:
    """Counts entries of a selection by their values."""

    def __init__(self, table: Table, mask: Mask, once: bool) -> None:
        self._table = table
        self._single = mask
        self._members = np.empty(0, dtype=np.int32)
        """Those in groups, each group's together."""
        if once:
            members, _ = table.groups_of_rows
            self._members = members[mask.take(members)]
            self._single = mask.copy()
            self._single[members] = False
        self._groups = table.column("group").take(self._members)
        self._count = int(np.count_nonzero(self._single))
        self._is_most = 2 * self._count > int(np.count_nonzero(table.live))

    @cached_property
    def _rows(self) -> npt.NDArray[np.int64]:
        """Products of their own."""
        return rows_in(self._single)

    @cached_property
    def _others(self) -> npt.NDArray[np.int64]:
        """All that is not among them."""
        return rows_in(self._table.live & ~self._single)

    def by(self, name: str) -> Counts:
        """By value of a column. Of most products, it is that of all without the others."""
        column, totals = self._table.column(name), self._table.totals(name)
        if self._is_most:
            counts = totals - np.bincount(column.take(self._others), minlength=len(totals))
        else:
            counts = np.bincount(column.take(self._rows), minlength=len(totals))
        if len(self._members):
            counts += self._pairs(self._groups, column.take(self._members), len(totals))
        return counts

    def fitting(self, column: npt.NDArray[Any], fits: Callable[[npt.NDArray[Any]], Mask]) -> int:
        """How many have a number in the column that fits."""
        few = 10 * self._count <= len(column)
        count = int(np.count_nonzero(fits(column.take(self._rows)) if few else fits(column) & self._single))
        if len(self._members):
            groups = self._groups[fits(column.take(self._members))]
            count += int(np.count_nonzero(np.diff(groups, prepend=-1)))
        return count

    def attributes(self) -> Counts:
        """By code of an attribute and its value."""
        counts = self._table.attributes.tally(self._single, self._table.live)
        if len(self._members):
            owners, codes = self._table.attributes.entries(self._members)
            counts += self._pairs(self._groups.take(owners), codes, len(counts))
        return counts

    @staticmethod
    def _pairs(groups: npt.NDArray[Any], values: npt.NDArray[Any], most: int) -> Counts:
        """By value, how many different groups have it."""
        pairs = np.sort(groups.astype(np.int64) * most + values)
        return np.bincount(pairs[np.diff(pairs, prepend=-1) > 0] % most, minlength=most)


def _categories(table: Table, tally: Tally) -> list[FacetCount]:
    """Categories that have products of their own; one above them is not counted."""
    nodes = table.categories.nodes
    counts = tally.by("category")[: len(nodes)]
    return [
        FacetCount(node.slug, node.name, count)
        for place, count in _largest(counts)
        if (node := nodes[place]) is not None
    ]


def _brands(table: Table, tally: Tally) -> list[FacetCount]:
    counts = tally.by("brand")
    return [
        FacetCount(brand.slug, brand.name, count)
        for code, count in _largest(counts)
        if (brand := table.brands.at(code)) is not None
    ]


def _prices(tally: Tally) -> list[PriceBand]:
    counts = tally.by("band").tolist()
    ends = [*BANDS[1:], None]
    return [PriceBand(start, end, count) for start, end, count in zip(BANDS, ends, counts, strict=True) if count]


def _ratings(table: Table, tally: Tally) -> list[FacetCount]:
    ratings = table.column("rating")
    counts = ((least, tally.fitting(ratings, lambda ratings: ratings >= least * 100)) for least in RATINGS)  # noqa: B023
    return [FacetCount(str(least), f"{least} and more", count) for least, count in counts if count]


def _availability(table: Table, tally: Tally) -> list[FacetCount]:
    stocks = table.column("stock")
    some = tally.fitting(stocks, lambda stocks: stocks > 0)
    none = tally.fitting(stocks, lambda stocks: stocks == 0)
    return [
        FacetCount(value, label, count)
        for value, label, count in (("true", "In stock", some), ("false", "Out of stock", none))
        if count
    ]


def _attributes(table: Table, whole: Tally, apart: dict[str, Tally]) -> dict[str, list[FacetCount]]:
    """`apart`: for names that are filtered by, what is counted instead of the whole."""
    by_name = _by_name(table, whole.attributes())
    for name, tally in apart.items():
        by_name[name] = _by_name(table, tally.attributes()).get(name, [])
    most = sorted(by_name, key=lambda name: (-sum(count for _, count in by_name[name]), name))[:MOST_NAMES]
    return {
        name: [FacetCount(value, value, count) for value, count in by_name[name][:MOST_VALUES]]
        for name in most
        if by_name[name]
    }


def _by_name(table: Table, counts: Counts) -> dict[str, list[tuple[str, int]]]:
    """Of the pairs that occur most, the values of each name and how often, the most frequent first."""
    by_name: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    named = table.attributes.named
    for code, count in _largest(counts, MOST_PAIRS):
        name, value = named[code]
        by_name[name].append((value, count))
    return by_name


def _largest(counts: Counts, most: int = MOST_VALUES) -> Iterable[tuple[int, int]]:
    """The values that occur most, and how often; 0, which stands for none, left out."""
    counts[0] = 0
    found = np.flatnonzero(counts)
    if len(found) > most:
        found = np.sort(found[np.argpartition(counts[found], len(found) - most)[len(found) - most :]])
    order = found[np.argsort(-counts[found], kind="stable")]
    return zip(order.tolist(), counts[order].tolist(), strict=True)
