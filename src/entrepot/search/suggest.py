"""Suggestions while somebody types: products, categories, brands and whole queries that go on as typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from entrepot.catalog import Columns, ProductFilter
from entrepot.search import look, understand
from entrepot.search import text as texts
from entrepot.search.answers import Answer
from entrepot.search.completion_queries import Named
from entrepot.search.find import in_order
from entrepot.search.index import SearchIndex
from entrepot.search.model import Synonyms
from entrepot.search.reader import Opened

COMPLETED: Final = 6
"""Words that the last one typed may become."""
CANDIDATES: Final = 100
LOOKED_AT_CLOSELY: Final = 40
CORRECTED_FROM: Final = 4

FIELDS: Final = {field: worth for field, worth in understand.FIELDS.items() if field != "body"}
"""Where what is typed is looked for. In descriptions, too, where nothing else has it."""


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
    given = await _answer(index, opened, text, plain, language)
    selection = columns.select(ProductFilter())
    products = in_order(index, columns, selection, given.ids, given.fitness, given.passing(selection))
    better = given.understood.did_you_mean if len(plain) >= CORRECTED_FROM else None
    beginnings = [plain] if better is None else [plain, texts.plain(better)]
    return Suggested(
        products[:limit],
        _first(index.completions.categories, beginnings, limit),
        _first(index.completions.brands, beginnings, limit),
        _queries(index, beginnings, given.completed, limit),
    )


async def _answer(index: SearchIndex, opened: Opened, text: str, plain: str, language: str) -> Answer:
    synonyms, asked = index.synonyms, ("typed", text, language)
    given = opened.answers.get(synonyms, asked)
    if given is None:
        given = await index.reader.in_thread(_look, opened, text, plain, language, synonyms)
        opened.answers.keep(synonyms, asked, given)
    return given


def _look(opened: Opened, text: str, plain: str, language: str, synonyms: Synonyms) -> Answer:
    """Runs in a thread. The word that is being typed stands for the words that it may become."""
    *before, last = plain.split(" ")
    completed = [word for word, _ in opened.vocabulary.completions(last, COMPLETED)]
    others = tuple(word for word in completed if word != last)
    everywhere = dict(synonyms.by_language.get(None, {}))
    everywhere[last] = (*everywhere.get(last, ()), *others)
    typed = Synonyms({**synonyms.by_language, None: everywhere})
    for fields in (FIELDS, understand.FIELDS):
        understood = understand.query(
            opened.searcher, opened.schema, text, language, typed, opened.vocabulary, CANDIDATES, fields
        )
        found = understood.found or opened.searcher.search(understood.query, CANDIDATES, count=False)
        if found.hits:
            break
    whole = tuple(" ".join([*before, word]) for word in others)
    return look.answer(opened, understood, found, count=len(found.hits), close=LOOKED_AT_CLOSELY, completed=whole)


def _first(complete: Any, beginnings: list[str], limit: int) -> list[Named]:
    """What goes on as typed, and only if nothing does, what goes on as probably meant."""
    return next((found for plain in beginnings if (found := complete(plain, limit))), [])


def _queries(index: SearchIndex, beginnings: list[str], completed: Sequence[str], limit: int) -> list[str]:
    asked = [text for plain in beginnings for text in index.completions.queries(plain, limit)]
    typed = beginnings[0]
    others = [*beginnings[1:], *completed]
    return [text for text in dict.fromkeys([*asked, *others]) if text != typed][:limit]
