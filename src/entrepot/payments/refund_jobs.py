"""Jobs of refunds and of the ledger."""

from __future__ import annotations

from typing import Any, Final

from entrepot.kernel.jobs import Job
from entrepot.payments.events import RefundCreated
from entrepot.payments.ledger_closing import close_ledger
from entrepot.payments.refund_send import send_due_refunds, send_refund
from entrepot.shop import Shop


async def _send_refund(shop: Shop, fact: dict[str, Any]) -> None:
    await send_refund(shop, fact["refundId"])


async def _send_due_refunds(shop: Shop, _: dict[str, Any]) -> None:
    await send_due_refunds(shop)


async def _close_ledger(shop: Shop, _: dict[str, Any]) -> None:
    await close_ledger(shop.database)


REFUND_JOBS: Final = [
    Job(name="payments.send_refund", run=_send_refund, on=(RefundCreated.name,)),
    Job(name="payments.send_due_refunds", run=_send_due_refunds, cron="* * * * *"),
    Job(name="payments.close_ledger", run=_close_ledger, cron="* * * * *"),
]
