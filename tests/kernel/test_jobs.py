"""Jobs: a real worker on a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import asyncpg
import pytest

from entrepot.kernel import jobs
from entrepot.kernel.db import Database, connect
from entrepot.kernel.events import Event, publish
from entrepot.kernel.jobs import Job, Worker, enqueue
from tests.conftest import database as a_database

KILL = """
    select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()
    """


class Shipped(Event, frozen=True):
    name: ClassVar[str] = "test.shipped"

    parcel: int


@pytest.fixture
async def database(
    server: str, template: str, worker_name: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    monkeypatch.setattr(jobs, "DISPATCH_INTERVAL_S", 0.02)
    monkeypatch.setattr(jobs, "LOOK_AGAIN_AFTER_S", 0.3)
    async with a_database(server, template, f"jobs_{worker_name}") as dsn:
        database = await connect(dsn, pool_size=6)
        yield database
        await database.close()


@asynccontextmanager
async def working(
    database: Database, *declared: Job[list[Any]], context: list[Any]
) -> AsyncIterator[Worker[list[Any]]]:
    worker = Worker(database, declared, context)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        _, running = await asyncio.wait([task], timeout=5)
        task.cancel()
        assert not running, "the worker did not stop"


async def until(met: Callable[[], bool], within_s: float = 6) -> None:
    deadline = asyncio.get_running_loop().time() + within_s
    while not met():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


async def take(done: list[Any], payload: dict[str, Any]) -> None:
    done.append(payload)


async def ship(database: Database, *parcels: int) -> None:
    async with database.transaction() as tx:
        for parcel in parcels:
            await publish(tx, Shipped(parcel=parcel))


async def test_a_woken_job_runs_once_for_all_events_that_came_in_together(database: Database) -> None:
    done: list[Any] = []
    told: list[Any] = []
    declared: tuple[Job[list[Any]], ...] = (
        Job(name="tidy", run=take, on=("test.shipped",), woken=True),
        Job(name="announce", run=lambda _, payload: take(told, payload), on=("test.shipped",)),
    )
    await ship(database, 1, 2, 3)
    async with working(database, *declared, context=done):
        await until(lambda: len(told) == 3 and bool(done))
        await ship(database, 4)
        await until(lambda: len(told) == 4 and len(done) == 2)

    assert done == [{}, {}]


async def test_an_event_becomes_a_job_once_with_two_workers(database: Database) -> None:
    done: list[Any] = []
    job = Job(name="announce", run=take, on=("test.shipped",))
    async with working(database, job, context=done), working(database, job, context=done):
        await ship(database, 1, 2, 3)
        await ship(database, 4)
        await until(lambda: len(done) >= 4)
        await asyncio.sleep(0.2)

    assert sorted(payload["parcel"] for payload in done) == [1, 2, 3, 4]


async def test_a_job_exists_exactly_if_its_transaction_commits(database: Database) -> None:
    done: list[Any] = []
    async with database.transaction() as tx:
        await enqueue(tx, "announce", [{"parcel": 1}, {"text": "Größe \u0627"}])

    async def fail() -> None:
        async with database.transaction() as tx:
            await enqueue(tx, "announce", [{"parcel": 2}])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with working(database, Job(name="announce", run=take), context=done):
        await until(lambda: len(done) >= 2)
        await asyncio.sleep(0.1)

    assert sorted(done, key=str) == [{"parcel": 1}, {"text": "Größe \u0627"}]


async def test_a_job_that_fails_is_tried_again(database: Database) -> None:
    tries: list[Any] = []

    async def fail_once(done: list[Any], payload: dict[str, Any]) -> None:
        done.append(payload)
        if len(done) == 1:
            raise RuntimeError("not today")

    async with database.transaction() as tx:
        await enqueue(tx, "announce", [{"parcel": 1}])
    async with working(database, Job(name="announce", run=fail_once), context=tries):
        await until(lambda: len(tries) == 2)

    assert tries == [{"parcel": 1}, {"parcel": 1}]


async def test_a_schedule_runs_when_its_time_has_come(database: Database) -> None:
    done: list[Any] = []
    async with working(database, Job(name="clean", run=take, cron="* * * * * *"), context=done):
        await until(lambda: len(done) >= 1)

    assert done[0] == {}


async def test_events_are_still_turned_into_jobs_after_connections_died(database: Database) -> None:
    done: list[Any] = []
    async with working(database, Job(name="announce", run=take, on=("test.shipped",)), context=done):
        await ship(database, 1)
        await until(lambda: len(done) == 1)
        killer = await asyncpg.connect(database.dsn)
        for _ in range(5):
            await killer.execute(KILL, "entrepot")
            await asyncio.sleep(0.03)
        await killer.close()
        for _ in range(10):
            try:
                await ship(database, 2)
                break
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await asyncio.sleep(0.05)
        await until(lambda: {"parcel": 2} in done)


async def test_the_worker_goes_on_when_its_own_connection_died(database: Database) -> None:
    done: list[Any] = []
    async with working(database, Job(name="announce", run=take, on=("test.shipped",)), context=done):
        await ship(database, 1)
        await until(lambda: len(done) == 1)
        await database.pool.execute(KILL, "entrepot worker")
        await ship(database, 2)
        await until(lambda: {"parcel": 2} in done, within_s=12)
