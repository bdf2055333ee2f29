"""Brands, with how many of their products are sold."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.kernel.slugs import slug_of
from tests.builders import Client, unique


async def page_of(client: Client, query: str) -> dict[str, Any]:
    """The brands as they are now, past the cache."""
    reply = await client.get(f"/brands?fresh={unique('x')}&{query}")
    assert reply.status_code == 200, reply.text
    page: dict[str, Any] = reply.json()
    return page


@pytest.fixture
async def names(client: Client) -> list[str]:
    """Three brands that begin alike, in the alphabet's order, with one, three and two products."""
    start = unique("Marke")
    names = [f"{start} ABC", f"{start} abd", f"{start} Äxy"]
    company, category = await client.a_company(), await client.a_category()
    for name, count in zip(names, (1, 3, 2), strict=True):
        for _ in range(count):
            await client.a_product(brand=name, company_id=company, category=category)
    return names


def prefix(names: list[str]) -> str:
    return names[0].removesuffix(" ABC")


async def test_brands_are_listed_with_what_is_sold(client: Client, names: list[str]) -> None:
    page = await page_of(client, f"q={prefix(names)}")
    assert [(brand["name"], brand["productCount"]) for brand in page["brands"]] == list(
        zip(names, (1, 3, 2), strict=True)
    )
    assert page["brands"][1].keys() == {"id", "slug", "name", "productCount"}
    assert page["brands"][1]["slug"] == slug_of(names[1])
    assert (page["total"], page["skip"], page["limit"]) == (3, 0, 3)


async def test_what_is_not_sold_is_not_counted(client: Client, names: list[str]) -> None:
    gone = await client.a_product(brand=names[0])
    hidden = await client.a_product(brand=names[0])
    await client.value("update products set deleted_at = now() where id = $1", gone["id"])
    await client.value("update companies set status = 'inactive' where id = $1", hidden["companyId"])
    for sort in ("name", "productCount"):
        page = await page_of(client, f"q={prefix(names)}&sortBy={sort}")
        assert {brand["name"]: brand["productCount"] for brand in page["brands"]} == dict(
            zip(names, (1, 3, 2), strict=True)
        )


async def test_sorts_and_pages(client: Client, names: list[str]) -> None:
    for query, order in (
        ("sortBy=name", [0, 1, 2]),
        ("sortBy=name&order=desc", [2, 1, 0]),
        ("order=desc", [2, 1, 0]),
        ("sortBy=productCount", [1, 2, 0]),
        ("sortBy=count&order=asc", [0, 2, 1]),
        ("sortBy=id", [0, 1, 2]),
    ):
        expected = [names[place] for place in order]
        query = f"{query}&q={prefix(names).upper()}"
        assert [brand["name"] for brand in (await page_of(client, query))["brands"]] == expected, query
        for part in ("skip=1", "page=2"):
            size = 5 if part == "skip=1" else 1
            piece = await page_of(client, f"{query}&{part}&limit={size}")
            assert [brand["name"] for brand in piece["brands"]] == expected[1:][:size], query
            assert piece["total"] == 3
        seen, following = [], f"{query}&limit=1"
        while following:
            piece = await page_of(client, following)
            seen += [brand["name"] for brand in piece["brands"]]
            following = f"{query}&limit=1&cursor={piece['nextCursor']}" if "nextCursor" in piece else ""
        assert seen == expected, query


async def test_a_cursor_skips_no_letter(client: Client) -> None:
    """Some capitals are two letters when Python makes them small, and one when the database does."""
    start = unique("Letters")
    names = [f"{start} {name}" for name in ("İa", "İz", "ẞ", "Ǆ", "Σ", "ix", "ss")]
    for name in names:
        await client.value("insert into brands (slug, name, created_at) values ($1, $2, now())", unique("brand"), name)
    whole = [brand["name"] for brand in (await page_of(client, f"q={start}"))["brands"]]
    assert sorted(whole) == sorted(names)
    pieces, following = [], f"q={start}&limit=1"
    while following:
        piece = await page_of(client, following)
        pieces += [brand["name"] for brand in piece["brands"]]
        following = f"q={start}&limit=1&cursor={piece['nextCursor']}" if "nextCursor" in piece else ""
    assert pieces == whole


async def test_what_is_not_understood_is_refused(client: Client, names: list[str]) -> None:
    cursor = (await page_of(client, "limit=1&sortBy=id"))["nextCursor"]
    for query in ("sortBy=price", "order=up", "cursor=x", f"cursor={cursor}", f"q={'x' * 101}", "limit=-1", "q=%00"):
        reply = await client.get(f"/brands?{query}")
        assert reply.status_code == 400, query
        assert reply.json()["code"] == "VALIDATION_ERROR"
    assert (await page_of(client, "q=%25"))["brands"] == [], "nothing in it is a pattern"


async def test_a_second_request_is_served_from_the_cache(client: Client, names: list[str]) -> None:
    path = f"/brands?q={prefix(names)}"
    first = await client.get(path)
    await client.a_product(brand=names[0])
    assert (await client.get(path)).content == first.content, "counts may be a minute old"
