"""Jobs of imports: carrying them out, looking after those that stand still, and forgetting old ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from entrepot.catalog import imports_queries
from entrepot.catalog.import_run import run_import
from entrepot.catalog.imports import JOB, ImportStatus
from entrepot.kernel import clock
from entrepot.kernel.jobs import Job, enqueue
from entrepot.shop import Shop

STALLED_AFTER: Final = timedelta(minutes=10)
GIVEN_UP_AFTER: Final = timedelta(days=1)
KEPT_FOR: Final = timedelta(days=30)
BATCH: Final = 100


async def _go_on(shop: Shop, _: dict[str, Any]) -> None:
    """Imports whose job was lost are given another; those that have had a day for it are given up."""
    now = clock.now()
    async with shop.database.transaction() as tx:
        stalled = await imports_queries.claim_stalled(tx, now - STALLED_AFTER, BATCH)
        for one in stalled:
            if one.created_at < now - GIVEN_UP_AFTER:
                message = "The import could not be carried out within a day: send the file again"
                await imports_queries.set_over(tx, one.id, ImportStatus.FAILED, message)
        going_on = [one.id for one in stalled if one.created_at >= now - GIVEN_UP_AFTER]
        await enqueue(tx, JOB, [{"importId": import_id} for import_id in going_on])


async def _forget_old(shop: Shop, _: dict[str, Any]) -> None:
    """The file goes before the row, so that none is left that nothing tells of."""
    while True:
        old = await imports_queries.list_old_files(shop.database.reader, clock.now() - KEPT_FOR, BATCH)
        for one in old:
            await shop.files.delete(one.file_key)
        async with shop.database.transaction() as tx:
            await imports_queries.delete_imports(tx, [one.id for one in old])
        if len(old) < BATCH:
            return


IMPORT_JOBS: Final[list[Job[Shop]]] = [
    Job(name=JOB, run=run_import),
    Job(name="catalog.go_on_with_imports", run=_go_on, cron="*/5 * * * *"),
    Job(name="catalog.forget_old_imports", run=_forget_old, cron="53 3 * * *"),
]
