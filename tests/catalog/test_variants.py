"""Variants: products of a group, told apart by their options, that name each other."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from tests.builders import Client, unique
from tests.catalog.writing import selling


async def a_shirt(client: Client, company: int, key: str, size: str, **fields: Any) -> dict[str, Any]:
    return await client.a_product(
        company_id=company, group={"key": key, **fields.pop("group", {})}, options={"size": size}, **fields
    )


async def test_a_page_names_the_others_of_its_group(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    small = await a_shirt(client, company, key, "S", title="Shirt S", group={"title": "Shirt"}, price=10.5, stock=3)
    large = await a_shirt(client, company, key, "L", title="Shirt L", price=12, stock=0, discountPercentage=5)
    other = await client.a_product(company_id=company, group={"key": unique("shirt")}, options={"size": "S"})

    page = (await client.get(f"/products/{small['id']}")).json()

    assert page["group"] == {"id": page["groupId"], "key": key, "title": "Shirt"}
    assert page["variants"] == [
        {
            "id": large["id"], "title": "Shirt L", "sku": large["sku"], "options": {"size": "L"}, "price": 12,
            "discountPercentage": 5, "currency": "USD", "stock": 0, "thumbnail": large["thumbnail"],
        }
    ]  # fmt: skip
    assert [variant["id"] for variant in large["variants"]] == [small["id"]]
    assert (other["variants"], other["group"]["title"]) == ([], other["title"])


async def test_nothing_changes_for_products_without_a_group(client: Client) -> None:
    product = await client.a_product(options={"size": "S"})

    assert product.keys() & {"group", "variants"} == set()
    assert (product["groupId"], product["options"]) == (None, {"size": "S"})


async def test_titles_of_variants_in_the_language_asked_for(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    small = await a_shirt(client, company, key, "S")
    await a_shirt(client, company, key, "L", translations={"ar": {"title": "قميص"}})

    page = (await client.get(f"/products/{small['id']}?lang=ar-IQ")).json()

    assert [variant["title"] for variant in page["variants"]] == ["قميص"]


async def test_a_product_joins_changes_and_leaves_a_group(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    first = await a_shirt(client, company, key, "S")
    product = await client.a_product(company_id=company)
    seller = await client.signed_in("seller", company_id=company)
    path = f"/products/{product['id']}"

    joined = (await seller.put(path, {"group": {"key": key, "title": "Renamed"}, "options": {"size": "M"}})).json()
    assert (joined["groupId"], joined["group"]["title"]) == (first["groupId"], "Renamed")
    again = (await seller.put(path, {"group": {"key": key}, "options": {"size": "XL"}})).json()
    assert (again["group"]["title"], again["options"]) == ("Renamed", {"size": "XL"})
    left = (await seller.put(path, {"group": None})).json()
    assert left["groupId"] is None
    assert "variants" not in left


async def test_the_cached_pages_of_the_others_follow(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    first = await a_shirt(client, company, key, "S")
    second = await client.a_product(company_id=company)
    admin = await client.signed_in("admin")

    async def seen() -> list[tuple[int, Any]]:
        await client.app.tail.poll()
        page = (await client.get(f"/products/{first['id']}")).json()
        return [(variant["id"], variant["price"]) for variant in page["variants"]]

    assert await seen() == []
    await admin.put(f"/products/{second['id']}", {"group": {"key": key}, "options": {"size": "M"}})
    assert await seen() == [(second["id"], 10)]
    await admin.put(f"/products/{second['id']}", {"price": 11})
    assert await seen() == [(second["id"], 11)]
    third = await a_shirt(client, company, key, "L")
    assert await seen() == [(second["id"], 11), (third["id"], 10)]
    await admin.put(f"/products/{second['id']}", {"group": None})
    assert await seen() == [(third["id"], 10)]
    await admin.delete(f"/products/{third['id']}")
    assert await seen() == []


async def test_a_page_names_a_hundred_others_at_most(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    first = await a_shirt(client, company, key, "0")
    await client.value(
        """
        insert into products (company_id, category_id, group_id, options, sku, title, price_minor, currency, created_at,
                              updated_at)
        select company_id, category_id, group_id, jsonb_build_object('size', n), $2 || n, 'Shirt', 1, 'USD', now(), now()
        from products, generate_series(1, 120) n where id = $1
        """,
        first["id"],
        unique("SKU"),
    )
    assert len((await client.get(f"/products/{first['id']}?fresh=1")).json()["variants"]) == 100


async def test_two_of_a_group_differ_in_their_options(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    small = await a_shirt(client, company, key, "S")
    large = await a_shirt(client, company, key, "L")
    seller = await client.signed_in("seller", company_id=company)

    reply = await seller.put(f"/products/{large['id']}", {"options": {"size": "S"}})

    assert (reply.status_code, reply.json()["code"], list(reply.json()["details"])) == (
        409,
        "VARIANT_EXISTS",
        ["options"],
    )
    await seller.delete(f"/products/{small['id']}")
    assert (await seller.put(f"/products/{large['id']}", {"options": {"size": "S"}})).status_code == 200


async def test_the_order_of_options_makes_no_other_variant(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    await client.a_product(company_id=company, group={"key": key}, options={"size": "S", "colour": "red"})
    seller = await client.signed_in("seller", company_id=company)
    product = await client.a_product(company_id=company)

    body = {"group": {"key": key}, "options": {"colour": "red", "size": "S"}}

    assert (await seller.put(f"/products/{product['id']}", body)).status_code == 409


async def test_a_group_is_its_companys_own(client: Client) -> None:
    key = unique("shirt")
    ours = await a_shirt(client, await client.a_company(), key, "S")
    theirs = await a_shirt(client, await client.a_company(), key, "S")

    assert ours["groupId"] != theirs["groupId"]
    assert (ours["variants"], theirs["variants"]) == ([], [])


async def test_a_variant_is_made_once(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    seller = await client.signed_in("seller", company_id=company)
    body = {
        "title": "Shirt S", "description": "A shirt of a test.", "price": 10, "category": await client.a_category(),
        "thumbnail": "https://example.com/a.jpg", "brand": "B", "stock": 1, "group": {"key": key}, "options": {"size": "S"},
    }  # fmt: skip

    replies = await asyncio.gather(*(seller.post("/products", body) for _ in range(8)))

    assert Counter(reply.status_code for reply in replies) == {201: 1, 409: 7}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"VARIANT_EXISTS"}
    assert await client.value("select count(*) from product_groups where company_id = $1", company) == 1


async def test_products_join_a_new_group_at_once(client: Client) -> None:
    company, key = await client.a_company(), unique("shirt")
    products = [await client.a_product(company_id=company) for _ in range(8)]
    seller = await client.signed_in("seller", company_id=company)

    replies = await asyncio.gather(*(
        seller.put(f"/products/{product['id']}", {"group": {"key": key}, "options": {"size": str(n % 4)}})
        for n, product in enumerate(products)
    ))  # fmt: skip

    assert Counter(reply.status_code for reply in replies) == {200: 4, 409: 4}


async def test_the_largest_options_fit(client: Client) -> None:
    options = {f"{n}{'😀' * 29}": "😀" * 50 for n in range(5)}
    product, seller = await selling(client, group={"key": unique("g")}, options=options)

    assert product["options"] == options
    assert (await seller.put(f"/products/{product['id']}", {"options": {"a": "b" * 51}})).status_code == 400
