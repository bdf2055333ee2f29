"""Binding an intent to the order that it was made for, when it was made first."""

from __future__ import annotations

from entrepot.kernel.db import Tx
from entrepot.payments import queries
from entrepot.payments.model import Intent, IntentMismatch


async def bind_to_order(
    tx: Tx, *, intent_id: str, user_id: int, order_id: int, amount_minor: int, currency: str, provider: str
) -> Intent:
    """Bind the intent; whoever binds first has it. `provider`: the one that the shop is paid through, since what the sandbox
    was paid before a shop went live is no money.

    Raises:
        IntentMismatch: it is not the user's, belongs to another order, or is of another amount or provider.
    """
    bound = await queries.claim_for_order(tx, intent_id, user_id, order_id, amount_minor, currency, provider)
    if bound is None:
        raise IntentMismatch(
            details={
                "paymentIntentId": [f"must be an unused payment intent of yours for {amount_minor} {currency.lower()}"]
            }
        )
    return bound
