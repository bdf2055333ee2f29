"""Synonyms, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from entrepot.kernel import clock
from entrepot.search.synonym_queries import SynonymRow
from entrepot.search.synonyms import compiled
from tests.builders import Client
from tests.search.finding import found_when, ids_of, indexed
from tests.search.test_search import a_word


async def test_words_that_mean_the_same_find_each_other(client: Client) -> None:
    sofa, couch = a_word("sofa"), a_word("couch")
    one, two = await client.a_product(title=f"Blue {sofa}"), await client.a_product(title=f"Green {couch}")
    await indexed(client, sofa, one["id"])
    await indexed(client, couch, two["id"])
    admin = await client.signed_in("admin")

    added = await admin.post("/search/synonyms", {"terms": [couch.upper(), sofa]})
    assert added.status_code == 201, added.text
    assert added.json()["terms"] == sorted([couch, sofa])
    assert (added.json()["oneWay"], added.json()["language"]) == (None, None)
    for word, first in ((sofa, one), (couch, two)):
        found = await indexed(client, word, one["id"], two["id"])
        assert ids_of(found)[0] == first["id"], "the word itself counts for more"

    assert (await admin.delete(f"/search/synonyms/{added.json()['id']}")).status_code == 204
    await indexed(client, sofa, one["id"])


async def test_one_way(client: Client) -> None:
    footwear, boot = a_word("footwear"), a_word("boot")
    product = await client.a_product(title=f"Brown {boot}")
    other = await client.a_product(title=f"Any {footwear}")
    await indexed(client, boot, product["id"])
    admin = await client.signed_in("admin")
    added = await admin.post("/search/synonyms", {"oneWay": {"from": footwear, "to": [boot]}})
    assert added.status_code == 201, added.text
    assert added.json()["oneWay"] == {"from": footwear, "to": [boot]}
    assert added.json()["terms"] is None
    await indexed(client, footwear, product["id"], other["id"])
    await indexed(client, boot, product["id"])


async def test_only_in_its_language(client: Client) -> None:
    gift, poison = a_word("gift"), a_word("poison")
    product = await client.a_product(title=f"Strong {poison}")
    await indexed(client, poison, product["id"])
    admin = await client.signed_in("admin")
    added = await admin.post("/search/synonyms", {"terms": [gift, poison], "language": "DE"})
    assert added.json()["language"] == "de"
    await indexed(client, gift, product["id"], lang="de")
    await indexed(client, gift, lang="en")


async def test_they_are_changed_and_listed(client: Client) -> None:
    admin = await client.signed_in("admin")
    one, two, three = a_word("one"), a_word("two"), a_word("three")
    added = (await admin.post("/search/synonyms", {"terms": [one, two]})).json()
    changed = await admin.put(f"/search/synonyms/{added['id']}", {"terms": [one, three]})
    assert changed.status_code == 200, changed.text
    assert changed.json()["terms"] == sorted([one, three])
    page = (await admin.get("/search/synonyms?limit=0")).json()
    assert [row["terms"] for row in page["synonyms"] if row["id"] == added["id"]] == [sorted([one, three])]
    assert page["total"] == page["limit"] == len(page["synonyms"])
    logged = await client.value(
        "select count(*) from admin_log where subject_kind = 'synonyms' and subject_id = $1", str(added["id"])
    )
    assert logged == 2


async def test_the_same_words_are_declared_once(client: Client) -> None:
    admin = await client.signed_in("admin")
    words = [a_word("same"), a_word("equal")]
    replies = await asyncio.gather(
        *(admin.post("/search/synonyms", {"terms": words[:: 1 - 2 * (n % 2)]}) for n in range(10))
    )
    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 9
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"SYNONYMS_EXIST"}
    other = (await admin.post("/search/synonyms", {"terms": [*words, a_word("more")]})).json()
    assert (await admin.put(f"/search/synonyms/{other['id']}", {"terms": words})).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"terms": ["a", "b"], "oneWay": {"from": "a", "to": ["b"]}}, "body"),
        ({"terms": ["sofa"]}, "terms"),
        ({"terms": ["sofa", "SOFA "]}, "terms"),
        ({"terms": ["sofa", "!!!"]}, "terms"),
        ({"terms": ["x" * 61, "b"]}, "terms.0"),
        ({"terms": [f"w{n}" for n in range(21)]}, "terms"),
        ({"terms": ["a", "b"], "language": "not a tag"}, "language"),
        ({"oneWay": {"from": "a", "to": ["A"]}}, "oneWay.to"),
        ({"oneWay": {"from": "...", "to": ["b"]}}, "oneWay.from"),
        ({"oneWay": {"from": "a", "to": []}}, "oneWay.to"),
        ({"terms": ["a", "b"], "more": 1}, "more"),
    ],
)
async def test_what_is_wrong_is_named(client: Client, body: dict[str, Any], field: str) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post("/search/synonyms", body)
    assert reply.status_code == 400, reply.text
    assert any(name.startswith(field) for name in reply.json()["details"]), reply.text


async def test_there_must_be_such_synonyms(client: Client) -> None:
    admin = await client.signed_in("admin")
    for reply in (
        await admin.put("/search/synonyms/987654321", {"terms": ["a", "b"]}),
        await admin.delete("/search/synonyms/987654321"),
    ):
        assert reply.status_code == 404
        assert reply.json()["code"] == "SYNONYMS_NOT_FOUND"


async def test_only_administrators(client: Client) -> None:
    seller = await client.signed_in("seller")
    assert (await client.get("/search/synonyms")).status_code == 401
    assert (await seller.post("/search/synonyms", {"terms": ["a", "b"]})).status_code == 403


async def test_a_phrase_is_one_word(client: Client) -> None:
    short, long = a_word("tv"), f"{a_word('moving')} {a_word('pictures')}"
    product = await client.a_product(title=f"Flat {short}")
    await indexed(client, short, product["id"])
    admin = await client.signed_in("admin")
    assert (await admin.post("/search/synonyms", {"terms": [short, long]})).status_code == 201
    await found_when(client, long, lambda found: ids_of(found)[:1] == [product["id"]])


def test_what_a_query_looks_up() -> None:
    def row(terms: list[str], also: list[str], language: str | None = None) -> SynonymRow:
        return SynonymRow(
            id=1, language=language, terms=terms, also=also, created_at=clock.now(), updated_at=clock.now()
        )

    synonyms = compiled([row(["a", "b c"], []), row(["a"], ["d"]), row(["a", "e"], [], "de")])
    assert synonyms.of("a", "en") == ("b c", "d")
    assert synonyms.of("a", "de") == ("b c", "d", "e")
    assert synonyms.of("b c", "en") == ("a",)
    assert synonyms.of("d", "en") == ()
    assert synonyms.longest == 2
