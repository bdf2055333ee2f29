"""What a product may have several of: tags, attributes, warehouses that have it, zones where alone it is sold.

Kept both ways: the codes of each row, changed at once, and the rows of each code, made in one go: as bits where many rows
have it, one after the other where few do. Rows that changed since then are told apart, and looked up by what they have now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from entrepot.catalog.columns_mask import Mask, rows_in
from entrepot.catalog.columns_order import Rows
from entrepot.catalog.columns_postings import Postings
from entrepot.catalog.columns_runs import Runs

Codes = npt.NDArray[np.int32]

FORWARD: Final = 20
"""Up to one row in so many, codes are counted row by row; beyond, code by code."""


class Terms:
    """Codes of each row, and rows of each code."""

    def __init__(self) -> None:
        self._codes: dict[Hashable, int] = {}
        self.named: list[Any] = [None]
        """By code, what it stands for; 0 is none."""
        self._runs = Runs()
        self._totals = np.zeros(1, dtype=np.int64)
        self._postings = Postings(self._runs, 0, 0)
        self._recent: defaultdict[int, list[int]] = defaultdict(list)

    @property
    def size_bytes(self) -> int:
        return self._runs.size_bytes + self._totals.nbytes + self._postings.size_bytes

    @property
    def is_untidy(self) -> bool:
        """Whether so much has changed that it is time to `tidy`."""
        return (
            len(self._runs.moved) > 5_000 + self._postings.size // 20
            or self._runs.garbage > 20_000 + self._runs.used // 4
        )

    def reserve(self, capacity: int) -> None:
        """Make room for so many rows."""
        self._runs.reserve(capacity)

    def intern(self, terms: Iterable[Hashable]) -> Codes:
        """The codes of terms, new ones for those not seen yet."""
        codes = []
        for term in terms:
            code = self._codes.get(term)
            if code is None:
                code = self._codes[term] = len(self.named)
                self.named.append(term)
            codes.append(code)
        return np.array(codes, dtype=np.int32)

    def code(self, term: Hashable) -> int | None:
        return self._codes.get(term)

    def counts(self, rows: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """How many entries each of the rows has."""
        return self._runs.lengths(rows)

    def set(self, rows: Rows, lengths: npt.NDArray[np.int64], values: npt.NDArray[Any]) -> None:
        """Give rows the codes that stand one after the other in `values`, in place of those that they had."""
        if len(self.named) > len(self._totals):
            more = np.zeros(len(self.named) * 9 // 8 - len(self._totals) + 10, dtype=np.int64)
            self._totals = np.concatenate([self._totals, more])
        np.subtract.at(self._totals, self._runs.of(rows)[1], 1)
        np.add.at(self._totals, values, 1)
        self._runs.set(rows, lengths, values)
        if not self._runs.appends:
            for code, row in zip(values.tolist(), np.repeat(rows, lengths).tolist(), strict=True):
                self._recent[code].append(row)

    def digests(self, rows: Rows) -> npt.NDArray[np.uint64]:
        """A number for each row that tells its set of codes from another set."""
        return digests(*self._runs.of(rows))

    def have_many(self, codes: Iterable[int]) -> bool:
        """Whether so many rows have one of these codes that a mask is the better answer."""
        return any(map(self._postings.is_frequent, codes))

    def mask(self, codes: Sequence[int], size: int) -> Mask:
        """Of the first rows, so many: which have any of these codes."""
        mask = np.zeros(size, dtype=np.bool_)
        known = mask[: self._postings.size]
        for code in codes:
            self._postings.add(code, known)
        mask[self._runs.moved] = False
        for code in codes:
            mask[self._recently(code)] = True
        return mask

    def rows_with(self, codes: Sequence[int]) -> Rows:
        """The rows that have any of these codes, none of which many have; one may come several times."""
        rows = np.concatenate([np.empty(0, dtype=np.int32), *map(self._postings.rows, codes)])
        if len(self._runs.moved):
            rows = rows[~self._runs.are_moved(rows)]
        return np.concatenate([rows, *map(self._recently, codes)])

    def _recently(self, code: int) -> Rows:
        """The rows that got the code since all was tidied, and have it still."""
        if (noted := self._recent.get(code)) is None:
            return np.empty(0, dtype=np.int32)
        rows = np.unique(np.array(noted, dtype=np.int32))
        lengths, values = self._runs.of(rows)
        before = np.concatenate([[0], np.cumsum(values == code)])
        ends = np.cumsum(lengths)
        having: Rows = rows[before[ends] > before[ends - lengths]]
        return having

    def entries(self, rows: npt.NDArray[Any]) -> tuple[Rows, npt.NDArray[Any]]:
        """The entries of these rows: whose each is, as its place in `rows`, and its code."""
        lengths, values = self._runs.of(rows)
        return np.repeat(np.arange(len(rows), dtype=np.int32), lengths), values

    def tally(self, mask: Mask, live: Mask) -> npt.NDArray[np.int64]:
        """By code, how many of the live rows in the mask have it. Of nearly all, that of all without the others."""
        count = int(np.count_nonzero(mask))
        if FORWARD * count <= len(mask):
            return self._tally(rows_in(mask))
        if FORWARD * (int(np.count_nonzero(live)) - count) <= len(mask):
            return self._totals[: len(self.named)] - self._tally(rows_in(live & ~mask))
        moved = self._runs.moved
        counts = self._tally(moved[mask.take(moved)])
        if len(moved):
            mask = mask.copy()
            mask[moved] = False
        counts[: len(self._postings.counts)] += self._postings.tally(mask)
        return counts

    def _tally(self, rows: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        return np.bincount(self._runs.of(rows)[1], minlength=len(self.named))

    def tidy(self, size: int) -> Callable[[], None]:
        """Make the rows of each code anew, and leave no gaps; the result counts once what is returned is called.

        `size` is the number of rows. This part only reads, so it may run in a thread while nobody changes anything.
        """
        runs = self._runs.tidied()
        runs.appends = False
        postings = Postings(runs, size, len(self.named))

        def adopt() -> None:
            self._runs, self._postings = runs, postings
            self._recent.clear()

        return adopt


def digests(lengths: npt.NDArray[np.int64], values: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """A number for each run of codes, of the given lengths, that does not depend on their order."""
    mixed = values.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    before = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(mixed, dtype=np.uint64)])
    ends = np.cumsum(lengths)
    digest: npt.NDArray[np.uint64] = before[ends] - before[ends - lengths]
    return digest
