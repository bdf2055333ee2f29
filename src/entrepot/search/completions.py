"""Completions: categories, brands and past queries that go on as somebody has begun to type."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from heapq import nlargest
from typing import Final, NamedTuple

from entrepot.kernel.db import Db
from entrepot.search import asked_queries, completion_queries
from entrepot.search import text as texts
from entrepot.search.asked import MOST_SHOWN, SHOWN_FROM_HOURS
from entrepot.search.asked_queries import PastQuery
from entrepot.search.completion_queries import Named

LOOKED_AT: Final = 2_000
"""Of what goes on as typed, so many are compared at most; a single letter may begin thousands."""
END: Final = "\U0010ffff"


class Beginning(NamedTuple):
    """A name from one of its words on, normalised; `place` counts how many words were left out."""

    normal: str
    place: int
    named: Named


class Completions:
    """In memory, for it is asked with every letter. Made anew when categories change, and once a minute."""

    def __init__(self, categories: Iterable[Named], brands: Iterable[Named], past: Iterable[PastQuery]) -> None:
        self._categories = sorted(_beginnings(categories), key=lambda one: one.normal)
        self._brands = sorted(_beginnings(brands), key=lambda one: one.normal)
        self._past = sorted((query.text, query.times) for query in past)

    def categories(self, plain: str, limit: int) -> list[Named]:
        return _named(self._categories, plain, limit)

    def brands(self, plain: str, limit: int) -> list[Named]:
        return _named(self._brands, plain, limit)

    def queries(self, plain: str, limit: int) -> list[str]:
        """The most asked first."""
        first = bisect_left(self._past, (plain, 0))
        last = bisect_left(self._past, (plain + END, 0), lo=first)
        return [
            text
            for text, _ in nlargest(limit, self._past[first : min(last, first + MOST_SHOWN)], key=lambda one: one[1])
        ]


def _named(beginnings: list[Beginning], plain: str, limit: int) -> list[Named]:
    """Those whose first word fits before those where a later one does, shorter names first."""
    first = bisect_left(beginnings, plain, key=lambda one: one.normal)
    last = bisect_left(beginnings, plain + END, lo=first, key=lambda one: one.normal)
    fitting = sorted(beginnings[first : min(last, first + LOOKED_AT)], key=lambda one: (one.place, len(one.normal)))
    return list({one.named.slug: one.named for one in fitting}.values())[:limit]


def _beginnings(names: Iterable[Named]) -> Iterator[Beginning]:
    for named in names:
        for name in {named.name, *named.names.values()}:
            words = texts.plain(name).split(" ")
            yield from (Beginning(" ".join(words[place:]), place, named) for place in range(min(len(words), 8)))


async def read_completions(db: Db) -> Completions:
    return Completions(
        await completion_queries.list_named_categories(db),
        await completion_queries.list_named_brands(db),
        await asked_queries.list_shown(db, SHOWN_FROM_HOURS, MOST_SHOWN),
    )
