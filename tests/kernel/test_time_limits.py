"""What takes too long, and a database that is away: a 503, and recovery by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from entrepot import app as composition
from entrepot.catalog import product_queries, queries
from entrepot.kernel import db as kernel_db
from entrepot.kernel import rate_limits
from entrepot.kernel.rate_limits import RateLimiter
from entrepot.settings import Settings
from tests.builders import Client
from tests.conftest import running


@pytest.fixture
async def hasty(settings: Settings, dsn: str) -> AsyncIterator[Client]:
    """A shop of its own, with little patience and few connections."""
    changes = {"request_timeout_s": 0.3, "database_pool_size": 3}
    async with running(settings.model_copy(update=changes), dsn) as application:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1") as http:
            yield Client(http, application)


def unavailable(reply: httpx.Response) -> bool:
    if reply.status_code != 503:
        return False
    body = reply.json()
    assert (body["code"], body["status"]) == ("SERVICE_UNAVAILABLE", 503)
    assert body["requestId"] == reply.headers["x-request-id"]
    assert reply.headers["retry-after"]
    return True


async def test_a_request_that_takes_too_long_is_given_up(hasty: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    find = queries.find_product

    async def slow(*args: Any, **kwargs: Any) -> Any:
        await hasty.app.shop.database.reader.value("select pg_sleep(20)")
        return await find(*args, **kwargs)

    monkeypatch.setattr(queries, "find_product", slow)
    began = asyncio.get_running_loop().time()

    replies = await asyncio.gather(*(hasty.get("/products/1") for _ in range(3)))

    assert all(map(unavailable, replies))
    assert asyncio.get_running_loop().time() - began < 3
    monkeypatch.undo()
    for _ in range(5):  # on a busy machine, so little time may pass with nothing slow in it
        after = await hasty.get("/products/4611686018427387904")
        if after.status_code != 503:
            break
    assert after.status_code == 404


async def test_a_write_that_takes_too_long_is_undone(hasty: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    insert = product_queries.insert_product

    async def slow(tx: Any, values: dict[str, Any], actor_id: int) -> int:
        product_id = await insert(tx, values, actor_id)
        await tx.value("select pg_sleep(20)")
        return product_id

    category = await hasty.a_category()
    company = await hasty.a_company()
    admin = await hasty.signed_in("admin")
    body = {
        "title": "Too late", "description": "Nobody will ever see it.", "price": 1, "thumbnail": "https://a.example/a.jpg",
        "category": category, "brand": "B", "stock": 1, "companyId": company,
    }  # fmt: skip
    monkeypatch.setattr(product_queries, "insert_product", slow)

    assert unavailable(await admin.post("/products", body))
    assert await hasty.value("select count(*) from products where company_id = $1", company) == 0


async def test_a_row_that_somebody_holds_for_too_long_is_a_503(client: Client, db: asyncpg.Connection) -> None:
    product = await client.a_product()
    async with db.transaction():
        await db.execute("select from product_stock where product_id = $1 for update", product["id"])
        async with client.app.shop.database.pool.acquire() as connection, connection.transaction():
            await connection.execute("set local lock_timeout = 100")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await connection.execute("select from product_stock where product_id = $1 for update", product["id"])


async def test_connections_that_die_under_load_are_a_503_at_worst_and_soon_replaced(hasty: Client) -> None:
    admin = await asyncpg.connect(hasty.app.shop.database.dsn)
    hasty.app.cache.clear()

    async def browse() -> list[httpx.Response]:
        return [await hasty.get(f"/products?skip={n}&envelope=true") for n in range(15)]

    browsing = asyncio.gather(*(browse() for _ in range(4)))
    while not browsing.done():
        await admin.execute(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name = 'entrepot' and pid <> pg_backend_pid()
            """
        )
        await asyncio.sleep(0.02)
    statuses = Counter(200 if not unavailable(reply) else 503 for replies in await browsing for reply in replies)
    await admin.close()

    assert statuses.keys() <= {200, 503}
    await asyncio.sleep(0.1)
    for _ in range(5):  # a dead connection may still be in the pool, and is found out when it is used
        if (reply := await hasty.get("/products?skip=99")).status_code == 200:
            break
    assert reply.status_code == 200


@pytest.fixture
async def away(hasty: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A shop whose database cannot be reached."""

    async def refuse(*_: object, **__: object) -> object:
        raise ConnectionRefusedError("secret host")

    pool = hasty.app.shop.database.pool
    await pool.expire_connections()
    monkeypatch.setattr(pool, "_connect", refuse) if hasattr(pool, "_connect") else None
    monkeypatch.setattr(asyncpg.connection, "connect", refuse)
    monkeypatch.setattr(asyncpg.connect_utils, "_connect", refuse)
    return hasty


async def test_without_its_database_the_shop_says_so(away: Client) -> None:
    token = {"Authorization": "Bearer a.b.c"}
    for method, path, body in (
        ("GET", "/products?skip=7", None),
        ("POST", "/auth/login", {"email": "a@example.com", "password": "x"}),
        ("GET", "http://shop.test/health/ready", None),
    ):
        reply = await away.request(method, path, json=body)
        assert unavailable(reply), (path, reply.text)
        assert "secret" not in reply.text
    assert (await away.get("/auth/me", headers=token)).status_code == 401
    assert (await away.get("http://shop.test/health")).status_code == 200


async def test_without_its_database_a_shared_limit_says_so_too(away: Client) -> None:
    rules = rate_limits.rules(general_limit=10, general_window_s=60, generous=False)
    away.app._asgi._limiter = RateLimiter(rules, away.app.shop.database)

    assert unavailable(await away.post("/auth/login", {"email": "a@example.com", "password": "x"}))


async def test_waiting_for_a_connection_has_an_end(hasty: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_db, "ACQUIRE_TIMEOUT_S", 0.05)
    pool = hasty.app.shop.database.pool
    held = [await pool.acquire() for _ in range(3)]
    try:
        reply = await hasty.post("/orders", {"products": [{"id": 1, "quantity": 1}]})
    finally:
        for connection in held:
            await pool.release(connection)

    assert unavailable(reply) or reply.status_code == 400
    assert composition is not None
