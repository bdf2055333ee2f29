"""The transaction around a handler: committed before the reply, rolled back with it, tried again where that helps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar, Response
from litestar.datastructures import State
from litestar.di import Provide

from entrepot.kernel import routes
from entrepot.kernel.actors import anyone
from entrepot.kernel.db import Database, Tx, connect
from entrepot.kernel.error_replies import answer
from entrepot.kernel.errors import Conflict
from entrepot.kernel.routes import RETRIES, post
from tests.builders import unique
from tests.conftest import database as a_database

SCHEMA = """
    create table things (id integer primary key, name text not null, unique (name) deferrable initially deferred);
    create table parents (id integer primary key);
    create table children (id integer, parent_id integer references parents deferrable initially deferred);
    create function refuse() returns trigger language plpgsql as $$ begin raise 'secret: not today'; end $$;
    create constraint trigger refuse_at_commit after insert on things deferrable initially deferred
        for each row when (new.name = 'refused at commit') execute function refuse();
    insert into things values (1, 'one'), (2, 'two');
    """


class NameTaken(Conflict):
    code = "NAME_TAKEN"


class Made(msgspec.Struct):
    what: Any


@pytest.fixture(scope="module")
async def database(server: str, template: str, worker_name: str) -> AsyncIterator[Database]:
    async with a_database(server, template, f"routes_{worker_name}") as dsn:
        database = await connect(dsn, pool_size=10)
        async with database.pool.acquire() as connection:
            await connection.execute(SCHEMA)
        yield database
        await database.close()


Handler = Callable[[Tx], Awaitable[Any]]


async def call(
    database: Database, handler: Handler, times: int = 1, headers: dict[str, str] | None = None
) -> list[httpx.Response]:
    """Post to a route that does what the handler does, so many times at once."""

    @post("/", guard=anyone)
    async def route(tx: Tx) -> Made:
        return Made(await handler(tx))

    app = Litestar(
        [route],
        dependencies={"tx": Provide(routes.provide_tx, sync_to_thread=False)},
        exception_handlers={Exception: answer},
        state=State({"database": database, "constraints": {"things_name_key": NameTaken}}),
        openapi_config=None,
        logging_config=None,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=cast("Any", app)), base_url="http://test") as http:
        return list(await asyncio.gather(*(http.post("/", headers=headers) for _ in range(times))))


def inserting(thing_id: int, name: str) -> Handler:
    async def insert(tx: Tx) -> str:
        await tx.run("insert into things values ($1, $2)", thing_id, name)
        return name

    return insert


async def stored(database: Database, thing_id: int) -> bool:
    found: bool = await database.reader.value("select exists (select from things where id = $1)", thing_id)
    return found


async def test_a_reply_means_that_it_is_committed(database: Database) -> None:
    (reply,) = await call(database, inserting(10, "ten"))

    assert (reply.status_code, reply.json()) == (201, {"what": "ten"})
    assert await stored(database, 10)


async def test_what_the_database_refuses_at_commit_is_no_success(database: Database) -> None:
    (reply,) = await call(database, inserting(11, "refused at commit"))

    assert (reply.status_code, reply.json()["code"]) == (500, "INTERNAL_ERROR")
    assert "secret" not in reply.text
    assert not await stored(database, 11)


async def test_a_known_constraint_that_fails_at_commit_is_its_refusal(database: Database) -> None:
    (reply,) = await call(database, inserting(12, "one"))

    assert (reply.status_code, reply.json()["code"]) == (409, "NAME_TAKEN")
    assert not await stored(database, 12)


async def test_a_foreign_key_that_fails_at_commit_is_no_success(database: Database) -> None:
    async def orphan(tx: Tx) -> None:
        await tx.run("insert into children values (1, 999)")

    (reply,) = await call(database, orphan)

    assert reply.status_code == 500
    assert await database.reader.value("select count(*) from children") == 0


async def test_nothing_is_kept_of_a_key_whose_commit_failed(database: Database) -> None:
    (reply,) = await call(database, inserting(13, "refused at commit"), headers={"Idempotency-Key": unique("key")})

    assert reply.status_code == 500
    assert await database.reader.value("select count(*) from idempotency_keys") == 0


class Strange:
    """Nothing that JSON knows."""


@pytest.mark.parametrize("content", [Strange(), "\ud800", {1.5j: 1}], ids=["an object", "a lone surrogate", "a key"])
async def test_a_reply_that_cannot_be_encoded_undoes_the_work(database: Database, content: Any) -> None:
    async def work(tx: Tx) -> Any:
        await tx.run("insert into things values (14, 'fourteen')")
        return content

    (reply,) = await call(database, work)

    assert reply.status_code == 500
    assert not await stored(database, 14)


async def test_a_handler_that_raises_undoes_its_work(database: Database) -> None:
    async def work(tx: Tx) -> Any:
        await tx.run("insert into things values (15, 'fifteen')")
        raise NameTaken

    (reply,) = await call(database, work)

    assert (reply.status_code, await stored(database, 15)) == (409, False)


# ---- deadlocks ----


async def test_two_that_lock_in_opposite_order_both_succeed(database: Database) -> None:
    orders = iter([(1, 2), (2, 1)] * 10)
    begun = 0

    async def lock_both(tx: Tx) -> list[int]:
        nonlocal begun
        begun += 1
        first, second = next(orders)
        await tx.run("update things set name = name where id = $1", first)
        await asyncio.sleep(0.1)
        await tx.run("update things set name = name where id = $1", second)
        return [first, second]

    replies = await call(database, lock_both, times=2)

    assert [reply.status_code for reply in replies] == [201, 201]
    assert begun > 2, "there was no deadlock"


@pytest.mark.parametrize("error", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError])
@pytest.mark.parametrize(("failures", "status"), [(1, 201), (RETRIES, 201), (RETRIES + 1, 503)])
async def test_tries_are_bounded(database: Database, error: type[Exception], failures: int, status: int) -> None:
    tries = 0

    async def work(tx: Tx) -> int:
        nonlocal tries
        tries += 1
        if tries <= failures:
            raise error("secret")
        return tries

    (reply,) = await call(database, work)

    assert reply.status_code == status
    assert tries == min(failures + 1, RETRIES + 1)
    if status == 503:
        assert reply.json()["code"] == "SERVICE_UNAVAILABLE"
        assert "secret" not in reply.text
        assert reply.headers["retry-after"] == "1"


async def test_a_deadlock_in_a_handler_without_a_transaction_is_a_503(database: Database) -> None:
    @post("/", guard=anyone)
    async def route() -> Made:
        raise asyncpg.DeadlockDetectedError

    app = Litestar(
        [route], exception_handlers={Exception: answer}, state=State({"database": database}), openapi_config=None
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=cast("Any", app)), base_url="http://test") as http:
        assert (await http.post("/")).status_code == 503


# ---- what is answered ----


async def test_nothing_to_say_is_a_204(database: Database) -> None:
    @post("/", guard=anyone)
    async def route(tx: Tx) -> None:
        await tx.run("select 1")

    app = Litestar(
        [route],
        dependencies={"tx": Provide(routes.provide_tx, sync_to_thread=False)},
        state=State({"database": database}),
        openapi_config=None,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=cast("Any", app)), base_url="http://test") as http:
        reply = await http.post("/")
        assert (reply.status_code, reply.content) == (204, b"")


def test_a_response_is_passed_on() -> None:
    made = Response(b"x", status_code=202)

    assert routes.reply(made, 201) is made
