"""Proving the books: that the ledger, orders, payments, credits and refunds say the same, of the whole shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from entrepot.kernel.db import Database, Db
from entrepot.payments import ledger_check_queries as queries
from entrepot.payments.ledger_expected_queries import Difference, list_differences, list_differences_alone

ORDERS_AT_A_TIME: Final = 20_000


async def find_faults(database: Database) -> AsyncIterator[str]:
    """Everything that is wrong, one sentence each, as it stands at one moment. Nothing is changed."""
    async with database.transaction() as tx:
        await queries.stand_still(tx)
        async for fault in faults_in(tx):
            yield fault


async def faults_in(db: Db) -> AsyncIterator[str]:
    """Reads everything, some tens of thousands of orders at a time."""
    for wrong in (*await queries.list_unbalanced(db), *await queries.list_wrong_sums(db)):
        yield f"{wrong.name}: {wrong.fault}"
    for difference in await list_differences_alone(db):
        yield _sentence(difference)
    last_id = await queries.last_order_id(db)
    for first in range(1, last_id + 1, ORDERS_AT_A_TIME):
        last = first + ORDERS_AT_A_TIME - 1
        for difference in await list_differences(db, first, last):
            yield _sentence(difference)
        orders = (*await queries.list_wrong_orders(db, first, last), *await queries.list_wrong_credits(db, first, last))
        for wrong in orders:
            yield f"order {wrong.name}: {wrong.fault}"
    for wrong in await queries.list_wrong_payments(db):
        yield f"payment {wrong.name}: {wrong.fault}"


def _sentence(difference: Difference) -> str:
    return f"{difference.reference}: {difference.account} should have {difference.meant_minor}, has {difference.posted_minor}"
