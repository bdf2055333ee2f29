"""Building an index from the database: in batches, in the background, while the old one goes on being served."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import Final

from entrepot.kernel.db import Db
from entrepot.search import queries
from entrepot.search.documents import CategoryTree
from entrepot.search.folder import IndexFolder, Position, keep_position, keep_progress
from entrepot.search.written import BUILDING_BYTES, WrittenIndex

log = logging.getLogger("entrepot.search")

BATCH: Final = 1_000
SERVED_EARLY_FROM: Final = 10_000
SERVED_EARLY_EVERY: Final = 50_000
"""Where there is no other index to serve, the growing one is, so many products at a time."""


async def build(
    db: Db, folder: IndexFolder, thread: Executor, *, early: bool, tell: Callable[[int, int], None] | None = None
) -> Path:
    """Make a new generation of all products and serve it; returns it.

    `early`: serve it while it grows, because there is no other. `tell` is called with how many of how many products are done.
    What changes meanwhile is followed afterwards: the index knows the database as of the moment when this began.
    """
    now = await queries.get_now(db)
    total = (await queries.get_totals(db)).count
    tree = CategoryTree(await queries.list_categories(db))
    generation = folder.new_generation()
    run = functools.partial(asyncio.get_running_loop().run_in_executor, thread)
    index = await run(functools.partial(WrittenIndex, generation, memory_bytes=BUILDING_BYTES))
    following = asyncio.create_task(queries.list_texts_after(db, 0, BATCH))
    try:
        tell_at = SERVED_EARLY_FROM
        while texts := await following:
            # The next are read while these are put in.
            following = asyncio.create_task(queries.list_texts_after(db, texts[-1].id, BATCH))
            await run(index.put, texts, tree)
            if index.added >= tell_at:
                tell_at = index.added + SERVED_EARLY_EVERY
                log.info("the search index is being built: %d of %d products", index.added, total)
                keep_progress(generation, index.added, total)
                if early:
                    await run(index.commit)
                    folder.serve(generation)
            if tell is not None:
                tell(index.added, total)
        await run(index.commit)
    finally:
        following.cancel()
        await run(index.close)
    keep_position(
        generation,
        Position(snapshot=now.snapshot, event_id=now.event_id, complete=True, categories=tree.marks()),
    )
    folder.serve(generation)
    folder.forget_others(generation)
    log.info("the search index is built: %d products", index.added)
    return generation
