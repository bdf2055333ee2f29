"""Binding an intent to the order that it was made for, when it was made first."""

from __future__ import annotations

from entrepot.kernel.db import Tx
from entrepot.payments import queries
from entrepot.payments.model import Intent, IntentMismatch


async def bind_to_order(
    tx: Tx, *, intent_id: str, user_id: int, order_id: int, amount_minor: int, currency: str
) -> Intent:
    """Bind the intent; whoever binds first has it.

    Raises:
        IntentMismatch: it is not the user's, belongs to another order, or is for another amount.
    """
    bound = await queries.claim_for_order(tx, intent_id, user_id, order_id, amount_minor, currency)
    if bound is None:
        raise IntentMismatch(
            details={
                "paymentIntentId": [f"must be an unused payment intent of yours for {amount_minor} {currency.lower()}"]
            }
        )
    return bound
