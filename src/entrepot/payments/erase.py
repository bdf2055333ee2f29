"""What payments forgets of a person who is erased: why it wanted its money back. That it got it, and how much, stays."""

from __future__ import annotations

from entrepot.identity import UserErased
from entrepot.kernel.db import Tx
from entrepot.payments import erase_queries


async def erase_person(tx: Tx, erased: UserErased) -> None:
    """In the transaction that erases the person."""
    await erase_queries.empty_reasons(tx, erased.user_id)
