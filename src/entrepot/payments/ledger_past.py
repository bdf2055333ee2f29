"""Booking trade that was not booked when it happened: that of the demo shop, which is made as it stands after a year."""

from __future__ import annotations

from typing import Final

from entrepot.kernel.db import Tx
from entrepot.payments import ledger_past_queries as queries
from entrepot.payments.ledger_expected_queries import post_past

ORDERS_AT_A_TIME: Final = 50_000


async def book_past(tx: Tx) -> None:
    """Make the payments, credits and refunds that orders imply by their statuses, and the ledger of all of it.

    For orders without credits and refunds only: cash and bank transfers are taken as received where an order is paid,
    everything as taken back where it was cancelled or refunded, and all that was paid too much as given back.
    """
    last_id = await queries.last_order_id(tx)
    await queries.open_accounts(tx)
    ranges = [(first, first + ORDERS_AT_A_TIME - 1) for first in range(1, last_id + 1, ORDERS_AT_A_TIME)]
    for first, last in ranges:
        await queries.receive_past(tx, first, last)
        await queries.capture_past(tx, first, last)
        await queries.credit_past(tx, first, last)
        await queries.refund_past(tx, first, last)
    await queries.insert_past_transactions(tx)
    await queries.count_past(tx)
    for first, last in ranges:
        await post_past(tx, first, last)
    await queries.count_past(tx)
