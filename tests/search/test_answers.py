"""Answers of the index are kept, and only they: what is sold, and at which price, is looked up each time."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from entrepot.search import find
from entrepot.search.answers import ANSWER_WEIGHT, Answer, KeptAnswers
from entrepot.search.look import answer
from entrepot.search.model import Synonyms
from tests.builders import Client
from tests.search.finding import ids_of, indexed, search
from tests.search.shelf import Shelf
from tests.search.test_search import a_word


def an_answer(matches: int) -> Answer:
    understood = Shelf(["Blue sofa"]).understand("sofa")
    numbers = np.zeros(matches)
    return Answer(understood, np.arange(matches), numbers, numbers, matches)


def test_the_answers_asked_for_last_are_kept() -> None:
    synonyms, given = Synonyms(), an_answer(10)
    kept = KeptAnswers(most_matches=2 * (10 + ANSWER_WEIGHT))
    kept.keep(synonyms, "a", given)
    kept.keep(synonyms, "b", given)
    kept.keep(synonyms, "b", given)
    assert kept.get(synonyms, "a") is given
    kept.keep(synonyms, "c", given)
    assert kept.get(synonyms, "b") is None
    assert kept.get(synonyms, "a") is given
    assert kept.get(synonyms, "c") is given


def test_an_answer_larger_than_all_together_is_not_kept() -> None:
    synonyms, kept = Synonyms(), KeptAnswers(most_matches=ANSWER_WEIGHT + 5)
    kept.keep(synonyms, "a", an_answer(10))
    assert kept.get(synonyms, "a") is None
    kept.keep(synonyms, "b", an_answer(5))
    assert kept.get(synonyms, "b") is not None


def test_answers_are_forgotten_with_the_synonyms() -> None:
    before, after, kept = Synonyms(), Synonyms(), KeptAnswers()
    kept.keep(before, "a", an_answer(1))
    assert kept.get(after, "a") is None
    kept.keep(after, "b", an_answer(1))
    assert kept.get(before, "a") is None
    assert kept.get(after, "a") is None
    assert kept.get(after, "b") is not None


def test_an_answer_holds_no_hits_of_the_engine() -> None:
    shelf = Shelf(["Blue sofa", "Blue lamp", "Red sofa"])
    understood = shelf.understand("blue sofa")
    found = shelf.searcher.search(understood.query, 10)
    given = answer(shelf.opened, msgspec.structs.replace(understood, found=found), found, count=3, close=1)
    assert given.understood.found is None
    assert not given.has_all
    assert np.isnan(given.fitness).tolist() == [False, *[True] * (len(given.ids) - 1)]


async def test_what_changes_after_an_answer_was_kept_is_seen_at_once(client: Client) -> None:
    word = a_word("keeper")
    first, second = [await client.a_product(title=f"{word} {place}", price=10) for place in ("one", "two")]
    await indexed(client, word, first["id"], second["id"])
    admin = await client.signed_in("admin")

    async def found(**query: object) -> list[int]:
        client.app.cache.clear()
        return sorted(ids_of(await search(client, word, **query)))

    assert await found(maxPrice=15) == sorted([first["id"], second["id"]])
    assert (await admin.put(f"/products/{first['id']}", json={"price": 20})).status_code == 200
    assert await found(maxPrice=15) == [second["id"]]
    assert (await admin.delete(f"/products/{second['id']}")).status_code == 200
    assert await found() == [first["id"]]


async def test_pages_and_filters_of_one_answer_ask_the_index_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = a_word("once")
    ids = [(await client.a_product(title=f"{word} {number}", price=number))["id"] for number in range(1, 5)]
    await indexed(client, word, *ids)
    looked: list[str] = []
    look = find._look
    monkeypatch.setattr(find, "_look", lambda *given: looked.append(given[2].text) or look(*given))  # type: ignore[func-returns-value]
    opened = await client.app.index.reader.opened()
    shown = [found for skip in range(4) for found in ids_of(await search(client, word, limit=1, skip=skip))]
    assert sorted(shown) == sorted(ids)
    if opened is await client.app.index.reader.opened():  # nothing else was indexed meanwhile
        assert len(looked) <= 1
