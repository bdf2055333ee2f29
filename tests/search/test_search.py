"""Searching, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.builders import Client, unique
from tests.search.finding import found_when, ids_of, indexed, search


def a_word(stem: str) -> str:
    """A word of letters that no other test has, and that is near to none of theirs."""
    return stem + "".join(chr(ord("a") + int(digit)) * 2 for digit in unique("x").split("-", 1)[1].replace("-", ""))


async def test_a_new_product_is_found(client: Client) -> None:
    word = a_word("lamp")
    product = await client.a_product(title=f"Red {word}")
    found = await indexed(client, word, product["id"])
    assert (found["total"], found["skip"], found["limit"]) == (1, 0, 1)
    assert found["products"][0]["title"] == f"Red {word}"
    assert found["products"][0]["price"] == 10
    assert "nextCursor" not in found
    assert "facets" not in found


async def test_it_is_found_by_all_that_is_told_of_it(client: Client) -> None:
    brand, tag, sku, words = a_word("brand"), a_word("tag"), unique("SKU").upper(), a_word("descr")
    category = await client.a_category()
    product = await client.a_product(
        brand=brand.capitalize(), tags=[tag], sku=sku, description=f"Something {words} here.", category=category
    )
    for text in (brand, tag, sku, words, category):
        await found_when(client, text, lambda found: ids_of(found)[:1] == [product["id"]])


async def test_what_changes_is_found_as_it_is_now(client: Client) -> None:
    before, after = a_word("before"), a_word("later")
    product = await client.a_product(title=f"Thing {before}")
    await indexed(client, before, product["id"])
    admin = await client.signed_in("admin")
    reply = await admin.request("PATCH", f"/products/{product['id']}", json={"title": f"Thing {after}"})
    assert reply.status_code == 200, reply.text
    await indexed(client, after, product["id"])
    await indexed(client, before)


async def test_what_is_deleted_is_not_shown_at_once(client: Client) -> None:
    word = a_word("gone")
    first, second = [await client.a_product(title=f"{word} {number}") for number in range(2)]
    await indexed(client, word, first["id"], second["id"])
    admin = await client.signed_in("admin")
    assert (await admin.delete(f"/products/{first['id']}")).status_code == 200
    client.app.cache.clear()
    found = await search(client, word)
    assert ids_of(found) == [second["id"]], "it need not have left the index for that"
    assert found["total"] == 1


async def test_products_of_a_company_that_does_not_sell_are_hidden(client: Client) -> None:
    word = a_word("hide")
    company_id = await client.a_company()
    product = await client.a_product(title=word, company_id=company_id)
    await indexed(client, word, product["id"])
    admin = await client.signed_in("admin")
    for active, shown in ((False, []), (True, [product["id"]])):
        reply = await admin.request("PATCH", f"/companies/{company_id}/status", json={"isActive": active})
        assert reply.status_code == 200, reply.text
        await indexed(client, word, *shown)


async def test_filters_are_applied_to_what_is_true_now(client: Client) -> None:
    word = a_word("filter")
    category, other = await client.a_category(), await client.a_category()
    cheap = await client.a_product(title=f"cheap {word}", price=5, category=category, stock=0)
    dear = await client.a_product(title=f"dear {word}", price=50, category=category, brand="Dearbrand", tags=["fine"])
    away = await client.a_product(title=f"away {word}", price=20, category=other)
    everything = [cheap["id"], dear["id"], away["id"]]
    await indexed(client, word, *everything)
    for query, expected in (
        ({"minPrice": 10}, [dear, away]),
        ({"maxPrice": 20}, [cheap, away]),
        ({"minPrice": 10, "maxPrice": 30}, [away]),
        ({"category": category}, [cheap, dear]),
        ({"category": category, "inStock": "true"}, [dear]),
        ({"inStock": "false"}, [cheap]),
        ({"brand": "Dearbrand"}, [dear]),
        ({"tag": "fine"}, [dear]),
        ({"company": away["companyId"]}, [away]),
        ({"minRating": 1}, []),
        ({"zone": "nowhere-at-all"}, []),
        ({"category": "no-such-category"}, []),
    ):
        found = await search(client, word, **query)
        assert sorted(ids_of(found)) == sorted(one["id"] for one in expected), query
        assert found["total"] == len(expected), query


async def test_the_price_is_the_one_of_now(client: Client) -> None:
    word = a_word("price")
    product = await client.a_product(title=word, price=10)
    await indexed(client, word, product["id"])
    admin = await client.signed_in("admin")
    reply = await admin.request("PATCH", f"/products/{product['id']}", json={"price": 25})
    assert reply.status_code == 200, reply.text
    client.app.cache.clear()
    found = await search(client, word, minPrice=20)
    assert [one["price"] for one in found["products"]] == [25]


@pytest.fixture
async def many(client: Client) -> tuple[str, list[dict[str, Any]]]:
    """Seven products with one word of their own."""
    word = a_word("many")
    company_id, category = await client.a_company(), await client.a_category()
    products = [
        await client.a_product(
            title=f"{letter} {word}", price=10 + number, company_id=company_id, category=category, stock=number
        )
        for number, letter in enumerate("gfedcba")
    ]
    await indexed(client, word, *(product["id"] for product in products))
    return word, products


async def test_pages_have_each_product_once(client: Client, many: tuple[str, list[dict[str, Any]]]) -> None:
    word, products = many
    whole = ids_of(await search(client, word))
    by_skip = [one for skip in range(0, 7, 3) for one in ids_of(await search(client, word, skip=skip, limit=3))]
    by_page = [one for page in (1, 2, 3) for one in ids_of(await search(client, word, page=page, limit=3))]
    by_cursor, cursor = [], None
    while True:
        found = await search(client, word, limit=3, **({"cursor": cursor} if cursor else {}))
        assert found["total"] == 7
        by_cursor += ids_of(found)
        cursor = found.get("nextCursor")
        if cursor is None:
            break
    assert whole == by_skip == by_page == by_cursor
    assert sorted(whole) == sorted(one["id"] for one in products)
    assert ids_of(await search(client, word, skip=1_000_000)) == []


async def test_a_cursor_goes_on_after_what_was_shown_last(
    client: Client, many: tuple[str, list[dict[str, Any]]]
) -> None:
    word, _ = many
    first = await search(client, word, limit=3)
    admin = await client.signed_in("admin")
    rest = ids_of(await search(client, word))[3:]
    assert (await admin.delete(f"/products/{ids_of(first)[0]}")).status_code == 200
    client.app.cache.clear()
    second = await search(client, word, cursor=first["nextCursor"])
    assert ids_of(second) == rest, "what was deleted before it moves nothing"


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("price", "gfedcba"), ("title", "abcdefg"), ("stock", "gfedcba"), ("id", "gfedcba"), ("createdAt", "gfedcba")],
)
async def test_other_orders(client: Client, many: tuple[str, list[dict[str, Any]]], sort: str, expected: str) -> None:
    word, _ = many
    for order, letters in (("asc", expected), ("desc", expected[::-1])):
        found = await search(client, word, sortBy=sort, order=order)
        assert [one["title"][0] for one in found["products"]] == list(letters)
        pages = [
            one["title"][0]
            for skip in range(0, 7, 2)
            for one in (await search(client, word, sortBy=sort, order=order, skip=skip, limit=2))["products"]
        ]
        assert pages == list(letters)


async def test_cursors_of_other_lists_are_refused(client: Client, many: tuple[str, list[dict[str, Any]]]) -> None:
    word, _ = many
    cursor = (await search(client, word, limit=2))["nextCursor"]
    sorted_cursor = (await search(client, word, limit=2, sortBy="price"))["nextCursor"]
    for text, query in (
        ("another", {"cursor": cursor}),
        (word, {"cursor": cursor, "sortBy": "price"}),
        (word, {"cursor": sorted_cursor}),
        (word, {"cursor": "bm9uc2Vuc2U"}),
        (word, {"cursor": "WzEsMiwzXQ"}),
    ):
        reply = await client.get("/products/search", params={"q": text, **query})
        assert reply.status_code == 400, (text, query)
        assert "cursor" in reply.json()["details"]


async def test_only_the_fields_that_are_selected(client: Client, many: tuple[str, list[dict[str, Any]]]) -> None:
    word, _ = many
    found = await search(client, word, select="title,price")
    assert {frozenset(one) for one in found["products"]} == {frozenset({"id", "title", "price"})}
    assert found["total"] == 7


async def test_facets_count_what_was_found(client: Client) -> None:
    word = a_word("facet")
    category, other = await client.a_category(), await client.a_category()
    one = await client.a_product(title=f"a {word}", category=category, brand="Facetone")
    two = await client.a_product(title=f"b {word}", category=category, brand="Facettwo")
    three = await client.a_product(title=f"c {word}", category=other, brand="Facettwo")
    await client.a_product(title="something else", category=category, brand="Facetone")
    await indexed(client, word, one["id"], two["id"], three["id"])
    facets = (await search(client, word, facets="true"))["facets"]
    assert {facet["value"]: facet["count"] for facet in facets["categories"]} == {category: 2, other: 1}
    assert sum(facet["count"] for facet in facets["brands"]) == 3
    narrowed = await search(client, word, facets="true", category=category)
    assert narrowed["total"] == 2
    assert sum(facet["count"] for facet in narrowed["facets"]["brands"]) == 2


async def test_a_group_is_found_once(client: Client) -> None:
    word = a_word("group")
    company_id = await client.a_company()
    single = await client.a_product(title=f"single {word}", company_id=company_id)
    variants = [await client.a_product(title=f"{colour} {word}", company_id=company_id) for colour in ("red", "blue")]
    await indexed(client, word, single["id"], *(one["id"] for one in variants))  # two that are known are no group
    group_id = await client.value(
        "insert into product_groups (company_id, key, title, created_at) values ($1, $2, 'Group', now()) returning id",
        company_id,
        unique("group"),
    )
    for number, variant in enumerate(variants):
        await client.value(
            "update products set group_id = $1, options = jsonb_build_object('n', $2::int) where id = $3",
            group_id,
            number,
            variant["id"],
        )
    admin = await client.signed_in("admin")
    for variant in variants:
        assert (
            await admin.request("PATCH", f"/products/{variant['id']}", json={"description": "A variant of a group."})
        ).status_code == 200

    found = await found_when(client, word, lambda found: found["total"] == 2)
    assert single["id"] in ids_of(found)
    blue = await search(client, f"blue {word}")
    assert ids_of(blue)[0] == variants[1]["id"], "the variant that fits best stands for its group"
    apart = await search(client, word, variants="all")
    assert sorted(ids_of(apart)) == sorted([single["id"], *(one["id"] for one in variants)])
    assert apart["total"] == 3


async def test_highlights(client: Client) -> None:
    word = a_word("mark")
    product = await client.a_product(
        title=f"Steel {word} <b>", description=f"{'Filler words. ' * 40}Here is the {word} & more. {'End. ' * 40}"
    )
    found = await indexed(client, word, product["id"], highlight="true")
    shown = found["highlights"][str(product["id"])]
    assert shown["title"] == f"Steel <em>{word}</em> &lt;b&gt;"
    assert f"<em>{word}</em> &amp; more" in shown["description"]
    assert len(shown["description"]) < 250
    assert "highlights" not in await search(client, word)


async def test_a_misspelt_word_is_understood(client: Client) -> None:
    word = a_word("chandelier")
    product = await client.a_product(title=f"Grand {word}")
    await indexed(client, word, product["id"])
    misspelt = word.replace("del", "dle")
    found = await found_when(client, misspelt, lambda found: ids_of(found)[:1] == [product["id"]])
    assert found["didYouMean"] == word


async def test_titles_come_in_the_language_asked_for(client: Client) -> None:
    word = a_word("lang")
    product = await client.a_product(title=word)
    await client.value(
        "insert into product_translations (product_id, language, title, description) values ($1, 'ru', $2, '')",
        product["id"],
        f"Красная лампа {word}",
    )
    admin = await client.signed_in("admin")
    await admin.request("PATCH", f"/products/{product['id']}", json={"description": "It has a translation."})
    found = await found_when(
        client, f"красные лампы {word}", lambda found: ids_of(found)[:1] == [product["id"]], lang="ru"
    )
    assert found["products"][0]["title"] == f"Красная лампа {word}"


async def test_many_searches_at_once(client: Client, many: tuple[str, list[dict[str, Any]]]) -> None:
    word, products = many
    replies = await asyncio.gather(
        *(client.get("/products/search", params={"q": word, "skip": n % 7, "limit": 1}) for n in range(100))
    )
    assert {reply.status_code for reply in replies} == {200}
    assert {reply.json()["total"] for reply in replies} == {7}
    assert {ids_of(reply.json())[0] for reply in replies} == {product["id"] for product in products}


async def test_what_is_written_at_once_is_all_found(client: Client) -> None:
    word = a_word("rush")
    company_id, category = await client.a_company(), await client.a_category()
    await client.a_product(company_id=company_id, category=category)  # the administrator signs in once
    products = await asyncio.gather(
        *(client.a_product(title=f"{word} {number}", company_id=company_id, category=category) for number in range(20))
    )
    await indexed(client, word, *(product["id"] for product in products))


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""',
        '"unclosed',
        "a:b",
        "title:*",
        "*:*",
        "*",
        "?",
        "AND",
        "a AND OR NOT b",
        "(a OR",
        "+-!(){}[]^~\\/",
        "[a TO z]",
        "{* TO *}",
        "a^1000000000",
        "a~99",
        "/regex.*/",
        "' or 1=1 --",
        "😀" * 200,
        "👨‍👩‍👧‍👦" * 20,
        "مرحبا \u202e بالعالم",
        "\u200f\u200e\u2067",
        "ﷺ" * 100,
        "a\u0301" * 100,
        "0" * 200,
        "1e999 -1 .5 1/0 1/2 0/0",
        "a " * 100,
        "x" * 200,
        "ب" * 200,
        "\t\n\r a",
        "\ud7ff\ue000\uffff",
        "1x1x1x1x1x1x1x1",
        "½ ¼ ⅐ ①",
        "%00%27",
        "日本語の商品を探す",
    ],
)
async def test_nothing_in_a_query_is_an_operator(client: Client, text: str) -> None:
    for path in ("/products/search", "/products/suggest"):
        reply = await client.get(
            path, params={"q": text[:100], "highlight": "true"} if "search" in path else {"q": text[:100]}
        )
        assert reply.status_code == 200, (path, reply.text)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "   "}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": "x", "sortBy": "nonsense"}, "sortBy"),
        ({"q": "x", "order": "up"}, "order"),
        ({"q": "x", "sortBy": "price", "order": "up"}, "order"),
        ({"q": "x", "minPrice": "abc"}, "minPrice"),
        ({"q": "x", "minPrice": 2, "maxPrice": 1}, "minPrice"),
        ({"q": "x", "limit": "many"}, "limit"),
        ({"q": "x", "select": "nonsense"}, "select"),
        ({"q": "x", "facets": "perhaps"}, "facets"),
        ({"q": "x", "highlight": "perhaps"}, "highlight"),
        ({"q": "x", "lang": "!"}, "lang"),
        ({"q": "x", "cursor": "!"}, "cursor"),
    ],
)
async def test_what_is_wrong_is_named(client: Client, query: dict[str, Any], field: str) -> None:
    reply = await client.get("/products/search", params=query)
    assert reply.status_code == 400, reply.text
    assert field in reply.json()["details"], reply.text


async def test_null_characters_are_refused(client: Client) -> None:
    for path in ("search", "suggest"):
        assert (await client.get(f"/products/{path}?q=a%00b")).status_code == 400
