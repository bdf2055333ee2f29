"""Money that came in past the providers, or before there was an order."""

from __future__ import annotations

import secrets
from typing import Literal

from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.payments import received_queries as queries
from entrepot.payments.credit_queries import lock_order
from entrepot.payments.events import PaymentSucceeded
from entrepot.payments.ledger import BUYERS, post
from entrepot.payments.ledger_model import Entry, Posting
from entrepot.payments.model import AlreadyCharged


async def receive_payment(
    tx: Tx, order_id: int, *, provider: Literal["cash", "bank_transfer"], actor_id: int | None
) -> str | None:
    """What is still owed on an order was paid to the shop itself; returns the payment's id, None when nothing was owed.

    Locks the order. May be called again.

    Raises:
        AlreadyCharged: a charge of this order is under way.
    """
    await lock_order(tx, order_id)
    intent_id = f"pi_{secrets.token_hex(12)}"
    received = await queries.insert_received(tx, intent_id, order_id, provider)
    if received is None:
        return None
    if received.under_way:
        raise AlreadyCharged
    await publish(
        tx,
        PaymentSucceeded(
            intent_id=intent_id, order_id=order_id, amount_minor=received.amount_minor, currency=received.currency
        ),
        actor_id=actor_id,
    )
    return intent_id


async def record_binding(tx: Tx, intent_id: str) -> None:
    """Book what was paid before there was an order as paid for the order that it is bound to now."""
    paid = await queries.get_captured(tx, intent_id)
    entries = [
        Entry(account=BUYERS, amount_minor=paid.amount_minor),
        Entry(account=BUYERS, amount_minor=-paid.amount_minor, order_id=paid.order_id),
    ]
    await post(tx, Posting(reference=f"binding:{intent_id}", currency=paid.currency, entries=entries))
