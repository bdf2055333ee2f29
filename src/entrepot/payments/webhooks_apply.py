"""Applying what a provider told. A notice is believed as far as it is final; of anything else the provider is asked.

So the order in which notices come does not matter: a success is written whenever it is heard of, and what an older notice
says is overtaken is what the provider does not say any more.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from entrepot.kernel import clock
from entrepot.kernel.db import TROUBLE
from entrepot.kernel.errors import Refused
from entrepot.payments import queries as intents
from entrepot.payments import webhooks_queries as queries
from entrepot.payments.model import Intent, IntentStatus, Outcome, mismatch
from entrepot.payments.provider_model import IntentNotice, Notice, RefundNotice, RefundStatus
from entrepot.payments.providers import provider_of
from entrepot.payments.reconcile import ask_of
from entrepot.payments.refund_settle import settle_refund
from entrepot.payments.settle import settle
from entrepot.payments.webhooks import TRY_AFTER
from entrepot.payments.webhooks_queries import Receipt
from entrepot.shop import Shop

log = logging.getLogger("entrepot.payments")

BATCH: Final = 100
KEPT_FOR: Final = timedelta(days=90)
FORGET_AT_ONCE: Final = 1_000

APPLIED: Final = "applied"
IGNORED: Final = "ignored"
REFUSED: Final = "refused"


async def apply_soon(shop: Shop, receipt_id: int) -> None:
    """Apply a receipt that has just come. What goes wrong is logged, and tried again by `apply_waiting`."""
    try:
        await apply_receipt(shop, receipt_id)
    except (*TROUBLE, Refused) as error:
        log.warning("webhook receipt %d is tried again later: %s", receipt_id, error)


async def apply_waiting(shop: Shop) -> int:
    """Apply what was kept and not applied, because a process died or the provider was not to be asked; returns how many."""
    async with shop.database.transaction() as tx:
        receipt_ids = await queries.claim_waiting(tx, BATCH, TRY_AFTER)
    for receipt_id in receipt_ids:
        await apply_soon(shop, receipt_id)
    return len(receipt_ids)


async def forget_old(shop: Shop) -> int:
    """Delete what was done with long ago; returns how much."""
    async with shop.database.transaction() as tx:
        return await queries.delete_old(tx, clock.now() - KEPT_FOR, FORGET_AT_ONCE)


async def apply_receipt(shop: Shop, receipt_id: int) -> None:
    """Apply what the receipt says, unless that was done. Several may do it at once.

    Raises:
        NoSuchProvider: it is not set up any more.
        ProviderDown: it has to be asked, and does not answer.
    """
    receipt = await queries.find_waiting(shop.database.reader, receipt_id)
    if receipt is None:
        return
    notice = provider_of(shop, receipt.provider).understand(receipt.body)
    if notice.intent is not None:
        await _apply_intent(shop, receipt, notice.intent)
    elif notice.refunds:
        await _apply_refunds(shop, receipt, notice)
    else:
        await _ask_of_refunds(shop, receipt, notice)


async def _apply_intent(shop: Shop, receipt: Receipt, notice: IntentNotice) -> None:
    intent = await intents.find_intent_at(shop.database.reader, receipt.provider, notice.provider_id)
    if intent is None:
        await _close(shop, receipt, IGNORED, "there is no such payment intent")
        return
    if (fault := mismatch(intent, notice.outcome)) is not None:
        await _refuse(shop, receipt, fault)
        return
    outcome = await _present(shop, intent, notice.outcome)
    if (fault := mismatch(intent, outcome)) is not None:
        await _refuse(shop, receipt, fault)
        return
    async with shop.database.transaction() as tx:
        # The intent before the receipt: settling locks the order first, as everybody does.
        settled = await settle(tx, intent, outcome)
        if settled is None:
            await queries.claim_done(tx, receipt.id, IGNORED, f"the payment intent is {intent.status}: nothing new")
        else:
            await queries.claim_done(tx, receipt.id, APPLIED, None)


async def _present(shop: Shop, intent: Intent, told: Outcome) -> Outcome:
    """A success never passes. Anything else may have passed when we hear of it."""
    if told.status is IntentStatus.SUCCEEDED or intent.status is IntentStatus.SUCCEEDED:
        return told
    return await provider_of(shop, intent.provider).look_up(intent)


async def _apply_refunds(shop: Shop, receipt: Receipt, notice: Notice) -> None:
    remarks = [fault for refund in notice.refunds if (fault := await _fault_of(shop, receipt, refund)) is not None]
    if remarks:
        await _refuse(shop, receipt, "; ".join(remarks))
        return
    async with shop.database.transaction() as tx:
        for refund in notice.refunds:
            if refund.refund_id is not None and refund.outcome.status is not RefundStatus.PENDING:
                await settle_refund(tx, refund.refund_id, refund.outcome)
        await queries.claim_done(tx, receipt.id, APPLIED, None)


async def _fault_of(shop: Shop, receipt: Receipt, notice: RefundNotice) -> str | None:
    """Why it is not applied: what was given back by hand at the provider is not in our books, and people have to see it."""
    if notice.refund_id is None:
        return f"refund {notice.outcome.provider_id} was not asked for here: enter it by hand"
    refund = await intents.find_refund(shop.database.reader, notice.refund_id)
    if refund is None or refund.provider != receipt.provider:
        return f"there is no refund {notice.refund_id}"
    if (refund.amount_minor, refund.currency) != (notice.amount_minor, notice.currency):
        return (
            f"the provider speaks of {notice.amount_minor} {notice.currency} for refund {notice.refund_id}, "
            f"which is of {refund.amount_minor} {refund.currency}"
        )
    return None


async def _ask_of_refunds(shop: Shop, receipt: Receipt, notice: Notice) -> None:
    """Something was given back, and the notice does not say which refund it was."""
    intent = await intents.find_intent_at(shop.database.reader, receipt.provider, notice.refunds_of or "")
    if intent is None:
        await _close(shop, receipt, IGNORED, "there is no such payment intent")
        return
    await ask_of(shop, await intents.list_pending_refunds(shop.database.reader, intent.id))
    await _close(shop, receipt, APPLIED, None)


async def _refuse(shop: Shop, receipt: Receipt, fault: str) -> None:
    log.error("webhook %s of %s is not applied: %s", receipt.event_id, receipt.provider, fault)
    await _close(shop, receipt, REFUSED, fault)


async def _close(shop: Shop, receipt: Receipt, outcome: str, remark: str | None) -> None:
    async with shop.database.transaction() as tx:
        await queries.claim_done(tx, receipt.id, outcome, remark)
