"""Writing what a provider said of an intent, once, with its entries in the ledger, and publishing it."""

from __future__ import annotations

import logging
from typing import Any

from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.payments import queries
from entrepot.payments.credit_queries import lock_order
from entrepot.payments.events import PaymentFailed, PaymentSucceeded
from entrepot.payments.model import Intent, IntentStatus, Outcome, OutcomeMismatch, mismatch

log = logging.getLogger("entrepot.payments")


async def settle(tx: Tx, intent: Intent, outcome: Outcome, *, answered: bool = False) -> Intent | None:
    """Write the outcome; None when somebody has written it before, or when it is overtaken.

    `intent`: as it stood before the provider was asked. `answered`: it is the answer to the charge that this process began.

    Raises:
        OutcomeMismatch: it is of another amount or currency; nothing is written.
    """
    if (fault := mismatch(intent, outcome)) is not None:
        log.error("not applied: %s", fault)
        raise OutcomeMismatch
    settled = await queries.claim_outcome(tx, intent.id, outcome, intent.attempt, answered=answered)
    if settled is None:
        return None
    if settled.order_id is not None and intent.order_id is None:  # bound meanwhile, perhaps too late to be locked
        await lock_order(tx, settled.order_id)
    fact: dict[str, Any] = {
        "intent_id": settled.id,
        "order_id": settled.order_id,
        "amount_minor": settled.amount_minor,
        "currency": settled.currency,
    }
    if settled.status is IntentStatus.SUCCEEDED:
        await publish(tx, PaymentSucceeded(**fact), actor_id=settled.user_id)
    elif settled.status is IntentStatus.FAILED:
        await publish(tx, PaymentFailed(**fact, failure_code=settled.failure_code), actor_id=settled.user_id)
    return settled
