"""Suggestions while somebody types: products, categories, brands and whole queries that go on as typed."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from entrepot.catalog import Columns, ProductFilter
from entrepot.search import rank, understand
from entrepot.search import text as texts
from entrepot.search.completion_queries import Named
from entrepot.search.find import signals_of
from entrepot.search.index import SearchIndex
from entrepot.search.model import Synonyms
from entrepot.search.reader import Opened

COMPLETED: Final = 6
"""Words that the last one typed may become."""
CANDIDATES: Final = 100
CORRECTED_FROM: Final = 4


class Suggested(msgspec.Struct, frozen=True):
    product_ids: list[int]
    categories: list[Named]
    brands: list[Named]
    queries: list[str]


async def suggest(index: SearchIndex, columns: Columns, text: str, language: str, limit: int) -> Suggested:
    """At most `limit` of each. Raises NoIndexYet in a process that has just started, with a large catalog."""
    plain = texts.plain(text)
    if not plain:
        return Suggested([], [], [], [])
    opened = await index.reader.opened()
    understood, completed, hits, ids = await index.reader.in_thread(
        _look, opened, text, plain, language, index.synonyms
    )
    selection = columns.select(ProductFilter())
    kept = selection.keep(ids)
    ids = ids[kept]
    hits = [hit for hit, keep in zip(hits, kept.tolist(), strict=True) if keep]
    signals = signals_of(index, columns, ids)
    order = rank.order(opened.searcher, understood, hits, ids, signals)
    better = understood.did_you_mean if len(plain) >= CORRECTED_FROM else None
    beginnings = [plain] if better is None else [plain, texts.plain(better)]
    return Suggested(
        selection.once_a_group(ids[order].tolist())[:limit],
        _first(index.completions.categories, beginnings, limit),
        _first(index.completions.brands, beginnings, limit),
        _queries(index, beginnings, completed, limit),
    )


def _look(opened: Opened, text: str, plain: str, language: str, synonyms: Synonyms) -> Any:
    """Runs in a thread. The word that is being typed stands for the words that it may become."""
    *before, last = plain.split(" ")
    completed = [word for word, _ in opened.vocabulary.completions(last, COMPLETED)]
    others = tuple(word for word in completed if word != last)
    everywhere = dict(synonyms.by_language.get(None, {}))
    everywhere[last] = (*everywhere.get(last, ()), *others)
    understood = understand.query(
        opened.searcher,
        opened.schema,
        text,
        language,
        Synonyms({**synonyms.by_language, None: everywhere}),
        opened.vocabulary,
        CANDIDATES,
    )
    found = understood.found or opened.searcher.search(understood.query, CANDIDATES, count=False)
    hits = found.hits
    ids = opened.searcher.fast_field_values("id", [address for _, address in hits])
    whole = [" ".join([*before, word]) for word in others]
    return understood, whole, hits, np.fromiter(ids, np.int64, len(ids))


def _first(complete: Any, beginnings: list[str], limit: int) -> list[Named]:
    """What goes on as typed, and only if nothing does, what goes on as probably meant."""
    return next((found for plain in beginnings if (found := complete(plain, limit))), [])


def _queries(index: SearchIndex, beginnings: list[str], completed: list[str], limit: int) -> list[str]:
    asked = [text for plain in beginnings for text in index.completions.queries(plain, limit)]
    typed = beginnings[0]
    others = [*beginnings[1:], *completed]
    return [text for text in dict.fromkeys([*asked, *others]) if text != typed][:limit]
