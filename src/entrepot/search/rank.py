"""The order of what was found: how well it fits, and between equals what sells, is liked and can be had.

The engine finds and scores words; here the best hits are looked at again, each against the whole question:
how much of what was asked for does its title say, how near together, and how alike are the two, letter by letter? The
weights were learnt on one half of the judged queries of `benchmarks/search.py` (softmax over the candidates of a query,
the loss of ListNet; Cao et al. 2007) and are checked on the other half.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import tantivy

from entrepot.search.model import Ids, Signals
from entrepot.search.understand import CODE_SCORE, Concept, Understood

RERANKED: Final = 80
"""So many of the best hits are looked at closely; the others follow in the engine's order."""

SCORE_WEIGHT: Final = 3.0
"""The engine's score (BM25 over all fields), as a part of the best one's."""

COVERAGE_WEIGHT: Final = 8.0
"""How much of what was asked for is in title and labels; rare words count more."""

NEARNESS_WEIGHT: Final = 0.8
"""How many of the words that follow each other in the question do so in the title."""

LIKENESS_WEIGHT: Final = 3.0
"""Cosine of the two texts' groups of three letters, rare ones weighing more (0 to 1)."""

LABELS_WORTH: Final = 0.8
"""A word that only the labels have (brand, category, tags, attributes), against one in the title."""

TIE_WEIGHT: Final = 0.15
"""The most that popularity, rating and stock together change: less than any word of the question does."""

SOLD_MUCH: Final = 1_000
"""Units in 90 days from which more make no difference."""

CODE_WEIGHT: Final = 1_000.0
"""What is the SKU or barcode comes first, whatever else fits."""

_GRAMS: Final = 1 << 16

Fitness = npt.NDArray[np.float64]
"""By product: the more, the better it fits."""


def order(fitness: Fitness, ids: Ids, signals: Signals) -> npt.NDArray[np.intp]:
    """Positions of products that were looked at closely, in the order to show.

    All have the same length. Between equals the older product, with the lower id, comes first.
    """
    return np.lexsort((ids, -(fitness + TIE_WEIGHT * _tie_breakers(signals))))


def look_closely(
    searcher: tantivy.Searcher,
    understood: Understood,
    addresses: list[tantivy.DocAddress],
    ids: Ids,
    scores: npt.NDArray[np.float64],
    best_score: float,
) -> Fitness:
    """How well each product fits the question. Reads files, and takes half a millisecond: runs in a thread.

    Addresses, ids and scores have the same length; `best_score` is that of the best match of all, also if it is not among them.
    """
    if not addresses:
        return np.zeros(0)
    has_code = scores >= CODE_SCORE
    words = np.where(has_code, scores - CODE_SCORE, scores)
    best_score -= CODE_SCORE * (best_score >= CODE_SCORE)
    best_score = max(best_score, float(words.max()))
    return fitness(understood, _kept(searcher, addresses, ids), words, best_score) + CODE_WEIGHT * has_code


def _kept(searcher: tantivy.Searcher, addresses: list[tantivy.DocAddress], ids: Ids) -> list[bytes]:
    """What the index keeps of each. Read by id, as they lie in the files: neighbours are unpacked together."""
    kept = [b""] * len(addresses)
    for place in np.argsort(ids).tolist():
        kept[place] = searcher.doc(addresses[place]).get_first("kept") or b"\n="
    return kept


def fitness(understood: Understood, kept: list[bytes], scores: npt.NDArray[np.float64], best_score: float) -> Fitness:
    """How well each product fits the question, from what the index keeps of it (see `schema`) and the engine's scores."""
    weights: npt.NDArray[np.float64] = np.array([SCORE_WEIGHT, COVERAGE_WEIGHT, NEARNESS_WEIGHT, LIKENESS_WEIGHT])
    fit: Fitness = features(understood, kept, scores, best_score) @ weights
    return fit


def features(
    understood: Understood, kept: list[bytes], scores: npt.NDArray[np.float64], best_score: float
) -> npt.NDArray[np.float64]:
    """What fitness is weighed from, a row for each product: score, coverage, nearness, likeness, each 0 to 1."""
    concepts = [_Sought.of(concept) for concept in understood.concepts]
    lines, coverage, nearness = [], np.zeros(len(kept)), np.zeros(len(kept))
    for at, text in enumerate(kept):
        line, coverage[at], nearness[at] = _best_line(concepts, text)
        lines.append(line)
    likeness = _likeness(" ".join(concept.forms[0].terms[0] for concept in understood.concepts).encode(), lines)
    return np.stack([scores / max(best_score, 1e-9), coverage, nearness, likeness], axis=1)


class _Sought:
    """A concept as bytes to look for: its forms with spaces around each term, best first."""

    __slots__ = ("forms", "rarity")

    def __init__(self, forms: list[tuple[float, bytes, tuple[bytes, ...]]], rarity: float) -> None:
        self.forms = forms
        self.rarity = rarity

    @classmethod
    def of(cls, concept: Concept) -> _Sought:
        forms = []
        for terms, weight in concept.forms:
            first, *others = (f" {term} ".encode() for term in terms)
            forms.append((weight, first, tuple(others)))
        return cls(forms, concept.rarity)


def _best_line(concepts: list[_Sought], kept: bytes) -> tuple[bytes, float, float]:
    """The title that fits best (the original, or a translation), with how much of the question it and the labels have."""
    title, labels, *translations = kept.split(b"\n")
    labels = labels[1:] + b" "
    best = _covered(concepts, b" " + title + b" ", labels)
    for translation in translations:
        found = _covered(concepts, translation[translation.find(b" ") :] + b" ", labels)
        if found[1] > best[1]:
            best = found
    return best


def _covered(concepts: list[_Sought], title: bytes, labels: bytes) -> tuple[bytes, float, float]:
    asked = found = 0.0
    near, end = 0, -1
    for concept in concepts:
        asked += concept.rarity
        value, start = 0.0, -1
        for weight, first, others in concept.forms:
            if weight <= value:
                break
            at = title.find(first)
            if at >= 0 and (not others or all(other in title for other in others)):
                value, start = weight, at
                break
            if weight * LABELS_WORTH > value and first in labels and all(other in labels for other in others):
                value, start = weight * LABELS_WORTH, -1
        found += concept.rarity * value
        # The next word, or the next but one where that is short: `12 12in shelf` is `12 in. shelf`.
        near += start >= 0 and end >= 0 and 0 <= start - end <= 6
        end = start + len(first) - 1 if start >= 0 else -1
    return title, found / asked if asked else 0.0, near / max(len(concepts) - 1, 1)


def _likeness(asked: bytes, titles: list[bytes]) -> npt.NDArray[np.float64]:
    """Cosines of letter triples, for titles that begin and end with a space.

    A triple's rarity is counted among the titles at hand: what all of them have tells none from another.
    """
    if not asked:
        return np.zeros(len(titles))
    lengths = np.array([len(title) for title in titles])
    found, which = _triples(b"".join(titles)), np.repeat(np.arange(len(titles)), lengths)
    # Triples that begin in one title and end in the next are none.
    inside = np.ones(len(which), dtype=bool)
    ends = np.cumsum(lengths)
    inside[ends - 1] = inside[ends - 2] = False
    found, which = found[inside[:-2]], which[inside]
    frequency = np.bincount(found, minlength=_GRAMS)
    # By frequency, as few different ones occur: a logarithm for each of the 65,536 would take longest of all.
    rarity = np.log1p(len(titles) / (1.0 + np.arange(frequency.max() + 1)))
    question = np.unique(_triples(b" " + asked + b" "))
    wanted = np.zeros(_GRAMS)
    wanted[question] = rarity[frequency[question]] ** 2
    length = np.sqrt(np.bincount(which, rarity[frequency[found]] ** 2, minlength=len(titles)))
    common = np.bincount(which, wanted[found], minlength=len(titles))
    cosine: npt.NDArray[np.float64] = common / np.maximum(length * np.sqrt(wanted.sum()), 1e-9)
    return cosine


def _triples(text: bytes) -> npt.NDArray[np.intp]:
    """Each three bytes that follow each other, as a number below 65,536."""
    codes = np.frombuffer(text, dtype=np.uint8).astype(np.uint32)
    mixed = codes[:-2] * np.uint32(0x9E3779B1) + codes[1:-1] * np.uint32(0x12D68B35) + codes[2:] * np.uint32(0x85EBCA77)
    triples: npt.NDArray[np.intp] = (mixed >> np.uint32(16)).astype(np.intp)
    return triples


def _tie_breakers(signals: Signals) -> npt.NDArray[np.float64]:
    """0 to 1: what can be had counts most, then what sells, then what is liked."""
    sold = np.log1p(np.minimum(signals.popularity, SOLD_MUCH)) / np.log1p(SOLD_MUCH)
    value: npt.NDArray[np.float64] = 0.5 * (signals.stock > 0) + 0.3 * sold + 0.2 * (signals.rating / 5.0)
    return value
