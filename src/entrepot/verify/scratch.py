"""Scratch databases: made for drills, and gone after them. A database that holds anything else is never touched."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit, urlunsplit

from entrepot.databases import connect
from entrepot.kernel.embedded_postgres import EmbeddedPostgres
from entrepot.kernel.embedded_postgres_server import find_server

PREFIX: Final = "entrepot_verify_"


class Scratch(Protocol):
    """A PostgreSQL server on which databases may be made, and may fail."""

    where: str
    """What server it is, for people."""
    how_it_fails: str
    """What `interrupt` does to it, for people."""

    def database(self) -> str:
        """The address of the database that drills are held on."""
        ...

    def beside(self, name: str) -> str:
        """The address of another database on the same server."""
        ...

    @asynccontextmanager
    async def another(self) -> AsyncIterator[str]:
        """The address of one more database, empty, and gone after the block."""
        yield ""

    async def interrupt(self, *, gently: bool) -> None:
        """Take the server away under whoever uses it, and bring it back."""


class EmbeddedScratch:
    """A server of our own, in a folder that is thrown away."""

    how_it_fails = "the server was stopped, or killed, and started again"

    def __init__(self, folder: Path) -> None:
        self.where = "an embedded PostgreSQL of its own"
        self.folder = folder
        self._postgres = EmbeddedPostgres(folder)

    def start(self) -> None:
        self._postgres.start()

    def stop(self) -> None:
        self._postgres.stop()

    def database(self) -> str:
        return self._postgres.dsn()

    def beside(self, name: str) -> str:
        return self._postgres.dsn(name)

    @asynccontextmanager
    async def another(self) -> AsyncIterator[str]:
        async with _made_on(self.database(), f"{PREFIX}{secrets.token_hex(6)}") as address:
            yield address

    async def interrupt(self, *, gently: bool) -> None:
        if not gently and (server := find_server(self.folder)) is not None and server.pid is not None:
            os.kill(server.pid, signal.SIGQUIT)  # no checkpoint, no goodbye: it recovers from its log
        await asyncio.to_thread(self._postgres.stop)
        await asyncio.to_thread(self._postgres.start)


class DatabaseScratch:
    """A database of our own on somebody's server, which goes on for everybody else."""

    how_it_fails = "all connections were cut, and new ones refused for a while: the server is not ours to restart"
    away_s = 2.0

    def __init__(self, server: str, name: str) -> None:
        parts = urlsplit(server)
        self.where = f"a scratch database on {parts.hostname or 'a local server'}"
        self._server = server
        self._name = name

    def database(self) -> str:
        return self.beside(self._name)

    def beside(self, name: str) -> str:
        return urlunsplit(urlsplit(self._server)._replace(path=f"/{name}"))

    @asynccontextmanager
    async def another(self) -> AsyncIterator[str]:
        async with _made_on(self._server, f"{PREFIX}{secrets.token_hex(6)}") as address:
            yield address

    async def interrupt(self, *, gently: bool) -> None:
        connection = await connect(self._server)
        try:
            await connection.execute(f"alter database {self._name} allow_connections false")
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", self._name
            )
            await asyncio.sleep(self.away_s if gently else self.away_s / 2)
        finally:
            await connection.execute(f"alter database {self._name} allow_connections true")
            await connection.close()


@contextmanager
def embedded(folder: Path) -> Iterator[EmbeddedScratch]:
    """A server in this folder, as long as the block lasts."""
    scratch = EmbeddedScratch(folder)
    scratch.start()
    try:
        yield scratch
    finally:
        scratch.stop()


@asynccontextmanager
async def on_server(server: str) -> AsyncIterator[DatabaseScratch]:
    """A new database on a server, dropped afterwards. Raises StartError when there is no way in."""
    name = f"{PREFIX}{secrets.token_hex(6)}"
    async with _made_on(server, name):
        yield DatabaseScratch(server, name)


@asynccontextmanager
async def _made_on(server: str, name: str) -> AsyncIterator[str]:
    connection = await connect(server)
    try:
        await connection.execute(f"create database {name}")
    finally:
        await connection.close()
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        connection = await connect(server)
        try:
            await connection.execute(f"drop database if exists {name} with (force)")
        finally:
            await connection.close()
