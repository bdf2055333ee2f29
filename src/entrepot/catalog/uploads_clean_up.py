"""Tidying up after uploads: what was never finished, what nobody shows, and the files of both."""

from __future__ import annotations

from entrepot.catalog import uploads_queries
from entrepot.catalog.uploads import BATCH, DELETED_AFTER, KEPT_IDLE_FOR, WRITTEN_WITHIN, discard, files_of
from entrepot.catalog.uploads_queries import Seen
from entrepot.kernel import clock
from entrepot.kernel.db import Database
from entrepot.kernel.files import Files


async def discard_unfinished(database: Database) -> int:
    """Give up uploads whose process died before their files were written; returns how many, BATCH at most."""
    async with database.transaction() as tx:
        keys = await uploads_queries.lock_unfinished(tx, clock.now() - WRITTEN_WITHIN, BATCH)
        return len(await uploads_queries.discard_idle(tx, [file for key in keys for file in files_of(key)]))


async def discard_idle(database: Database) -> int:
    """Give up uploads that nothing has come to show within KEPT_IDLE_FOR; returns how many."""
    discarded = 0
    after: Seen | None = None
    before = clock.now() - KEPT_IDLE_FOR
    while page := await uploads_queries.list_seen(database.reader, before, after, BATCH):
        discarded += await _discard(database, [seen.key for seen in page if seen.is_idle])
        after = page[-1]
    return discarded


async def delete_discarded_files(database: Database, files: Files) -> int:
    """Delete the files of what was given up; returns how many. A file is forgotten when it is gone, so that none is left."""
    deleted, after = 0, ""
    before = clock.now() - DELETED_AFTER
    while locations := await uploads_queries.list_discarded(database.reader, before, after, BATCH):
        for location in locations:
            await files.delete(location)
        async with database.transaction() as tx:
            await uploads_queries.forget_discarded(tx, locations)
        deleted += len(locations)
        after = locations[-1]
    return deleted


async def _discard(database: Database, keys: list[str]) -> int:
    async with database.transaction() as tx:
        return len(await discard(tx, keys))
