"""Jobs of uploads."""

from __future__ import annotations

from typing import Any, Final

from entrepot.catalog import uploads_clean_up
from entrepot.kernel.jobs import Job
from entrepot.shop import Shop


async def _delete_files(shop: Shop, _: dict[str, Any]) -> None:
    await uploads_clean_up.discard_unfinished(shop.database)
    await uploads_clean_up.delete_discarded_files(shop.database, shop.files)


async def _discard_idle(shop: Shop, _: dict[str, Any]) -> None:
    await uploads_clean_up.discard_idle(shop.database)


UPLOAD_JOBS: Final[list[Job[Shop]]] = [
    Job(name="catalog.delete_files", run=_delete_files, cron="*/5 * * * *"),
    Job(name="catalog.discard_idle_uploads", run=_discard_idle, cron="23 3 * * *"),
]
