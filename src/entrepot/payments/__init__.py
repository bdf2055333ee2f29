"""Payments: intents, and the providers that charge them.

Owns `payment_intents`. Promises: an order is charged once, however many intents were made for it and however often they
are confirmed; the amount charged is the order's; no card number ever comes near us.
"""

from entrepot.payments.bind import bind_to_order
from entrepot.payments.events import PaymentFailed, PaymentSucceeded
from entrepot.payments.jobs import JOBS
from entrepot.payments.model import CONSTRAINTS, IntentMismatch, IntentNotFound, IntentStatus

__all__ = [
    "CONSTRAINTS",
    "JOBS",
    "IntentMismatch",
    "IntentNotFound",
    "IntentStatus",
    "PaymentFailed",
    "PaymentSucceeded",
    "bind_to_order",
]
