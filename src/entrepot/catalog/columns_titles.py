"""Titles in memory, as one run of bytes, and their order.

Titles are in order of their code points: UTF-8 compares byte by byte as the characters do. So the order is the same on
every server, whatever its locale, and a cursor outlives a move to another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_mask import Mask
from entrepot.catalog.columns_order import Rows
from entrepot.catalog.columns_runs import Runs

_WORD: Final = 8
_ONE_BY_ONE: Final = 64
"""Up to so many titles are compared in Python, more by words of eight bytes."""


MOST_MOVED: Final = 50_000
"""Titles that may stand out of the order of their rows."""

PIECE: Final = 50_000
"""Titles whose next words are read together: their places take much more than they do."""


class Titles:
    """The title of each row. Replaced ones leave garbage behind."""

    def __init__(self, ids: Callable[[], npt.NDArray[Any]]) -> None:
        self._ids = ids
        self._runs = Runs()

    @property
    def size_bytes(self) -> int:
        return self._runs.size_bytes

    def reserve(self, capacity: int) -> None:
        """Make room for so many rows."""
        self._runs.reserve(capacity)

    def text(self, row: int) -> bytes:
        """The title in UTF-8."""
        return self._runs.one(row).tobytes()

    def set(self, rows: Rows, lengths: npt.NDArray[np.int64], text: npt.NDArray[np.uint8]) -> None:
        """Give rows the titles that stand one after the other in `text`."""
        self._runs.set(rows, lengths, text)

    def same(self, rows: Rows, lengths: npt.NDArray[np.int64], text: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
        """Which of the rows have the title already that stands for them in `text`."""
        ends = np.cumsum(lengths).tolist()
        data, start, same = text.tobytes(), 0, []
        for row, end in zip(rows.tolist(), ends, strict=True):
            same.append(self.text(row) == data[start:end])
            start = end
        return np.array(same, dtype=np.bool_)

    @property
    def is_untidy(self) -> bool:
        """Whether so much is garbage that it is time to `tidy`."""
        return self._runs.garbage > self._runs.used // 2 + 100_000 or len(self._runs.moved) > MOST_MOVED

    def tidy(self) -> Callable[[], None]:
        """Sweep the garbage out; the result counts once what is returned is called. This part only reads."""
        runs = self._runs.tidied()

        def adopt() -> None:
            self._runs = runs

        return adopt

    # The order, as Keys of an Order

    def of(self, row: int) -> tuple[bytes, int]:
        return self.text(row), int(self._ids()[row])

    def sort(self, rows: Rows) -> Rows:
        """By title, then by id: by the first eight bytes, then what is equal so far by the next eight."""
        if len(rows) <= _ONE_BY_ONE:
            return np.array(sorted(rows.tolist(), key=self.of), dtype=np.int32)
        ordered = rows.copy()
        pending = [(0, len(rows), 0)]
        while pending:
            start, end, depth = pending.pop()
            part = ordered[start:end]
            if depth and len(part) <= _ONE_BY_ONE:
                ordered[start:end] = sorted(part.tolist(), key=self.of)
                continue
            words, unfinished = self._words(part, depth)
            places = np.lexsort((self._ids()[part], words))
            part, words, unfinished = part[places], words[places], unfinished[places]
            ordered[start:end] = part
            pending += [
                (start + first, start + last, depth + 1)
                for first, last in _equal_neighbours(words)
                if unfinished[first:last].any()
            ]
        return ordered

    def _words(self, rows: Rows, depth: int) -> tuple[npt.NDArray[np.uint64], Mask]:
        """Eight bytes of each title as a number that compares like them, and which titles go on after them.

        After its end come zeros, which no title has.
        """
        words, unfinished = np.zeros(len(rows), dtype=np.uint64), np.zeros(len(rows), dtype=np.bool_)
        for at in range(0, len(rows), PIECE):
            piece = slice(at, at + PIECE)
            starts, lengths = self._runs.spans(rows[piece])
            starts += depth * _WORD
            left = lengths - depth * _WORD
            for place in range(_WORD):
                here = np.where(place < left, self._runs.at(starts + place), 0).astype(np.uint64)
                words[piece] = (words[piece] << np.uint64(8)) | here
            unfinished[piece] = left > _WORD
        return words, unfinished


def _equal_neighbours(words: npt.NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Where more than one neighbour is equal: from, and to before."""
    edges = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1], [True]]))
    long = np.flatnonzero(np.diff(edges) > 1)
    return list(zip(edges[long].tolist(), edges[long + 1].tolist(), strict=True))
