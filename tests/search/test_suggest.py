"""Suggestions while somebody types, over HTTP; and what was asked before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from entrepot.kernel import clock
from entrepot.search import asked_queries
from entrepot.search.asked import AskedQueries
from entrepot.search.asked_queries import PastQuery
from entrepot.search.completion_queries import Named
from entrepot.search.completions import Completions
from entrepot.search.jobs import forget_past_queries
from entrepot.search.vocabulary import Vocabulary
from tests.builders import Client
from tests.search.finding import indexed
from tests.search.keeping import until
from tests.search.test_search import a_word


async def suggested(
    client: Client, text: str, condition: Callable[[dict[str, Any]], bool], **query: Any
) -> dict[str, Any]:
    """Ask until the reply is as it should be."""
    last: dict[str, Any] = {}

    async def is_so() -> bool:
        nonlocal last
        client.app.cache.clear()
        reply = await client.get("/products/suggest", params={"q": text, **query})
        assert reply.status_code == 200, reply.text
        last = reply.json()
        return condition(last)

    await until(is_so)
    return last


def shows(product: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    return lambda reply: [one["id"] for one in reply["products"]] == [product["id"]]


async def test_products_go_on_as_typed(client: Client) -> None:
    word = a_word("headphone")
    product = await client.a_product(title=f"Wireless {word}", price=49.5)
    for typed in (word[:-6], word[:-1], word, f"wireless {word[:-3]}"):
        found = await suggested(client, typed, shows(product))
        [shown] = found["products"]
        assert shown == {
            "id": product["id"],
            "title": f"Wireless {word}",
            "thumbnail": "https://example.com/picture.jpg",
            "price": 49.5,
        }


async def test_words_go_on_as_typed(client: Client) -> None:
    word = a_word("telescope")
    product = await client.a_product(title=f"Large {word}")
    await suggested(
        client, f"large {word[:-2]}", lambda reply: f"large {word}" in reply["queries"] and shows(product)(reply)
    )


async def test_a_misspelling_is_forgiven(client: Client) -> None:
    word = a_word("barometer")
    product = await client.a_product(title=f"Brass {word}")
    await suggested(client, word.replace("aro", "ora"), shows(product))


async def test_categories_and_brands_by_the_beginning_of_their_words(client: Client) -> None:
    name, brand = a_word("outdoor"), a_word("brand")
    category = await client.a_category()
    admin = await client.signed_in("admin")
    category_id = await client.value("select id from categories where slug = $1", category)
    await client.value("update categories set name = $2 where id = $1", category_id, f"Grand {name} Things")
    await client.value("insert into category_translations values ($1, 'de', $2)", category_id, f"Großes {name} Zeug")
    await client.a_product(category=category, brand=f"House of {brand.upper()}")
    await client.value("insert into events (name, occurred_at, data) values ('categories.changed', now(), '{}')")
    for typed in (name[:-2], f"grand {name}"):
        found = await suggested(client, typed, lambda reply: len(reply["categories"]) == 1)
        assert found["categories"] == [{"slug": category, "name": f"Grand {name} Things"}]
    found = await suggested(client, name, lambda reply: len(reply["categories"]) == 1, lang="de-AT")
    assert found["categories"] == [{"slug": category, "name": f"Großes {name} Zeug"}]
    found = await suggested(client, brand[:-1], lambda reply: len(reply["brands"]) == 1)
    assert found["brands"][0]["name"] == f"House of {brand.upper()}"
    del admin


async def test_deleted_products_are_not_suggested(client: Client) -> None:
    word = a_word("vanish")
    product = await client.a_product(title=word)
    await suggested(client, word, shows(product))
    admin = await client.signed_in("admin")
    assert (await admin.delete(f"/products/{product['id']}")).status_code == 200
    client.app.cache.clear()
    assert (await client.get("/products/suggest", params={"q": word})).json()["products"] == []


async def test_at_most_as_many_as_asked_for(client: Client) -> None:
    word = a_word("crowd")
    company_id = await client.a_company()
    products = [await client.a_product(title=f"{word} {n}", company_id=company_id) for n in range(4)]
    await indexed(client, word, *(one["id"] for one in products))
    found = await suggested(client, word, lambda reply: len(reply["products"]) == 2, limit=2)
    assert len({one["id"] for one in found["products"]}) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "x" * 101}, "q"),
        ({"q": "x", "limit": 0}, "limit"),
        ({"q": "x", "limit": 11}, "limit"),
    ],
)
async def test_what_is_wrong_is_named(client: Client, query: dict[str, Any], field: str) -> None:
    reply = await client.get("/products/suggest", params=query)
    assert reply.status_code == 400
    assert field in reply.json()["details"]


async def test_what_others_have_found_is_suggested_once_several_hours_asked_for_it(client: Client) -> None:
    word = a_word("popular")
    product = await client.a_product(title=f"Very {word}")
    await indexed(client, f"very {word}", product["id"])
    database, index = client.app.shop.database, client.app.index
    now = clock.now()
    for hours in (30, 29, 29):
        async with database.transaction() as tx:
            await asked_queries.add_asked(tx, [f"very {word}"], [5], [1], now - timedelta(hours=hours))
    assert f"very {word}" not in [query.text for query in await asked_queries.list_shown(database.reader, 3, 1000)]

    async def is_known() -> bool:
        return (await index.reader.opened()).vocabulary.frequency(word) > 0

    await until(is_known)
    asked = AskedQueries()
    asked.add(f"  VERY  {word}! ", 1, (await index.reader.opened()).vocabulary)
    assert await asked.write(database) == 1
    assert (
        await client.value("select (times, hours)::text from search_queries where text = $1", f"very {word}")
        == "(16,3)"
    )
    index.gap()
    await suggested(client, "very", lambda reply: f"very {word}" in reply["queries"])


async def test_many_processes_write_at_once(client: Client) -> None:
    words = [a_word("write") for _ in range(20)]
    vocabulary = Vocabulary([(word, 1) for word in words])

    async def one(backwards: bool) -> None:
        asked = AskedQueries()
        for word in reversed(words) if backwards else words:
            asked.add(word, 3, vocabulary)
        await asked.write(client.app.shop.database)

    await asyncio.gather(*(one(n % 2 == 0) for n in range(10)))
    times = await client.value("select array_agg(distinct times) from search_queries where text = any($1)", words)
    assert times == [10]
    assert await client.value("select max(hours) from search_queries where text = any($1)", words) in (1, 2)


async def test_what_is_seldom_asked_is_forgotten(client: Client) -> None:
    rare, old, kept = a_word("rare"), a_word("old"), a_word("kept")
    for text, hours, days in ((rare, 1, 20), (old, 9, 200), (kept, 9, 20)):
        await client.value(
            "insert into search_queries values ($1, 5, $2, 1, now() - make_interval(days => $3))", text, hours, days
        )
    await forget_past_queries(client.app.shop, {})
    left = await client.value("select array_agg(text) from search_queries where text = any($1)", [rare, old, kept])
    assert left == [kept]


def test_only_words_of_the_catalog_are_kept() -> None:
    vocabulary = Vocabulary([("red", 3), ("shoes", 2)])
    kept = {}
    for text in ("Red  shoes", "red shoes 42", "john smith", "red john@example.com", "red 555123456", "r", "", "?!"):
        asked = AskedQueries()
        asked.add(text, 1, vocabulary)
        kept[text] = list(asked._times)
    assert kept == {
        "Red  shoes": ["red shoes"],
        "red shoes 42": ["red shoes 42"],
        "john smith": [],
        "red john@example.com": [],
        "red 555123456": [],
        "r": [],
        "": [],
        "?!": [],
    }
    nothing = AskedQueries()
    nothing.add("red shoes", 0, vocabulary)
    assert not nothing._times


def test_completions() -> None:
    categories = [
        Named("garden", "Garden", {"ru": "Сад"}),
        Named("garden-tools", "Garden tools", {}),
        Named("tools", "Power tools", {}),
    ]
    past = [PastQuery("garden hose", 5), PastQuery("garden gnome", 50), PastQuery("lamp", 100)]
    completions = Completions(categories, [], past)
    assert [one.slug for one in completions.categories("gard", 5)] == ["garden", "garden-tools"]
    assert [one.slug for one in completions.categories("tool", 5)] == ["garden-tools", "tools"]
    assert [one.slug for one in completions.categories("сад", 5)] == ["garden"]
    assert completions.categories("x", 5) == []
    assert completions.queries("gar", 5) == ["garden gnome", "garden hose"]
    assert completions.queries("gar", 1) == ["garden gnome"]
    assert Completions([], [], []).queries("a", 3) == []
