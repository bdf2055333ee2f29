"""Summing up what stands in the ledger, so that balances need to add only what came since. Exact: see close_ledger."""

from __future__ import annotations

from typing import Final

from entrepot.kernel.db import Database
from entrepot.payments import ledger_closing_queries as queries

MOST_ENTRIES: Final = 500_000
"""Closed in one transaction at most."""


async def close_ledger(database: Database) -> int:
    """Close what was marked the last time, and mark what there is now; returns how many ids were closed.

    An entry's id is taken before it is seen by others, so "all up to the newest" would miss one that commits late. So the
    newest id is *marked* first, with a transaction id that is taken afterwards: whoever has an id up to the mark is older
    than that. When no transaction runs any more that is as old, nobody can slip below the mark, and it is closed.
    """
    newest_id = await queries.newest_entry_id(database.reader)
    async with database.transaction() as tx:
        closing = await queries.lock_closing(tx)
        if closing is None:
            return 0
        closed_id = closing.closed_id
        if closing.is_settled and closing.marked_id is not None:
            closed_id = min(closing.marked_id, closing.closed_id + MOST_ENTRIES)
            await queries.close(tx, closing.closed_id, closed_id)
        if closing.marked_id is None or closing.marked_id == closed_id or closing.is_foreign:
            await queries.mark(tx, newest_id)
        return closed_id - closing.closed_id
