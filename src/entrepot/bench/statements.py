"""What one request asks the database, word for word: so that pgbench can ask the same without the shop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg
import httpx2
import msgspec

from entrepot.app import Application, open_database, open_shop
from entrepot.bench.shopper import API
from entrepot.settings import Settings

_sent: ContextVar[list[Any] | None] = ContextVar("sent", default=None)


class Statement(msgspec.Struct, frozen=True):
    """A statement as it was sent; `types` are the parameters', as PostgreSQL names them."""

    sql: str
    args: tuple[Any, ...]
    types: tuple[str, ...]


class Recorded(msgspec.Struct, frozen=True):
    """A request's statements, and its reply."""

    statements: list[Statement]
    reply: dict[str, Any]


async def record(settings: Settings, dsn: str, path: str, body: Any, token: str) -> Recorded:
    """Post a body as the owner of the token, in a shop inside this process whose connections tell what they are asked.

    Raises:
        RuntimeError: the shop refused, with its words.
    """
    alone = settings.model_copy(update={"database_pool_size": 1})
    database = await open_database(alone, dsn)
    try:
        async with database.pool.acquire() as connection:
            connection.add_query_logger(_note)
        application = Application(alone, open_shop(alone, database), services=("orders",))
        transport = httpx2.ASGITransport(app=application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://bench.test") as http:
            for _ in range(2):  # the first time, the driver also asks for the types that it does not know yet
                with _overheard() as sent:
                    reply = await http.post(API + path, json=body, headers={"Authorization": f"Bearer {token}"})
        if reply.status_code >= 400:
            raise RuntimeError(reply.text)
        async with database.pool.acquire() as connection:
            statements = [
                Statement(query.query, tuple(query.args), await _types(connection, query.query)) for query in sent
            ]
        return Recorded(statements, reply.json())
    finally:
        await database.close()


@contextmanager
def _overheard() -> Iterator[list[Any]]:
    """What the block's own task sends; background work has another context."""
    sent: list[Any] = []
    token = _sent.set(sent)
    try:
        yield sent
    finally:
        _sent.reset(token)


def _note(query: Any) -> None:
    if (sent := _sent.get()) is not None:
        sent.append(query)


async def _types(connection: asyncpg.Connection, sql: str) -> tuple[str, ...]:
    if sql.endswith(";"):  # the driver's own, such as BEGIN; it has no parameters
        return ()
    prepared = await connection.prepare(sql)
    return tuple(kind.name for kind in prepared.get_parameters())
