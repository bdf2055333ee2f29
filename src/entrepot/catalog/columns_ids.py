"""Which row a product has, and all rows in order of id: that takes no memory, as long as ids come ascending."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_order import BLOCK, MOST_BLOCKS, NumberKeys, Rows


class ById:
    """All rows in order of id, dead ones among them: whoever walks leaves those out.

    Ids ascend with their rows, as long as none comes late and no row is used again; from then on, an order is kept.
    """

    def __init__(self, ids: Callable[[], npt.NDArray[Any]]) -> None:
        """`ids` gives the id of each row."""
        self._ids = ids
        self._rows: Rows | None = None
        self.keys = NumberKeys(ids, ids)

    @property
    def size_bytes(self) -> int:
        return 0 if self._rows is None else self._rows.nbytes

    def rows_of(self, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The rows of products; -1 for one that is not there."""
        column = self._ids()
        if not len(column):
            return np.full(len(ids), -1)
        if self._rows is None:
            # Of another type than the column's, searching would convert all of it.
            searched = np.clip(ids, 0, np.iinfo(column.dtype).max).astype(column.dtype)
            rows = np.minimum(np.searchsorted(column, searched), len(column) - 1)
        else:
            rows = self._rows.take(np.minimum(self._places(ids, self._rows), len(column) - 1)).astype(np.int64)
        return np.where(column.take(rows) == ids, rows, -1)

    def _places(self, ids: npt.NDArray[np.int64], rows: Rows) -> npt.NDArray[np.int64]:
        """Where ids belong in the order. `numpy.searchsorted` would make a wider copy of all rows for each search."""
        column = self._ids()
        first = np.zeros(len(ids), dtype=np.int64)
        end = np.full(len(ids), len(rows))
        for _ in range(len(rows).bit_length()):
            middle = (first + end) // 2
            less = column.take(rows.take(np.minimum(middle, len(rows) - 1))) < ids
            less &= first < end
            first, end = np.where(less, middle + 1, first), np.where(less, end, middle)
        return first

    def add(self, rows: Rows, replaced: bool) -> None:
        """These rows have got their ids, ascending; they are the last ones, or some were `replaced`."""
        column = self._ids()
        if self._rows is None:
            first = int(rows[0])
            if not replaced and (first == 0 or column[first] > column[first - 1]):
                return
            self._rows = np.argsort(column, kind="stable").astype(np.int32)
            return
        known = self._rows
        if replaced:
            others = np.ones(len(column), dtype=np.bool_)
            others[rows] = False
            known = known[others.take(known)]
        self._rows = np.insert(known, self._places(column[rows].astype(np.int64), known), rows)

    def walk(self, *, descending: bool = False, after: tuple[int, int] | None = None) -> Iterator[Rows]:
        """All rows in order, or those that come after a key, in parts that grow: few for a page, large for many."""
        size = len(self._ids())
        if descending:
            end = size if after is None else bisect_left(range(size), after[0], key=self._id_at)
            count = BLOCK
            while end > 0:
                yield self._part(max(0, end - count), end)[::-1]
                end, count = end - count, min(MOST_BLOCKS * BLOCK, count * 2)
            return
        first = 0 if after is None else bisect_right(range(size), after[0], key=self._id_at)
        count = BLOCK
        while first < size:
            yield self._part(first, min(size, first + count))
            first, count = first + count, min(MOST_BLOCKS * BLOCK, count * 2)

    def _id_at(self, place: int) -> int:
        return int(self._ids()[place if self._rows is None else self._rows[place]])

    def _part(self, first: int, end: int) -> Rows:
        return np.arange(first, end, dtype=np.int32) if self._rows is None else self._rows[first:end]
