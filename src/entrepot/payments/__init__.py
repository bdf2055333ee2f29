"""Payments: intents, and the providers that charge them; the ledger, credits and refunds.

Owns `payment_intents`, the tables of the ledger, `credits` and `refunds`. Promises: an order is charged once, however many
intents were made for it and however often they are confirmed; the amount charged is the order's; no card number ever comes
near us. Every step of business stands in the ledger once and sums to zero; more than was captured is never given back.
"""

from entrepot.payments.bind import bind_to_order
from entrepot.payments.credit import credit, credit_rest
from entrepot.payments.credit_model import Credit, CreditKind, LineCredit, NothingLeft
from entrepot.payments.erase import erase_person
from entrepot.payments.events import (
    OrderCredited,
    PaymentFailed,
    PaymentSucceeded,
    RefundCreated,
    RefundFailed,
    RefundSucceeded,
)
from entrepot.payments.jobs import JOBS
from entrepot.payments.ledger_check import find_faults
from entrepot.payments.ledger_closing import close_ledger
from entrepot.payments.ledger_past import TABLES_OF_BOOKS, book_past
from entrepot.payments.ledger_queries import BOOKING_OF_SALE
from entrepot.payments.model import CONSTRAINTS, AlreadyCharged, IntentMismatch, IntentNotFound, IntentStatus
from entrepot.payments.open_ends import find_open_ends
from entrepot.payments.received import receive_payment, record_binding
from entrepot.payments.refund_due import settle_order

__all__ = [
    "BOOKING_OF_SALE",
    "CONSTRAINTS",
    "JOBS",
    "TABLES_OF_BOOKS",
    "AlreadyCharged",
    "Credit",
    "CreditKind",
    "IntentMismatch",
    "IntentNotFound",
    "IntentStatus",
    "LineCredit",
    "NothingLeft",
    "OrderCredited",
    "PaymentFailed",
    "PaymentSucceeded",
    "RefundCreated",
    "RefundFailed",
    "RefundSucceeded",
    "bind_to_order",
    "book_past",
    "close_ledger",
    "credit",
    "credit_rest",
    "erase_person",
    "find_faults",
    "find_open_ends",
    "receive_payment",
    "record_binding",
    "settle_order",
]
