"""Building a large index in a process of its own, so that the one that serves goes on as fast as before.

The orders come as one line of JSON on standard input, which stays open: when it ends, whoever gave them is gone, however it
went, and so is this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from entrepot.kernel import logs
from entrepot.kernel.db import connect
from entrepot.search.build import build
from entrepot.search.folder import Damaged, IndexFolder

POLITENESS: Final = 10
"""Added to the niceness: whoever waits for a reply goes first."""
END_S: Final = 5.0


PROGRAM: Final = f"from {__name__} import main; main()"


class Orders(msgspec.Struct, frozen=True):
    dsn: str
    folder: str
    early: bool


async def build_alone(dsn: str, folder: IndexFolder, *, early: bool) -> Path:
    """As `build`, in another process; returns the generation. Raises Damaged when that process fails."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    try:
        process.stdin.write(msgspec.json.encode(Orders(dsn, str(folder.path), early)) + b"\n")
        await process.stdin.drain()
        name = (await process.stdout.read()).decode().strip()
        if await process.wait() or not name:
            raise Damaged(f"the process that built it ended with {process.returncode}")
        return folder.path / name
    except ConnectionError:
        raise Damaged("the process that was to build it ended at once") from None
    finally:
        process.stdin.close()
        await _ended(process.wait)


async def _ended(wait: Callable[[], Awaitable[int]]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(END_S):
            await wait()


def main() -> None:
    orders = msgspec.json.decode(sys.stdin.buffer.readline(), type=Orders)
    os.nice(POLITENESS)
    logs.configure("info", pretty=sys.stderr.isatty())
    asyncio.run(_build_while_wanted(orders))


async def _build_while_wanted(orders: Orders) -> None:
    building = asyncio.create_task(_build(orders))
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), os._exit, 1)  # nothing more is ever written: it was closed
    print((await building).name, flush=True)
    loop.remove_reader(sys.stdin.fileno())


async def _build(orders: Orders) -> Path:
    database = await connect(orders.dsn, pool_size=1, application="entrepot search")
    with ThreadPoolExecutor(1) as thread:
        generation = await build(database.reader, IndexFolder(Path(orders.folder)), thread, early=orders.early)
    await database.close()
    return generation
