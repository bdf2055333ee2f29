"""Jobs of carts."""

from __future__ import annotations

from typing import Any, Final

from entrepot.carts import queries
from entrepot.carts.model import KEPT_FOR
from entrepot.kernel import clock
from entrepot.kernel.jobs import Job
from entrepot.shop import Shop

BATCH: Final = 1_000


async def forget_guest_carts(shop: Shop, _: dict[str, Any]) -> None:
    """Delete guests' carts that nobody has filled for `KEPT_FOR`, in short transactions."""
    forgotten = BATCH
    while forgotten == BATCH:
        async with shop.database.transaction() as tx:
            forgotten = await queries.forget_guest_carts(tx, clock.now() - KEPT_FOR, BATCH)


JOBS: Final = [Job(name="carts.forget_guest_carts", run=forget_guest_carts, cron="41 3 * * *")]
