"""Events: past-tense facts, written in the transaction that makes them true, read in order by whoever cares.

The table is outbox and public feed in one. Two ways to read it:

- `read_after` and `consume` follow a durable cursor in commit-safe order: they read only below the oldest running
  transaction, so that a row which commits late is never skipped. Delivery is at least once.
- `Tail` is for caches in this process: it sees every commit at once, also those that overtake a long transaction, in
  no particular order, and forgets its position when the process ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import TROUBLE, Database, Db, Tx
from entrepot.kernel.waiting import is_set_within

log = logging.getLogger("entrepot.events")

TAIL_INTERVAL_S = 0.2
TOGETHER_S = 0.02
"""What a look at this process's own events is put off, so that one look serves many commits."""

BATCH = 500

MOST_NOTED = 5_000
"""So many facts of a transaction are kept in memory at most before they are written."""


class Event(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A fact. Subclasses set `name` (stable, `thing.happened`) and raise `version` when fields change meaning."""

    name: ClassVar[str]
    version: ClassVar[int] = 1

    def companies(self) -> Sequence[int]:
        """Companies whose sellers may read this event."""
        return ()


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it stands in the table; `data` has the fields in camelCase."""

    xid: int
    id: int
    name: str
    version: int
    occurred_at: datetime
    actor_id: int | None
    data: dict[str, Any]

    @property
    def position(self) -> Position:
        return Position(self.xid, self.id)


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in the feed, after the event with this transaction and id."""

    xid: int = 0
    id: int = 0


async def publish(tx: Tx, event: Event, *, actor_id: int | None = None) -> None:
    """Record a fact. Readers see it when the transaction commits, and never if it does not."""
    await publish_all(tx, [event], actor_id=actor_id)


async def publish_all(tx: Tx, events: Sequence[Event], *, actor_id: int | None = None) -> None:
    """Record several facts, then carry out what must be true together with them.

    They are written before the transaction commits, with all others that are published in it. A position in the feed is
    given when it is written, so it is taken for as short as can be.
    """
    now = clock.now()
    facts = [
        {
            "name": event.name,
            "version": event.version,
            "occurred_at": now,
            "actor_id": actor_id,
            "companies": list(event.companies()),
            "data": event,
        }
        for event in events
    ]
    tx.note(facts, _write_facts)
    if len(tx.facts) >= MOST_NOTED:
        await _write_facts(tx)
    for event in events:
        if (react := tx.reactions.get(event.name)) is not None:
            await react(tx, event)


async def _write_facts(tx: Tx) -> None:
    facts, tx.facts = tx.facts, []
    if facts:
        await tx.run(
            """
            insert into events (name, version, occurred_at, actor_id, company_ids, data)
            select e ->> 'name', (e ->> 'version')::smallint, (e ->> 'occurred_at')::timestamptz,
                   (e ->> 'actor_id')::bigint, array(select jsonb_array_elements_text(e -> 'companies')::bigint), e -> 'data'
            from jsonb_array_elements($1::jsonb) with ordinality as rows (e, position) order by position
            """,
            facts,
        )


async def erase_emails(tx: Tx, user_id: int) -> int:
    """Take a person's addresses out of the feed, the only thing in it that tells of a person besides ids."""
    return await tx.run(
        "update events set data = data - 'email' where data ? 'email' and data ->> 'userId' = $1", str(user_id)
    )


async def read_after(db: Db, position: Position, limit: int = BATCH) -> list[Recorded]:
    """The next events that no running transaction can still slip in front of, oldest first."""
    return await db.many(
        Recorded,
        """
        select xid::text::bigint as xid, id, name, version, occurred_at, actor_id, data
        from events
        where (xid, id) > ($1::bigint::text::xid8, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
        order by xid, id
        limit $3
        """,
        position.xid,
        position.id,
        limit,
    )


class Stretch(msgspec.Struct, frozen=True):
    """A stretch of the feed: what was asked for in it, and where it ends. `looked_at`: how many events it has in all."""

    events: list[Recorded]
    looked_at: int
    last_xid: int | None
    last_id: int | None


async def read_stretch(
    db: Db, position: Position, stretch: int, *, company_id: int | None = None, names: Sequence[str] = ()
) -> Stretch:
    """The next so many events after a position, and those of them that a company may read and that are called so."""
    return await db.one(
        Stretch,
        """
        with stretch as materialized (
            select xid, id, name, version, occurred_at, actor_id, company_ids, data from events
            where (xid, id) > ($1::bigint::text::xid8, $2) and xid < pg_snapshot_xmin(pg_current_snapshot())
            order by xid, id limit $3
        )
        select coalesce(jsonb_agg(jsonb_build_object(
                   'xid', xid::text::bigint, 'id', id, 'name', name, 'version', version, 'occurred_at', occurred_at,
                   'actor_id', actor_id, 'data', data) order by xid, id)
                   filter (where ($4::bigint is null or $4 = any(company_ids))
                       and (cardinality($5::text[]) = 0 or name = any($5))), '[]') as events,
               count(*)::integer as looked_at,
               (array_agg(xid::text::bigint order by xid desc, id desc))[1] as last_xid,
               (array_agg(id order by xid desc, id desc))[1] as last_id
        from stretch
        """,
        position.xid,
        position.id,
        stretch,
        company_id,
        list(names),
    )


async def consume(database: Database, consumer: str, handle: Callable[[Tx, list[Recorded]], Awaitable[None]]) -> int:
    """Hand the next batch to `handle` and move the consumer's cursor in the same transaction.

    Processes take turns: the cursor's row is locked, and one that finds it locked returns 0 at once. Returns how many
    events were handled.
    """
    async with database.transaction() as tx:
        cursor = await _lock_cursor(tx, consumer)
        if cursor is None:
            return 0
        batch = await read_after(tx, cursor)
        if not batch:
            return 0
        await handle(tx, batch)
        await tx.run(
            """
            update event_cursors set after_xid = $2::bigint::text::xid8, after_id = $3, moved_at = $4
            where consumer = $1
            """,
            consumer,
            batch[-1].xid,
            batch[-1].id,
            clock.now(),
        )
        return len(batch)


async def _lock_cursor(tx: Tx, consumer: str) -> Position | None:
    locked = """
        select after_xid::text::bigint as xid, after_id as id from event_cursors
        where consumer = $1 for update skip locked
        """
    if (cursor := await tx.maybe(Position, locked, consumer)) is not None:
        return cursor
    await tx.run("insert into event_cursors (consumer) values ($1) on conflict do nothing", consumer)
    return await tx.maybe(Position, locked, consumer)


class Tail:
    """Tells listeners in this process of every event committed since it started, within a fraction of a second."""

    def __init__(self, database: Database, interval_s: float = TAIL_INTERVAL_S) -> None:
        self._database = database
        self._interval_s = interval_s
        self._snapshot: str | None = None
        self._listeners: list[Callable[[Recorded], None]] = []
        self._on_gap: list[Callable[[], None]] = []
        self._committed = 0
        self._seen = 0
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._looked = asyncio.Condition()

    def listen(self, listener: Callable[[Recorded], None], *, on_gap: Callable[[], None]) -> None:
        """Call `listener` for each event; `on_gap` when events may have been missed, such as after an outage."""
        self._listeners.append(listener)
        self._on_gap.append(on_gap)

    def nudge(self) -> None:
        """This process has committed events: look soon, and not only when the interval is over."""
        self._committed += 1
        self._wake.set()

    @property
    def is_behind(self) -> bool:
        """Whether this process has committed events that listeners do not know of yet."""
        return self._seen < self._committed

    async def catch_up(self) -> None:
        """Return when listeners know of every event that this process had committed when this was called."""
        committed = self._committed
        if self._seen < committed:
            self._urgent.set()
            async with self._looked:
                await self._looked.wait_for(lambda: self._seen >= committed)

    async def run(self) -> None:
        """Follow the table until cancelled; outages of the database are waited out."""
        while True:
            try:
                await self.poll()
            except TROUBLE as error:
                log.warning("events cannot be followed, trying again: %s", error)
                await self._start_anew()
            except Exception:
                # A listener's mistake about one event must not leave every later one unheard, and replies stale for ever.
                log.exception("an event could not be handled, going on after it")
                await self._start_anew()
            if await is_set_within(self._wake, self._interval_s):
                await is_set_within(self._urgent, TOGETHER_S)

    async def _start_anew(self) -> None:
        self._snapshot = None
        self._tell_gap()
        await asyncio.sleep(1)

    async def poll(self) -> int:
        """Read what was committed since the last poll; returns how many events there were."""
        committed = self._committed
        self._wake.clear()
        self._urgent.clear()
        count = await self._read()
        async with self._looked:
            self._seen = max(self._seen, committed)
            self._looked.notify_all()
        return count

    async def _read(self) -> int:
        if self._snapshot is None:
            self._snapshot = await self._database.reader.value("select pg_current_snapshot()::text")
            self._tell_gap()
            return 0
        rows = await self._database.reader.many(_Seen, _SINCE_SNAPSHOT, self._snapshot)
        self._snapshot = rows[0].snapshot
        events = [row.event for row in rows if row.event is not None]
        for event in events:
            for listener in self._listeners:
                listener(event)
        return len(events)

    def _tell_gap(self) -> None:
        for gap in self._on_gap:
            gap()


class _Seen(msgspec.Struct, frozen=True):
    snapshot: str
    event: Recorded | None


# One statement, hence one snapshot: what is visible now and was not visible in the snapshot of the last poll.
_SINCE_SNAPSHOT = """
    select pg_current_snapshot()::text as snapshot,
           case when e.id is not null then jsonb_build_object(
               'xid', e.xid::text::bigint, 'id', e.id, 'name', e.name, 'version', e.version,
               'occurred_at', e.occurred_at, 'actor_id', e.actor_id, 'data', e.data) end as event
    from (select) as always
    left join events e on e.xid >= pg_snapshot_xmin($1::text::pg_snapshot)
                      and not pg_visible_in_snapshot(e.xid, $1::text::pg_snapshot)
    order by e.xid, e.id
    """
