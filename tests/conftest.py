"""What tests stand on: a real PostgreSQL with a database for each worker, and the shop as its clients see it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest

from entrepot import app as composition
from entrepot.kernel.embedded_postgres import EmbeddedPostgres
from entrepot.kernel.keys import load_keys
from entrepot.kernel.migrate import migrate, migrations
from entrepot.settings import Settings, load_settings
from tests.builders import Client

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server. TEST_DATABASE_URL names another one than our own."""
    if (given := os.environ.get("TEST_DATABASE_URL")) is not None:
        yield given
        return
    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    folder = Path(tempfile.gettempdir()) / f"entrepot-tests-{os.getuid()}-{mark}"
    with EmbeddedPostgres(folder, durable=False) as postgres:
        yield postgres.dsn()


def database_url(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
async def template(server: str) -> str:
    """The name of a migrated database that others are copied from; made once for each state of the schema."""
    schema = hashlib.sha256("".join(migration.sql for migration in migrations()).encode()).hexdigest()[:12]
    name = f"entrepot_template_{schema}"
    admin = await asyncpg.connect(server)
    try:
        await admin.execute("select pg_advisory_lock(1)")
        if not await admin.fetchval("select exists (select from pg_database where datname = $1)", name):
            draft = f"{name}_draft"
            await admin.execute(f"drop database if exists {draft}")
            await admin.execute(f"create database {draft}")
            connection = await asyncpg.connect(database_url(server, draft))
            await migrate(connection)
            await connection.close()
            await admin.execute(f"alter database {draft} rename to {name}")
    finally:
        await admin.close()
    return name


@asynccontextmanager
async def database(server: str, template: str, name: str) -> AsyncIterator[str]:
    """A database copied from the template, dropped afterwards."""
    admin = await asyncpg.connect(server)
    try:
        await admin.execute("select pg_advisory_lock(2)")  # copies of one template take turns
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.execute(f"create database {name} template {template}")
        await admin.execute("select pg_advisory_unlock(2)")
        try:
            yield database_url(server, name)
        finally:
            await admin.execute(f"drop database if exists {name} with (force)")
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def worker_name() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


@pytest.fixture(scope="session")
async def dsn(server: str, template: str, worker_name: str) -> AsyncIterator[str]:
    """The database that the tests of this worker share: each makes what it needs and looks only at that."""
    async with database(server, template, f"test_{worker_name}") as address:
        yield address


@pytest.fixture
async def fresh_db(server: str, template: str, worker_name: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a migrated database with nothing in it, for one test."""
    async with database(server, template, f"fresh_{worker_name}") as address:
        connection = await asyncpg.connect(address)
        yield connection
        await connection.close()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(
        _env_file=None,
        environment="development",
        home=tmp_path_factory.mktemp("home"),
        rate_limit_enabled=False,
        log_level="warning",
        cors_origins=("https://shop.example",),
    )


@asynccontextmanager
async def running(settings: Settings, dsn: str) -> AsyncIterator[composition.Application]:
    """The shop, serving."""
    load_keys(None, settings.home)
    database = await composition.open_database(settings, dsn)
    application = composition.Application(settings, composition.open_shop(settings, database))
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # a task of its own: what is entered must be left in the same one
        async with application.litestar.lifespan():
            started.set()
            await stop.wait()

    task = asyncio.create_task(live())
    await started.wait()
    try:
        yield application
    finally:
        stop.set()
        await task


@pytest.fixture(scope="session")
async def app(settings: Settings, dsn: str) -> AsyncIterator[composition.Application]:
    async with running(settings, dsn) as application:
        yield application


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to look at what stands in the worker's database."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def client(app: composition.Application) -> AsyncIterator[Client]:
    """The shop over HTTP, as a guest."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test/api/v1") as http:
        yield Client(http, app)
