"""Finding products: what fits the words, of that what passes the filters now, in the order that fits best.

The index answers with the best candidates. Which of them are sold, and at which price, in which zone, with which stock, is
asked of the live columns, so nothing is shown that the index has not yet forgotten.

Up to 1,000 matches, everything is exact. Of more, the filters are put to the index as well: the products themselves where
they are few, and otherwise what it knows (category, brand, company, seller, tag, price). Of what is left the best 1,000 are
looked at, or 10,000 where those do not fill the page, or where facets or another order are asked for. Pages end there, and
the total is the index's own count less the share that the live columns have refused. Where products say only some of what
was asked for, the best 1,000 are all there are: what follows is noise.
"""

from __future__ import annotations

import zlib
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import tantivy

from entrepot.catalog import Columns, Facets, ProductFilter, Selection
from entrepot.kernel.errors import Invalid
from entrepot.kernel.pages import Page, WrongCursor, a_cursor_id
from entrepot.search import rank, understand
from entrepot.search.index import SearchIndex
from entrepot.search.model import Ids, Signals, Synonyms
from entrepot.search.reader import Opened
from entrepot.search.understand import Understood

LOOKED_AT: Final = 1_000
"""Candidates that are enough for most pages."""
CANDIDATES: Final = 10_000
"""The most that are looked at."""
FEW: Final = 2_000
RELEVANCE: Final = "relevance"
NO_FILTER: Final = ProductFilter()

Hit = tuple[float, tantivy.DocAddress]
Places = npt.NDArray[np.intp]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what was found. `words` are the stems that were looked for, `facets` of all matches where asked for."""

    ids: list[int]
    total: int
    next_cursor: tuple[Any, ...] | None = None
    facets: Facets | None = None
    did_you_mean: str | None = None
    words: frozenset[str] = frozenset()


class Candidates(msgspec.Struct, frozen=True):
    """What the index answered: the best matches by score, and how many there are in all."""

    understood: Understood
    hits: list[Hit]
    ids: Ids
    count: int

    def passing(self, selection: Selection) -> Places:
        """Places of the hits that are in the selection."""
        by_id = np.argsort(self.ids)  # looked up so, ten thousand products are found much faster
        passing = np.zeros(len(self.ids), np.bool_)
        passing[by_id] = selection.keep(self.ids[by_id])
        return np.flatnonzero(passing)

    @property
    def has_all(self) -> bool:
        """Whether these are all matches."""
        return self.count <= len(self.hits)


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
    few = _few(columns, wanted)
    needed = _place_in(page) + page.limit + 1
    at_most = CANDIDATES if facets or not by_relevance or needed > LOOKED_AT // 2 else min(LOOKED_AT, CANDIDATES)
    while True:
        asked = _Asked(text, language, index.synonyms, wanted, few, at_most)
        candidates = await index.reader.in_thread(_look, opened, asked)
        selection = columns.select(wanted)  # after the last await: it holds only until the next
        places = candidates.passing(selection)
        if candidates.has_all or at_most == CANDIDATES or len(places) >= max(2 * needed, rank.RERANKED):
            break
        at_most = CANDIDATES

    among = selection.among(candidates.ids[places]) if facets or not by_relevance else None
    if by_relevance:
        entries = selection.once_a_group(_ranked(index, columns, opened, candidates, places).tolist())
        total = _total(candidates, len(entries))
        shown, following = _page(entries, page, _mark(text))
    elif among is not None:
        total = _total(candidates, among.total)
        cut = among.page(page)
        shown, following = cut.ids, cut.following
    if page.after is None and not page.skip and candidates.understood.did_you_mean is None:
        index.asked.add(text, total, opened.vocabulary)
    return Found(
        ids=shown,
        total=total,
        next_cursor=following,
        facets=among.facets() if among is not None and facets else None,
        did_you_mean=candidates.understood.did_you_mean,
        words=candidates.understood.words,
    )


def _few(columns: Columns, wanted: ProductFilter) -> list[int] | None:
    """The ids of what the filters want, when it is little: then the index is asked for these alone."""
    if wanted == NO_FILTER:
        return None
    selection = columns.select(wanted)
    return selection.ids.tolist() if selection.count <= FEW else None


def _ranked(index: SearchIndex, columns: Columns, opened: Opened, candidates: Candidates, places: Places) -> Ids:
    """The products at these places, best first. The first hundred are looked at closely, live as they are."""
    close = places[: rank.RERANKED]
    ids = candidates.ids[close]
    hits = [candidates.hits[place] for place in close.tolist()]
    order = rank.order(opened.searcher, candidates.understood, hits, ids, signals_of(index, columns, ids))
    return np.concatenate([ids[order], candidates.ids[places[rank.RERANKED :]]])


def signals_of(index: SearchIndex, columns: Columns, ids: Ids) -> Signals:
    """What decides between equals, as it is now."""
    ratings = (columns.ratings(ids) / 100).astype(np.float32)
    return Signals(index.popularity.of(ids), ratings, columns.stocks(ids).astype(np.int32))


class _Asked(NamedTuple):
    """What is asked of the index."""

    text: str
    language: str
    synonyms: Synonyms
    wanted: ProductFilter
    few: list[int] | None
    at_most: int


def _look(opened: Opened, asked: _Asked) -> Candidates:
    """Runs in a thread."""
    understood = understand.query(
        opened.searcher, opened.schema, asked.text, asked.language, asked.synonyms, opened.vocabulary, asked.at_most
    )
    at_most = asked.at_most if understood.says_all else min(asked.at_most, LOOKED_AT)
    found = understood.found or _search(opened.searcher, understood.query, at_most)
    if found.count > at_most and (filters := _filters(opened.schema, asked.wanted, asked.few)):
        narrowed = tantivy.Query.boolean_query([(tantivy.Occur.Must, understood.query), *filters])
        found = _search(opened.searcher, narrowed, at_most)
    hits = found.hits
    ids = np.array(opened.searcher.fast_field_values("id", [address for _, address in hits]), np.int64)
    return Candidates(understood, hits, ids, found.count if understood.says_all else len(hits))


def _search(searcher: tantivy.Searcher, query: tantivy.Query, at_most: int) -> Any:
    return searcher.search(query, at_most, count=True)


def _filters(
    schema: tantivy.Schema, wanted: ProductFilter, few: list[int] | None
) -> list[tuple[tantivy.Occur, tantivy.Query]]:
    """What the index knows of the filters. It may lag behind by a second; the live columns have the last word."""
    if few is not None:
        alone = tantivy.Query.term_set_query(schema, "id", few) if few else tantivy.Query.empty_query()
        return [(tantivy.Occur.Must, tantivy.Query.const_score_query(alone, 0.0))]
    terms = [
        term
        for term, given in (
            (f"company:{wanted.company}", wanted.company),
            (f"seller:{wanted.seller}", wanted.seller),
            (f"category:{wanted.category}", wanted.category),
            (f"brand:{wanted.brand}", wanted.brand),
            (f"tag:{wanted.tag}", wanted.tag),
        )
        if given is not None
    ]
    queries = [tantivy.Query.term_query(schema, "filter", term, "basic") for term in terms]
    low, high = wanted.min_price_minor, wanted.max_price_minor
    if low is not None or high is not None:
        queries.append(tantivy.Query.range_query(schema, "price", tantivy.FieldType.Integer, low, high))
    return [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in queries]


def _total(candidates: Candidates, entries: int) -> int:
    """`entries`: how many of the candidates are shown, a group once."""
    if candidates.has_all:
        return entries
    return max(entries, round(candidates.count * entries / len(candidates.hits)))


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
