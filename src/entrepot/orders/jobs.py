"""Jobs of orders."""

from __future__ import annotations

from typing import Any, Final

from entrepot.kernel.jobs import Job
from entrepot.orders.expire import expire_unpaid
from entrepot.shop import Shop


async def _expire_unpaid(shop: Shop, _: dict[str, Any]) -> None:
    await expire_unpaid(shop.database)


JOBS: Final = [Job(name="orders.expire_unpaid", run=_expire_unpaid, cron="* * * * *")]
