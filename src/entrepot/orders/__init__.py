"""Orders: placing, reading, expiring, invoices.

Owns `orders`, `order_parts`, `order_lines`, `order_history` and the invoices. Promises: an order is placed in one
transaction with its stock reserved, or not at all; its prices never change afterwards; its parts sum to it.
"""

from entrepot.orders.claim_guest_orders import claim_guest_orders
from entrepot.orders.expire import expire_unpaid
from entrepot.orders.jobs import JOBS
from entrepot.orders.mark_paid import payment_failed, payment_succeeded

__all__ = ["JOBS", "claim_guest_orders", "expire_unpaid", "payment_failed", "payment_succeeded"]
