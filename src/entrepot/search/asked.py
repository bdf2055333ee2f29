"""Past queries: what others have looked for and found, to complete what somebody types.

Nobody is recorded, and no text of their own: only words of the catalog are kept. What was asked in a single hour is never
shown, so that nobody puts words into other people's mouths by asking often.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from entrepot.kernel import clock
from entrepot.kernel.db import Database, Tx
from entrepot.search import asked_queries as queries
from entrepot.search import text as texts
from entrepot.search.vocabulary import Vocabulary

SHOWN_FROM_HOURS: Final = 3
LONGEST: Final = 60
LONGEST_CODE: Final = 4
"""Numbers and codes of more characters are not kept: they may be somebody's."""
MOST_AT_ONCE: Final = 5_000
MOST_KEPT: Final = 100_000
MOST_SHOWN: Final = 20_000
RARE_FOR: Final = timedelta(days=14)
KEPT_FOR: Final = timedelta(days=180)


class AskedQueries:
    """What was asked in this process since it was last written down."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()
        self._results: dict[str, int] = {}

    def add(self, asked: str, results: int, vocabulary: Vocabulary) -> None:
        """A query that found something, as it was asked."""
        plain = texts.plain(asked)
        if not results or not 2 <= len(plain) <= LONGEST or not _is_everybodys(plain, vocabulary):
            return
        if plain in self._times or len(self._times) < MOST_AT_ONCE:
            self._times[plain] += 1
            self._results[plain] = results

    async def write(self, database: Database) -> int:
        """Outside any request; returns how many different ones there were."""
        times, results = self._times, self._results
        self._times, self._results = Counter(), {}
        if times:
            ordered = sorted(times)
            async with database.transaction() as tx:
                await queries.add_asked(
                    tx, ordered, [times[one] for one in ordered], [results[one] for one in ordered], clock.now()
                )
        return len(times)


def _is_everybodys(plain: str, vocabulary: Vocabulary) -> bool:
    return all(
        vocabulary.frequency(word) > 0 if word.isalpha() and len(word) > 1 else len(word) <= LONGEST_CODE
        for word in plain.split(" ")
    )


async def forget_past_queries(tx: Tx) -> None:
    """What is seldom or no more asked goes."""
    await queries.forget_old(tx, clock.now() - RARE_FOR, clock.now() - KEPT_FOR, SHOWN_FROM_HOURS, MOST_KEPT)
