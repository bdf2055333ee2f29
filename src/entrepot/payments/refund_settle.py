"""What became of a refund, as its provider says: by reply, by webhook, or when asked."""

from __future__ import annotations

from typing import Any

from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.payments import refund_queries as queries
from entrepot.payments.events import RefundFailed, RefundSucceeded
from entrepot.payments.ledger import REFUNDS, clearing, post
from entrepot.payments.ledger_model import Entry, Posting
from entrepot.payments.provider_model import RefundOutcome, RefundStatus
from entrepot.payments.refund_queries import Settled


async def settle_refund(tx: Tx, refund_id: str, outcome: RefundOutcome) -> bool:
    """Write an outcome, once and in any order; False when it changes nothing.

    A refund that succeeded may still fail: a bank sends the money back. One that failed stays so; it is made good by
    another refund.
    """
    if outcome.status is RefundStatus.PENDING:
        return await queries.set_taken(tx, refund_id, outcome.provider_id) > 0
    if outcome.status is RefundStatus.SUCCEEDED:
        settled = await queries.claim_succeeded(tx, refund_id, outcome.provider_id)
        if settled is None:
            return False
        await post(tx, _posting(f"refund:{settled.id}", settled, settled.amount_minor))
        await publish(tx, RefundSucceeded(**_fact(settled)))
        return True
    return await _fail(tx, refund_id, outcome)


async def _fail(tx: Tx, refund_id: str, outcome: RefundOutcome) -> bool:
    code = outcome.failure_code
    settled = await queries.claim_failed(tx, refund_id, outcome.provider_id, code, RefundStatus.PENDING)
    if settled is None:
        settled = await queries.claim_failed(tx, refund_id, outcome.provider_id, code, RefundStatus.SUCCEEDED)
        if settled is None:
            return False
        await post(tx, _posting(f"refund_returned:{settled.id}", settled, -settled.amount_minor))
    await publish(tx, RefundFailed(**_fact(settled), failure_code=settled.failure_code))
    return True


def _posting(reference: str, settled: Settled, amount_minor: int) -> Posting:
    return Posting(
        reference=reference,
        currency=settled.currency,
        entries=[
            Entry(account=REFUNDS, amount_minor=amount_minor),
            Entry(account=clearing(settled.provider), amount_minor=-amount_minor),
        ],
        order_id=settled.order_id,
    )


def _fact(settled: Settled) -> dict[str, Any]:
    return {
        "refund_id": settled.id,
        "intent_id": settled.payment_intent_id,
        "order_id": settled.order_id,
        "amount_minor": settled.amount_minor,
        "currency": settled.currency,
    }
