"""What providers tell us: checked, kept as it was sent, acknowledged, and applied once, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from entrepot.kernel import clock
from entrepot.payments import webhooks_queries as queries
from entrepot.payments.provider_model import NoSuchProvider, Notice
from entrepot.payments.providers import provider_of
from entrepot.settings import PaymentProvider
from entrepot.shop import Shop

TRY_AFTER: Final = timedelta(minutes=1)
"""Longer than applying takes: a receipt that is not done with then was left by a process that died."""


async def receive(shop: Shop, provider_name: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Keep what a provider sent; returns the receipt that is to be applied, None if there is nothing to do.

    Raises:
        NoSuchProvider: there is none of this name, or it is the sandbox of a shop that is paid in earnest.
        BadSignature: it is not from the provider.
        Malformed: it is no event.
    """
    if provider_name == PaymentProvider.SANDBOX and not is_sandbox_heard(shop):
        raise NoSuchProvider
    provider = provider_of(shop, provider_name)
    notice = await provider.read_webhook(headers, body, clock.now())
    tx = shop.database.one_statement()
    if not is_of_interest(notice):
        await queries.insert_ignored(tx, provider.name, notice, body)
        return None
    return await queries.insert_receipt(tx, provider.name, notice, body, TRY_AFTER)


def is_sandbox_heard(shop: Shop) -> bool:
    """Not in production, unless the shop is paid through it: nobody shall tell of payments that are none."""
    settings = shop.settings
    return settings.payment_provider is PaymentProvider.SANDBOX or not settings.is_production


def is_of_interest(notice: Notice) -> bool:
    return notice.intent is not None or bool(notice.refunds) or notice.refunds_of is not None
