"""What the index answers to a question: the best matches, looked at closely, and how many there are in all.

The same is asked again and again, with another page, filter or order, so answers are kept until the index has changed.
Nothing in them is live: which of the matches are sold, and what decides between equals, is asked of the columns each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from entrepot.catalog import Selection
from entrepot.search.model import Ids, Synonyms
from entrepot.search.rank import Fitness
from entrepot.search.understand import Understood

KEPT_MATCHES: Final = 300_000
"""Matches of all answers that are kept, 24 bytes each: a thousand first pages, or thirty answers with facets."""

ANSWER_WEIGHT: Final = 100
"""What an answer takes besides its matches, in matches."""

Places = npt.NDArray[np.intp]


class Answer(msgspec.Struct, frozen=True):
    """The best matches by the engine's score, with how well each fits: NaN for those that were not looked at closely."""

    understood: Understood
    ids: Ids
    scores: npt.NDArray[np.float64]
    fitness: Fitness
    count: int
    """How many matches there are in all."""

    completed: tuple[str, ...] = ()
    """Of a text that is being typed: what it may become."""

    @property
    def has_all(self) -> bool:
        """Whether these are all matches."""
        return self.count <= len(self.ids)

    def passing(self, selection: Selection) -> Places:
        """Places of the matches that are in the selection."""
        by_id = np.argsort(self.ids)  # looked up so, ten thousand products are found much faster
        passing = np.zeros(len(self.ids), np.bool_)
        passing[by_id] = selection.keep(self.ids[by_id])
        return np.flatnonzero(passing)


class KeptAnswers:
    """The answers given last, by what was asked; with other synonyms, all are forgotten. Used on the event loop only."""

    def __init__(self, most_matches: int = KEPT_MATCHES) -> None:
        self._most = most_matches
        self._weight = 0
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()
        self._synonyms: Synonyms | None = None

    def get(self, synonyms: Synonyms, asked: Hashable) -> Answer | None:
        """What was answered to the same question."""
        if synonyms is not self._synonyms:
            return None
        if (known := self._kept.get(asked)) is not None:
            self._kept.move_to_end(asked)
        return known

    def keep(self, synonyms: Synonyms, asked: Hashable, given: Answer) -> None:
        """`synonyms` are those that it was answered with."""
        if synonyms is not self._synonyms:
            self._synonyms = synonyms
            self._kept.clear()
            self._weight = 0
        if (before := self._kept.pop(asked, None)) is not None:
            self._weight -= _weight(before)
        self._kept[asked] = given
        self._weight += _weight(given)
        while self._weight > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._weight -= _weight(oldest)


def _weight(given: Answer) -> int:
    return len(given.ids) + ANSWER_WEIGHT
