"""Reconciliation: asking providers what became of payments and refunds that they have said nothing of.

It repairs what was lost on the way: a process that died between the charge and writing it down, a provider that did not
answer in time, a webhook that never came.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from entrepot.payments import queries
from entrepot.payments.model import Intent, OutcomeMismatch, PendingRefund
from entrepot.payments.provider_model import NoSuchProvider, ProviderDown, RefundOrder, RefundStatus
from entrepot.payments.providers import provider_of
from entrepot.payments.refund_settle import settle_refund
from entrepot.payments.settle import settle
from entrepot.shop import Shop

log = logging.getLogger("entrepot.payments")

BATCH: Final = 50


async def ask_of_intents(shop: Shop) -> int:
    """Ask of intents whose time to be asked of has come; returns how many were asked of. Several may do it at once."""
    async with shop.database.transaction() as tx:
        intents = await queries.claim_to_ask(tx, BATCH)
    for intent in intents:
        try:
            await ask_of_intent(shop, intent)
        except (NoSuchProvider, ProviderDown, OutcomeMismatch) as error:
            log.warning("payment intent %s is asked of again later: %s", intent.id, error)
    return len(intents)


async def ask_of_intent(shop: Shop, intent: Intent) -> Intent | None:
    """Ask, and write the answer; None when it says nothing new.

    Raises:
        NoSuchProvider, ProviderDown: there is no answer.
        OutcomeMismatch: it is of another amount or currency.
    """
    outcome = await provider_of(shop, intent.provider).look_up(intent)
    async with shop.database.transaction() as tx:
        return await settle(tx, intent, outcome)


async def ask_of_refunds(shop: Shop) -> int:
    """Ask of refunds that the provider has taken on, and not ended; returns how many were asked of."""
    async with shop.database.transaction() as tx:
        refunds = await queries.claim_refunds_to_ask(tx, BATCH)
    await ask_of(shop, refunds)
    return len(refunds)


async def ask_of(shop: Shop, refunds: Sequence[PendingRefund]) -> None:
    """Ask of these refunds, and write what has come to an end."""
    for refund in refunds:
        order = RefundOrder(
            id=refund.id,
            provider_intent_id=refund.provider_intent_id,
            amount_minor=refund.amount_minor,
            currency=refund.currency,
            reason=refund.reason,
        )
        try:
            outcome = await provider_of(shop, refund.provider).look_up_refund(order, refund.provider_refund_id)
        except (NoSuchProvider, ProviderDown) as error:
            log.warning("refund %s is asked of again later: %s", refund.id, error)
            continue
        if outcome.status is not RefundStatus.PENDING:
            async with shop.database.transaction() as tx:
                await settle_refund(tx, refund.id, outcome)
