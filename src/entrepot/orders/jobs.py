"""Jobs of orders."""

from __future__ import annotations

from typing import Any, Final

from entrepot.kernel.jobs import Job
from entrepot.orders.credit_note import issue_credit_notes
from entrepot.orders.expire import expire_unpaid
from entrepot.orders.return_expire import expire_returns
from entrepot.payments import OrderCredited
from entrepot.shop import Shop


async def _expire_unpaid(shop: Shop, _: dict[str, Any]) -> None:
    await expire_unpaid(shop.database, shop.settings.payment_patience)


async def _expire_returns(shop: Shop, _: dict[str, Any]) -> None:
    await expire_returns(shop.database, shop.settings.return_expiry)


async def _issue_credit_notes(shop: Shop, fact: dict[str, Any]) -> None:
    await issue_credit_notes(shop, fact["orderId"])


JOBS: Final = [
    Job(name="orders.expire_unpaid", run=_expire_unpaid, cron="* * * * *"),
    Job(name="orders.expire_returns", run=_expire_returns, cron="23 * * * *"),
    Job(name="orders.issue_credit_notes", run=_issue_credit_notes, on=(OrderCredited.name,)),
]
