"""Jobs of inventory."""

from __future__ import annotations

from typing import Any, Final

from entrepot.inventory.events import StockOffered
from entrepot.inventory.fold_history import fold_history
from entrepot.inventory.offer import offer_all
from entrepot.inventory.tell_waiters import TELL_ONE, tell_waiter, tell_waiters
from entrepot.kernel.jobs import Job
from entrepot.shop import Shop


async def _offer_all(shop: Shop, _: dict[str, Any]) -> None:
    await offer_all(shop.database, shop.settings.notify_hold)


async def _fold_history(shop: Shop, _: dict[str, Any]) -> None:
    await fold_history(shop.database)


JOBS: Final = [
    Job(name="inventory.fold_history", run=_fold_history, cron="* * * * *"),
    Job(name="inventory.offer_all", run=_offer_all, cron="* * * * *"),
    Job(name="inventory.tell_waiters", run=tell_waiters, on=(StockOffered.name,)),
    Job(name=TELL_ONE, run=tell_waiter),
]
