"""Looking at what the index has found: which products these are, and how well the best of them fit."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import tantivy

from entrepot.search import rank
from entrepot.search.answers import Answer, Places
from entrepot.search.rank import Fitness
from entrepot.search.reader import Opened
from entrepot.search.understand import Understood


def answer(
    opened: Opened,
    understood: Understood,
    found: Any,
    *,
    count: int,
    close: int,
    completed: tuple[str, ...] = (),
) -> Answer:
    """Of what the index has found, of `count` in all; the best, so many, are looked at closely. Runs in a thread."""
    addresses = [address for _, address in found.hits]
    ids = np.array(opened.searcher.fast_field_values("id", addresses), np.int64)
    scores = np.fromiter((score for score, _ in found.hits), np.float64, len(ids))
    order = np.lexsort((ids, -scores))  # equals lie in another order as soon as the engine merges its files
    ids, scores = ids[order], scores[order]
    nearest = [addresses[place] for place in order[:close].tolist()]
    fitness = np.full(len(ids), np.nan)
    fitness[:close] = rank.look_closely(
        opened.searcher, understood, nearest, ids[:close], scores[:close], _best(scores)
    )
    return Answer(msgspec.structs.replace(understood, found=None), ids, scores, fitness, count, completed)


def look_closer(opened: Opened, given: Answer, places: Places) -> Fitness:
    """The fitness of an answer of this index, looked at closely at these places instead. Runs in a thread."""
    ids = given.ids[places]
    these = tantivy.Query.term_set_query(opened.schema, "id", ids.tolist())
    found = [address for _, address in opened.searcher.search(these, max(len(ids), 1), count=False).hits]
    lie_at = dict(zip(opened.searcher.fast_field_values("id", found), found, strict=True))
    addresses = [lie_at[one] for one in ids.tolist()]
    fitness = np.full(len(given.ids), np.nan)
    fitness[places] = rank.look_closely(
        opened.searcher, given.understood, addresses, ids, given.scores[places], _best(given.scores)
    )
    return fitness


def _best(scores: npt.NDArray[np.float64]) -> float:
    return float(scores.max(initial=0.0))
