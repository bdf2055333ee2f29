"""The database that a command works on: the embedded server, or the one that DATABASE_URL names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from entrepot.kernel.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from entrepot.kernel.migrate import MigrationError, migrate, pending
from entrepot.serving import StartError
from entrepot.settings import Settings

OLDEST_SERVER: Final = 15
CONNECT_TIMEOUT_S: Final = 10


@contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """The address of a database that answers; the embedded server runs as long as the block.

    Raises:
        StartError: saying what is wrong with the server or the data folder, and what to do.
    """
    if settings.database_url is not None:
        asyncio.run(_check_server(settings.database_url))
        yield settings.database_url
        return
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        postgres = EmbeddedPostgres(settings.home / "postgres")
        dsn = postgres.start()
    except EmbeddedPostgresError as error:
        raise StartError(str(error)) from None
    except OSError as error:
        raise StartError(
            f"The data folder {settings.home} cannot be used ({error.strerror}): make it writable, or set ENTREPOT_HOME."
        ) from None
    try:
        yield dsn
    finally:
        postgres.stop()


async def _check_server(url: str) -> None:
    connection = await connect(url)
    try:
        version = int(await connection.fetchval("show server_version_num")) // 10_000
    finally:
        await connection.close()
    if version < OLDEST_SERVER:
        raise StartError(
            f"The server at {shown(url)} is PostgreSQL {version}: Entrepot needs {OLDEST_SERVER} or newer."
        )


async def connect(url: str) -> asyncpg.Connection:
    """One connection. Raises StartError with a sentence for each way that it can fail."""
    place = shown(url)
    try:
        return await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
    except asyncpg.InvalidCatalogNameError:
        raise StartError(f"There is no database {place}: make it with createdb, or correct DATABASE_URL.") from None
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise StartError(f"The server refuses user or password for {place}: correct DATABASE_URL.") from None
    except socket.gaierror:
        raise StartError(f"The host of {place} is not known: correct DATABASE_URL.") from None
    except (OSError, TimeoutError):
        raise StartError(f"No PostgreSQL server answers at {place}: start it, or correct DATABASE_URL.") from None
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise StartError(f"Cannot connect to {place}: {error}") from None


def shown(url: str) -> str:
    """An address without its password."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'the embedded server'}{f':{parts.port}' if parts.port else ''}{parts.path}"


async def bring_up_to_date(dsn: str) -> list[str]:
    """Migrate; returns what was applied. Raises StartError."""
    connection = await connect(dsn)
    try:
        return await migrate(connection)
    except MigrationError as error:
        raise StartError(str(error)) from None
    finally:
        await connection.close()


async def what_is_pending(dsn: str) -> list[str]:
    """The migrations that have not been applied. Raises StartError."""
    connection = await connect(dsn)
    try:
        return [migration.name for migration in await pending(connection)]
    except MigrationError as error:
        raise StartError(str(error)) from None
    finally:
        await connection.close()
