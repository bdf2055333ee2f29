"""Orders: placing, reading, expiring, returns, invoices and credit notes.

Owns `orders`, `order_parts`, `order_lines`, `order_history`, `order_notes`, `seller_reviews`, the returns and the invoices.
Promises: an order is placed in one transaction with its stock reserved, or not at all; its prices never
change afterwards; its parts sum to it.
"""

from typing import Final

from entrepot.orders import life_model, return_model
from entrepot.orders.claim_guest_orders import claim_guest_orders
from entrepot.orders.erase import erase_person
from entrepot.orders.expire import expire_unpaid
from entrepot.orders.given_back import order_credited
from entrepot.orders.jobs import JOBS
from entrepot.orders.mark_paid import payment_failed, payment_succeeded, refund_created

CONSTRAINTS: Final = {**life_model.CONSTRAINTS, **return_model.CONSTRAINTS}

__all__ = [
    "CONSTRAINTS",
    "JOBS",
    "claim_guest_orders",
    "erase_person",
    "expire_unpaid",
    "order_credited",
    "payment_failed",
    "payment_succeeded",
    "refund_created",
]
