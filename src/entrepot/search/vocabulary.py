"""The words of the index, and which of them somebody may have meant who misspelt one."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import tantivy

ONE_EDIT_FROM: Final = 4
"""Letters that a word must have to be corrected by one edit (a letter more, less, other, or two exchanged)."""

TWO_EDITS_FROM: Final = 8
"""Letters that a word must have to be corrected by two edits."""

EDIT_COST: Final = 5.0
"""How many times rarer, as a natural logarithm, a word must be to be preferred although it is one edit nearer."""

FIRST_LETTER_COST: Final = 2.0
"""What it costs on top when the first letter is another one: people seldom miss it."""

ENDING_COST: Final = -0.7
"""What it costs less when only doubled letters differ."""

COMPLETED_LETTER_COST: Final = 0.35
"""What each letter costs that is missing at the end."""

COMPLETED_FROM: Final = 3
"""Letters from which on a word may be the beginning of one."""

COMPARED_MAX: Final = 4_000
"""At most so many words are compared letter by letter; the most frequent ones."""


class Correction(NamedTuple):
    """A word of the index, and how far it is from what was written: 0 is what was written, each edit about 5."""

    word: str
    cost: float
    frequency: int
    likelihood: float


class Vocabulary:
    """The index's words with their frequencies, compact; made in a thread, anew when the index has changed much.

    Takes about 30 bytes a word. Words are compared by the set of their letters first, 64 bits a word: an edit changes at
    most two of them.
    """

    def __init__(self, words: list[tuple[str, int]]) -> None:
        """From words with the number of products that have each; sorts the list, which may be long."""
        words.sort()
        self._text = "".join(word for word, _ in words)
        self._starts = np.cumsum([0, *(len(word) for word, _ in words)], dtype=np.int64).astype(np.int32)
        self._frequencies = np.array([frequency for _, frequency in words], dtype=np.int32)
        self._lengths = np.diff(self._starts).astype(np.uint8)
        self._letters = _letters_of(self._text, self._starts)

    @classmethod
    def of(cls, searcher: tantivy.Searcher) -> Vocabulary:
        """Read the words of an index."""
        return cls(searcher.terms_with_prefix("spelling", ""))

    def __len__(self) -> int:
        return len(self._frequencies)

    def frequency(self, word: str) -> int:
        """How many products have the word; 0 when none has."""
        at = self._find(word)
        return int(self._frequencies[at]) if at < len(self) and self._word(at) == word else 0

    def completions(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The most frequent words that begin so, with their frequencies; the word itself among them."""
        first, last = self._find(prefix), self._find(prefix + "\U0010ffff")
        best = np.argsort(-self._frequencies[first:last], kind="stable")[:limit] + first
        return [(self._word(at), int(self._frequencies[at])) for at in best]

    def corrections(self, word: str, limit: int = 3) -> list[Correction]:
        """Words that may have been meant by one that is misspelt, likeliest first; never the word itself."""
        edits = 0 if len(word) < ONE_EDIT_FROM else 1 if len(word) < TWO_EDITS_FROM else 2
        if not edits or not len(self):
            return []
        near = self._near(word, edits)
        if not len(near):
            return []
        words = [self._word(int(at)) for at in near]
        distances = _distances(word, words)
        found = [
            _correction(other, _cost(word, other, int(distance)), int(frequency))
            for other, distance, frequency in zip(words, distances, self._frequencies[near], strict=True)
            if 0 < distance <= edits and (distance == 1 or len(other) >= ONE_EDIT_FROM)
        ]
        found.sort(key=lambda one: -one.likelihood)
        return found[:limit]

    def continued(self, word: str, limit: int) -> list[Correction]:
        """Words that were meant by one that is not finished: `mirr`. The most frequent ones."""
        if len(word) < COMPLETED_FROM:
            return []
        return [
            _correction(other, _cost(word, other, 0), frequency) for other, frequency in self.completions(word, limit)
        ]

    def split(self, word: str) -> tuple[str, str] | None:
        """`polesaw` -> pole, saw: the two words of the index that it is made of, if there are."""
        best, best_frequency = None, 0
        for at in range(2, len(word) - 1):
            left = self.frequency(word[:at])
            if not left:
                continue
            # Both are words of the catalog, and short ones are common ones: `ta` + `ble` is no table.
            frequency = min(left, self.frequency(word[at:])) * min(at, len(word) - at, 4) ** 2
            if frequency > best_frequency:
                best, best_frequency = (word[:at], word[at:]), frequency
        return best

    def _near(self, word: str, edits: int) -> npt.NDArray[np.intp]:
        """Positions of words whose length and letters allow so many edits."""
        letters = _letters_of(word, np.array([0, len(word)], dtype=np.int32))[0]
        alike = np.bitwise_count(self._letters ^ letters) <= 2 * edits
        alike &= np.abs(self._lengths.astype(np.int16) - len(word)) <= edits
        near = np.flatnonzero(alike)
        if len(near) > COMPARED_MAX:
            near = near[np.argpartition(-self._frequencies[near], COMPARED_MAX)[:COMPARED_MAX]]
        return near

    def _find(self, word: str) -> int:
        return bisect_left(range(len(self)), word, key=self._word)

    def _word(self, at: int) -> str:
        return self._text[self._starts[at] : self._starts[at + 1]]


def _letters_of(text: str, starts: npt.NDArray[np.int32]) -> npt.NDArray[np.uint64]:
    """For each word the set of its letters, as bits; letters beyond a-z share bits."""
    if len(starts) < 2:
        return np.zeros(0, dtype=np.uint64)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    bits = np.left_shift(np.uint64(1), (codes % 64).astype(np.uint64))
    return np.bitwise_or.reduceat(bits, starts[:-1])


def _distances(word: str, others: list[str]) -> npt.NDArray[np.int16]:
    """Edits from a word to each of the others, two exchanged letters being one (optimal string alignment)."""
    width = max(len(other) for other in others)
    table = np.array(others, dtype=f"<U{width}").view(np.uint32).reshape(len(others), width).T
    lengths = np.fromiter((len(other) for other in others), dtype=np.intp, count=len(others))
    letters = [ord(letter) for letter in word]
    before: npt.NDArray[np.int16] = np.zeros((width + 1, len(others)), dtype=np.int16)
    row = np.repeat(np.arange(width + 1, dtype=np.int16)[:, None], len(others), axis=1)
    for done, letter in enumerate(letters, start=1):
        last, row = row, np.empty_like(row)
        row[0] = done
        same = table == letter
        # A letter other, or one less: from the row above, all columns at once. One more: along the row.
        np.minimum(last[:-1] + ~same, last[1:] + 1, out=row[1:])
        if done > 1:
            exchanged = same[:-1] & (table[1:] == letters[done - 2])
            row[2:] = np.where(exchanged, np.minimum(row[2:], before[:-2] + 1), row[2:])
        for column in range(1, width + 1):
            np.minimum(row[column], row[column - 1] + 1, out=row[column])
        before = last
    return row[lengths, np.arange(len(others))]


def _correction(word: str, cost: float, frequency: int) -> Correction:
    return Correction(word, cost, frequency, math.log(frequency) - cost)


def _cost(word: str, other: str, distance: int) -> float:
    """What people seldom do costs more than an edit; what they often do, less."""
    if other.startswith(word):
        return COMPLETED_LETTER_COST * (len(other) - len(word)) + EDIT_COST * 0.5
    cost = EDIT_COST * distance
    if word[0] != other[0]:
        cost += FIRST_LETTER_COST
    if _without_doubles(word) == _without_doubles(other):
        cost += ENDING_COST * distance
    return cost


def _without_doubles(word: str) -> str:
    return word[0] + "".join(letter for last, letter in pairwise(word) if letter != last)
