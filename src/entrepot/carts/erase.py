"""A person who is erased leaves no cart behind."""

from __future__ import annotations

from entrepot.carts import queries
from entrepot.identity import UserErased
from entrepot.kernel.db import Tx


async def erase_person(tx: Tx, erased: UserErased) -> None:
    """In the transaction that erases the person."""
    await queries.delete_cart_of(tx, erased.user_id)
