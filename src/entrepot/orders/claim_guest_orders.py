"""Orders that were placed as a guest become the user's who has verified the address that they were placed with."""

from __future__ import annotations

from entrepot.identity import UserEmailVerified
from entrepot.kernel.db import Tx
from entrepot.orders import queries


async def claim_guest_orders(tx: Tx, verified: UserEmailVerified) -> None:
    """In the transaction of the verification. What the guest was given to open an order with goes on opening it."""
    await queries.claim_guest_orders(tx, verified.user_id, verified.email)
