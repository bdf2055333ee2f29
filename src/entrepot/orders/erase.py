"""What orders forget of a person who is erased: what it wrote. What it bought, gave back and paid stays, with its amounts."""

from __future__ import annotations

from entrepot.identity import UserErased
from entrepot.kernel.db import Tx
from entrepot.orders import erase_queries


async def erase_person(tx: Tx, erased: UserErased) -> None:
    """Empty a buyer's notes, its reasons to cancel and to give back, and what it says of sellers; how it rated them stays.

    In the transaction that erases the person, and first in it: orders are locked before everything else.
    """
    await erase_queries.empty_texts(tx, erased.user_id)
