"""The columns in memory follow the database: at once after own writes, and to the last product whatever happened."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from entrepot import app as composition
from entrepot.catalog import columns_queries, follow
from entrepot.catalog.columns_chunk import Chunk
from entrepot.catalog.events import CatalogLoaded, CategoriesChanged
from entrepot.inventory import StockChanged
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.events import Tail
from entrepot.settings import Settings
from tests.builders import Client
from tests.conftest import database


async def listed(client: Client, **params: Any) -> list[int]:
    page = (await client.get("/products", params={"limit": 0, "n": random.random(), **params})).json()
    return [one["id"] for one in page["products"]]


async def assert_as_in_the_database(client: Client, ids: list[int]) -> None:
    """Reading these products again changes nothing."""
    table = (await client.app.columns.current()).table
    chunk = Chunk(await columns_queries.chunk_of(client.app.shop.database.reader, ids))
    gone = np.setdiff1d(np.array(ids), chunk.ids)

    assert table.apply(chunk) == 0
    assert not table.live[table.rows_of(gone)].any() or not len(gone)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110  the database cannot tell
            await asyncio.sleep(0.02)


async def test_who_writes_sees_it_in_the_next_list(client: Client) -> None:
    company, category = await client.a_company(), await client.a_category()
    admin = await client.signed_in("admin")
    for n in range(10):
        product = await client.a_product(company_id=company, category=category, price=n + 1)
        assert product["id"] in await listed(client, company=company, minPrice=n + 1)
        assert (await admin.put(f"/products/{product['id']}", {"price": 500})).status_code == 200
        assert await listed(client, company=company, minPrice=500) == [product["id"]]
        assert (await admin.delete(f"/products/{product['id']}")).status_code == 200
        assert await listed(client, company=company) == []


async def test_lists_converge_while_many_write(client: Client) -> None:
    company, category = await client.a_company(), await client.a_category()
    admin = await client.signed_in("admin")
    products = [await client.a_product(company_id=company, category=category) for _ in range(10)]
    ids = [one["id"] for one in products]
    chance = random.Random(4)

    async def write() -> None:
        for _ in range(6):
            id_ = chance.choice(ids)
            await admin.put(
                f"/products/{id_}",
                {
                    "price": chance.randint(1, 99),
                    "title": f"Title {chance.random()}",
                    "tags": [str(chance.randint(1, 3))],
                },
            )

    async def create() -> None:
        made = [await client.a_product(company_id=company, category=category) for _ in range(3)]
        ids.extend(one["id"] for one in made)

    async def read() -> None:
        for _ in range(10):
            page = (await client.get("/products", params={"company": company, "n": chance.random()})).json()
            assert page["limit"] == len({one["id"] for one in page["products"]}) <= page["total"] <= 16

    await asyncio.gather(*(write() for _ in range(5)), create(), create(), *(read() for _ in range(4)))

    assert await listed(client, company=company) == sorted(ids)
    await assert_as_in_the_database(client, ids)
    prices = {one: await client.value("select price_minor from products where id = $1", one) for one in ids}
    assert await listed(client, company=company, sortBy="price") == sorted(ids, key=lambda one: (prices[one], one))


async def test_a_sale_moves_a_product(client: Client) -> None:
    company = await client.a_company()
    product = await client.a_product(company_id=company, stock=2)
    await client.value("update product_stock set available = 0 where product_id = $1", product["id"])
    await client.publish(StockChanged(product_ids=[product["id"]], reason="sale"))

    assert await listed(client, company=company, inStock="true") == []
    assert await listed(client, company=company, inStock="false") == [product["id"]]


async def test_another_tree_moves_products(client: Client) -> None:
    company, left, right = await client.a_company(), await client.a_category(), await client.a_category()
    product = await client.a_product(company_id=company, category=left)
    await client.value(
        "update categories set parent_id = (select id from categories where slug = $2) where slug = $1", left, right
    )
    await client.publish(CategoriesChanged())

    assert (await client.get(f"/products/category/{right}")).json()["products"][0]["id"] == product["id"]


async def test_after_a_gap_everything_is_compared(client: Client) -> None:
    company, category = await client.a_company(), await client.a_category()
    stays, goes, changes = [(await client.a_product(company_id=company, category=category))["id"] for _ in range(3)]
    assert await listed(client, company=company, sortBy="price") == [stays, goes, changes]
    await client.value("update products set deleted_at = now() where id = $1", goes)
    await client.value("update products set price_minor = 1 where id = $1", changes)
    assert await listed(client, company=company, sortBy="price") == [stays, goes, changes], "nobody told of it"

    client.app.columns.gap()

    await until(lambda: _is([changes, stays], client, company=company, sortBy="price"))
    await until(lambda: _is_out(client, goes))
    await assert_as_in_the_database(client, [stays, goes, changes])


async def test_what_was_loaded_past_the_verbs_is_read(client: Client) -> None:
    product = await client.a_product()
    await client.value("update products set price_minor = 77 where id = $1", product["id"])

    await client.publish(CatalogLoaded())

    await until(lambda: _is([product["id"]], client, company=product["companyId"], minPrice=0.77, maxPrice=0.77))


async def _is_out(client: Client, product_id: int) -> bool:
    table = (await client.app.columns.current()).table
    return not table.live[table.rows_of(np.array([product_id]))].any()


async def _is(ids: list[int], client: Client, **params: Any) -> bool:
    return await listed(client, **params) == ids


@pytest.fixture
async def application(
    server: str, template: str, worker_name: str, settings: Settings
) -> AsyncIterator[composition.Application]:
    """A shop that does not run: nobody follows the events unless the test does."""
    async with database(server, template, f"follow_{worker_name}") as address:
        pool = await composition.open_database(settings, address)
        yield composition.Application(settings, composition.open_shop(settings, pool))
        await pool.close()


async def test_before_the_first_load_there_is_no_list(
    application: composition.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "FIRST_LOAD_S", 0.05)

    with pytest.raises(Unavailable):
        await application.columns.current()


async def test_an_empty_catalog_is_filled_in_one_go(application: composition.Application) -> None:
    """What comes at once, in large numbers, is loaded anew beside the columns that serve."""
    pool = application.shop.database.pool
    following = asyncio.create_task(application.columns.run())
    application.columns.gap()
    empty = await application.columns.current()
    company = await pool.fetchval(
        "insert into companies (slug, name, created_at, updated_at) values ('a', 'A', now(), now()) returning id"
    )
    category = await pool.fetchval(
        "insert into categories (slug, name, created_at, updated_at) values ('c', 'C', now(), now()) returning id"
    )
    await pool.execute(
        """
        insert into products (company_id, category_id, sku, title, price_minor, currency, tags, attributes, created_at,
                              updated_at)
        select $1, $2, n, 'Product ' || n % 700, n % 50, 'USD', array['t' || n % 7], jsonb_build_object('n', n % 3),
               now(), now()
        from generate_series(1, 45000) n
        """,
        company,
        category,
    )
    application.columns.gap()

    async def is_full() -> bool:
        return (await application.columns.current()).table.size == 45_000

    await until(is_full)
    following.cancel()
    await asyncio.wait([following])
    table = (await application.columns.current()).table
    assert empty.table.size == 0
    by_title = [row["id"] for row in await pool.fetch('select id from products order by title collate "C", id')]
    assert table.column("id")[table._orders["title"].rows()].tolist() == by_title


async def test_a_reader_waits_for_this_process_own_commits_alone(application: composition.Application) -> None:
    seen: list[str] = []
    tail = Tail(application.shop.database, interval_s=3600)
    tail.listen(lambda event: seen.append(event.name), on_gap=lambda: None)
    application.shop.database.on_events = tail.nudge
    await tail.poll()
    running = asyncio.create_task(tail.run())
    await asyncio.sleep(0)

    await asyncio.wait_for(tail.catch_up(), 5)
    client = Client(None, application)  # type: ignore[arg-type]
    await asyncio.gather(*(client.publish(CategoriesChanged()) for _ in range(10)))
    assert tail.is_behind
    await asyncio.wait_for(tail.catch_up(), 5)

    running.cancel()
    await asyncio.wait([running])
    assert (len(seen), tail.is_behind) == (10, False)
