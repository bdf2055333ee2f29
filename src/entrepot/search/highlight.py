"""Highlighting: where in a product's texts the words are that were looked for."""

from __future__ import annotations

import html
import re
from typing import Final

import msgspec

from entrepot.search import text as texts

WORD: Final = re.compile(r"\w+(?:[-'’]\w+)*")
SNIPPET_LENGTH: Final = 160
LOOKED_AT: Final = 2_000
"""Characters of a description that are looked at."""


class Highlight(msgspec.Struct, frozen=True, rename="camel"):
    """HTML: the words that were looked for stand in `<em>`, everything else is escaped. `description` is a part of it."""

    title: str
    description: str


def highlight(title: str, description: str, words: frozenset[str], language: str) -> Highlight:
    """`words` are stems. A text without any of them is shown from its beginning."""
    beginning = description[:LOOKED_AT]
    places = _places(beginning, words, language)
    start, end = _window(beginning, places)
    snippet = _marked(
        beginning[start:end], [(low - start, high - start) for low, high in places if start <= low < high <= end]
    )
    shown = f"{'… ' if start else ''}{snippet}{' …' if end < len(description) else ''}"
    return Highlight(_marked(title, _places(title, words, language)), shown)


def _places(text: str, words: frozenset[str], language: str) -> list[tuple[int, int]]:
    beginnings = {word[:2] for word in words}
    return [
        found.span()
        for found in WORD.finditer(text)
        if _may_be_one(found[0], beginnings) and not words.isdisjoint(texts.terms(found[0], language))
    ]


def _may_be_one(word: str, beginnings: set[str]) -> bool:
    """Most words are none, and telling so by their first letters is much cheaper than by their stem."""
    return not word.isalnum() or texts.normal(word)[:2] in beginnings


def _window(text: str, places: list[tuple[int, int]]) -> tuple[int, int]:
    """The stretch with the most places, cut between words."""
    if len(text) <= SNIPPET_LENGTH:
        return 0, len(text)
    starts = [low for low, _ in places] or [0]
    best = max(starts, key=lambda start: sum(start <= low and high <= start + SNIPPET_LENGTH for low, high in places))
    start = max(0, best - SNIPPET_LENGTH // 4)
    if start:
        start = text.find(" ", start) + 1 if 0 <= text.find(" ", start) < best else best
    end = min(len(text), start + SNIPPET_LENGTH)
    if end < len(text) and (space := text.rfind(" ", best, end)) > best:
        end = space
    return start, end


def _marked(text: str, places: list[tuple[int, int]]) -> str:
    parts, end = [], 0
    for low, high in places:
        parts += [html.escape(text[end:low]), "<em>", html.escape(text[low:high]), "</em>"]
        end = high
    return "".join([*parts, html.escape(text[end:])])
