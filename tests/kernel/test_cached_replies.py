"""Cached replies over HTTP: made once, changed at once, never mixed up."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import brotli
import httpx
import pytest
import zstandard

from entrepot.kernel import compression
from entrepot.kernel.compression import choose
from entrepot.kernel.db import Database, Db
from entrepot.settings import Settings
from tests.builders import Client, an_order
from tests.conftest import running


class Counting:
    """A pool that counts the statements of readers, and takes its time with each."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.statements = 0

    async def fetch(self, sql: str, *args: Any) -> Any:
        await self._count()
        return await self._pool.fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: Any) -> Any:
        await self._count()
        return await self._pool.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        await self._count()
        return await self._pool.fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> Any:
        await self._count()
        return await self._pool.execute(sql, *args)

    async def _count(self) -> None:
        self.statements += 1
        await asyncio.sleep(0.02)


@pytest.fixture
async def other(settings: Settings, dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    """A second process of the shop, on the same database."""
    async with running(settings, dsn) as second:
        transport = httpx.ASGITransport(app=second)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1") as http:
            await asyncio.sleep(0.3)
            yield http


async def test_a_hundred_that_miss_at_once_ask_the_database_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = await client.a_product()
    await asyncio.sleep(0.3)  # the event of its creation is behind us
    database = client.app.shop.database
    counting = Counting(database.pool)

    with monkeypatch.context() as patch:
        patch.setattr(client.app.tail, "_database", Database(database.pool, database.dsn))  # it reads all the time
        patch.setattr(database, "reader", Db(counting))
        replies = await asyncio.gather(*(client.get(f"/products/{product['id']}") for _ in range(100)))

    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1
    assert counting.statements == 1


async def test_a_hundred_that_ask_for_nothing_are_all_told_so(client: Client) -> None:
    replies = await asyncio.gather(*(client.get("/products/4611686018427387904") for _ in range(100)))

    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.json()["requestId"] for reply in replies}) == 100


async def until(reply: Any, expected: Any, within_s: float = 15.0) -> None:
    """Ask until the answer is the expected one. The limit only ends a test that fails: how long it takes is no test."""
    deadline = asyncio.get_running_loop().time() + within_s
    while (found := await reply()) != expected:
        assert asyncio.get_running_loop().time() < deadline, f"still {found!r}, not {expected!r}"
        await asyncio.sleep(0.02)


async def test_a_sale_is_seen_in_every_process(client: Client, other: httpx.AsyncClient) -> None:
    product = await client.a_product(stock=10)
    buyer = await client.signed_in()
    path = f"/products/{product['id']}"

    async def stock(http: Any) -> int:
        left: int = (await http.get(path)).json()["stock"]
        return left

    assert (await stock(client), await stock(other)) == (10, 10)
    await buyer.post("/orders", an_order((product["id"], 4)))

    await until(lambda: stock(client), 6)
    await until(lambda: stock(other), 6)


async def test_a_price_is_seen_in_every_process(
    client: Client, other: httpx.AsyncClient, db: asyncpg.Connection
) -> None:
    product = await client.a_product(price=10)
    path = f"/products/{product['id']}"

    async def price(http: Any) -> float:
        amount: float = (await http.get(path)).json()["price"]
        return amount

    async def listed(http: Any) -> float | None:
        products = (await http.get(f"/products?company={product['companyId']}")).json()["products"]
        return products[0]["price"] if products else None

    await until(lambda: listed(other), 10)  # which process a list is asked of matters for a moment
    assert [await ask(http) for ask in (price, listed) for http in (client, other)] == [10] * 4
    async with db.transaction():  # as changing a product will write it
        await db.execute("update products set price_minor = 1250 where id = $1", product["id"])
        await db.execute(
            """
            insert into events (name, occurred_at, data)
            values ('product.changed', now(), jsonb_build_object('productId', $1::bigint, 'companyId', $2::bigint))
            """,
            product["id"],
            product["companyId"],
        )

    for ask in (price, listed):
        for http in (client, other):
            await until(lambda ask=ask, http=http: ask(http), 12.5)


async def test_a_new_product_is_in_the_list_within_a_second(client: Client, other: httpx.AsyncClient) -> None:
    company = await client.a_company()
    path = f"/products?company={company}"

    async def total(http: Any) -> int:
        count: int = (await http.get(path)).json()["total"]
        return count

    assert (await total(client), await total(other)) == (0, 0)
    await client.a_product(company_id=company)

    await until(lambda: total(client), 1)
    await until(lambda: total(other), 1)


async def test_a_reply_made_while_its_product_is_sold_is_not_kept(client: Client) -> None:
    """Reads and sales race; when all is done, every reader sees what is left."""
    product = await client.a_product(stock=40)
    buyer = await client.signed_in()
    path = f"/products/{product['id']}"
    selling = asyncio.Event()

    async def read() -> None:
        while not selling.is_set():
            assert (await client.get(path)).status_code == 200
            await asyncio.sleep(0)

    readers = [asyncio.create_task(read()) for _ in range(4)]
    for _ in range(20):
        assert (await buyer.post("/orders", an_order((product["id"], 1)))).status_code == 201
    selling.set()
    await asyncio.gather(*readers)

    async def stock() -> int:
        left: int = (await client.get(path)).json()["stock"]
        return left

    await until(stock, 20)


async def test_an_etag_saves_the_body(client: Client) -> None:
    product = await client.a_product()
    path = f"/products/{product['id']}"
    await asyncio.sleep(0.3)
    first = await client.get(path)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=1, must-revalidate"

    for sent in (etag, f'"other", {etag}', "*", etag.removeprefix("W/")):
        reply = await client.get(path, headers={"If-None-Match": sent})
        assert (reply.status_code, reply.content, reply.headers["etag"]) == (304, b"", etag), sent
        assert "content-type" not in reply.headers
        assert reply.headers["vary"]
    for sent in ('"other"', 'W/"x"', etag[:-2] + '"'):
        assert (await client.get(path, headers={"If-None-Match": sent})).status_code == 200


async def test_an_etag_changes_with_its_product(client: Client) -> None:
    product = await client.a_product(stock=10)
    buyer = await client.signed_in()
    path = f"/products/{product['id']}"
    etag = (await client.get(path)).headers["etag"]
    await buyer.post("/orders", an_order((product["id"], 1)))

    async def status() -> int:
        return (await client.get(path, headers={"If-None-Match": etag})).status_code

    await until(status, 200)


async def test_head_is_get_without_the_body(client: Client) -> None:
    product = await client.a_product()
    await asyncio.sleep(0.3)
    for path in (f"/products/{product['id']}", "/products/categories"):
        got, headed = await client.get(path), await client.request("HEAD", path)

        assert (headed.status_code, headed.content) == (200, b"")
        assert {name: value for name, value in headed.headers.items() if name != "x-request-id"} == {
            name: value for name, value in got.headers.items() if name != "x-request-id"
        }
    assert (await client.request("HEAD", "/products/4611686018427387904")).status_code == 404


async def raw(client: Client, path: str, accept_encoding: str | None) -> httpx.Response:
    """A reply whose body httpx has not unpacked."""
    headers = {} if accept_encoding is None else {"Accept-Encoding": accept_encoding}
    request = client.http.build_request("GET", path, headers=headers)
    if accept_encoding is None:
        del request.headers["accept-encoding"]
    reply = await client.http.send(request, stream=True)
    reply._content = b"".join([chunk async for chunk in reply.aiter_raw()])
    return reply


UNPACK = {
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


async def test_each_variant_is_the_same_reply(client: Client) -> None:
    product = await client.a_product(description="All work and no play makes Jack a dull boy. " * 100)
    path = f"/products/{product['id']}"
    await asyncio.sleep(0.3)
    plain = await raw(client, path, None)
    assert "content-encoding" not in plain.headers

    for _ in range(2):  # the second time from the cache
        for encoding, unpack in UNPACK.items():
            reply = await raw(client, path, encoding)
            assert reply.headers["content-encoding"] == encoding
            assert "accept-encoding" in reply.headers["vary"].lower()
            assert int(reply.headers["content-length"]) == len(reply.content) < len(plain.content)
            assert unpack(reply.content) == plain.content
            assert reply.headers["etag"] == plain.headers["etag"]


async def test_variants_made_at_once_are_counted_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "OFF_LOOP_BYTES", 1_000)  # every body is packed in a thread
    product = await client.a_product(description="All work and no play makes Jack a dull boy. " * 100)
    path = f"/products/{product['id']}"
    await asyncio.sleep(0.3)
    await raw(client, path, None)

    await asyncio.gather(*(raw(client, path, "br") for _ in range(20)))

    cache = client.app.cache
    assert cache._bytes == sum(entry.size_bytes for entry in cache._entries.values())


async def test_what_the_reply_depends_on_is_said_to_shared_caches(client: Client) -> None:
    for encoding in (None, "gzip"):
        varies = (await raw(client, "/products/categories", encoding)).headers["vary"].lower()

        assert {"accept", "accept-encoding", "accept-language"} <= {part.strip() for part in varies.split(",")}


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", None), ("gzip", "gzip"), ("br, gzip", "br"), ("gzip, br, zstd", "zstd"), ("gzip;q=1, br;q=0.5", "gzip"),
        ("*", "zstd"), ("*;q=0.1, gzip", "gzip"), ("identity", None), ("br;q=0, gzip;q=0", None), ("*;q=0", None),
        ("GZIP", "gzip"), ("br;q=0.0, *;q=0.5", "zstd"), ("deflate", None), ("gzip;q=nonsense", None), ("gzip;q=0.001", "gzip"),
    ],
)  # fmt: skip
def test_the_encoding_that_the_client_likes_best(accepted: str, chosen: str | None) -> None:
    assert choose(accepted.encode()) == chosen


async def test_languages_do_not_get_each_others_replies(client: Client) -> None:
    product = await client.a_product()
    await client.value(
        "insert into product_translations (product_id, language, title) values ($1, 'ar', 'منتج')", product["id"]
    )
    path = f"/products/{product['id']}"
    filler = ", ".join(f"x{letter}{other};q=0.1" for letter in "abcde" for other in "abcdefgh")

    for _ in range(2):
        for header, title in (
            ("ar", "منتج"),
            ("en", product["title"]),
            (f"{filler}, ar", "منتج"),
            (f"{filler}, en", product["title"]),
        ):
            reply = await client.get(path, headers={"Accept-Language": header})
            assert reply.json()["title"] == title, header
