"""The SQL that sums up the ledger."""

from __future__ import annotations

import msgspec

from entrepot.kernel.db import Db, Tx


async def newest_entry_id(db: Db) -> int:
    """The highest id that any transaction has taken, also one that still runs."""
    newest: int = await db.value("select case when is_called then last_value else 0 end from ledger_entries_id_seq")
    return newest


class Closing(msgspec.Struct, frozen=True):
    """How far the ledger is closed. `is_settled`: what was marked can be closed; `is_foreign`: it was marked by another
    server, whose dump this is."""

    closed_id: int
    marked_id: int | None
    is_settled: bool
    is_foreign: bool


async def lock_closing(tx: Tx) -> Closing | None:
    """None when somebody else is closing."""
    return await tx.maybe(
        Closing,
        """
        select closed_id, marked_id,
               coalesce(marked_by < pg_snapshot_xmin(pg_current_snapshot()), false) as is_settled,
               coalesce(marked_by > pg_current_xact_id(), false) as is_foreign
        from ledger_closing for update skip locked
        """,
    )


async def close(tx: Tx, closed_id: int, until_id: int) -> None:
    """Add the entries after `closed_id` up to `until_id` to the sums."""
    await tx.run(
        """
        with added as (
            insert into ledger_closed as c (account_id, currency, amount_minor, entries)
            select account_id, currency, sum(amount_minor), count(*) from ledger_entries
            where id > $1 and id <= $2 group by account_id, currency
            on conflict (account_id, currency) do update
            set amount_minor = c.amount_minor + excluded.amount_minor, entries = c.entries + excluded.entries
        )
        update ledger_closing set closed_id = $2
        """,
        closed_id,
        until_id,
    )


async def mark(tx: Tx, newest_id: int) -> None:
    """To be closed next; `newest_id` was read before this transaction has taken its id."""
    await tx.run("update ledger_closing set marked_id = $1, marked_by = pg_current_xact_id()", newest_id)
