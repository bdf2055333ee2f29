"""Events: seen when they are committed, in an order that skips nothing, handled at least once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import ClassVar

import pytest

from entrepot.kernel import events
from entrepot.kernel.db import Database, Tx, connect
from entrepot.kernel.events import Event, Position, Recorded, Tail, consume, publish, publish_all, read_after
from entrepot.kernel.migrate import migrate
from tests.builders import unique
from tests.conftest import database as a_database

Handle = Callable[[Tx, list[Recorded]], Awaitable[None]]

BEGUN = "select pg_current_xact_id()::text"
"""Makes a transaction one that others see running, as its first change does: facts are written last."""


class Happened(Event, frozen=True):
    name: ClassVar[str] = "test.happened"

    what: str
    companies_told: list[int] = []

    def companies(self) -> list[int]:
        return self.companies_told


class Reacted(Event, frozen=True):
    name: ClassVar[str] = "test.reacted"


@pytest.fixture(scope="module")
async def own_dsn(server: str, template: str, worker_name: str) -> AsyncIterator[str]:
    """A database where nobody else publishes."""
    async with a_database(server, template, f"events_{worker_name}") as address:
        yield address


@pytest.fixture
async def database(own_dsn: str) -> AsyncIterator[Database]:
    database = await connect(own_dsn, pool_size=10)
    yield database
    await database.close()


async def happen(database: Database, *what: str) -> None:
    async with database.transaction() as tx:
        await publish_all(tx, [Happened(what=one) for one in what])


async def position_of_all(database: Database) -> Position:
    """After everything that has been published, by transactions that have all ended."""
    count = await database.reader.value("select count(*) from events")
    read = await read_all(database, Position(), count)
    return read[-1].position if read else Position()


async def read_all(database: Database, position: Position, count: int) -> list[Recorded]:
    """So many events after the position. Transactions of other databases of the server hold readers up for a moment."""
    deadline = asyncio.get_running_loop().time() + 5
    while len(read := await read_after(database.reader, position, limit=100_000)) < count:
        assert asyncio.get_running_loop().time() < deadline, f"{len(read)} of {count} events"
        await asyncio.sleep(0.01)
    return read


async def consume_all(database: Database, consumer: str, handle: Handle) -> int:
    """Consume until nothing is left; returns how many events were handled."""
    handled = 0
    deadline = asyncio.get_running_loop().time() + 5
    while await database.reader.value(_LEFT, consumer):
        handled += await consume(database, consumer, handle)
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.001)
    return handled


_LEFT = """
    select count(*) from events e left join event_cursors c on c.consumer = $1
    where c.consumer is null or (e.xid, e.id) > (c.after_xid, c.after_id)
    """


def told(read: list[Recorded]) -> list[str]:
    return [event.data["what"] for event in read]


async def test_an_event_is_seen_when_its_transaction_commits_and_not_before(database: Database) -> None:
    start = await position_of_all(database)
    async with database.transaction() as tx:
        await publish(tx, Happened(what="a", companies_told=[3, 4]), actor_id=7)
        assert await read_after(database.reader, start) == []

    (event,) = await read_all(database, start, 1)

    assert (event.name, event.version, event.actor_id) == ("test.happened", 1, 7)
    assert event.data == {"what": "a", "companiesTold": [3, 4]}


async def test_an_event_of_a_transaction_that_fails_never_happened(database: Database) -> None:
    start = await position_of_all(database)

    async def fail() -> None:
        async with database.transaction() as tx:
            await publish(tx, Happened(what="a"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()

    assert await read_after(database.reader, start) == []


async def test_several_at_once_keep_their_order(database: Database) -> None:
    start = await position_of_all(database)
    await happen(database, *map(str, range(50)))

    assert told(await read_all(database, start, 50)) == [str(n) for n in range(50)]


async def test_facts_are_written_in_the_order_in_which_they_were_published_with_one_statement(
    database: Database,
) -> None:
    start = await position_of_all(database)
    before = database.meter.statements
    async with database.transaction() as tx:
        for name in ("a", "b", "c"):
            await publish(tx, Happened(what=name), actor_id=ord(name))
    assert database.meter.statements == before + 1

    read = await read_all(database, start, 3)
    assert [(event.data["what"], event.actor_id) for event in read] == [("a", 97), ("b", 98), ("c", 99)]


async def test_more_facts_than_are_kept_are_all_written(database: Database) -> None:
    start = await position_of_all(database)
    names = [str(n) for n in range(events.BATCH + 3)]
    async with database.transaction() as tx:
        for name in names:
            await publish(tx, Happened(what=name))

    assert told(await read_all(database, start, len(names))) == names


async def test_a_single_statement_publishes_nothing_and_is_followed_by_none(database: Database) -> None:
    start = await position_of_all(database)
    alone = database.one_statement()
    with pytest.raises(RuntimeError, match="open a transaction"):
        await publish(alone, Happened(what="a"))

    assert await alone.value("select 1") == 1
    with pytest.raises(RuntimeError, match="one statement only"):
        await alone.run("select 2")
    assert await read_after(database.reader, start) == []


async def test_a_reader_waits_for_a_transaction_that_began_earlier(database: Database) -> None:
    start = await position_of_all(database)
    async with database.transaction() as late:
        await late.value(BEGUN)
        await publish(late, Happened(what="began first"))
        await happen(database, "committed first")

        assert await read_after(database.reader, start) == []

    assert told(await read_all(database, start, 2)) == ["began first", "committed first"]


async def test_no_consumer_misses_what_commits_late(database: Database) -> None:
    """Publishers whose transactions overlap in every way, and a consumer that never rests."""
    handled: list[str] = []
    consumer = unique("consumer")
    ended = asyncio.Event()

    async def publisher(name: str) -> None:
        for n in range(8):
            async with database.transaction() as tx:
                await tx.value(BEGUN)
                await publish(tx, Happened(what=f"{name} {n}"))
                await asyncio.sleep((ord(name) * 3 + n) % 7 / 500)

    async def handle(_: Tx, batch: list[Recorded]) -> None:
        handled.extend(told([event for event in batch if event.name == Happened.name]))

    async def consuming() -> None:
        while not ended.is_set():
            await consume(database, consumer, handle)
            await asyncio.sleep(0.001)

    await drain(database, consumer)
    task = asyncio.create_task(consuming())
    names = ["a", "b", "c", "d", "e"]
    await asyncio.gather(*map(publisher, names))
    await asyncio.sleep(0.05)
    ended.set()
    await task
    await consume_all(database, consumer, handle)

    assert sorted(handled) == sorted(f"{name} {n}" for name in names for n in range(8))


async def drain(database: Database, consumer: str) -> None:
    async def ignore(_: Tx, __: list[Recorded]) -> None:
        return

    await consume_all(database, consumer, ignore)


async def test_a_handler_that_fails_gets_the_events_again(database: Database) -> None:
    consumer = unique("consumer")
    await drain(database, consumer)
    await happen(database, "a", "b")
    handled: list[str] = []

    async def fail(tx: Tx, batch: list[Recorded]) -> None:
        handled.extend(told(batch))
        await tx.run("insert into event_cursors (consumer) values ($1)", f"{consumer} work")
        raise RuntimeError

    async def handle(_: Tx, batch: list[Recorded]) -> None:
        handled.extend(told(batch))

    with pytest.raises(RuntimeError):
        await consume_all(database, consumer, fail)
    work = await database.reader.value("select count(*) from event_cursors where consumer = $1", f"{consumer} work")
    assert work == 0, "the work of a failed handler is undone"

    assert await consume_all(database, consumer, handle) == 2
    assert await consume(database, consumer, handle) == 0
    assert handled == ["a", "b", "a", "b"]


async def test_two_processes_of_one_consumer_never_handle_an_event_twice(database: Database) -> None:
    consumer = unique("consumer")
    await happen(database, *map(str, range(30)))
    handled: list[int] = []

    async def handle(_: Tx, batch: list[Recorded]) -> None:
        await asyncio.sleep(0.01)
        handled.extend(event.id for event in batch)

    async def consuming() -> None:
        for _ in range(10):
            await consume(database, consumer, handle)
            await asyncio.sleep(0.002)

    await asyncio.gather(*(consuming() for _ in range(5)))
    await consume_all(database, consumer, handle)

    assert len(handled) == len(set(handled))
    assert len(handled) >= 30


async def test_consumers_of_two_names_each_handle_every_event(database: Database) -> None:
    names = [unique("consumer"), unique("consumer")]
    for name in names:
        await drain(database, name)
    await happen(database, "a")
    handled: list[str] = []

    async def handle(_: Tx, batch: list[Recorded]) -> None:
        handled.extend(told(batch))

    assert [await consume_all(database, name, handle) for name in names] == [1, 1]
    assert handled == ["a", "a"]


# ---- the tail: every commit at once ----


async def test_the_tail_sees_what_overtakes_an_open_transaction_and_that_one_later(database: Database) -> None:
    tail, seen, gaps = a_tail(database)
    await tail.poll()
    async with database.transaction() as late:
        await late.value(BEGUN)
        await publish(late, Happened(what="late"))
        await happen(database, "early")

        await tail.poll()
        assert seen == ["early"]
        await tail.poll()
        assert seen == ["early"]

    await tail.poll()
    await tail.poll()
    assert seen == ["early", "late"]
    assert gaps == ["gap"]


def a_tail(database: Database) -> tuple[Tail, list[str], list[str]]:
    tail = Tail(database, interval_s=0.01)
    seen: list[str] = []
    gaps: list[str] = []
    tail.listen(lambda event: seen.append(event.data["what"]), on_gap=lambda: gaps.append("gap"))
    return tail, seen, gaps


async def test_the_tail_begins_with_a_gap_and_what_comes_after_it(database: Database) -> None:
    await happen(database, "before")
    tail, seen, gaps = a_tail(database)

    assert (await tail.poll(), gaps) == (0, ["gap"])
    await happen(database, "after")
    assert (await tail.poll(), seen) == (1, ["after"])


async def test_the_tail_misses_nothing_of_transactions_that_overlap(database: Database) -> None:
    tail, seen, _ = a_tail(database)
    await tail.poll()

    async def publisher(name: int) -> None:
        for n in range(6):
            async with database.transaction() as tx:
                await tx.value(BEGUN)
                await asyncio.sleep(((name * 7 + n * 3) % 5) / 300)
                await publish(tx, Happened(what=f"{name} {n}"))
                await asyncio.sleep(((name + n) % 4) / 300)

    publishing = asyncio.gather(*map(publisher, range(6)))
    while not publishing.done():
        await tail.poll()
        await asyncio.sleep(0)
    await tail.poll()

    assert sorted(seen) == sorted(f"{name} {n}" for name in range(6) for n in range(6))


async def test_the_tail_goes_on_after_its_connections_died(database: Database) -> None:
    tail, seen, _ = a_tail(database)
    following = asyncio.create_task(tail.run())
    await asyncio.sleep(0.05)
    killer = await connect(database.dsn, pool_size=2)
    await killer.reader.value(
        """
        select count(pg_terminate_backend(pid)) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
        """
    )
    deadline = asyncio.get_running_loop().time() + 8
    while not seen and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.1)
        await happen(killer, "after the outage")
    following.cancel()
    await killer.close()

    assert seen[-1:] == ["after the outage"]


async def test_after_an_outage_the_tail_says_that_it_may_have_missed_something(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> object:
        raise ConnectionRefusedError

    tail, _, gaps = a_tail(database)
    await tail.poll()
    with monkeypatch.context() as patch:
        patch.setattr(database, "reader", type("Away", (), {"many": refuse, "value": refuse})())
        following = asyncio.create_task(tail.run())
        await asyncio.sleep(0.1)
        following.cancel()

    assert len(gaps) > 1
    await tail.poll()
    assert gaps[-1] == "gap"


# ---- reactions ----


async def test_a_reaction_is_carried_out_in_the_transaction_of_its_fact(own_dsn: str) -> None:
    async def react(tx: Tx, event: Happened) -> None:
        await publish(tx, Reacted())
        if event.what == "refuse":
            raise RuntimeError

    database = await connect(own_dsn, pool_size=2, reactions={Happened.name: react})
    try:
        start = await position_of_all(database)
        await happen(database, "go")
        with pytest.raises(RuntimeError):
            await happen(database, "refuse")

        read = await read_all(database, start, 2)
    finally:
        await database.close()
    assert [event.name for event in read] == [Happened.name, Reacted.name]
    assert len({event.xid for event in read}) == 1


# ---- a dump restored into a server whose transaction ids are lower ----


@pytest.mark.parametrize("pruned", [False, True], ids=["with its events", "after its events were deleted"])
async def test_events_of_another_server_do_not_hide_those_of_this_one(
    server: str, template: str, worker_name: str, pruned: bool
) -> None:
    async with a_database(server, template, f"restored_{worker_name}") as dsn:
        database = await connect(dsn, pool_size=3)
        handled: list[str] = []

        async def handle(_: Tx, batch: list[Recorded]) -> None:
            handled.extend(told(batch))

        await happen(database, "read")
        await drain(database, "reader")
        await happen(database, "not read")
        async with database.transaction() as tx:
            await tx.run("update events set xid = (xid::text::bigint + 1000000000)::text::xid8")
            await tx.run("update event_cursors set after_xid = (after_xid::text::bigint + 1000000000)::text::xid8")
            if pruned:
                await tx.run("delete from events")
        async with database.pool.acquire() as connection:
            await migrate(connection)
        await happen(database, "new")

        await consume_all(database, "reader", handle)

        await database.close()
        assert handled == (["new"] if pruned else ["not read", "new"])


def test_an_events_fields_are_camel_case_and_its_name_stable() -> None:
    assert events.Event.__struct_config__.frozen
    assert Happened(what="a", companies_told=[1]).__struct_encode_fields__ == ("what", "companiesTold")
