"""Tables without their indexes and foreign keys while they are filled: both are made again at once, which is many times
faster than for each row, and says just as surely whether every row fits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
import msgspec


class _Definition(msgspec.Struct, frozen=True):
    """Something that was dropped: how to make it again."""

    drop: str
    create: str


class BareTables:
    """Knows what was dropped; `clothe` makes it again."""

    def __init__(
        self, connection: asyncpg.Connection, indexes: list[_Definition], constraints: list[_Definition]
    ) -> None:
        self._connection = connection
        self._indexes = indexes
        self._constraints = constraints

    @property
    def pieces(self) -> int:
        return len(self._indexes) + len(self._constraints)

    async def clothe(self, done: Callable[[int], None], between: Callable[[], Awaitable[object]]) -> None:
        """Indexes first, then what `between` does (statistics help to check the keys), then the foreign keys.

        Raises:
            asyncpg.IntegrityConstraintViolationError: the rows do not fit.
        """
        for index in self._indexes:
            await self._connection.execute(index.create)
            done(1)
        await between()
        for constraint in self._constraints:
            await self._connection.execute(constraint.create)
            done(1)


@asynccontextmanager
async def bare_tables(connection: asyncpg.Connection, tables: Sequence[str]) -> AsyncIterator[BareTables]:
    """Drops, inside the caller's transaction, all of these tables' foreign keys and all indexes but the primary keys."""
    constraints = await _definitions(connection, _FOREIGN_KEYS, tables)
    uniques = await _definitions(connection, _UNIQUE_CONSTRAINTS, tables)
    indexes = await _definitions(connection, _INDEXES, tables)
    for definition in (*constraints, *uniques, *indexes):
        await connection.execute(definition.drop)
    yield BareTables(connection, [*indexes, *uniques], constraints)


async def _definitions(connection: asyncpg.Connection, sql: str, tables: Sequence[str]) -> list[_Definition]:
    return [_Definition(record["drop"], record["create"]) for record in await connection.fetch(sql, list(tables))]


_FOREIGN_KEYS = """
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as create
    from pg_constraint where contype = 'f' and conrelid = any($1::text[]::regclass[]) order by conrelid, conname
    """

_UNIQUE_CONSTRAINTS = """
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as create
    from pg_constraint c where contype = 'u' and conrelid = any($1::text[]::regclass[])
      and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = c.conindid)
    order by conrelid, conname
    """

_INDEXES = """
    select format('drop index %s', indexrelid::regclass) as drop, pg_get_indexdef(indexrelid) as create
    from pg_index i where indrelid = any($1::text[]::regclass[])
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    order by indrelid, indexrelid
    """
