"""Booking trade that was not booked when it happened: that of the demo shop, which is made as it stands after a year."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from entrepot.kernel.db import Tx
from entrepot.payments import ledger_past_queries as queries
from entrepot.payments.ledger_expected_queries import post_past

TABLES_OF_BOOKS: Final = (
    "payment_intents",
    "credits",
    "credit_lines",
    "ledger_transactions",
    "ledger_entries",
)
"""What booking fills: whoever has the database alone may book faster while these have no indexes and foreign keys. Refunds
are few, and looked up by an index while entries are made."""

ORDERS_AT_A_TIME: Final = 50_000
STEPS_AT_A_TIME: Final = 100_000


async def book_past(tx: Tx) -> AsyncIterator[float]:
    """Make the payments, credits and refunds that orders imply by their statuses, and an empty ledger's entries of all of it,
    in the order of time; yields what share is done, at last 1.

    For orders without credits and refunds only: cash and bank transfers are taken as received where an order is paid,
    everything as taken back where it was cancelled or refunded, and all that was paid too much as given back.
    """
    last_id = await queries.last_order_id(tx)
    await queries.open_accounts(tx)
    orders = _ranges(last_id, ORDERS_AT_A_TIME)
    for first, last in orders:
        await queries.receive_past(tx, first, last)
    await queries.count_payments(tx)
    for first, last in orders:
        await queries.capture_past(tx, first, last)
        await queries.credit_past(tx, first, last)
    await queries.count_payments(tx)
    for first, last in orders:
        await queries.refund_past(tx, first, last)
    last_id = await queries.insert_past_steps(tx)
    await queries.count_steps(tx)
    for first, last in _ranges(last_id, STEPS_AT_A_TIME):
        yield (first - 1) / last_id
        await post_past(tx, first, last)
    yield 1.0


def _ranges(last_id: int, size: int) -> list[tuple[int, int]]:
    return [(first, first + size - 1) for first in range(1, last_id + 1, size)]
