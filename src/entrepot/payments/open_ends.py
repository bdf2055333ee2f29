"""What waits for people: refunds that failed, and what providers told that does not fit the books.

The books agree nevertheless: what failed to go back is still owed, and what was refused was not booked.
"""

from __future__ import annotations

from typing import Final

from entrepot.kernel.db import Db
from entrepot.payments import open_ends_queries as queries

AT_MOST: Final = 1_000


async def find_open_ends(db: Db) -> list[str]:
    """One sentence each; of either kind no more than the thousand oldest."""
    return [f"{end.name}: {end.remark}" for end in await queries.list_open_ends(db, AT_MOST)]
