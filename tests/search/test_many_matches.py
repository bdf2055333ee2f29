"""More matches than are looked at: what the filters want is found all the same."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.search import find, rank
from tests.builders import Client
from tests.search.finding import found_when, ids_of, indexed, search
from tests.search.test_search import a_word

LOOKED_AT = 4


@pytest.fixture
async def crowd(client: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    """A word, twelve products with it in their titles, and one that has it in its description, so that it comes last."""
    word = a_word("crowd")
    company_id, category = await client.a_company(), await client.a_category()
    many = [
        await client.a_product(title=f"{word} {number}", company_id=company_id, category=category, price=10)
        for number in range(12)
    ]
    last = await client.a_product(
        title="Something else entirely",
        description=f"It has the {word} far down.",
        price=77,
        brand="Lastbrand",
        tags=["last"],
    )
    # Asked in another way than below: the index's answers are kept by text, also what is looked at without the limit.
    await indexed(client, word.upper(), *(one["id"] for one in many), last["id"])
    monkeypatch.setattr(find, "CANDIDATES", LOOKED_AT)
    client.app.cache.clear()
    return word, many, last


@pytest.mark.parametrize("few", [0, 100])
async def test_every_filter_reaches_what_would_not_be_looked_at(
    client: Client, crowd: tuple[str, list[dict[str, Any]], dict[str, Any]], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(find, "FEW", few)
    word, _, last = crowd
    for query in (
        {"category": last["category"]},
        {"brand": "Lastbrand"},
        {"brand": "lastbrand"},
        {"company": last["companyId"]},
        {"tag": "last"},
        {"minPrice": 70},
        {"minPrice": 70, "maxPrice": 80},
    ):
        found = await search(client, word, **query, facets="true")
        assert ids_of(found) == [last["id"]], query
        assert found["total"] == 1, query
    assert ids_of(await search(client, word, brand="nobody")) == []


async def test_the_total_counts_all_and_pages_end(
    client: Client, crowd: tuple[str, list[dict[str, Any]], dict[str, Any]]
) -> None:
    word, many, last = crowd
    found = await search(client, word)
    assert found["total"] == 13
    assert len(ids_of(found)) == LOOKED_AT
    assert last["id"] not in ids_of(found), "it fits least"
    assert ids_of(await search(client, word, skip=LOOKED_AT)) == []
    cheap = await search(client, word, maxPrice=10)
    assert cheap["total"] == 12
    admin = await client.signed_in("admin")
    assert (await admin.delete(f"/products/{many[0]['id']}")).status_code == 200
    await found_when(client, word, lambda found: found["total"] == 12)


async def test_a_first_look_is_widened_until_every_match_was_shown(
    client: Client, crowd: tuple[str, list[dict[str, Any]], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    word, many, last = crowd
    monkeypatch.setattr(find, "CANDIDATES", 10_000)
    monkeypatch.setattr(find, "FIRST_LOOK", 8)
    monkeypatch.setattr(find, "LOOKED_AT", LOOKED_AT)
    monkeypatch.setattr(rank, "RERANKED", 2)
    for _ in range(5):  # what other tests have left to index may change all scores between two pages
        found = await search(client, word, limit=1)
        shown = ids_of(found)
        while cursor := found.get("nextCursor"):
            assert found["total"] == 13
            found = await search(client, word, limit=1, cursor=cursor)
            shown += ids_of(found)
        if len(shown) == 13:
            break
    assert len(shown) == 13
    assert set(shown) == {last["id"], *(one["id"] for one in many)}


async def test_what_says_only_some_of_it_is_cut_off_after_the_best(
    client: Client, crowd: tuple[str, list[dict[str, Any]], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    word, _, last = crowd
    monkeypatch.setattr(find, "CANDIDATES", 10_000)
    monkeypatch.setattr(find, "LOOKED_AT", LOOKED_AT)
    other = a_word("solitary")
    alone = await client.a_product(title=f"{other} thing")
    await indexed(client, other, alone["id"])
    found = await search(client, f"{word} {other}")
    assert found["total"] == LOOKED_AT
    assert alone["id"] in ids_of(found)
    filtered = await search(client, f"{word} {other}", brand="Lastbrand")
    assert ids_of(filtered) == [last["id"]], "the filter is put to the index before the rest is cut off"
