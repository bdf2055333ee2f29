"""The database: typed rows, and transactions by parameter type.

`db: Db` reads, each statement on its own; `tx: Tx` writes, inside one transaction that its opener commits. A statement
says which struct its rows fill; columns and fields meet by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from functools import lru_cache
from typing import Any, Final, Protocol, TypeVar

import asyncpg
import msgspec

from entrepot.kernel.errors import Unavailable

Row = TypeVar("Row", bound=msgspec.Struct)

CONNECT_TIMEOUT_S = 10
ACQUIRE_TIMEOUT_S = 10
STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000

SESSION: Final = {
    "timezone": "UTC",
    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
    "lock_timeout": str(LOCK_TIMEOUT_MS),
    "idle_in_transaction_session_timeout": "60000",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""Settings of every session. A statement is planned once for all its parameters: planning it anew for each, as PostgreSQL often
chooses to, takes longer than running it. So a filter that is not asked for is left out of a statement, not made to be true."""


TROUBLE: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""What a statement may fail with when the server or the way to it breaks. Whoever works in the background waits it out.

asyncpg raises InternalClientError, too, when a connection dies at an awkward moment.
"""


class _Executor(Protocol):
    """What asyncpg's pool and connection have in common."""

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]: ...
    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


class Meter:
    """How many statements this process has sent."""

    __slots__ = ("statements",)

    def __init__(self) -> None:
        self.statements = 0


class Db:
    """Reads. Each statement sees what was committed when it started."""

    __slots__ = ("_executor", "_meter")

    def __init__(self, executor: _Executor, meter: Meter | None = None) -> None:
        self._executor = executor
        self._meter = meter or Meter()

    async def one(self, row: type[Row], sql: str, *args: Any) -> Row:
        """The only row. Raises LookupError when there is none."""
        self._meter.statements += 1
        record = await self._executor.fetchrow(sql, *args)
        if record is None:
            raise LookupError(f"no row of {row.__name__}")
        return filler(row)(record)

    async def maybe(self, row: type[Row], sql: str, *args: Any) -> Row | None:
        """The first row, or None."""
        self._meter.statements += 1
        record = await self._executor.fetchrow(sql, *args)
        return None if record is None else filler(row)(record)

    async def many(self, row: type[Row], sql: str, *args: Any) -> list[Row]:
        """All rows, in the statement's order."""
        self._meter.statements += 1
        fill = filler(row)
        return [fill(record) for record in await self._executor.fetch(sql, *args)]

    async def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        self._meter.statements += 1
        return await self._executor.fetchval(sql, *args)

    async def values(self, sql: str, *args: Any) -> list[Any]:
        """The first column of all rows."""
        self._meter.statements += 1
        return [record[0] for record in await self._executor.fetch(sql, *args)]


class Tx(Db):
    """Writes, inside a transaction. Whoever opened it commits; verbs never do."""

    __slots__ = ("connection", "facts", "reactions", "write_facts")

    def __init__(
        self, connection: asyncpg.Connection, reactions: Reactions | None = None, meter: Meter | None = None
    ) -> None:
        super().__init__(connection, meter)
        self.connection = connection
        self.reactions = reactions or {}
        self.facts: list[Any] = []
        """What was published in it; written with one statement before it commits, by `write_facts`."""
        self.write_facts: Callable[[Tx], Awaitable[None]] | None = None

    def note(self, facts: Sequence[Any], write: Callable[[Tx], Awaitable[None]]) -> None:
        """Keep what was published until the transaction commits."""
        self.facts += facts
        self.write_facts = write

    async def run(self, sql: str, *args: Any) -> int:
        """Execute, and say how many rows were touched."""
        self._meter.statements += 1
        status = await self._executor.execute(sql, *args)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0


def filler(row: type[Row]) -> Callable[[asyncpg.Record], Row]:
    """How a record becomes this struct; worked out once for each."""
    fill: Callable[[asyncpg.Record], Row] = _filler(row)
    return fill


@lru_cache(maxsize=1024)
def _filler(row: Any) -> Callable[[asyncpg.Record], Any]:
    """How a record becomes a struct: by column name; enums and structs in JSON columns become what the field says."""
    nested = {field.name: field.type for field in msgspec.structs.fields(row) if _needs_conversion(field.type)}
    if not nested:
        return lambda record: row(**record)

    def fill(record: asyncpg.Record) -> Any:
        values = dict(record)
        for name, kind in nested.items():
            values[name] = msgspec.convert(values[name], kind)
        return row(**values)

    return fill


def _needs_conversion(kind: Any) -> bool:
    return any(isinstance(part, type) and issubclass(part, msgspec.Struct | Enum) for part in _parts(kind))


def _parts(kind: Any) -> list[Any]:
    inner = getattr(kind, "__args__", ())
    return [kind, *(part for argument in inner for part in _parts(argument))]


class _Once:
    """Executes one statement. A second one is a mistake: it would not be undone together with the first."""

    __slots__ = ("_pool",)

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool: asyncpg.Pool | None = pool

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        records: list[asyncpg.Record] = await self._take().fetch(query, *args)
        return records

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        return await self._take().fetchrow(query, *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        return await self._take().fetchval(query, *args)

    async def execute(self, query: str, *args: Any) -> str:
        status: str = await self._take().execute(query, *args)
        return status

    def _take(self) -> asyncpg.Pool:
        if self._pool is None:
            raise RuntimeError("one statement only: open a transaction")
        pool, self._pool = self._pool, None
        return pool


class _OneStatement(Tx):
    """Commits with its statement."""

    __slots__ = ()

    def note(self, facts: Sequence[Any], write: Callable[[Tx], Awaitable[None]]) -> None:  # noqa: ARG002
        raise RuntimeError("nobody would write what is published here: open a transaction")


class _Connection(asyncpg.Connection):
    """No session state is ever left behind (locks and settings are per transaction), so nothing needs resetting.

    asyncpg would otherwise spend a round trip on it each time a connection goes back to the pool. An open transaction, which
    there is none of unless something went wrong, is still rolled back.
    """

    async def reset(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109  asyncpg's own
        if self.is_in_transaction():
            await super().reset(timeout=timeout)

    def get_reset_query(self) -> str:
        return ""


Reactions = Mapping[str, Callable[[Tx, Any], Awaitable[None]]]
"""By event name: what must become true in the same transaction as the fact. Declared by the composition root, for modules
that lie below the one that publishes."""


class Database:
    """The pool. One for each process."""

    def __init__(self, pool: asyncpg.Pool, dsn: str, reactions: Reactions | None = None) -> None:
        self.pool = pool
        self.dsn = dsn
        self.meter = Meter()
        self.reader = Db(pool, self.meter)
        self._reactions = reactions or {}
        self.on_events: Callable[[], None] = lambda: None
        """Called when a transaction that published facts has committed."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """A transaction that commits when the block ends, and rolls back when it raises.

        Raises:
            Unavailable: when no connection becomes free in time.
        """
        try:
            async with asyncio.timeout(ACQUIRE_TIMEOUT_S):  # not the pool's own, which starts a task each time
                connection = await self.pool.acquire()
        except TimeoutError:
            raise Unavailable from None
        try:
            tx = Tx(connection, self._reactions, self.meter)
            async with connection.transaction():
                yield tx
                if tx.write_facts is not None:
                    await tx.write_facts(tx)
            if tx.write_facts is not None:
                self.on_events()
        finally:
            await self.pool.release(connection)

    def one_statement(self) -> Tx:
        """For a verb that is a single statement: it commits by itself, without the two round trips of BEGIN and COMMIT."""
        return _OneStatement(_Once(self.pool), self._reactions, self.meter)

    async def close(self) -> None:
        """Wait for running statements, then let go."""
        try:
            await asyncio.wait_for(self.pool.close(), timeout=10)
        except TimeoutError:
            self.pool.terminate()


async def connect(
    dsn: str, *, pool_size: int, reactions: Reactions | None = None, application: str = "entrepot"
) -> Database:
    """Open the pool. Raises what asyncpg raises when the server cannot be reached."""
    pool = await asyncpg.create_pool(
        dsn,
        connect=_reach,
        min_size=min(2, pool_size),
        max_size=pool_size,
        connection_class=_Connection,
        init=prepare_connection,
        timeout=CONNECT_TIMEOUT_S,
        max_inactive_connection_lifetime=300,
        server_settings={"application_name": application, **SESSION},
    )
    return Database(pool, dsn, reactions)


async def _reach(*args: Any, **options: Any) -> asyncpg.Connection:
    """A connection; a server that is not there, or lets nobody in for now, is a ConnectionError in every case.

    A Unix socket vanishes with its server, which is a FileNotFoundError otherwise.
    """
    try:
        return await asyncpg.connect(*args, **options)
    except (FileNotFoundError, asyncpg.ObjectNotInPrerequisiteStateError) as error:
        raise ConnectionError(f"the database cannot be reached: {error}") from error


async def prepare_connection(connection: asyncpg.Connection) -> None:
    """JSON columns come and go as Python values."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, encoder=_encode_json, decoder=msgspec.json.decode, schema="pg_catalog", format="text"
        )


def _encode_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def rows_of(records: Sequence[asyncpg.Record], row: type[Row]) -> list[Row]:
    """Fill structs from records fetched by other means (a cursor, COPY)."""
    fill = filler(row)
    return [fill(record) for record in records]
