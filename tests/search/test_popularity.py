"""Popularity: what was sold in the last 90 days, counted by a job."""

from __future__ import annotations

import asyncio

import numpy as np

from entrepot.search.jobs import count_popularity
from entrepot.search.popularity import Popularity, read_popularity
from tests.builders import Client, an_order
from tests.search.finding import found_when, ids_of, indexed
from tests.search.keeping import until
from tests.search.test_search import a_word


def test_in_the_order_of_the_ids() -> None:
    popularity = Popularity(np.array([3, 5, 9], np.int64), np.array([30, 50, 90], np.int32))
    assert popularity.of(np.array([9, 1, 5, 100, 3, 4], np.int64)).tolist() == [90, 0, 50, 0, 30, 0]
    assert popularity.of(np.zeros(0, np.int64)).tolist() == []
    assert Popularity.none().of(np.array([1, 2], np.int64)).tolist() == [0, 0]


async def test_what_sells_comes_first_among_equals(client: Client) -> None:
    word = a_word("tie")
    zone = await client.a_zone()
    company_id = await client.a_company(zones={zone: (0, None)})
    first, second = [await client.a_product(title=f"{word} thing", company_id=company_id) for _ in range(2)]
    found = await indexed(client, word, first["id"], second["id"])
    assert ids_of(found) == [first["id"], second["id"]], "the older one, while nothing tells them apart"
    buyer = await client.signed_in("user", zone_id=zone)
    slug = await client.value("select slug from zones where id = $1", zone)
    order = await buyer.post("/orders", an_order((second["id"], 7), paymentMethod="cash_on_delivery", zone=slug))
    assert order.status_code == 201, order.text

    await asyncio.gather(*(count_popularity(client.app.shop, {}) for _ in range(3)))

    assert await client.value("select sold from product_popularity where product_id = $1", second["id"]) == 7
    await found_when(client, word, lambda found: ids_of(found) == [second["id"], first["id"]])
    assert (await read_popularity(client.app.shop.database.reader)).of(np.array([second["id"]])).tolist() == [7]


async def test_old_and_cancelled_orders_do_not_count(client: Client) -> None:
    zone = await client.a_zone()
    company_id = await client.a_company(zones={zone: (0, None)})
    product = await client.a_product(company_id=company_id)
    buyer = await client.signed_in("user", zone_id=zone)
    slug = await client.value("select slug from zones where id = $1", zone)

    async def sold() -> int | None:
        await count_popularity(client.app.shop, {})
        count: int | None = await client.value(
            "select sold from product_popularity where product_id = $1", product["id"]
        )
        return count

    order = await buyer.post("/orders", an_order((product["id"], 2), paymentMethod="cash_on_delivery", zone=slug))
    number = order.json()["id"]
    assert await sold() == 2
    await client.value("update orders set status = 'cancelled' where number = $1", number)
    assert await sold() is None
    await client.value(
        "update orders set status = 'delivered', created_at = now() - interval '91 days' where number = $1", number
    )
    assert await sold() is None


async def test_nothing_is_told_when_nothing_changed(client: Client) -> None:
    await count_popularity(client.app.shop, {})
    told = "select count(*) from events where name = 'search.popularity_changed'"
    before = await client.value(told)
    await count_popularity(client.app.shop, {})
    assert await client.value(told) == before

    async def heard() -> bool:
        return not client.app.index._popularity_wanted.is_set()

    await until(heard)
