"""What providers tell us: checked, kept as it was sent, acknowledged, and applied once, in whatever order it comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from entrepot.kernel import clock
from entrepot.payments import webhooks_queries as queries
from entrepot.payments.provider_model import Notice
from entrepot.payments.providers import provider_of
from entrepot.shop import Shop

TRY_AFTER: Final = timedelta(minutes=1)
"""Longer than applying takes: a receipt that is not done with then was left by a process that died."""


async def receive(shop: Shop, provider_name: str, headers: Mapping[str, str], body: bytes) -> int | None:
    """Keep what a provider sent; returns the receipt that is to be applied, None if there is nothing to do.

    Raises:
        NoSuchProvider: there is none of this name.
        BadSignature: it is not from the provider.
        Malformed: it is no event.
    """
    provider = provider_of(shop, provider_name)
    notice = await provider.read_webhook(headers, body, clock.now())
    async with shop.database.transaction() as tx:
        if not is_of_interest(notice):
            await queries.insert_ignored(tx, provider.name, notice.event_id, notice.kind, body)
            return None
        return await queries.insert_receipt(tx, provider.name, notice.event_id, notice.kind, body, TRY_AFTER)


def is_of_interest(notice: Notice) -> bool:
    return notice.intent is not None or bool(notice.refunds) or notice.refunds_of is not None
