"""Synonyms: words that administrators declare to mean the same. They are applied to the query, so no index is rebuilt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Conflict, Invalid, NotFound, Unprocessable
from entrepot.kernel.events import publish
from entrepot.search import synonym_queries as queries
from entrepot.search import text
from entrepot.search.events import SynonymsChanged
from entrepot.search.model import Synonyms
from entrepot.search.synonym_queries import SynonymRow

MOST: Final = 5_000
"""Sets of synonyms that there can be: every process keeps them in memory."""


class SynonymsNotFound(NotFound):
    code = "SYNONYMS_NOT_FOUND"
    message = "There are no synonyms of this id"


class SynonymsExist(Conflict):
    code = "SYNONYMS_EXIST"
    message = "These words are declared to mean the same already"


class TooManySynonyms(Unprocessable):
    code = "TOO_MANY_SYNONYMS"
    message = f"There are {MOST:,} sets of synonyms, which is the most there can be: delete some first"


CONSTRAINTS: Final = {"search_synonyms_key": SynonymsExist}


class Meaning(msgspec.Struct, frozen=True):
    """What a set of synonyms says: `terms` mean each other; or, with `also`, each of them means those as well."""

    language: str | None
    terms: list[str]
    also: list[str]


def same_meaning(language: str | None, terms: Sequence[str]) -> Meaning:
    """Words that stand for each other. Raises Invalid when they are the same word to a search."""
    plain = sorted(_plain("terms", terms))
    if len(plain) < 2:
        raise Invalid({"terms": ["needs two words at least that a search tells apart"]})
    return Meaning(language, plain, [])


def one_way(language: str | None, word: str, others: Sequence[str]) -> Meaning:
    """Who looks for `word` finds the others as well. Raises Invalid when nothing is left to find."""
    [plain] = _plain("oneWay.from", [word])
    also = sorted(_plain("oneWay.to", others) - {plain})
    if not also:
        raise Invalid({"oneWay.to": ["needs a word that a search tells apart from `from`"]})
    return Meaning(language, [plain], also)


async def add_synonyms(tx: Tx, actor: Actor, meaning: Meaning) -> SynonymRow:
    """Raises SynonymsExist, decided by the database, and TooManySynonyms."""
    if await queries.lock_for_more(tx) >= MOST:
        raise TooManySynonyms
    added = await queries.insert_synonym(tx, meaning.language, meaning.terms, meaning.also)
    await record_change(tx, actor, "synonyms.added", Subject("synonyms", added.id), after=meaning)
    await publish(tx, SynonymsChanged(), actor_id=actor.id)
    return added


async def change_synonyms(tx: Tx, actor: Actor, synonym_id: int, meaning: Meaning) -> SynonymRow:
    """Raises SynonymsNotFound, and SynonymsExist as the database decides."""
    before = await queries.lock_synonym(tx, synonym_id)
    if before is None:
        raise SynonymsNotFound
    changed = await queries.set_synonym(tx, synonym_id, meaning.language, meaning.terms, meaning.also)
    await record_change(tx, actor, "synonyms.changed", Subject("synonyms", synonym_id), _meaning_of(before), meaning)
    await publish(tx, SynonymsChanged(), actor_id=actor.id)
    return changed


async def delete_synonyms(tx: Tx, actor: Actor, synonym_id: int) -> None:
    """Raises SynonymsNotFound."""
    deleted = await queries.delete_synonym(tx, synonym_id)
    if deleted is None:
        raise SynonymsNotFound
    await record_change(tx, actor, "synonyms.deleted", Subject("synonyms", synonym_id), before=_meaning_of(deleted))
    await publish(tx, SynonymsChanged(), actor_id=actor.id)


def compiled(rows: Iterable[SynonymRow]) -> Synonyms:
    """As a query looks them up: by phrase, what to look for besides."""
    by_language: defaultdict[str | None, defaultdict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        for term in row.terms:
            others = row.also or [other for other in row.terms if other != term]
            by_language[row.language][term].update(dict.fromkeys(others))
    return Synonyms({of: {term: tuple(others) for term, others in table.items()} for of, table in by_language.items()})


def _plain(field: str, terms: Sequence[str]) -> set[str]:
    plain = {term: text.plain(term) for term in terms}
    if without := [term for term, words in plain.items() if not words]:
        raise Invalid({field: [f"{term!r} has no letter or digit" for term in without]})
    return set(plain.values())


def _meaning_of(row: SynonymRow) -> Meaning:
    return Meaning(row.language, row.terms, row.also)
