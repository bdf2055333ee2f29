"""What a filter wants of the columns: how many, which page in which order."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_facets import count_facets
from entrepot.catalog.columns_mask import Mask, rows_in
from entrepot.catalog.columns_order import Rows
from entrepot.catalog.columns_table import Ids, Table
from entrepot.catalog.facets import Facets
from entrepot.catalog.product_filter import ProductFilter
from entrepot.kernel.filters import Sort, SortKey, choose_sort
from entrepot.kernel.pages import Page

SORT_KEYS: Final = {
    "price": SortKey("price", "bigint"),
    "rating": SortKey("rating", "integer"),
    "title": SortKey("title", "text"),
    "name": SortKey("title", "text"),
    "date": SortKey("created", "bigint"),
    "createdAt": SortKey("created", "bigint"),
    "stock": SortKey("stock", "integer"),
    "id": SortKey("id", "bigint"),
}
BY_ID: Final = Sort(SORT_KEYS["id"], descending=False, id_column="id")

SPARSE: Final = 2_000
"""Up to so many rows are sorted; of more, the order of all products is walked until enough of them were met."""

SPARSE_TITLES: Final = 250
"""The same for titles, which take longer to compare."""


_LOOKED_UP: Final = 32
"""Rows whose groups are looked at together after a cursor; a page is seldom longer."""

NEAR: Final = 1_000
"""Entries that are skipped by walking; for more, the whole list is put in order and kept."""


class Cut(msgspec.Struct, frozen=True):
    """A page: the ids of its products in order, and what its cursor says; None on the last page."""

    ids: list[int]
    following: tuple[Any, ...] | None


class Remembered(msgspec.Struct):
    """A mask as bits, and what was counted in it."""

    bits: npt.NDArray[np.uint8]
    count: int
    total: int
    facets: Facets | None = None


class Selection:
    """The products that a filter wants, as they were when it was asked: use it before the next `await`."""

    def __init__(
        self,
        table: Table,
        wanted: ProductFilter,
        mask: Mask,
        without: Callable[[ProductFilter], Mask],
        known: Remembered | None = None,
        deep: Callable[[Hashable, Callable[[], Rows]], Rows] | None = None,
    ) -> None:
        """`without` gives the mask of another filter; `known` is what was counted before; `deep` keeps whole lists."""
        self._table = table
        self._wanted = wanted
        self._without = without
        self.mask = mask
        """By row."""
        self._once = table.grouped > 0 and not wanted.variants_apart
        self.count = int(np.count_nonzero(mask)) if known is None else known.count
        """Products, each variant for itself."""
        self.total = known.total if known is not None else table.entries.count(mask) if self._once else self.count
        """Entries of the list: a group counts once, unless each of its variants is wanted."""

        self._known = known
        self._deep = deep

    @property
    def remembered(self) -> Remembered:
        """What can be told of the same selection again, until something changes; more comes with what is counted."""
        if self._known is None:
            self._known = Remembered(np.packbits(self.mask), self.count, self.total)
        return self._known

    @property
    def ids(self) -> Ids:
        """Of its products, each variant for itself, in no order."""
        ids: Ids = self._table.column("id")[rows_in(self.mask)]
        return ids

    def keep(self, ids: Ids) -> Mask:
        """Of these product ids, in their order: which are in the selection. Unknown ids are not."""
        rows = self._table.rows_of(ids)
        found = rows >= 0
        found[found] = self.mask[rows[found]]
        return found

    def among(self, ids: Ids) -> Selection:
        """Of the selection only what is among these ids, such as what a search has found, for its total and facets."""
        rows = self._table.rows_of(ids)
        only = np.zeros(len(self.mask), dtype=np.bool_)
        only[rows[rows >= 0]] = True
        without = self._without
        return Selection(self._table, self._wanted, self.mask & only, lambda wanted: without(wanted) & only)

    def once_a_group(self, ids: Sequence[int]) -> list[int]:
        """These ids in their order, of each group only the first, unless each variant is wanted. All must be selected."""
        if not self._once:
            return list(ids)
        rows = self._table.rows_of(np.array(ids, dtype=np.int64)).astype(np.int32)
        once = self._once_in(rows, np.zeros(len(self._table.group_sizes), dtype=np.bool_))
        kept: list[int] = self._table.column("id")[once].tolist()
        return kept

    def facets(self) -> Facets:
        """Counts by category, brand, price band, rating, availability and attribute; each ignores its own condition."""
        if (known := self.remembered).facets is None:
            known.facets = count_facets(self._table, self._wanted, self.mask, self._without)
        return known.facets

    def page(self, page: Page) -> Cut:
        """A page in the filter's order; ties by id, in the same direction.

        Raises:
            Invalid: an unknown sort key, or a cursor of another list.
        """
        sort = choose_sort(SORT_KEYS, self._wanted.sort_by, self._wanted.order, default=BY_ID, id_column="id")
        after = None if page.after is None else _key(sort, *sort.read(page.after))
        if page.skip >= self.total:
            return Cut([], None)
        needed = page.limit + 1
        found = self._found(sort, after, page.skip, needed)
        ids = self._table.column("id")[found[: page.limit]].tolist()
        if len(found) < needed or not ids:
            return Cut(ids, None)
        return Cut(ids, sort.cursor(self._value(sort, found[page.limit - 1]), ids[-1]))

    def _found(self, sort: Sort, after: tuple[Any, ...] | None, skip: int, needed: int) -> list[int]:
        """The rows of so many entries, or of all that are left."""
        if skip > NEAR:
            order = sort.key.column, sort.descending
            rows = self._whole(sort) if self._deep is None else self._deep(order, lambda: self._whole(sort))
            entries: list[int] = rows[skip : skip + needed].tolist()
            return entries
        found: list[int] = []
        for part in self._in_order(sort, after):
            found += part[: skip + needed - len(found)].tolist()
            if len(found) == skip + needed:
                break
        return found[skip:]

    def _whole(self, sort: Sort) -> Rows:
        """All rows of the list, each group once."""
        rows = np.concatenate([*self._parts(sort, None)])
        rows = rows[np.flatnonzero(self.mask.take(rows))]
        return self._once_in(rows, np.zeros(len(self._table.group_sizes), dtype=np.bool_)) if self._once else rows

    def _in_order(self, sort: Sort, after: tuple[Any, ...] | None) -> Iterator[Rows]:
        """The rows of the list, each group once, in parts."""
        met = np.zeros(len(self._table.group_sizes), dtype=np.bool_)
        left = self.count
        for part in self._parts(sort, after):
            if left == 0:
                return
            rows = part.take(np.flatnonzero(self.mask.take(part)))
            left -= len(rows)
            if self._once:
                rows = self._once_in(rows, met)
            if after is None or not self._once:
                yield rows
                continue
            for at in range(0, len(rows), _LOOKED_UP):
                some = rows[at : at + _LOOKED_UP]
                yield some[self._not_before(sort, some, after)]

    def _parts(self, sort: Sort, after: tuple[Any, ...] | None) -> Iterator[Rows]:
        """Products in order, all that are wanted among them, in parts."""
        sparse = SPARSE_TITLES if sort.key.column == "title" else SPARSE
        return self._sorted(sort, after) if self.count <= sparse else self._walked(sort, after)

    def _walked(self, sort: Sort, after: tuple[Any, ...] | None) -> Iterator[Rows]:
        """All products in order, from where the first wanted one can be."""
        order = self._table.order(sort.key.column)
        return order.walk(descending=sort.descending, after=after or self._start(sort))

    def _once_in(self, rows: Rows, met: Mask) -> Rows:
        """Of rows in order, those in no group, and the first of each group that was not met before."""
        places = np.flatnonzero(self._table.column("group").take(rows))
        if not len(places):
            return rows
        grouped = rows[places]
        groups = self._table.column("group")[grouped]
        kept = np.ones(len(rows), dtype=np.bool_)
        kept[places] = self._first_of_groups(groups) & ~met[groups]
        met[groups] = True
        return rows[np.flatnonzero(kept)]

    def _sorted(self, sort: Sort, after: tuple[Any, ...] | None) -> Iterator[Rows]:
        keys = self._table.order(sort.key.column).keys
        rows = keys.sort(rows_in(self.mask).astype(np.int32))
        if sort.descending:
            rows = rows[::-1]
        if after is not None:
            place, end = 0, len(rows)
            while place < end:
                middle = (place + end) // 2
                key = keys.of(rows[middle])
                if key >= after if sort.descending else key <= after:
                    place = middle + 1
                else:
                    end = middle
            rows = rows[place:]
        yield rows

    def _start(self, sort: Sort) -> tuple[int, int] | None:
        """Where the first wanted product can be, if its price says so."""
        if sort.key.column != "price":
            return None
        if sort.descending:
            high = self._wanted.max_price_minor
            return None if high is None else (high + 1, 0)
        low = self._wanted.min_price_minor
        return None if low is None else (low, 0)

    def _first_of_groups(self, groups: npt.NDArray[Any]) -> Mask:
        """Which are the first of their kind."""
        first = np.empty(len(self._table.group_sizes), dtype=np.int32)
        places = np.arange(len(groups), dtype=np.int32)
        first[groups[::-1]] = places[::-1]  # of several for one place, the last counts
        firsts: Mask = first[groups] == places
        return firsts

    def _not_before(self, sort: Sort, rows: Rows, after: tuple[Any, ...]) -> Mask:
        """Which of these rows stand for a group that has no wanted member before the cursor, where it would be shown."""
        of = self._table.order(sort.key.column).keys.of
        groups = self._table.column("group")
        kept = np.ones(len(rows), dtype=np.bool_)
        for place in np.flatnonzero(groups[rows] > 0).tolist():
            members = self._table.members(int(groups[rows[place]]))
            keys = (of(row) for row in members[self.mask[members]].tolist())
            kept[place] = not any(key >= after if sort.descending else key <= after for key in keys)
        return kept

    def _value(self, sort: Sort, row: int) -> int | str:
        if sort.key.column == "title":
            return self._table.titles.text(row).decode()
        return int(self._table.column(sort.key.column)[row])


def _key(sort: Sort, value: Any, row_id: int) -> tuple[Any, ...]:
    return (value.encode(errors="surrogatepass") if sort.key.column == "title" else value, row_id)
