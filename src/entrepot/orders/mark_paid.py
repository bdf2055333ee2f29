"""What a payment does to its order, in the transaction of the payment."""

from __future__ import annotations

from entrepot.kernel import clock
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.orders import queries
from entrepot.orders.events import OrderPaid
from entrepot.payments import PaymentFailed, PaymentSucceeded


async def payment_succeeded(tx: Tx, payment: PaymentSucceeded) -> None:
    """The order of a payment is paid together with it."""
    if payment.order_id is not None:
        await mark_paid(tx, payment.order_id, payment.intent_id)


async def payment_failed(tx: Tx, payment: PaymentFailed) -> None:
    """The order still waits, and shows that a payment failed."""
    if payment.order_id is not None:
        await queries.claim_payment_failed(tx, payment.order_id)


async def mark_paid(tx: Tx, order_id: int, intent_id: str) -> None:
    """Once, whoever says it, however often."""
    paid = await queries.claim_paid(tx, order_id, intent_id, clock.now())
    if paid is not None:
        await publish(tx, OrderPaid(order_id=paid.number, intent_id=intent_id, company_ids=paid.company_ids))
