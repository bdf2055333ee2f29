"""Rows in the order of a key, changed one at a time, read from any place in either direction."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
"""Positions in the arrays."""

BLOCK: Final = 1024
"""Rows in a block when it is made. One that has grown to four times as many is split."""

MOST_BLOCKS: Final = 64
"""Blocks that are walked at once."""


class Keys(Protocol):
    """What rows are ordered by. Keys are distinct: the product's id comes last in each."""

    def of(self, row: int) -> tuple[Any, ...]: ...

    def sort(self, rows: Rows) -> Rows: ...


class NumberKeys:
    """By a column of numbers, then by id. The columns are asked for each time, since they are replaced as they grow."""

    def __init__(self, values: Callable[[], npt.NDArray[Any]], ids: Callable[[], npt.NDArray[Any]]) -> None:
        self._values = values
        self._ids = ids

    def of(self, row: int) -> tuple[int, int]:
        return int(self._values()[row]), int(self._ids()[row])

    def sort(self, rows: Rows) -> Rows:
        ordered: Rows = rows[np.lexsort((self._ids()[rows], self._values()[rows]))]
        return ordered


class Order:
    """A sorted list in blocks, so that a change moves a few kilobytes and not all that comes after it.

    The keys of the rows in it must not change: discard a row, change its key, add it again.
    """

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._blocks: list[Rows] = []

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    @property
    def size_bytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)

    def build(self, rows: Rows) -> None:
        """Hold exactly these rows, which are sorted already."""
        self._blocks = [rows[at : at + BLOCK].copy() for at in range(0, len(rows), BLOCK)]

    def add(self, rows: Rows) -> None:
        """Put rows in that are not in it."""
        for row in rows:
            self._add(row)

    def _add(self, row: int) -> None:
        if not self._blocks:
            self._blocks.append(np.array([row], dtype=np.int32))
            return
        at, offset = self._place(self.keys.of(row), bisect_left)
        block = self._blocks[at]
        longer = np.empty(len(block) + 1, dtype=np.int32)
        longer[:offset] = block[:offset]
        longer[offset] = row
        longer[offset + 1 :] = block[offset:]
        if len(longer) < 4 * BLOCK:
            self._blocks[at] = longer
        else:
            self._blocks[at : at + 1] = [longer[: 2 * BLOCK].copy(), longer[2 * BLOCK :].copy()]

    def discard(self, rows: Rows) -> None:
        """Take rows out that are in it, by the keys that they were put in with."""
        for row in rows:
            self._discard(row)

    def _discard(self, row: int) -> None:
        at, offset = self._place(self.keys.of(row), bisect_left)
        block = self._blocks[at]
        if offset == len(block) or block[offset] != row:
            raise KeyError(int(row))
        if len(block) == 1:
            del self._blocks[at]
            return
        shorter = np.empty(len(block) - 1, dtype=np.int32)
        shorter[:offset] = block[:offset]
        shorter[offset:] = block[offset + 1 :]
        self._blocks[at] = shorter

    def rows(self) -> Rows:
        """All rows in order."""
        return np.concatenate([np.empty(0, dtype=np.int32), *self._blocks])

    def between(self, low: tuple[Any, ...], high: tuple[Any, ...]) -> Rows:
        """The rows from the first key on, to before the second."""
        if not self._blocks:
            return np.empty(0, dtype=np.int32)
        (first, start), (last, end) = self._place(low, bisect_left), self._place(high, bisect_left)
        if first == last:
            return self._blocks[first][start:end]
        return np.concatenate([self._blocks[first][start:], *self._blocks[first + 1 : last], self._blocks[last][:end]])

    def walk(self, *, descending: bool = False, after: tuple[Any, ...] | None = None) -> Iterator[Rows]:
        """All rows in order, or those that come after a key, in parts that grow: few for a page, large for many."""
        if not self._blocks:
            return
        if descending:
            yield from self._walk_back(after)
            return
        at, offset = (0, 0) if after is None else self._place(after, bisect_right)
        yield self._blocks[at][offset:]
        at, count = at + 1, 1
        while at < len(self._blocks):
            yield _joined(self._blocks[at : at + count])
            at, count = at + count, min(MOST_BLOCKS, count * 2)

    def _walk_back(self, after: tuple[Any, ...] | None) -> Iterator[Rows]:
        at, offset = (len(self._blocks) - 1, None) if after is None else self._place(after, bisect_left)
        yield self._blocks[at][:offset][::-1]
        count = 1
        while at > 0:
            yield _joined(self._blocks[max(0, at - count) : at])[::-1]
            at, count = at - count, min(MOST_BLOCKS, count * 2)

    def _place(self, key: tuple[Any, ...], bisect: Callable[..., int]) -> tuple[int, int]:
        """The block and the offset in it where a key belongs; the offset may be the block's end."""
        of = self.keys.of
        at = max(0, bisect_right(self._blocks, key, key=lambda block: of(block[0])) - 1)
        return at, bisect(self._blocks[at], key, key=of)


def _joined(blocks: list[Rows]) -> Rows:
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
