"""What tests of the index's life stand on: a database with products of their own, and processes that keep its index."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import tantivy

from entrepot.catalog.events import CategoriesChanged, ProductChanged, ProductDeleted
from entrepot.kernel.db import Database, connect
from entrepot.kernel.events import Tail, publish_all
from entrepot.search.folder import IndexFolder
from entrepot.search.keeper import ALONE_FROM, IndexKeeper
from entrepot.search.reader import IndexReader

PATIENCE_S = 20.0


class Kept:
    """A process that keeps an index and reads from it."""

    def __init__(self, database: Database, path: Path, alone_from: int) -> None:
        self.database = database
        self.folder = IndexFolder(path)
        self.reader = IndexReader()
        self.keeper = IndexKeeper(database, self.reader.look, alone_from=alone_from)
        self.tail = Tail(database, interval_s=0.05)
        self.tail.listen(self.keeper.hear, on_gap=lambda: None)

    async def titles_with(self, word: str) -> list[int]:
        """Ids of the products that have this word, as the process would find them now."""
        opened = await self.reader.opened()
        query = tantivy.Query.term_query(opened.schema, "title", word, "freq")
        hits = opened.searcher.search(query, 1000).hits
        ids: list[Any] = opened.searcher.fast_field_values("id", [address for _, address in hits])
        return sorted(ids)

    async def documents(self) -> int:
        opened = await self.reader.opened()
        return opened.searcher.num_docs


@asynccontextmanager
async def keeping(database: Database, path: Path, alone_from: int = ALONE_FROM) -> AsyncIterator[Kept]:
    kept = Kept(database, path, alone_from)
    running = (kept.tail.run(), kept.keeper.run(kept.folder), kept.reader.follow(kept.folder))
    tasks = [asyncio.create_task(work) for work in running]
    try:
        yield kept
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        failed = [error for error in ended if not isinstance(error, asyncio.CancelledError)]
        assert not failed, failed


async def until(condition: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    """Wait until something is so."""
    deadline = asyncio.get_running_loop().time() + patience_s
    while not await condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not come to be so"
        await asyncio.sleep(0.02)


async def finds(kept: Kept, word: str, expected: Iterable[int]) -> None:
    """Wait until these products, and no others, have the word."""
    wanted = sorted(expected)

    async def found() -> bool:
        return await kept.titles_with(word) == wanted

    await until(found)


class Shelf:
    """Products in a database of their own, written as verbs write them: with the event that tells of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.company_id = 0
        self.category_id = 0

    async def value(self, sql: str, *args: Any) -> Any:
        return await self.database.reader.value(sql, *args)

    async def set_up(self) -> None:
        """Empty, whatever tests before have left."""
        async with self.database.pool.acquire() as connection, connection.transaction():
            await connection.execute("set local session_replication_role = replica")  # the history of stock goes too
            await connection.execute("truncate products, categories, companies, events cascade")
        self.company_id = await self.value(
            "insert into companies (slug, name, created_at, updated_at) values ('c', 'C', now(), now()) returning id"
        )
        self.category_id = await self.a_category("things")

    async def a_category(self, slug: str, parent_id: int | None = None) -> int:
        category_id: int = await self.value(
            "insert into categories (slug, name, parent_id, created_at, updated_at) values ($1, $1, $2, now(), now()) "
            "returning id",
            slug,
            parent_id,
        )
        return category_id

    async def products(self, *titles: str) -> list[int]:
        """New products, without an event: as they were before anything was followed."""
        ids: list[int] = await self.database.reader.values(
            """
            insert into products (company_id, category_id, sku, title, price_minor, currency, created_at, updated_at)
            select $1, $2, gen_random_uuid(), title, 1000, 'USD', now(), now() from unnest($3::text[]) as t (title)
            returning id
            """,
            self.company_id,
            self.category_id,
            list(titles),
        )
        return ids

    async def add(self, *titles: str) -> list[int]:
        ids = await self.products(*titles)
        await self.tell([ProductChanged(product_id=one, company_id=self.company_id) for one in ids])
        return ids

    async def rename(self, product_id: int, title: str) -> None:
        await self.value("update products set title = $2 where id = $1", product_id, title)
        await self.tell([ProductChanged(product_id=product_id, company_id=self.company_id)])

    async def delete(self, product_id: int) -> None:
        await self.value("update products set deleted_at = now() where id = $1", product_id)
        await self.tell([ProductDeleted(product_id=product_id, company_id=self.company_id)])

    async def rename_category(self, category_id: int, name: str) -> None:
        await self.value("update categories set name = $2 where id = $1", category_id, name)
        await self.tell([CategoriesChanged()])

    async def tell(self, events: list[Any]) -> None:
        async with self.database.transaction() as tx:
            await publish_all(tx, events)


async def opened_database(address: str) -> Database:
    return await connect(address, pool_size=4)
