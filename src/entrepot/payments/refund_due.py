"""Giving back what was paid too much: after something was taken back of an order, or a charge came too late."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec

from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish_all
from entrepot.payments import refund_queries as queries
from entrepot.payments.credit_queries import lock_order
from entrepot.payments.events import RefundCreated
from entrepot.payments.ledger import BUYERS, REFUNDS, post
from entrepot.payments.ledger_model import Entry, Posting
from entrepot.payments.refund_model import BY_HAND, RefundExceedsCaptured
from entrepot.payments.refund_queries import Paid


class Due(msgspec.Struct, frozen=True):
    """So much of a payment goes back."""

    paid: Paid
    amount_minor: int


async def settle_order(
    tx: Tx, order_id: int, *, reason: str = "", credit_id: int | None = None, actor_id: int | None = None
) -> list[str]:
    """Owe back what the order's payments exceed what it costs now; returns the ids of the refunds, if there are any.

    Locks the order. May be called again: what is on its way back is not owed twice.
    """
    await lock_order(tx, order_id)
    account = await queries.get_account(tx, order_id)
    return await owe_back(
        tx, spread(account.paid, account.excess_minor), reason=reason, credit_id=credit_id, actor_id=actor_id
    )


async def owe_back(
    tx: Tx, dues: Sequence[Due], *, reason: str, credit_id: int | None, actor_id: int | None
) -> list[str]:
    """Make refunds, to be sent to their providers by a job when this transaction has committed.

    Raises:
        RefundExceedsCaptured: more than was captured and not given back, or the payment was bound to an order meanwhile;
            decided by the database.
    """
    refunds = []
    for due in dues:
        paid = due.paid
        refund_id = f"re_{secrets.token_hex(12)}"
        claimed = await queries.claim_refund(
            tx,
            refund_id,
            paid.intent_id,
            paid.order_id,
            due.amount_minor,
            reason=reason,
            credit_id=credit_id,
            actor_id=actor_id,
            by_hand=paid.provider in BY_HAND,
        )
        if not claimed:
            raise RefundExceedsCaptured
        entries = [
            Entry(account=BUYERS, amount_minor=due.amount_minor),
            Entry(account=REFUNDS, amount_minor=-due.amount_minor),
        ]
        await post(
            tx,
            Posting(
                reference=f"refund_due:{refund_id}",
                currency=paid.currency,
                entries=entries,
                order_id=paid.order_id,
                actor_id=actor_id,
            ),
        )
        refunds.append(
            RefundCreated(
                refund_id=refund_id,
                intent_id=paid.intent_id,
                order_id=paid.order_id,
                amount_minor=due.amount_minor,
                currency=paid.currency,
            )
        )
    if refunds:
        await publish_all(tx, refunds, actor_id=actor_id)
    return [refund.refund_id for refund in refunds]


def spread(payments: Sequence[Paid], excess_minor: int) -> list[Due]:
    """From which payments an amount goes back: the newest first, from each what is left of it."""
    dues = []
    for paid in payments:
        if (amount_minor := min(excess_minor, paid.left_minor)) > 0:
            dues.append(Due(paid, amount_minor))
            excess_minor -= amount_minor
    return dues
