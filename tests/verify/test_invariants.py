"""The books of a shop that has sold: in order as they are, and whatever is changed in them is told."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from entrepot.kernel.db import Db, prepare_connection
from entrepot.verify.ground import PROGRAM, prepared
from entrepot.verify.invariants import broken
from entrepot.verify.scratch import on_server
from entrepot.verify.stall import order_of

LEDGER = "alter table ledger_entries disable trigger all; "

CORRUPTIONS = {
    "update stock_levels set on_hand = on_hand + 1": "on hand, and the history makes",
    "update stock_levels set reserved = reserved - 1 where reserved > 0": "reserved, and orders hold",
    "update product_stock set available = available + 1": "in all, and its warehouses have",
    "update stock_reservations set status = 'released'": "pieces in its lines and holds 0",
    "update orders set status = 'cancelled'": "(cancelled) has",
    "update coupons set used = 0": "was used 1 times and counts 0",
    "update coupons set total_limit = 1, used = 1; insert into promotion_uses select o.id, u.promotion_id, u.coupon_id, null, "
    "1, now(), null from promotion_uses u join orders o on o.id <> u.order_id": "was used",
    "update orders set payment_status = 'paid'": "is paid without one payment of its own",
    "update orders set payment_status = 'unpaid'": "or charged without being paid",
    "update payment_intents set refunded_minor = 1 where captured_minor > 0": "gave back other sums",
    LEDGER + "update ledger_entries set amount_minor = amount_minor + 1": "of the ledger sums to",
}


@pytest.fixture(scope="module")
async def books(server: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the database of a shop where a coupon was used and a card order paid."""
    folder = Path(tempfile.mkdtemp(prefix="entrepot-test-books-"))
    async with on_server(server) as scratch, prepared(folder, scratch, PROGRAM, 1) as ground:
        stall = ground.stall
        product_id = await stall.a_product(10)
        code = await stall.a_coupon(total_limit=3)
        body = order_of((product_id, 1), couponCode=code, email="buyer@verify.example")
        await stall.made("/orders", body, {})
        order = await stall.an_order_to_pay(product_id)
        intent_id = await stall.an_intent(order)
        await stall.made(f"/payments/intents/{intent_id}/confirm", {"paymentMethodId": "pm_card_visa"}, order.token)
        connection = await asyncpg.connect(scratch.database())
        await prepare_connection(connection)
        yield connection
        await connection.close()
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def test_what_was_sold_leaves_them_in_order(books: asyncpg.Connection) -> None:
    assert await broken(Db(books)) == []


@pytest.mark.parametrize("corruption", CORRUPTIONS)
async def test_what_is_changed_is_told(books: asyncpg.Connection, corruption: str) -> None:
    transaction = books.transaction()
    await transaction.start()
    try:
        await books.execute(corruption)
        faults = await broken(Db(books))
    finally:
        await transaction.rollback()
    assert any(CORRUPTIONS[corruption] in fault for fault in faults), faults
