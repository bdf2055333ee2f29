"""What a shopper's words mean: the query that is put to the index.

A text becomes concepts: words, measures and codes, each with the forms in which a product may say it (its stem, written
together or apart, synonyms, and if nothing is spelt like that, what may have been meant). A product matches if it says all
of them, in whatever field; if hardly any does, if it says some. Nothing in the text is an operator.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

import msgspec
import tantivy

from entrepot.search import text as texts
from entrepot.search.model import Synonyms
from entrepot.search.vocabulary import Correction, Vocabulary

CONCEPTS_MAX: Final = 12
"""Of a longer text the first words count."""

FIELDS: Final = {"title": 1.0, "translated": 1.0, "labels": 0.6, "body": 0.2}
"""Where words are looked for, and what finding one there is worth."""

NUMBER_WEIGHT: Final = 0.5
"""What `10` is worth where `10 mm` was asked for."""

SYNONYM_WEIGHT: Final = 0.8

CORRECTION_WEIGHT: Final = 0.9
"""Of the likeliest correction; of others by how much less likely they are, down to `CORRECTION_WEIGHT_MIN`."""

CORRECTION_WEIGHT_MIN: Final = 0.1
CORRECTION_DECAY: Final = 0.5

CORRECTIONS: Final = 3
"""So many corrections of a word are looked for."""

RARE: Final = 0.00005
"""A word that at most this part of all products has (or one) may be a misspelling itself, ..."""

RARER: Final = 20
"""... of one that is so many times as frequent."""

SPLIT_COST: Final = 9.0
"""A correction that costs more than this is less likely than a missing space."""

COMMON: Final = 0.05
"""A word that this part of all products has need not be there, unless all words are like that, ..."""

COMMON_MIN: Final = 1_000
"""... and so many products at least."""

ENOUGH: Final = 100
"""If fewer products say all that was asked for, those that say only some of it match, too. In small catalogs, ..."""

ENOUGH_PART: Final = 0.002
"""... this part of all products is enough, and at least one."""

CODE_LENGTH: Final = 4
"""Characters of a word with digits that may be a SKU although there are other words; ..."""

CODE_DIGITS: Final = 6
"""... and of one that has only digits."""

MUST: Final = tantivy.Occur.Must
SHOULD: Final = tantivy.Occur.Should

CODE_SCORE: Final = 1e6
"""What a product scores at least whose SKU or barcode is the text."""


class Form(NamedTuple):
    """One way to say a concept: stems that a product must have, all of them."""

    terms: tuple[str, ...]
    weight: float


class Concept(NamedTuple):
    """One thing that was asked for, in any of its forms, best first; `rarity` is the logarithm of how few have it."""

    word: str
    forms: tuple[Form, ...]
    rarity: float
    is_common: bool


class Understood(msgspec.Struct, frozen=True):
    """`query` for the index, the `words` that it looks for (for highlighting), and a better spelling if there is one."""

    query: tantivy.Query
    words: frozenset[str]
    did_you_mean: str | None = None
    concepts: tuple[Concept, ...] = ()
    """What was understood, for ranking; words that no product has are left out."""

    found: Any = None
    """What the query finds, if that had to be looked at already."""

    says_all: bool = True
    """Whether each match says all that was asked for. If not, the best few hundred are worth showing, and the others noise."""


def query(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    text: str,
    language: str,
    synonyms: Synonyms,
    vocabulary: Vocabulary | None,
    at_most: int = 1,
    fields: Mapping[str, float] = FIELDS,
) -> Understood:
    """Any text at all, of 1 to 200 characters, becomes a query; nothing in it is an operator. Runs in a thread.

    `at_most`: how many hits are wanted, should the query have to be tried. `fields`: those that are looked into.
    """
    frequencies = _Frequencies(searcher, fields)
    asked = _Question(frequencies, language, vocabulary)
    asked.read(text)
    asked.join_neighbours()
    asked.add_synonyms(synonyms)
    better = asked.correct(text)
    concepts = asked.concepts()

    wanted, says_all, found = _matching(frequencies, schema, concepts, at_most)
    if codes := _known_codes(searcher, text):
        exactly = _any(tantivy.Query.term_query(schema, "code", code, "basic") for code in codes)
        first = tantivy.Query.const_score_query(exactly, CODE_SCORE)
        wanted, better, found = tantivy.Query.boolean_query([(SHOULD, first), (SHOULD, wanted)]), None, None
    words = frozenset(term for concept in concepts for form in concept.forms for term in form.terms)
    return Understood(wanted, words, better, concepts, found, says_all)


def _known_codes(searcher: tantivy.Searcher, text: str) -> set[str]:
    """SKUs and barcodes that the text is, or that stand in it among words."""
    words = text.split()[:CONCEPTS_MAX]
    codes = {texts.code(text), *(code for code in map(texts.code, words) if _may_be_code(code))}
    return {code for code in codes if code and searcher.doc_freq("code", code)}


def _may_be_code(code: str) -> bool:
    """Among other words, `12` or `red` is none."""
    has_digits = any(character.isdigit() for character in code)
    return has_digits and len(code) >= (CODE_DIGITS if code.isdigit() else CODE_LENGTH)


class _Said:
    """A word of the question as it stands there, and its forms: stems to the weight of finding them."""

    __slots__ = ("forms", "is_word", "word")

    def __init__(self, word: str, forms: dict[tuple[str, ...], float], is_word: bool) -> None:
        self.word = word
        self.forms = forms
        self.is_word = is_word


class _Frequencies:
    """How many products have a term, by field; each is asked of the index once a question."""

    def __init__(self, searcher: tantivy.Searcher, fields: Mapping[str, float]) -> None:
        self.searcher = searcher
        self.fields = fields
        self.products = max(searcher.num_docs, 1)
        self._found: dict[str, dict[str, int]] = {}

    def of(self, term: str) -> dict[str, int]:
        """By each of the fields."""
        found = self._found.get(term)
        if found is None:
            found = self._found[term] = {field: self.searcher.doc_freq(field, term) for field in self.fields}
        return found


class _Question:
    def __init__(self, frequencies: _Frequencies, language: str, vocabulary: Vocabulary | None) -> None:
        self.frequencies = frequencies
        self.language = language
        self.vocabulary = vocabulary
        self.products = frequencies.products
        self.said: list[_Said] = []

    def read(self, text: str) -> None:
        """Words, measures and compounds of the text."""
        for parts, whole, is_measure in texts.pieces(text):
            if whole is not None and is_measure:
                self.said.append(_Said(whole, {(whole,): 1.0, parts: NUMBER_WEIGHT}, is_word=False))
            elif whole is not None and not parts:  # `4x8`, after its sides
                for side in self.said[-whole.count("x") - 1 :]:
                    side.forms[(whole,)] = 1.0
            else:
                together = {} if whole is None else self.stems(whole)
                self.said += [_Said(part, {**self.stems(part), **together}, whole is None) for part in parts]
            if len(self.said) >= CONCEPTS_MAX:
                break

    def stems(self, word: str) -> dict[tuple[str, ...], float]:
        """A word's stem in the shopper's language, and in the shop's if that is another."""
        return {(texts.stem(word, self.language),): 1.0, (texts.stem(word, texts.SHOP_LANGUAGE),): 1.0}

    def join_neighbours(self) -> None:
        """`under counter` is also said by `undercounter`."""
        for left, right in pairwise(self.said):
            if left.is_word and right.is_word and len(left.word) + len(right.word) <= texts.WORD_LENGTH:
                joined = texts.stem(left.word + right.word, self.language)
                if self.frequency(joined):
                    left.forms[(joined,)] = right.forms[(joined,)] = 1.0

    def add_synonyms(self, synonyms: Synonyms) -> None:
        """A phrase that has synonyms is said by each of them, too."""
        words = [one.word for one in self.said]
        for length in range(1, min(synonyms.longest, len(words)) + 1):
            for at in range(len(words) - length + 1):
                for phrase in synonyms.of(" ".join(words[at : at + length]), self.language):
                    form = tuple(dict.fromkeys(texts.stem(word, self.language) for word in texts.plain(phrase).split()))
                    for one in self.said[at : at + length] if form else ():
                        one.forms.setdefault(form, SYNONYM_WEIGHT)

    def correct(self, text: str) -> str | None:
        """Words that nothing is spelt like get forms that may have been meant. Returns the text as it was meant, or None."""
        if self.vocabulary is None:
            return None
        better: dict[str, str] = {}
        after: list[_Said] = []
        for one in self.said:
            known = max(self.frequency_of(form) for form in one.forms)
            if not one.word.isalpha() or known > max(1, RARE * self.products):
                after.append(one)
                continue
            meant = self._meant(one.word, known, self.vocabulary)
            halves = self.vocabulary.split(one.word) if known == 0 else None
            if halves and (not meant or meant[0].cost > SPLIT_COST):
                better[one.word] = " ".join(halves)
                after += [_Said(half, {**one.forms, **self.stems(half)}, is_word=True) for half in halves]
                continue
            if meant:
                better[one.word] = meant[0].word
            for correction, weight in _weighted(meant):
                for form in self.stems(correction.word):
                    one.forms[form] = max(weight, one.forms.get(form, 0.0))
            after.append(one)
        self.said = after[:CONCEPTS_MAX]
        return _with(text, better) if better else None

    def _meant(self, word: str, known: int, vocabulary: Vocabulary) -> list[Correction]:
        """What may have been meant by a word that so many products have, likeliest first."""
        found = [one for one in vocabulary.corrections(word, CORRECTIONS) if one.frequency > known * RARER]
        if known == 0:
            have = {one.word for one in found}
            found += [one for one in vocabulary.continued(word, CORRECTIONS) if one.word not in have]
        found.sort(key=lambda one: -one.likelihood)
        return found[:CORRECTIONS]

    def concepts(self) -> tuple[Concept, ...]:
        """What was understood, without words that no product has."""
        found = []
        for one in self.said:
            forms = [Form(terms, weight) for terms, weight in one.forms.items() if self.frequency_of(terms)]
            if forms:
                forms.sort(key=lambda form: -form.weight)
                frequency = max(self.frequency_of(form.terms) for form in forms)
                rarity = math.log1p(self.products / frequency)
                found.append(
                    Concept(one.word, tuple(forms), rarity, frequency > max(COMMON * self.products, COMMON_MIN))
                )
        return tuple(found)

    def frequency_of(self, terms: tuple[str, ...]) -> int:
        """At most so many products have all the terms."""
        return min(self.frequency(term) for term in terms)

    def frequency(self, term: str) -> int:
        """In how many products a term is, in the field that has it most often."""
        return max(self.frequencies.of(term).values())


def _weighted(meant: list[Correction]) -> Iterator[tuple[Correction, float]]:
    """Corrections with the weight of finding them, from the likeliest to those hardly worth a look."""
    for one in meant:
        weight = CORRECTION_WEIGHT * math.exp(CORRECTION_DECAY * (one.likelihood - meant[0].likelihood))
        if weight >= CORRECTION_WEIGHT_MIN:
            yield one, weight


def _with(text: str, better: dict[str, str]) -> str:
    """The text with other words in it, its numbers and signs as they were."""
    words = "|".join(re.escape(word) for word in better)
    return " ".join(re.sub(rf"(?<!\w)(?:{words})(?!\w)", lambda word: better[word[0]], texts.normal(text)).split())


def _matching(
    frequencies: _Frequencies, schema: tantivy.Schema, concepts: tuple[Concept, ...], at_most: int
) -> tuple[tantivy.Query, bool, Any]:
    """All of what is not common, if enough products have that; else any of it. Says which, and what that finds if known."""
    if not concepts:
        return tantivy.Query.empty_query(), True, None
    fields = _Fields(frequencies, schema)
    needed = [one for one in concepts if not one.is_common] or list(concepts)
    strict = tantivy.Query.boolean_query(
        [(MUST if one in needed else SHOULD, _any(fields.clauses([one]))) for one in concepts]
    )
    if len(needed) == 1:
        return strict, True, None
    found: Any = frequencies.searcher.search(strict, at_most, count=True)
    if found.count >= min(ENOUGH, max(1, frequencies.products * ENOUGH_PART)):
        return strict, True, found
    common = [one for one in concepts if one not in needed]
    some = tantivy.Query.boolean_query(
        [(MUST, _any(fields.clauses(needed))), *((SHOULD, one) for one in fields.clauses(common))]
    )
    return some, False, None


def _any(clauses: Iterable[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(SHOULD, one) for one in clauses])


class _Fields:
    """Makes queries for what is in the index; what no product has in a field is not asked for."""

    def __init__(self, frequencies: _Frequencies, schema: tantivy.Schema) -> None:
        self._frequencies = frequencies
        self._schema = schema

    def clauses(self, concepts: Iterable[Concept]) -> Iterator[tantivy.Query]:
        """One for each form and field. A form that says several concepts (`undercounter`) counts once."""
        weights: dict[tuple[str, ...], float] = {}
        for concept in concepts:
            for form in concept.forms:
                weights[form.terms] = max(form.weight, weights.get(form.terms, 0.0))
        for terms, weight in weights.items():
            found = [self._frequencies.of(term) for term in terms]
            for field, worth in self._frequencies.fields.items():
                if all(frequencies[field] for frequencies in found):
                    yield _worth(self._together(field, terms), weight * worth)

    def _together(self, field: str, terms: tuple[str, ...]) -> tantivy.Query:
        queries = [tantivy.Query.term_query(self._schema, field, term, "freq") for term in terms]
        return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(MUST, one) for one in queries])


def _worth(query: tantivy.Query, weight: float) -> tantivy.Query:
    return query if weight == 1.0 else tantivy.Query.boost_query(query, weight)
