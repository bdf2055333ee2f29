"""Server processes of a drill: `entrepot serve` as a person runs it, on a port of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx2

START_LIMIT_S: Final = 60.0
STOP_LIMIT_S: Final = 30.0
PASSED_ON: Final = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
"""Of our own environment. A person's settings stay outside: drills are about the shop, not about them."""


class ServerDied(Exception):
    """A server ended, or did not start; the message has the end of its log."""


class Server:
    """A server process. Its port stays the same when it is started again."""

    def __init__(self, command: Sequence[str], folder: Path, settings: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        self._command = command
        self._folder = folder
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self._environment = {**passed_on, **settings, "PORT": str(self.port)}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises ServerDied."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, cwd=self._folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_LIMIT_S
        async with httpx2.AsyncClient(timeout=2) as http:
            while time.monotonic() < deadline:
                if self._process.returncode is not None:
                    raise ServerDied(f"A server ended with {self._process.returncode}: {self.end_of_log()}")
                try:
                    if (await http.get(f"{self.url}/health/ready")).status_code == 200:
                        return
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise ServerDied(f"A server was not ready within {START_LIMIT_S:.0f} s: {self.end_of_log()}")

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """As Ctrl-C does; a server that does not end in time is killed."""
        try:
            await asyncio.wait_for(self._end(signal.SIGTERM), STOP_LIMIT_S)
        except TimeoutError:
            await self.kill()

    async def _end(self, kind: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(kind)
        if self._process is not None:
            await self._process.wait()

    def end_of_log(self) -> str:
        """The last lines that it wrote."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return " | ".join(lines[-3:])[-1000:]


def command_of(program: Sequence[str], *options: str, ahead: timedelta = timedelta()) -> list[str]:
    """The command that runs the program, with its clock ahead if asked for."""
    if not ahead:
        return [*program, *options]
    moved = [sys.executable, "-m", "entrepot.verify.moved_clock", str(int(ahead.total_seconds()))]
    return [*moved, *program[1:], *options]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
