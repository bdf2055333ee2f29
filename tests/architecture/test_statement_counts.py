"""Hot routes ask the database a known number of times, whatever the length of their lists."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import asyncpg
import httpx
import msgspec
import pytest

from entrepot import app as composition
from entrepot.kernel import db as kernel_db
from entrepot.settings import Settings
from tests.builders import PASSWORD, Client, an_order

FEW: Final = 3
MANY: Final = 30


class Hot(msgspec.Struct, frozen=True):
    """A request and how many statements it sends; {size}, {slug} and the like are filled in from `things`."""

    request: str
    statements: int
    they_are: str
    signed_in: bool = False


HOT: Final = [
    Hot("GET /products?limit={size}", 1, "the products; which, and how many in all, is known in memory"),
    Hot("GET /products?category={slug}&limit={size}&sortBy=price", 1, "the products"),
    Hot("GET /products?tag=red&minPrice=1&facets=true&limit={size}", 1, "the products; facets are counted in memory"),
    Hot("GET /products/category/{slug}?limit={size}", 1, "the products"),
    Hot("GET /products/{product}?lang=en-x{size}", 1, "the product with all that it shows"),
    Hot("POST /auth/login", 7, "the password, two for the lock, the user, the session, the log, the events"),
    Hot("GET /auth/me", 2, "the session, the user", signed_in=True),
    Hot("GET /users/me", 2, "the session, the profile", signed_in=True),
    Hot("GET /addresses", 2, "the session, the addresses", signed_in=True),
    Hot("GET /users/favorites?limit={size}", 4, "the session, the page, the total, the products", signed_in=True),
    Hot("GET /orders?limit={size}", 3, "the session, the page, the total", signed_in=True),
    Hot("GET /orders/{order}", 2, "the session, the order with its parts and lines", signed_in=True),
    Hot("POST /checkout/quote", 4, "the session, the address, terms, rules", signed_in=True),
    Hot("POST /orders", 8, "the session, zone, terms, rules, order, shelves, holds, events", signed_in=True),
]
"""BEGIN and COMMIT are not counted."""

MOST_FOR_AN_ORDER: Final = 8
"""Besides the session."""

_asked: ContextVar[list[str] | None] = ContextVar("asked", default=None)


def _note(record: Any) -> None:
    if (asked := _asked.get()) is not None and record.query not in ("BEGIN;", "COMMIT;"):
        asked.append(record.query)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent inside the block, by its own task: background work has another context."""
    asked: list[str] = []
    token = _asked.set(asked)
    try:
        yield asked
    finally:
        _asked.reset(token)


@pytest.fixture(scope="module")
async def shop_client(settings: Settings, dsn: str) -> AsyncIterator[Client]:
    """A shop whose connections tell what they are asked. It follows no events, so its cache forgets nothing early.

    Its product lists are read when the things in them are there.
    """
    prepare = kernel_db.prepare_connection

    async def prepare_and_listen(connection: asyncpg.Connection) -> None:
        await prepare(connection)
        connection.add_query_logger(_note)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel_db, "prepare_connection", prepare_and_listen)
        database = await composition.open_database(settings, dsn)
    app = composition.Application(settings, composition.open_shop(settings, database))
    database.on_events = lambda: None
    following = asyncio.create_task(app.columns.run())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test/api/v1") as http:
        yield Client(http, app)
    following.cancel()
    await asyncio.wait([following])
    await database.close()


class Things(msgspec.Struct, frozen=True):
    """A catalog and a buyer with orders: as many as the longest list, and an order with few lines and one with many."""

    buyer: Client
    slug: str
    products: list[int]
    order_of: dict[int, str]


@pytest.fixture(scope="module")
async def things(shop_client: Client) -> Things:
    slug, company_id = await shop_client.a_category(), await shop_client.a_company()
    products = [
        (await shop_client.a_product(category=slug, company_id=company_id, stock=1000, tags=["red"]))["id"]
        for _ in range(MANY)
    ]
    shop_client.app.columns.gap()
    await shop_client.app.columns.current()
    buyer = await shop_client.signed_in()
    for product_id in products:
        await _ordered(buyer, products[:1])
        assert (await buyer.post(f"/users/favorites/{product_id}")).status_code == 201
    return Things(buyer, slug, products, {size: await _ordered(buyer, products[:size]) for size in (FEW, MANY)})


async def _ordered(buyer: Client, product_ids: list[int]) -> str:
    reply = await buyer.post("/orders", an_order(*((product_id, 1) for product_id in product_ids)))
    assert reply.status_code == 201, reply.text
    number: str = reply.json()["id"]
    return number


@pytest.mark.parametrize("hot", HOT, ids=lambda hot: hot.request)
async def test_a_hot_route_asks_so_often(hot: Hot, shop_client: Client, things: Things) -> None:
    for size in (FEW, MANY):
        asked = await _asked_by(hot, size, shop_client, things)
        assert len(asked) == hot.statements, (
            f"{hot.request} with {size} asks {len(asked)} times, the table says {hot.statements} ({hot.they_are}). One for "
            f"each row would be too many; if it must be, change the table:\n" + _in_short(asked)
        )


async def test_an_order_costs_a_handful() -> None:
    costs = next(hot.statements for hot in HOT if hot.request == "POST /orders") - 1
    assert costs <= MOST_FOR_AN_ORDER


async def test_an_idempotency_key_costs_two(shop_client: Client, things: Things) -> None:
    order = next(hot for hot in HOT if hot.request == "POST /orders")
    asked = await _asked_by(order, FEW, shop_client, things, headers={"Idempotency-Key": "counted"})
    assert len(asked) == order.statements + 2, _in_short(asked)


@pytest.mark.parametrize(
    "path", ["/products?limit=7", "/products/category/{slug}?limit=7", "/products/{product}?lang=en-x7"]
)
async def test_a_cached_reply_costs_nothing(path: str, shop_client: Client, things: Things) -> None:
    shop_client.app.columns.documents.clear()
    for expected in (True, False):
        with counted() as asked:
            reply = await shop_client.get(path.format(slug=things.slug, product=things.products[0]))
            await asyncio.sleep(0)
        assert reply.status_code == 200, reply.text
        assert bool(asked) is expected, f"the second request for {path} should be served from the cache: {asked}"


def _in_short(asked: list[str]) -> str:
    return "\n".join(f"  {' '.join(sql.split())[:110]}" for sql in asked)


async def _asked_by(hot: Hot, size: int, guest: Client, things: Things, **options: Any) -> list[str]:
    method, path = hot.request.split(" ")
    path = path.format(size=size, slug=things.slug, product=things.products[0], order=things.order_of[size])
    guest.app.columns.documents.clear()  # none of the products was in another list
    with counted() as asked:
        client = things.buyer if hot.signed_in else guest
        reply = await client.request(method, path, json=_body(path, size, things), **options)
        await asyncio.sleep(0)  # loggers are called in the next turn of the loop
    assert reply.status_code in (200, 201), reply.text
    return asked


def _body(path: str, size: int, things: Things) -> Any:
    if path == "/auth/login":
        return {"email": things.buyer.user["email"], "password": PASSWORD}
    if path == "/checkout/quote":
        return {"products": [{"id": product_id} for product_id in things.products[:size]]}
    return an_order(*((product_id, 1) for product_id in things.products[:size])) if path == "/orders" else None
