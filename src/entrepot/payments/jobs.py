"""Jobs of payments."""

from __future__ import annotations

from typing import Any, Final

from entrepot.kernel.jobs import Job
from entrepot.payments.confirm import ask_again
from entrepot.shop import Shop


async def _ask_again(shop: Shop, _: dict[str, Any]) -> None:
    await ask_again(shop.database)


JOBS: Final = [Job(name="payments.ask_again", run=_ask_again, cron="* * * * *")]
