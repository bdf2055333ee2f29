"""Products in lists are kept as JSON, and are never what they were before a change."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec
import pytest

from entrepot.catalog import documents as documents_file
from entrepot.catalog.documents import Documents
from entrepot.catalog.events import CatalogLoaded, ProductChanged, ProductsChanged
from tests.builders import Client


async def shown(client: Client, **params: Any) -> list[dict[str, Any]]:
    """A list that no other request has asked for."""
    products: list[dict[str, Any]] = (await client.get("/products", params={"n": random.random(), **params})).json()[
        "products"
    ]
    return products


async def read(client: Client, documents: Documents, *ids: int, language: str = "en") -> list[dict[str, Any]]:
    found = await documents.in_order(client.app.shop.database.reader, client.app.shop, ids, language, grouped=True)
    return [msgspec.json.decode(msgspec.json.encode(one)) for one in found]


async def test_a_change_is_seen_in_the_next_list(client: Client) -> None:
    product, admin = await client.a_product(price=10), await client.signed_in("admin")
    company = product["companyId"]
    assert [one["price"] for one in await shown(client, company=company)] == [10]

    for price in (11, 12, 13):
        await admin.put(f"/products/{product['id']}", {"price": price, "title": f"Costs {price}"})

        [one] = await shown(client, company=company)
        assert (one["price"], one["title"]) == (price, f"Costs {price}")


async def test_a_list_in_another_language_or_with_fewer_fields_shows_its_own(client: Client) -> None:
    product, admin = await client.a_product(), await client.signed_in("admin")
    await admin.put(f"/products/{product['id']}", {"translations": {"ru": {"title": "Чайник"}}})
    company = product["companyId"]

    for _ in range(2):
        assert [one["title"] for one in await shown(client, company=company)] == [product["title"]]
        assert [one["title"] for one in await shown(client, company=company, lang="ru")] == ["Чайник"]
        assert await shown(client, company=company, select="title", lang="ru") == [
            {"id": product["id"], "title": "Чайник"}
        ]


async def test_a_group_is_told_of_anew_when_any_member_changes(client: Client) -> None:
    company, admin = await client.a_company(), await client.signed_in("admin")
    first, second = [
        await client.a_product(company_id=company, group={"key": "tea"}, options={"size": size}, price=price)
        for size, price in (("S", 10), ("M", 20))
    ]

    async def told() -> dict[str, Any]:
        one = (await shown(client, company=company, sortBy="id"))[0]
        assert one["id"] == first["id"]
        group: dict[str, Any] = one["group"]
        return group

    assert (await told())["maxPrice"] == 20
    await admin.put(f"/products/{second['id']}", {"price": 30})
    assert (await told())["maxPrice"] == 30
    third = await client.a_product(company_id=company, group={"key": "tea"}, options={"size": "L"}, price=40)
    assert ((await told())["count"], (await told())["maxPrice"]) == (3, 40)
    await admin.delete(f"/products/{third['id']}")
    assert ((await told())["count"], (await told())["options"]) == (2, {"size": ["M", "S"]})
    await admin.put(f"/products/{second['id']}", {"group": None})
    assert (await told())["count"] == 1


async def test_what_changes_while_it_is_read_does_not_count(client: Client) -> None:
    product_id, documents = (await client.a_product())["id"], Documents()
    for stock in range(5):
        reading = asyncio.create_task(read(client, documents, product_id))
        await asyncio.sleep(0)
        await client.value("update products set weight_g = $2 where id = $1", product_id, stock * 1000)
        documents.change([product_id])
        await reading

        assert (await read(client, documents, product_id))[0]["weight"] == stock


async def test_only_what_a_change_is_about_is_read_again(client: Client) -> None:
    [one, other], documents = [(await client.a_product())["id"] for _ in range(2)], Documents()
    await read(client, documents, one, other)
    await client.value("update products set weight_g = 5000 where id = any(array[$1::bigint, $2])", one, other)

    documents.change([one])
    assert [product["weight"] == 5 for product in await read(client, documents, one, other)] == [True, False]
    documents.clear()
    assert [product["weight"] for product in await read(client, documents, other, one)] == [5, 5]


async def test_they_take_up_no_more_than_they_may(client: Client) -> None:
    ids, documents = [(await client.a_product())["id"] for _ in range(4)], Documents(most_bytes=4_000)
    await read(client, documents, *ids)
    await client.value("update products set weight_g = 5000 where id = any($1::bigint[])", ids)

    kept = [product["weight"] != 5 for product in await read(client, documents, *ids)]

    assert 0 < sum(kept) < len(ids)


async def test_many_changes_forget_everything(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents_file, "MOST_CHANGES", 10)
    product_id, documents = (await client.a_product())["id"], Documents()
    await read(client, documents, product_id)
    await client.value("update products set weight_g = 5000 where id = $1", product_id)

    documents.change(range(10_000, 10_020))

    assert (await read(client, documents, product_id))[0]["weight"] == 5


@pytest.mark.parametrize("many", [False, True])
async def test_events_of_other_processes_are_heard(client: Client, many: bool) -> None:
    product = await client.a_product()
    await shown(client, company=product["companyId"])
    await client.value("update products set weight_g = 5000 where id = $1", product["id"])

    fact = (
        ProductsChanged(product_ids=[product["id"]], company_id=product["companyId"])
        if many
        else ProductChanged(product_id=product["id"], company_id=product["companyId"])
    )
    await client.publish(fact)

    assert [one["weight"] for one in await shown(client, company=product["companyId"])] == [5]


async def test_a_loaded_catalog_is_read_anew(client: Client) -> None:
    product = await client.a_product()
    await shown(client, company=product["companyId"])
    await client.value("update products set weight_g = 5000 where id = $1", product["id"])

    await client.publish(CatalogLoaded())

    assert [one["weight"] for one in await shown(client, company=product["companyId"])] == [5]
