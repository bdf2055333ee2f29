"""The index by hand: how it stands, and building it anew."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from entrepot.kernel.db import Database
from entrepot.search import queries
from entrepot.search.build import build
from entrepot.search.folder import (
    Damaged,
    IndexFolder,
    position_of,
    progress_of,
    refuse_damaged,
    want_rebuild,
)


class IndexState(msgspec.Struct, frozen=True):
    """How an index stands. `building`: how many of how many products another generation has by now."""

    generation: str | None
    size_bytes: int
    kept: bool
    """Whether a process keeps it now."""
    events_behind: int
    fault: str | None
    building: tuple[int, int] | None


async def index_state(database: Database, home: Path) -> IndexState:
    """Looks at every file of it, which takes a second for each GB."""
    folder = await _folder(database, home)
    generation = folder.current()
    kept = not folder.lock.acquire()
    folder.lock.release()
    building = folder.building()
    position = position_of(generation) if generation is not None else None
    now = await queries.get_now(database.reader)
    return IndexState(
        generation=generation.name if generation is not None else None,
        size_bytes=sum(file.stat().st_size for file in generation.iterdir()) if generation is not None else 0,
        kept=kept,
        events_behind=max(0, now.event_id - position.event_id) if position is not None else now.event_id,
        fault=_fault_of(generation) if generation is not None else "there is none",
        building=progress_of(building) if building is not None else None,
    )


async def rebuild_index(database: Database, home: Path, tell: Callable[[int, int], None]) -> bool:
    """Build it now; False when a process keeps it, which does it then. `tell`: how many of how many products are done."""
    folder = await _folder(database, home)
    if not folder.lock.acquire():
        if (generation := folder.current()) is not None:
            want_rebuild(generation, "somebody asked for it")
        return False
    try:
        with ThreadPoolExecutor(1) as thread:
            await build(database.reader, folder, thread, early=False, tell=tell)
    finally:
        folder.lock.release()
    return True


async def _folder(database: Database, home: Path) -> IndexFolder:
    return IndexFolder(home / await queries.get_database_name(database.reader))


def _fault_of(generation: Path) -> str | None:
    try:
        refuse_damaged(generation)
    except Damaged as damage:
        return str(damage)
    return None
