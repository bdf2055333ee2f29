"""Where drills are held: a scratch database, a scratch data folder, and servers that belong to nobody else."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import httpx2
import msgspec

from entrepot.app import JOBS, open_database, open_shop
from entrepot.databases import bring_up_to_date
from entrepot.kernel.db import Database
from entrepot.kernel.keys import load_keys
from entrepot.settings import Settings, load_settings
from entrepot.verify.scratch import Scratch
from entrepot.verify.servers import Server, command_of
from entrepot.verify.stall import Stall, open_stall

PROGRAM: Final = (sys.executable, "-m", "entrepot")
"""How the shop is started. Tests put a shop in its place that breaks its promises."""

MAX_CONNECTIONS: Final = 400
TIMEOUT_S: Final = 40.0
"""Longer than a server gives any request, so that it is the server that gives up, and says so."""

MARK: Final = "ENTREPOT_VERIFY"
"""Set for all processes of a drill, so that people who look at the machine see what they are."""


class Ground:
    """A ground. `servers` run while it stands; a drill that needs others makes and starts them itself."""

    def __init__(
        self,
        folder: Path,
        scratch: Scratch,
        database: Database,
        http: httpx2.AsyncClient,
        program: Sequence[str],
        settings: Settings,
    ) -> None:
        self.folder = folder
        self.scratch = scratch
        self.database = database
        self.http = http
        self.program = program
        self.settings = settings
        self.servers: list[Server] = []
        self.advance: Callable[[int, int], None] = lambda *_: None
        """Called by drills that take long, with how far they are."""
        self._turn = itertools.count()
        self._stall: Stall | None = None

    @property
    def stall(self) -> Stall:
        """What is sold here, and who administers it."""
        assert self._stall is not None  # noqa: S101  made before any drill is held
        return self._stall

    @property
    def home(self) -> Path:
        return self.settings.home

    def server(self) -> Server:
        """The servers, in turn."""
        return self.servers[next(self._turn) % len(self.servers)]

    async def send(self, method: str, path: str, *, server: Server | None = None, **options: Any) -> httpx2.Response:
        """A request to a server, or to the next in turn; the path is below /api/v1. Raises httpx2.TransportError."""
        return await self.http.request(method, f"{(server or self.server()).url}/api/v1{path}", **options)

    @asynccontextmanager
    async def serving(self, *servers: Server) -> AsyncIterator[None]:
        """These servers run as long as the block lasts."""
        try:
            await asyncio.gather(*(server.start() for server in servers))
            yield
        finally:
            await asyncio.gather(*(server.kill() for server in servers))  # what they leave behind is thrown away

    def a_server(
        self,
        *options: str,
        ahead: timedelta = timedelta(),
        dsn: str | None = None,
        home: Path | None = None,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> Server:
        """A server that has not been started; its clock ahead, or for another shop, if asked for."""
        command = command_of(self.program, "serve", "--no-demo", *options, ahead=ahead)
        return Server(command, self.folder, {**self.environment(dsn=dsn, home=home), **settings})

    def environment(self, *, dsn: str | None = None, home: Path | None = None) -> dict[str, str]:
        """The settings of a process that belongs to the ground, or to another shop beside it."""
        return {
            MARK: "1",
            "DATABASE_URL": dsn or self.scratch.database(),
            "ENTREPOT_HOME": str(home or self.home),
            "ENTREPOT_ENV": "development",
            "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "warning",
            "LOG_FORMAT": "json",
        }

    async def run_job(self, name: str) -> None:
        """Run a job here, as it runs in a server; the clock is this process's."""
        job = next(job for job in JOBS if job.name == name)
        await job.run(open_shop(self.settings, self.database), {})

    async def run(self, *options: str, dsn: str | None = None, home: Path | None = None) -> tuple[int, str]:
        """Run a command of the program to its end; its exit code and all that it said."""
        process = await asyncio.create_subprocess_exec(
            *self.program,
            *options,
            env={**os.environ, **self.environment(dsn=dsn, home=home)},
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode(errors="replace")


@asynccontextmanager
async def prepared(folder: Path, scratch: Scratch, program: Sequence[str], servers: int) -> AsyncIterator[Ground]:
    """A ground with a migrated database, a stall and its servers; all of it ends with the block."""
    home = folder / "home"
    settings = load_settings(
        _env_file=None,
        home=home,
        environment="development",
        database_url=None,
        database_pool_size=5,
        log_level="warning",
    )
    await bring_up_to_date(scratch.database())
    database = await open_database(settings, scratch.database())
    limits = httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
    async with httpx2.AsyncClient(timeout=TIMEOUT_S, limits=limits) as http:
        ground = Ground(folder, scratch, database, http, program, settings)
        try:
            load_keys(None, home)  # once, before several servers would make them at the same time
            ground.servers = [ground.a_server() for _ in range(servers)]
            async with ground.serving(*ground.servers):
                ground._stall = await open_stall(ground.send, database)
                yield ground
        finally:
            await database.close()


async def at_once(makers: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """All of them at the same time; what one raises that concerns the network stands in its place."""
    return await asyncio.gather(*(_kept(maker) for maker in makers))


async def _kept(maker: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await maker()
    except httpx2.TransportError as error:
        return error


class Reply(msgspec.Struct, frozen=True):
    """What became of a request: its status, 0 when there was no reply, and the code of its refusal."""

    status: int
    code: str
    text: str

    @classmethod
    def of(cls, answer: httpx2.Response | httpx2.TransportError) -> Reply:
        if isinstance(answer, httpx2.TransportError):
            return cls(0, type(answer).__name__, str(answer))
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        body = answer.json() if is_json and answer.content else {}
        return cls(answer.status_code, body.get("code", "") if isinstance(body, dict) else "", answer.text[:300])

    def __str__(self) -> str:
        return f"{self.status or 'no reply'} {self.code}".strip()
