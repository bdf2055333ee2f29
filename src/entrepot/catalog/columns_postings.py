"""The rows of each code, for many codes and rows: as bits where many rows have it, as two bytes a row where few do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_mask import Mask
from entrepot.catalog.columns_order import Rows
from entrepot.catalog.columns_runs import Runs

FREQUENT: Final = 48
"""A code that one row in so many has is kept as bits: counting it is then a matter of microseconds."""

MADE_BITS: Final = 1_000
"""Rows that a code needs to be kept as bits."""

SEGMENT: Final = 2**16
"""Rows whose place among them fits into two bytes. A multiple of eight."""


class Segment(msgspec.Struct, frozen=True):
    """Of some rows that follow each other: the codes that they have, ascending, and whose they are."""

    codes: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    """Of each code's rows among all; at the end, their number."""
    rows: npt.NDArray[np.uint16]
    """Counted from the segment's first."""

    @property
    def size_bytes(self) -> int:
        return self.codes.nbytes + self.starts.nbytes + self.rows.nbytes

    def rows_of(self, code: int) -> npt.NDArray[np.uint16]:
        at = int(self.codes.searchsorted(np.int32(code)))
        if at == len(self.codes) or self.codes[at] != code:
            return self.rows[:0]
        return self.rows[self.starts[at] : self.starts[at + 1]]


class Postings:
    """The rows of each code, as they were when this was made; that only reads."""

    def __init__(self, runs: Runs, size: int, codes: int) -> None:
        """Of the first rows, so many, and of the first codes."""
        self.size = size
        self.counts = np.zeros(codes, dtype=np.int64)
        """By code, how many rows have it."""
        for rows in _segments(size):
            self.counts += np.bincount(runs.of(rows)[1], minlength=codes)
        frequent = (self.counts * FREQUENT > size) & (self.counts >= MADE_BITS)
        length = (size + 63) // 64 * 8
        self._bits = {code: np.zeros(length, dtype=np.uint8) for code in np.flatnonzero(frequent).tolist()}
        """By code."""
        self._segments = [self._segment(runs, rows, frequent) for rows in _segments(size)]

    def _segment(self, runs: Runs, rows: Rows, frequent: Mask) -> Segment:
        lengths, values = runs.of(rows)
        order = np.argsort(values, kind="stable")
        values = values[order]
        owners = np.repeat(np.arange(len(rows), dtype=np.uint16), lengths)[order]
        starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(values)), np.bool_), values[1:] != values[:-1]]))
        codes, counts = values[starts].astype(np.int32), np.diff(starts, append=len(values))
        many = frequent[codes]
        for at in np.flatnonzero(many).tolist():
            mask = np.zeros(len(rows), dtype=np.bool_)
            mask[owners[starts[at] : starts[at] + counts[at]]] = True
            bits, first = np.packbits(mask), int(rows[0]) // 8
            self._bits[int(codes[at])][first : first + len(bits)] = bits
        edges = np.concatenate([[0], np.cumsum(counts[~many])]).astype(np.int32)
        return Segment(codes[~many], edges, owners[np.repeat(~many, counts)])

    @property
    def size_bytes(self) -> int:
        bits = sum(bits.nbytes for bits in self._bits.values())
        return self.counts.nbytes + bits + sum(segment.size_bytes for segment in self._segments)

    def is_frequent(self, code: int) -> bool:
        """Whether so many rows have the code that its bits are kept."""
        return code in self._bits

    def rows(self, code: int) -> Rows:
        """The rows of a code that is not frequent."""
        parts = (segment.rows_of(code) for segment in self._segments)
        found = [part.astype(np.int32) + at * SEGMENT for at, part in enumerate(parts) if len(part)]
        return np.concatenate([np.empty(0, dtype=np.int32), *found])

    def add(self, code: int, mask: Mask) -> None:
        """Put the rows of a code into the mask."""
        if (bits := self._bits.get(code)) is None:
            mask[self.rows(code)] = True
        else:
            mask |= np.unpackbits(bits, count=len(mask)).view(np.bool_)

    def tally(self, mask: Mask) -> npt.NDArray[np.int64]:
        """By code, how many of its rows are in the mask."""
        counts = np.zeros(len(self.counts), dtype=np.int64)
        bits = np.packbits(mask[: self.size])
        words = np.zeros((self.size + 63) // 64, dtype=np.uint64)
        words.view(np.uint8)[: len(bits)] = bits
        common = np.empty_like(words)
        for code, its in self._bits.items():
            np.bitwise_and(words, its.view(np.uint64), out=common)
            counts[code] = np.bitwise_count(common).sum()
        for at, segment in enumerate(self._segments):
            if len(segment.codes):
                met = mask[at * SEGMENT : (at + 1) * SEGMENT].take(segment.rows).view(np.uint8)
                counts[segment.codes] += np.add.reduceat(met, segment.starts[:-1], dtype=np.uint32)
        return counts


def _segments(size: int) -> Iterator[Rows]:
    for first in range(0, size, SEGMENT):
        yield np.arange(first, min(size, first + SEGMENT), dtype=np.int32)
