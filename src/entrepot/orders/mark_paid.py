"""What a payment does to its order, in the transaction of the payment."""

from __future__ import annotations

from entrepot import payments
from entrepot.kernel import clock
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.orders import payment_queries, queries
from entrepot.orders.events import OrderPaid
from entrepot.payments import PaymentFailed, PaymentSucceeded, RefundCreated


async def payment_succeeded(tx: Tx, payment: PaymentSucceeded) -> None:
    """Its order is paid together with it. What comes too late, or twice, goes back. The order is locked."""
    if payment.order_id is not None and not await mark_paid(tx, payment.order_id, payment.intent_id):
        await payments.settle_order(tx, payment.order_id, reason="Paid more than the order costs")


async def refund_created(tx: Tx, refund: RefundCreated) -> None:
    """The order of a refund shows that money goes back, and whether all of it."""
    if refund.order_id is not None:
        await payment_queries.set_refunded(tx, refund.order_id)


async def payment_failed(tx: Tx, payment: PaymentFailed) -> None:
    """The order still waits, and shows that a payment failed."""
    if payment.order_id is not None:
        await queries.claim_payment_failed(tx, payment.order_id)


async def mark_paid(tx: Tx, order_id: int, intent_id: str) -> bool:
    """Once, whoever says it, however often. Whether it was so now, and nothing was paid too much."""
    paid = await queries.claim_paid(tx, order_id, intent_id, clock.now())
    if paid is None:
        return False
    await publish(tx, OrderPaid(order_id=paid.number, intent_id=intent_id, company_ids=paid.company_ids))
    return not paid.overpaid
