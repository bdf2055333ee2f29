"""Summing up the history of stock, so that reports need to read only what came since. Exact: see fold_history."""

from __future__ import annotations

from typing import Final

from entrepot.inventory import fold_queries as queries
from entrepot.kernel.db import Database, Tx

MOST_ENTRIES: Final = 100_000
"""Summed up in one transaction at most."""
MOST_TURNS: Final = 50
"""Transactions of one call at most."""


async def fold_history(database: Database) -> int:
    """Sum up what was marked the last time, and mark what there is now; returns how many ids were summed up.

    An entry's id is taken before others see it, so "all up to the newest" would miss one that commits late. So the newest
    ids are *marked* first, with a transaction id that is taken afterwards: whoever has an id up to the mark is older than
    that. When no transaction runs any more that is as old, nobody can slip below the mark, and it is summed up.
    """
    folded = 0
    for _ in range(MOST_TURNS):
        ids = await _fold_some(database)
        folded += ids
        if ids < MOST_ENTRIES:
            break
    async with database.transaction() as tx:
        await queries.forget_old_days(tx)
    return folded


async def _fold_some(database: Database) -> int:
    newest = await queries.newest_ids(database.reader)
    async with database.transaction() as tx:
        folding = await queries.lock_folding(tx)
        if folding is None:
            return 0
        movement_id, price_id = folding.movement_id, folding.price_id
        if folding.is_settled and folding.marked_movement is not None and folding.marked_price is not None:
            movement_id = min(folding.marked_movement, movement_id + MOST_ENTRIES)
            price_id = min(folding.marked_price, price_id + MOST_ENTRIES)
            await _fold(
                tx, queries.Newest(folding.movement_id, folding.price_id), queries.Newest(movement_id, price_id)
            )
        if folding.is_foreign or (folding.marked_movement, folding.marked_price) in (
            (None, None),
            (movement_id, price_id),
        ):
            await queries.mark(tx, newest)
        return max(movement_id - folding.movement_id, price_id - folding.price_id)


async def fold_past(tx: Tx) -> None:
    """Sum up everything that this transaction has filled an empty database with."""
    newest = await queries.newest_ids(tx)
    await queries.fill_days(tx)
    await queries.fill_slots(tx)
    await queries.count_sums(tx)
    await queries.fill_worth(tx)
    await queries.set_folded(tx, newest)


async def _fold(tx: Tx, folded: queries.Newest, until: queries.Newest) -> None:
    """Prices first: what is new is entered at the price of its slot."""
    if folded.price_id < until.price_id:
        await queries.reprice(tx, folded.price_id, until.price_id)
    if folded.movement_id < until.movement_id:
        await queries.fold(tx, folded.movement_id, until.movement_id)
        await queries.note_sales(tx, folded.movement_id, until.movement_id)
    await queries.set_folded(tx, until)
