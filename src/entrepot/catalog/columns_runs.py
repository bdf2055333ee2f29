"""Runs of different lengths, one for each row, in one array: the bytes of titles, the codes of terms.

Runs stand in the order of their rows, so that where one begins takes little over a byte: the beginning of eight rows
together, and how much further it is. A run that was replaced stands behind all others, until they are tidied.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_mask import Mask
from entrepot.catalog.columns_numbers import put

Numbers = npt.NDArray[np.int64]

SHIFT: Final = 3
"""The logarithm of the number of rows whose beginning is kept together."""

PIECE: Final = 20_000
"""Rows whose runs are copied together: their places take much more than they do."""


class Runs:
    """A run of numbers for each row; an empty one where none was set. Numbers are as wide as the largest needs."""

    def __init__(self) -> None:
        self._values: npt.NDArray[Any] = np.zeros(1, dtype=np.uint8)
        self._used = 0
        self._count = 0
        """Rows whose runs stand in their order; the next one would begin behind them."""
        self._firsts: npt.NDArray[Any] = np.zeros(1, dtype=np.uint32)
        self._further: npt.NDArray[Any] = np.zeros(1, dtype=np.uint8)
        self._moved = np.zeros(0, dtype=np.int32)
        """Rows whose runs stand elsewhere, ascending; beside it where, and how long they are."""
        self._moved_starts = np.zeros(0, dtype=np.int64)
        self._moved_lengths = np.zeros(0, dtype=np.int64)
        self._is_moved: Mask | None = None
        self.appends = True
        """Whether a row after all others is put in order with them; otherwise it counts as moved, too."""
        self.garbage = 0
        """Numbers of runs that were replaced."""

    @property
    def size_bytes(self) -> int:
        moved = self._moved.nbytes + self._moved_starts.nbytes + self._moved_lengths.nbytes
        mask = 0 if self._is_moved is None else self._is_moved.nbytes
        return self._values.nbytes + self._firsts.nbytes + self._further.nbytes + moved + mask

    @property
    def used(self) -> int:
        """Numbers, those of replaced runs included."""
        return self._used

    @property
    def moved(self) -> npt.NDArray[np.int32]:
        """Rows that were set since all were tidied, but for those that were appended then; ascending."""
        return self._moved

    def are_moved(self, rows: npt.NDArray[Any]) -> Mask:
        """Which of these rows are among the moved ones."""
        return np.zeros(len(rows), dtype=np.bool_) if self._is_moved is None else self._is_moved.take(rows)

    def reserve(self, capacity: int) -> None:
        """Make room for so many rows."""
        self._firsts = _longer(self._firsts, (capacity >> SHIFT) + 1)
        self._further = _longer(self._further, capacity + 1)
        if self._is_moved is not None:
            self._is_moved = _longer(self._is_moved, capacity)

    def spans(self, rows: npt.NDArray[Any]) -> tuple[Numbers, Numbers]:
        """Where the runs of these rows begin in the array, and how long they are."""
        here = np.minimum(rows, self._count)
        following = np.minimum(here + 1, self._count)
        starts = self._firsts.take(here >> SHIFT).astype(np.int64) + self._further.take(here)
        lengths = self._firsts.take(following >> SHIFT) + self._further.take(following).astype(np.int64) - starts
        if self._is_moved is not None:
            places = np.flatnonzero(self._is_moved.take(rows))
            if len(places):
                at = np.searchsorted(self._moved, rows[places].astype(np.int32))
                starts[places], lengths[places] = self._moved_starts[at], self._moved_lengths[at]
        return starts, lengths

    def lengths(self, rows: npt.NDArray[Any]) -> Numbers:
        return self.spans(rows)[1]

    def of(self, rows: npt.NDArray[Any]) -> tuple[Numbers, npt.NDArray[Any]]:
        """The lengths of the runs of these rows, and their numbers one after the other."""
        starts, lengths = self.spans(rows)
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        return lengths, self._values.take(np.repeat(starts - (ends - lengths), lengths) + np.arange(total))

    def one(self, row: int) -> npt.NDArray[Any]:
        """The run of a row, to be read at once."""
        if self._is_moved is not None and self._is_moved[row]:
            at = int(np.searchsorted(self._moved, np.int32(row)))
            start = int(self._moved_starts[at])
            return self._values[start : start + int(self._moved_lengths[at])]
        if row >= self._count:
            return self._values[:0]
        start, end = self._start(row), self._start(row + 1)
        return self._values[start:end]

    def at(self, places: Numbers) -> npt.NDArray[Any]:
        """The numbers at these places of the array; behind its end, the last one."""
        return self._values.take(places, mode="clip")

    def _start(self, row: int) -> int:
        return int(self._firsts[row >> SHIFT]) + int(self._further[row])

    def set(self, rows: npt.NDArray[np.int32], lengths: Numbers, values: npt.NDArray[Any]) -> None:
        """Give rows, each named once, the runs that stand one after the other in `values`, in place of their own."""
        if not len(rows):
            return
        end = self._used + len(values)
        if end > len(self._values):
            self._values = _longer(self._values, _with_room(end))
        self._values = put(self._values, slice(self._used, end), values)
        starts = self._used + np.cumsum(lengths) - lengths
        if self.appends and self._is_moved is None and int(rows[0]) == self._count and (np.diff(rows) == 1).all():
            self._append(starts, end)
        else:
            self._move(rows, starts, lengths)
        self._used = end

    def _append(self, starts: Numbers, end: int) -> None:
        count = self._count + len(starts)
        rows = np.arange(self._count, count + 1)
        starts = np.append(starts, end)
        heads = rows[rows & ((1 << SHIFT) - 1) == 0]
        self._firsts = put(self._firsts, heads >> SHIFT, starts[heads - self._count])
        self._further = put(self._further, rows, starts - self._firsts[rows >> SHIFT])
        self._count = count

    def _move(self, rows: npt.NDArray[np.int32], starts: Numbers, lengths: Numbers) -> None:
        self.garbage += int(self.lengths(rows).sum())
        if self._is_moved is None:
            # One byte a row, but only once something moves.
            self._is_moved = np.zeros(len(self._further) - 1, dtype=np.bool_)
        again = self._is_moved.take(rows)
        at = np.searchsorted(self._moved, rows[again])
        self._moved_starts[at], self._moved_lengths[at] = starts[again], lengths[again]
        new = np.flatnonzero(~again)
        if len(new):
            new = new[np.argsort(rows[new])]
            at = np.searchsorted(self._moved, rows[new])
            self._moved = np.insert(self._moved, at, rows[new])
            self._moved_starts = np.insert(self._moved_starts, at, starts[new])
            self._moved_lengths = np.insert(self._moved_lengths, at, lengths[new])
            self._is_moved[rows[new]] = True

    def tidied(self) -> Runs:
        """The same runs, all in order and without gaps. This only reads, so it may run in a thread while nobody sets."""
        tidy = Runs()
        count = max(self._count, int(self._moved[-1]) + 1 if len(self._moved) else 0)
        tidy.reserve(len(self._further) - 1)
        tidy._values = np.zeros(_with_room(self._used - self.garbage), dtype=self._values.dtype)
        for at in range(0, count, PIECE):
            rows = np.arange(at, min(count, at + PIECE), dtype=np.int32)
            tidy.set(rows, *self.of(rows))
        return tidy


def _longer(array: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    longer = np.zeros(max(size, len(array)), dtype=array.dtype)
    longer[: len(array)] = array
    return longer


def _with_room(size: int) -> int:
    """Some more than that: what is not written yet takes up no memory."""
    return size + size // 32 + 1000
