"""A shop that breaks one of its promises: `python sabotage.py NAME serve ...` is `entrepot serve ...`, sabotaged.

Each function takes away what keeps one promise; the drill of that promise must notice.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec

from entrepot import backup, cli
from entrepot.identity import lock_out
from entrepot.inventory import queries as stock_queries
from entrepot.kernel import actors, edge, error_replies, idempotency
from entrepot.kernel.actors import Role
from entrepot.kernel.db import Database, Tx
from entrepot.payments import sandbox


def oversold() -> None:
    """Nobody looks whether there is enough, neither the shop nor the database."""
    execute("alter table stock_levels drop constraint if exists stock_levels_available_not_negative")
    execute("alter table product_stock drop constraint if exists product_stock_not_negative")
    lock = stock_queries.lock_shelves

    async def endless(*args: Any, **options: Any) -> Any:
        return [msgspec.structs.replace(shelf, available=1_000) for shelf in await lock(*args, **options)]

    stock_queries.lock_shelves = endless


def coupon_counts_nothing() -> None:
    """A use of a code is not counted."""
    say_instead("set used = c.used + 1", "set used = c.used")


def keys_are_forgotten() -> None:
    """Every request is the first with its key."""

    async def claim(*_: object) -> None:
        return None

    async def keep(*_: object) -> None:
        return None

    idempotency.claim = claim  # type: ignore[assignment]
    idempotency.keep = keep  # type: ignore[assignment]


def loses_orders() -> None:
    """Some orders are acknowledged, and then not written."""

    @asynccontextmanager
    async def transaction(self: Database) -> AsyncIterator[Tx]:
        async with self.pool.acquire() as connection:
            begun = connection.transaction()
            await begun.start()
            try:
                yield Tx(connection, self._reactions)
                placed = "select exists (select from orders where xmin = pg_current_xact_id()::xid)"
                lost = random.random() < 0.3 and await connection.fetchval(placed)
            except BaseException:
                await begun.rollback()
                raise
            await (begun.rollback() if lost else begun.commit())

    Database.transaction = transaction  # type: ignore[method-assign]


def trouble_is_a_fault() -> None:
    """A database that is away is an error of ours."""
    error_replies._DATABASE_BUSY = ()  # type: ignore[misc, assignment]


def half_a_backup() -> None:
    """A table is left out of backups."""
    run = backup._run

    def without(command: list[str], dsn: str) -> None:
        run([*command, *(["--exclude-table-data=stock_reservations"] if "pg_dump" in command[0] else [])], dsn)

    backup._run = without


def null_characters_pass() -> None:
    """What the database cannot store comes through."""
    edge._Exchange.refuse_null_characters = lambda _: None  # type: ignore[method-assign, assignment]


def locked_for_a_day() -> None:
    """A lock-out lasts longer than it is said to."""
    lock_out.LOCK = timedelta(days=1)  # type: ignore[misc]


def anybody_is_the_provider() -> None:
    """Nobody looks at who has signed a webhook."""
    sandbox.is_signed = lambda *_: True


def refunds_are_forgotten() -> None:
    """What was given back of a payment is not kept with it."""
    execute(
        """
        create or replace function forget() returns trigger language plpgsql as
        'begin new.refunded_minor := 0; return new; end';
        create or replace trigger forget before update on payment_intents for each row execute function forget()
        """
    )


def everybody_is_an_admin() -> None:
    """Routes for administrators let everybody in who is signed in."""
    actors.admin.roles = frozenset(Role)  # type: ignore[misc]


def execute(sql: str) -> None:
    """Change the scratch database that the server is about to serve."""

    async def run() -> None:
        connection = await asyncpg.connect(os.environ["DATABASE_URL"])
        await connection.execute(sql)
        await connection.close()

    asyncio.run(run())


def say_instead(words: str, others: str) -> None:
    """Ask the database something else than what is written."""
    many = Tx.many

    async def changed(self: Tx, row: Any, sql: str, *args: Any) -> Any:
        return await many(self, row, sql.replace(words, others), *args)

    Tx.many = changed  # type: ignore[method-assign, assignment]


SABOTAGES: dict[str, Callable[[], None]] = {
    function.__name__: function
    for function in (
        oversold,
        coupon_counts_nothing,
        keys_are_forgotten,
        loses_orders,
        trouble_is_a_fault,
        half_a_backup,
        null_characters_pass,
        locked_for_a_day,
        anybody_is_the_provider,
        refunds_are_forgotten,
        everybody_is_an_admin,
    )
}


def program(name: str) -> Sequence[str]:
    """How the sabotaged shop is started."""
    return (sys.executable, __file__, name)


if __name__ == "__main__":
    SABOTAGES[sys.argv[1]]()
    sys.argv = ["entrepot", *sys.argv[2:]]
    cli.main()
