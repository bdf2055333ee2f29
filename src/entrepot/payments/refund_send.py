"""Asking providers to give money back: outside any transaction, again and again until one has answered, and never twice."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from entrepot.kernel import clock
from entrepot.payments import refund_queries as queries
from entrepot.payments.providers import NoSuchProvider, ProviderDown, RefundOrder, provider_of
from entrepot.payments.refund_queries import ToSend
from entrepot.payments.refund_settle import settle_refund
from entrepot.shop import Shop

log = logging.getLogger("entrepot.payments")

BATCH: Final = 100
IN_HAND: Final = timedelta(minutes=2)
"""Longer than a provider takes to answer: nobody else asks about the same refund meanwhile."""
LONGEST_PAUSE: Final = timedelta(hours=6)


async def send_due_refunds(shop: Shop) -> int:
    """Send those whose time has come, the oldest first; returns how many."""
    sent = 0
    while sent < BATCH and await send_refund(shop, None):
        sent += 1
    return sent


async def send_refund(shop: Shop, refund_id: str | None) -> bool:
    """Ask for one refund, this one or any; False when there is none whose time has come.

    The provider knows it by our id: asked twice, it gives back once. A process that dies in between leaves it to be asked
    again.
    """
    now = clock.now()
    async with shop.database.transaction() as tx:
        refund = await queries.claim_to_send(tx, refund_id, now, now + IN_HAND)
    if refund is None:
        return False
    order = RefundOrder(
        id=refund.id,
        provider_intent_id=refund.provider_intent_id,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        reason=refund.reason,
    )
    try:
        outcome = await provider_of(shop, refund.provider).refund(order)
    except (ProviderDown, NoSuchProvider) as error:
        log.warning("refund %s could not be sent, trying again: %s", refund.id, error)
        await _put_off(shop, refund)
        return True
    async with shop.database.transaction() as tx:
        await settle_refund(tx, refund.id, outcome)
    return True


async def _put_off(shop: Shop, refund: ToSend) -> None:
    async with shop.database.transaction() as tx:
        await queries.set_next_attempt(tx, refund.id, refund.tries, clock.now() + pause_after(refund.tries))


def pause_after(tries: int) -> timedelta:
    """Twice as long after each: 30 s, 1 min, 2 min ... 6 h."""
    return min(timedelta(seconds=30 * (1 << min(tries - 1, 20))), LONGEST_PAUSE)
