"""Jobs of payments."""

from __future__ import annotations

from typing import Any, Final

from entrepot.kernel.jobs import Job
from entrepot.payments import reconcile, sandbox, sandbox_webhooks, webhooks_apply
from entrepot.payments.events import PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded
from entrepot.payments.refund_jobs import REFUND_JOBS
from entrepot.settings import PaymentProvider
from entrepot.shop import Shop


async def _apply_webhooks(shop: Shop, _: dict[str, Any]) -> None:
    await webhooks_apply.apply_waiting(shop)


async def _ask_providers(shop: Shop, _: dict[str, Any]) -> None:
    await reconcile.ask_of_intents(shop)
    await reconcile.ask_of_refunds(shop)


async def _forget(shop: Shop, _: dict[str, Any]) -> None:
    await webhooks_apply.forget_old(shop)
    await sandbox_webhooks.forget_old(shop.database)


async def _sandbox_tells(shop: Shop, _: dict[str, Any]) -> None:
    if shop.settings.payment_provider is PaymentProvider.SANDBOX:
        await sandbox_webhooks.deliver_due(shop.database, shop.settings.sandbox_webhook_address)


async def _sandbox_time_passes(shop: Shop, nothing: dict[str, Any]) -> None:
    if shop.settings.payment_provider is PaymentProvider.SANDBOX:
        await sandbox.settle_due(shop.database)
        await _sandbox_tells(shop, nothing)


JOBS: Final = [
    *REFUND_JOBS,
    Job(name="payments.apply_webhooks", run=_apply_webhooks, cron="* * * * *"),
    Job(name="payments.ask_providers", run=_ask_providers, cron="* * * * *"),
    Job(name="payments.forget", run=_forget, cron="41 * * * *"),
    Job(name="payments.sandbox_time_passes", run=_sandbox_time_passes, cron="* * * * *"),
    Job(
        name="payments.sandbox_tells",
        run=_sandbox_tells,
        on=(PaymentSucceeded.name, PaymentFailed.name, RefundSucceeded.name, RefundFailed.name),
        woken=True,
        attempts=1,
    ),
]
