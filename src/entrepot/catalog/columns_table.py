"""The arrays: one row for each product, changed in place as products change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_chunk import Chunk, Entries
from entrepot.catalog.columns_dimensions import (
    BrandName,
    Brands,
    CategoryNode,
    CategoryTree,
    Codes,
    Companies,
    SellingCompany,
    Zones,
    ZoneSlug,
)
from entrepot.catalog.columns_entries import Entries as ListEntries
from entrepot.catalog.columns_ids import ById
from entrepot.catalog.columns_mask import Mask
from entrepot.catalog.columns_numbers import put
from entrepot.catalog.columns_order import Keys, NumberKeys, Order, Rows
from entrepot.catalog.columns_terms import Terms, digests
from entrepot.catalog.columns_titles import Titles

Ids = npt.NDArray[np.int64]

NUMBERS: Final = {
    "id": np.uint32,
    "price": np.uint16,
    "rating": np.uint16,
    "created": np.int64,
    "stock": np.uint16,
    "category": np.uint8,
    "brand": np.uint16,
    "company": np.uint8,
    "seller": np.uint16,
    "group": np.uint16,
    "band": np.uint8,
}
"""One number a product each. A column whose numbers outgrow it is made wider."""

BANDS: Final = (0, *(step * 10**power for power in range(2, 18) for step in (1, 2, 5)))
"""Where the bands of prices begin that a facet counts, in minor units."""

SORTED: Final = ("price", "rating", "created", "stock", "title")
"""Keys that lists are sorted by, but for the id."""

EVERYWHERE: Final = 0
"""Stands for a zone among the zones of sale of a product that has none: it is sold wherever its company delivers."""

REUSED_FROM: Final = 1_000
"""Rows of deleted products are used again from so many on: then ids do not ascend any more, and need an order."""


class Difference(msgspec.Struct, frozen=True):
    """Of products as they are and as they were: which changed at all, by title, by kind of terms; new ones did in all."""

    anything: Mask
    titles: Mask
    terms: list[Mask]


class Table:
    """Products by row. A row keeps its product; that of a deleted one is dead until it is used again."""

    def __init__(self) -> None:
        self.size = 0
        self.version = 0
        """Another number after every change."""
        self._capacity = 0
        self._arrays: dict[str, npt.NDArray[Any]] = {name: np.zeros(0, dtype=kind) for name, kind in NUMBERS.items()}
        self._live = np.zeros(0, dtype=np.bool_)
        self._sold = np.zeros(0, dtype=np.bool_)
        self.by_id = ById(lambda: self.column("id"))
        self.titles = Titles(lambda: self._arrays["id"])
        self._terms = {name: Terms() for name in ("tags", "attributes", "warehouses", "zones")}
        self.categories = CategoryTree()
        self.brands = Brands()
        self.companies = Companies()
        self.groups = Codes()
        self.sellers = Codes()
        self.zones = Zones()
        self._orders = {name: Order(self._keys(name)) for name in (*SORTED, "group")}
        self._group_sizes = np.zeros(1, dtype=np.int32)
        self._grouped = 0
        self._totals: dict[str, npt.NDArray[np.int64]] = {}
        self._members: tuple[Rows, npt.NDArray[np.int64]] | None = None
        self._entries: ListEntries | None = None
        self._ordered = False

    def _keys(self, name: str) -> Keys:
        return self.titles if name == "title" else NumberKeys(lambda: self._arrays[name], lambda: self._arrays["id"])

    # Reading

    @property
    def tags(self) -> Terms:
        return self._terms["tags"]

    @property
    def attributes(self) -> Terms:
        return self._terms["attributes"]

    @property
    def warehouses(self) -> Terms:
        """Those that have it."""
        return self._terms["warehouses"]

    @property
    def zones_of_sale(self) -> Terms:
        """Zones where alone it is sold, or EVERYWHERE."""
        return self._terms["zones"]

    def column(self, name: str) -> npt.NDArray[Any]:
        """The numbers of all rows, dead ones included."""
        return self._arrays[name][: self.size]

    @property
    def live(self) -> Mask:
        """Products that are not deleted."""
        return self._live[: self.size]

    @property
    def sold(self) -> Mask:
        """Products that are not deleted, of companies that sell."""
        return self._sold[: self.size]

    @property
    def group_sizes(self) -> npt.NDArray[np.int32]:
        """By group, how many live products it has; nothing for those that are in none."""
        return self._group_sizes

    @property
    def grouped(self) -> int:
        """Live products that belong to groups."""
        return self._grouped

    @property
    def size_bytes(self) -> int:
        return sum(self.sizes.values())

    @property
    def sizes(self) -> dict[str, int]:
        """What each part takes up, in bytes."""
        return {
            **{name: array.nbytes for name, array in self._arrays.items()},
            "live and sold": self._live.nbytes + self._sold.nbytes,
            "titles": self.titles.size_bytes,
            **{name: terms.size_bytes for name, terms in self._terms.items()},
            "order by id": self.by_id.size_bytes,
            **{f"order by {name}": order.size_bytes for name, order in self._orders.items()},
            "groups and sellers": self.groups.size_bytes + self.sellers.size_bytes + self._group_sizes.nbytes,
        }

    def totals(self, name: str) -> npt.NDArray[np.int64]:
        """By value of a column, how many live products have it. Counted once, until the column changes."""
        if (counted := self._totals.get(name)) is None:
            values = {"category": len(self.categories), "brand": len(self.brands.codes), "band": len(BANDS)}
            counted = np.bincount(self.column(name)[self.live], minlength=values[name])
            self._totals[name] = counted
        return counted

    def rows_of(self, ids: Ids) -> npt.NDArray[np.int64]:
        """The rows of products; -1 for one that is not there."""
        return self.by_id.rows_of(ids)

    def order(self, name: str) -> Order | ById:
        """All live products in order of a key; in that of ids, dead ones come along."""
        return self.by_id if name == "id" else self._orders[name]

    @property
    def groups_of_rows(self) -> tuple[Rows, npt.NDArray[np.int64]]:
        """The live rows that are in groups, each group's together, and where those of each group begin. Never none."""
        if self._members is None:
            rows = self._orders["group"].rows()
            starts = np.flatnonzero(np.diff(self._arrays["group"].take(rows).astype(np.int64), prepend=-1))
            self._members = rows, starts
        return self._members

    @property
    def entries(self) -> ListEntries:
        """How many entries of a list a selection is."""
        if self._entries is None:
            self._entries = ListEntries(self.column("group"), self.live)
        return self._entries

    def members(self, group: int) -> Rows:
        """The live rows of a group."""
        return self._orders["group"].between((group, -1), (group + 1, -1))

    # Products

    def apply(self, chunk: Chunk) -> int:
        """Take over what the database says of these products; returns how many were another thing before."""
        if not len(chunk):
            return 0
        rows = self._rows_for(chunk.ids)
        numbers = self._numbers_of(chunk)
        terms = self._terms_of(chunk)
        changed = self._changed(rows, chunk, numbers, terms)
        if not (count := int(np.count_nonzero(changed.anything))):
            return 0
        self.version += 1
        self._write(rows.astype(np.int32), changed, chunk, numbers, terms)
        return count

    def remove(self, ids: Ids) -> None:
        """These products are not there any more."""
        known = self.rows_of(ids)
        rows: Rows = np.unique(known[known >= 0]).astype(np.int32)
        rows = rows[self._live[rows]]
        if not len(rows):
            return
        self.version += 1
        for name, order in self._orders.items():
            order.discard(self._in_order(name, rows))
        self._count_groups(rows, -1)
        self._totals.clear()
        self._members = None
        self._live[rows] = False
        self._sold[rows] = False
        empty = np.zeros(0, dtype=np.int32)
        nothing = np.zeros(len(rows), dtype=np.int64)
        for terms in self._terms.values():
            terms.set(rows, nothing, empty)

    def _rows_for(self, ids: Ids) -> npt.NDArray[np.int64]:
        """The rows of products; for those not there yet those of deleted ones, if there are many, or new ones."""
        rows = self.rows_of(ids)
        new = np.flatnonzero(rows < 0)
        if len(new):
            used = self._dead_rows(len(new), rows)
            first, count = self.size, len(new) - len(used)
            self.reserve(first + count)
            self.size += count
            rows[new] = np.concatenate([used, np.arange(first, self.size)])
            self._put("id", rows[new], ids[new])
            self.by_id.add(rows[new].astype(np.int32), replaced=len(used) > 0)
        return rows

    def _dead_rows(self, most: int, but: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Some rows of deleted products, that are not among the given ones."""
        if self.size - int(np.count_nonzero(self.live)) < REUSED_FROM:
            return np.empty(0, dtype=np.int64)
        return np.setdiff1d(np.flatnonzero(~self.live), but)[:most]

    def reserve(self, needed: int) -> None:
        """Make room for so many products, and some more."""
        if needed <= self._capacity:
            return
        capacity = needed + needed // 32 + 1000
        more = capacity - self._capacity
        for name, array in self._arrays.items():
            self._arrays[name] = np.concatenate([array, np.zeros(more, dtype=array.dtype)])
        self._live = np.concatenate([self._live, np.zeros(more, dtype=np.bool_)])
        self._sold = np.concatenate([self._sold, np.zeros(more, dtype=np.bool_)])
        self.titles.reserve(capacity)
        for part in self._terms.values():
            part.reserve(capacity)
        self._capacity = capacity

    def _numbers_of(self, chunk: Chunk) -> dict[str, npt.NDArray[Any]]:
        categories, inverse = np.unique(chunk.category_ids, return_inverse=True)
        return {
            "price": chunk.prices,
            "rating": chunk.ratings,
            "created": chunk.created,
            "stock": chunk.stocks,
            "category": self.categories.places(categories.tolist())[inverse],
            "brand": self.brands.codes.intern(chunk.brand_ids),
            "company": self.companies.codes.intern(chunk.company_ids),
            "seller": self.sellers.intern(chunk.sellers),
            "group": self.groups.intern(chunk.group_ids),
            "band": np.searchsorted(np.array(BANDS), chunk.prices, side="right") - 1,
        }

    def _terms_of(self, chunk: Chunk) -> list[tuple[Terms, Entries]]:
        def coded(terms: Terms, names: Sequence[Any], entries: Entries) -> tuple[Terms, Entries]:
            return terms, Entries(entries.lengths, terms.intern(names)[entries.values].astype(np.int64))

        def coded_ids(terms: Terms, entries: Entries) -> tuple[Terms, Entries]:
            different, inverse = np.unique(entries.values, return_inverse=True)
            return terms, Entries(entries.lengths, terms.intern(different.tolist())[inverse].astype(np.int64))

        return [
            coded(self.tags, chunk.tag_names, chunk.tags),
            coded(self.attributes, chunk.attribute_names, chunk.attributes),
            coded_ids(self.warehouses, chunk.warehouses),
            coded_ids(self.zones_of_sale, _with_everywhere(chunk.zones)),
        ]

    def _changed(
        self,
        rows: npt.NDArray[np.int64],
        chunk: Chunk,
        numbers: dict[str, npt.NDArray[Any]],
        terms: list[tuple[Terms, Entries]],
    ) -> Difference:
        new: Mask = ~self._live[rows]
        narrow = rows.astype(np.int32)
        by_terms = [
            new
            | (kind.counts(narrow) != entries.lengths)
            | (kind.digests(narrow) != digests(entries.lengths, entries.values))
            for kind, entries in terms
        ]
        by_title, old = new.copy(), np.flatnonzero(~new)
        if len(old):
            by_title[old] = ~self.titles.same(narrow[old], *_picked(chunk.title_lengths, chunk.titles, old))
        anything = np.logical_or.reduce([by_title, *by_terms])
        for name, values in numbers.items():
            anything |= self._arrays[name][rows] != values
        return Difference(anything, by_title, by_terms)

    def _write(
        self,
        all_rows: Rows,
        changed: Difference,
        chunk: Chunk,
        numbers: dict[str, npt.NDArray[Any]],
        terms: list[tuple[Terms, Entries]],
    ) -> None:
        places = np.flatnonzero(changed.anything)
        rows = all_rows[places]
        was_live = self._live[rows]
        moved: dict[str, Rows] = {}
        for name, order in self._orders.items() if self._ordered else ():
            moves = changed.titles[places] if name == "title" else self._arrays[name][rows] != numbers[name][places]
            order.discard(self._in_order(name, rows[was_live & moves]))
            moved[name] = rows[~was_live | moves]
        self._count_groups(rows[was_live], -1)
        for name in list(self._totals):
            if not was_live.all() or (self._arrays[name][rows] != numbers[name][places]).any():
                del self._totals[name]
        for name, values in numbers.items():
            self._put(name, rows, values[places])
        if not was_live.all() or len(moved.get("group", ())):
            self._entries = None
        retitled = np.flatnonzero(changed.titles)
        self.titles.set(all_rows[retitled], *_picked(chunk.title_lengths, chunk.titles, retitled))
        for (kind, entries), differs in zip(terms, changed.terms, strict=True):
            other = np.flatnonzero(differs)
            kind.set(all_rows[other], *_picked(entries.lengths, entries.values, other))
        self._live[rows] = True
        self._sold[rows] = self.companies.selling[self._arrays["company"][rows]]
        for name, order in self._orders.items() if self._ordered else ():
            order.add(self._in_order(name, moved[name]))
        if len(moved.get("group", ())):
            self._members = None
        self._count_groups(rows, 1)

    def _in_order(self, name: str, rows: Rows) -> Rows:
        """Of these rows, those that stand in an order: in that of groups, only those with one."""
        return rows if name != "group" else rows[self._arrays["group"][rows] > 0]

    def _count_groups(self, rows: Rows, change: int) -> None:
        if len(self.groups) > len(self._group_sizes):
            more = len(self.groups) - len(self._group_sizes)
            self._group_sizes = np.concatenate([self._group_sizes, np.zeros(more + more // 8, dtype=np.int32)])
        groups = self._arrays["group"][rows]
        groups = groups[groups > 0]
        np.add.at(self._group_sizes, groups, change)
        self._grouped += change * len(groups)

    def _put(self, name: str, rows: npt.NDArray[Any] | slice, values: npt.NDArray[Any]) -> None:
        self._arrays[name] = put(self._arrays[name], rows, values)

    def settle(self) -> None:
        """Make all orders, and the rows of all terms. Until then products are applied without them: for the first load.

        Takes a few seconds for a million products, and may run in a thread while nobody else uses the table.
        """
        rows = np.flatnonzero(self.live).astype(np.int32)
        for name, order in self._orders.items():
            order.build(order.keys.sort(self._in_order(name, rows)))
        self._ordered = True
        for terms in self._terms.values():
            terms.tidy(self.size)()

    def untidy(self) -> list[Callable[[], Callable[[], None]]]:
        """How to tidy what it is time for. Each only reads, so it may run in a thread while nobody applies; what it
        returns is to be called then."""
        terms = [partial(one.tidy, self.size) for one in self._terms.values() if one.is_untidy]
        return [*terms, self.titles.tidy] if self.titles.is_untidy else [*terms]

    # What stands around products

    def set_categories(self, nodes: Iterable[CategoryNode]) -> None:
        """The tree is this one now."""
        self.version += 1
        tree, column = CategoryTree(nodes), self.column("category")
        places = np.zeros(len(self.categories), dtype=np.int64)
        used = np.flatnonzero(np.bincount(column))
        places[used] = tree.places(map(self.categories.id_at, used.tolist()))
        self.categories = tree
        self._totals.clear()
        self._put("category", slice(self.size), places.take(column))

    def set_brands(self, brands: Iterable[BrandName]) -> None:
        self.brands.set(brands)
        self.version += 1

    def set_zones(self, zones: Sequence[ZoneSlug]) -> None:
        self.zones = Zones(zones)
        self.version += 1

    def set_companies(self, companies: Iterable[SellingCompany]) -> None:
        self.companies.set(companies)
        self.version += 1
        self._sold[: self.size] = self.live & self.companies.selling[self.column("company")]


def _picked(
    lengths: npt.NDArray[np.int64], values: npt.NDArray[Any], places: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Of runs that stand one after the other, those at these places."""
    if len(places) == len(lengths):
        return lengths, values
    ends = np.cumsum(lengths)
    chosen = lengths[places]
    chosen_ends = np.cumsum(chosen)
    total = int(chosen_ends[-1]) if len(chosen_ends) else 0
    at = np.repeat((ends - lengths)[places] - (chosen_ends - chosen), chosen) + np.arange(total)
    return chosen, values[at]


def _with_everywhere(zones: Entries) -> Entries:
    """With one entry more for each product that has none."""
    none = zones.lengths == 0
    at = np.cumsum(zones.lengths)[none]
    return Entries(np.maximum(zones.lengths, 1), np.insert(zones.values, at, EVERYWHERE))
