"""Migrations: plain SQL files, forward only, each in its own transaction, one process at a time."""

from __future__ import annotations

import hashlib
from importlib import resources

import asyncpg
import msgspec
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

ADVISORY_LOCK = 0x656E7472  # "entr"


class Migration(msgspec.Struct, frozen=True):
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


class MigrationError(Exception):
    """The schema cannot be brought up to date; the message says why and what to do."""


def migrations() -> list[Migration]:
    """All migrations that this version knows, in order."""
    folder = resources.files("entrepot") / "migrations"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [Migration(entry.name.removesuffix(".sql"), entry.read_text("utf-8")) for entry in files]


async def pending(connection: asyncpg.Connection) -> list[Migration]:
    """What has not been applied to this database.

    Raises:
        MigrationError: when an applied migration was changed afterwards, or the database is ahead of this version.
    """
    applied = await _applied(connection)
    known = migrations()
    if unknown := sorted(applied.keys() - {migration.name for migration in known}):
        raise MigrationError(
            f"The database was migrated by a newer version (it has {unknown[-1]}): install that version or newer."
        )
    for migration in known:
        if applied.get(migration.name, migration.checksum) != migration.checksum:
            raise MigrationError(f"Migration {migration.name} was changed after it was applied: restore the file.")
    return [migration for migration in known if migration.name not in applied]


async def migrate(connection: asyncpg.Connection) -> list[str]:
    """Apply what is pending, under a lock that other processes wait for, and return the names."""
    await connection.execute("select pg_advisory_lock($1)", ADVISORY_LOCK)
    try:
        todo = await pending(connection)
        for migration in todo:
            await _apply(connection, migration)
        await _migrate_queue(connection)
        await _rebase_events(connection)
        return [migration.name for migration in todo]
    finally:
        await connection.execute("select pg_advisory_unlock($1)", ADVISORY_LOCK)


async def _applied(connection: asyncpg.Connection) -> dict[str, str]:
    if await connection.fetchval("select to_regclass('schema_migrations')") is None:
        return {}
    rows = await connection.fetch("select name, checksum from schema_migrations")
    return {row["name"]: row["checksum"] for row in rows}


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(
            """
            create table if not exists schema_migrations (
                name text primary key, checksum text not null, applied_at timestamptz not null default now()
            )
            """
        )
        try:
            await connection.execute(migration.sql)
        except asyncpg.PostgresError as error:
            raise MigrationError(f"Migration {migration.name} failed: {error}") from error
        await connection.execute(
            "insert into schema_migrations (name, checksum) values ($1, $2)", migration.name, migration.checksum
        )


async def _migrate_queue(connection: asyncpg.Connection) -> None:
    """The job queue's tables belong to PgQueuer, which brings them up to its own version."""
    queue = Queries(AsyncpgDriver(connection))
    if not await queue.schema_is_installed():
        await queue.install()
    else:
        await queue.upgrade()


async def _rebase_events(connection: asyncpg.Connection) -> None:
    """A dump restored into a new server brings transaction ids that this server has not reached yet.

    Left alone, new events would sort before them and no reader would ever see them. They are all committed, so give
    them the oldest transaction id; each reader goes on before the first event it has not read.
    """
    async with connection.transaction():
        ahead = """
            select exists (select from events where xid > pg_current_xact_id())
                or exists (select from event_cursors where after_xid > pg_current_xact_id())
            """
        if not await connection.fetchval(ahead):
            return
        await connection.execute(
            """
            update event_cursors c set after_xid = '3', after_id = coalesce(
                (select min(e.id) - 1 from events e where (e.xid, e.id) > (c.after_xid, c.after_id)),
                (select max(e.id) from events e), 0)
            """
        )
        await connection.execute("update events set xid = '3'")
