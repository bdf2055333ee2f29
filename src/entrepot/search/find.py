"""Finding products: what fits the words, of that what passes the filters now, in the order that fits best.

The index answers with the best candidates. Which of them are sold, and at which price, in which zone, with which stock, is
asked of the live columns, so nothing is shown that the index has not yet forgotten.

Up to 1,000 matches, everything is exact. Of more, the filters are put to the index as well: the products themselves where
they are few, and otherwise what it knows (category, brand, company, seller, tag, price). Of what is left the best 250 are
looked at, 1,000 or 10,000 where those do not fill the page, and 10,000 where facets or another order are asked for. Pages
end there, and the total is the index's own count less the share that the live columns have refused. Where products say only
some of what was asked for, the best 1,000 are all there are: what follows is noise.
"""

from __future__ import annotations

import zlib
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import tantivy

from entrepot.catalog import Columns, Facets, ProductFilter, Selection
from entrepot.kernel.errors import Invalid
from entrepot.kernel.pages import Page, WrongCursor, a_cursor_id
from entrepot.search import rank, understand
from entrepot.search.answers import Answer, Places
from entrepot.search.index import SearchIndex
from entrepot.search.look import answer, look_closer
from entrepot.search.model import Ids, Signals, Synonyms
from entrepot.search.rank import Fitness
from entrepot.search.reader import Opened

FIRST_LOOK: Final = 250
"""Matches that are enough for a first page without filters."""
LOOKED_AT: Final = 1_000
"""Matches that are enough for most pages, and up to which all are looked at."""
CANDIDATES: Final = 10_000
"""The most that are looked at."""
FEW: Final = 2_000
RELEVANCE: Final = "relevance"
NO_FILTER: Final = ProductFilter()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what was found. `words` are the stems that were looked for, `facets` of all matches where asked for."""

    ids: list[int]
    total: int
    next_cursor: tuple[Any, ...] | None = None
    facets: Facets | None = None
    did_you_mean: str | None = None
    words: frozenset[str] = frozenset()


async def find(
    index: SearchIndex,
    columns: Columns,
    text: str,
    language: str,
    wanted: ProductFilter,
    page: Page,
    *,
    facets: bool = False,
) -> Found:
    """Products that fit the text, best first unless `wanted` names another order.

    Raises:
        Invalid: an unknown sort key, a filter that contradicts itself, or a cursor of another search.
        NoIndexYet: the process has just started, with a large catalog.
    """
    by_relevance = wanted.sort_by in (None, RELEVANCE)
    if by_relevance:
        wanted = msgspec.structs.replace(wanted, sort_by=None)
        if wanted.order is not None and wanted.order.lower() not in ("asc", "desc"):
            raise Invalid({"order": ["must be asc or desc"]})
    opened = await index.reader.opened()
    needed = _place_in(page) + page.limit + 1
    for at_most in _looks(wanted, needed, everything=facets or not by_relevance):
        given = await _answer(index, opened, _Asked(text, language, _known(wanted), _few(columns, wanted), at_most))
        selection = columns.select(wanted)
        places = given.passing(selection)
        fitness = given.fitness
        if by_relevance and (closer := _worth_a_look(fitness, places)) is not None:
            fitness = await index.reader.in_thread(look_closer, opened, given, closer)
            selection = columns.select(wanted)  # a selection holds only until the next await
            places = given.passing(selection)
        entries = in_order(index, columns, selection, given.ids, fitness, places) if by_relevance else []
        if given.has_all or (len(entries) >= needed and len(places) >= rank.RERANKED):
            break

    among = selection.among(given.ids[places]) if facets or not by_relevance else None
    if by_relevance:
        total = _total(given, len(entries))
        shown, following = _page(entries, page, _mark(text))
    elif among is not None:
        total = _total(given, among.total)
        cut = among.page(page)
        shown, following = cut.ids, cut.following
    if page.after is None and not page.skip and given.understood.did_you_mean is None:
        index.asked.add(text, total, opened.vocabulary)
    return Found(
        ids=shown,
        total=total,
        next_cursor=following,
        facets=among.facets() if among is not None and facets else None,
        did_you_mean=given.understood.did_you_mean,
        words=given.understood.words,
    )


def _looks(wanted: ProductFilter, needed: int, *, everything: bool) -> list[int]:
    """How many matches to look at, and how many then, if those are not enough."""
    looks = [FIRST_LOOK, LOOKED_AT, CANDIDATES]
    if everything or needed > LOOKED_AT // 2:
        looks = [CANDIDATES]
    elif wanted != NO_FILTER or needed > FIRST_LOOK // 4:
        looks.remove(FIRST_LOOK)
    return [min(look, CANDIDATES) for look in looks]


def _few(columns: Columns, wanted: ProductFilter) -> list[int] | None:
    """The ids of what the filters want, when it is little: then the index is asked for these alone."""
    if wanted == NO_FILTER:
        return None
    selection = columns.select(wanted)
    return selection.ids.tolist() if selection.count <= FEW else None


def _worth_a_look(fitness: Fitness, places: Places) -> Places | None:
    """The best of these places, if hardly any of them was looked at closely, since filters let others pass."""
    best = places[: rank.RERANKED]
    return best if np.isnan(fitness[best]).sum() > len(best) // 2 else None


def in_order(
    index: SearchIndex, columns: Columns, selection: Selection, ids: Ids, fitness: Fitness, places: Places
) -> list[int]:
    """What is shown of the matches at these places, a group once: first what was looked at closely, live as it is."""
    is_far = np.isnan(fitness[places])
    close, far = places[~is_far], places[is_far]
    order = rank.order(fitness[close], ids[close], signals_of(index, columns, ids[close]))
    return selection.once_a_group(ids[np.concatenate([close[order], far])].tolist())


def signals_of(index: SearchIndex, columns: Columns, ids: Ids) -> Signals:
    """What decides between equals, as it is now."""
    ratings = (columns.ratings(ids) / 100).astype(np.float32)
    return Signals(index.popularity.of(ids), ratings, columns.stocks(ids).astype(np.int32))


class _Known(NamedTuple):
    """What the index knows of the filters: terms of its field `filter`, and the price in minor units."""

    terms: tuple[str, ...] = ()
    min_price_minor: int | None = None
    max_price_minor: int | None = None


class _Asked(NamedTuple):
    """What is asked of the index."""

    text: str
    language: str
    known: _Known
    few: list[int] | None
    at_most: int


async def _answer(index: SearchIndex, opened: Opened, asked: _Asked) -> Answer:
    """What was answered before, or is answered now."""
    synonyms = index.synonyms
    all_matches = (asked.text, asked.language)
    if (given := opened.answers.get(synonyms, all_matches)) is not None:
        return given
    the_same = (*all_matches, asked.known, asked.at_most)
    if asked.few is None and (given := opened.answers.get(synonyms, the_same)) is not None:
        return given
    given = await index.reader.in_thread(_look, opened, synonyms, asked)
    if asked.few is None:
        is_all = given.has_all and given.understood.says_all and asked.known == _Known()
        opened.answers.keep(synonyms, all_matches if is_all else the_same, given)
    return given


def _look(opened: Opened, synonyms: Synonyms, asked: _Asked) -> Answer:
    """Runs in a thread."""
    understood = understand.query(
        opened.searcher, opened.schema, asked.text, asked.language, synonyms, opened.vocabulary, asked.at_most
    )
    at_most = asked.at_most if understood.says_all else min(asked.at_most, LOOKED_AT)
    found = understood.found or _search(opened.searcher, understood.query, at_most)
    if found.count > at_most and (filters := _filters(opened.schema, asked.known, asked.few)):
        narrowed = tantivy.Query.boolean_query([(tantivy.Occur.Must, understood.query), *filters])
        found = _search(opened.searcher, narrowed, at_most)
    elif at_most < found.count <= min(LOOKED_AT, CANDIDATES) and understood.says_all:
        found = _search(opened.searcher, understood.query, LOOKED_AT)
    count = found.count if understood.says_all else min(found.count, LOOKED_AT)
    return answer(opened, understood, found, count=count, close=rank.RERANKED)


def _search(searcher: tantivy.Searcher, query: tantivy.Query, at_most: int) -> Any:
    return searcher.search(query, at_most, count=True)


def _known(wanted: ProductFilter) -> _Known:
    """It may lag behind by a second; the live columns have the last word."""
    terms = (
        f"{name}:{given}"
        for name, given in (
            ("company", wanted.company),
            ("seller", wanted.seller),
            ("category", wanted.category),
            ("brand", wanted.brand),
            ("tag", wanted.tag),
        )
        if given is not None
    )
    return _Known(tuple(terms), wanted.min_price_minor, wanted.max_price_minor)


def _filters(schema: tantivy.Schema, known: _Known, few: list[int] | None) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    """The filters as conditions of a query: the products themselves where they are few."""
    if few is not None:
        queries = [tantivy.Query.term_set_query(schema, "id", few) if few else tantivy.Query.empty_query()]
    else:
        queries = [tantivy.Query.term_query(schema, "filter", term, "basic") for term in known.terms]
        low, high = known.min_price_minor, known.max_price_minor
        if low is not None or high is not None:
            queries.append(tantivy.Query.range_query(schema, "price", tantivy.FieldType.Integer, low, high))
    return [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in queries]


def _total(given: Answer, entries: int) -> int:
    """`entries`: how many of the matches are shown, a group once."""
    if given.has_all:
        return entries
    return max(entries, round(given.count * entries / len(given.ids)))


def _page(entries: list[int], page: Page, mark: int) -> tuple[list[int], tuple[Any, ...] | None]:
    """A cursor names the last product that was shown, and where it stood, should it be gone by now."""
    start = page.skip
    if page.after is not None:
        if len(page.after) != 3 or page.after[0] != mark:
            raise WrongCursor
        last_id = a_cursor_id(page.after[2])
        start = entries.index(last_id) + 1 if last_id in entries else _place_in(page)
    shown = entries[start : start + page.limit]
    if len(shown) < page.limit or start + page.limit >= len(entries):
        return shown, None
    return shown, (mark, start + page.limit, shown[-1])


def _place_in(page: Page) -> int:
    """Where the page begins, as far as that is known yet."""
    return page.skip if page.after is None else _place(page.after[1]) if len(page.after) == 3 else 0


def _place(value: Any) -> int:
    place = a_cursor_id(value)
    if not 0 <= place <= CANDIDATES:
        raise WrongCursor
    return place


def _mark(text: str) -> int:
    """Tells cursors of this search from those of others."""
    return zlib.crc32(f"search {text}".encode())
