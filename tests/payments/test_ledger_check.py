"""`entrepot doctor --ledger`: what it proves, and what it finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from entrepot.demo import load
from entrepot.kernel.db import Database, Db, connect, prepare_connection
from entrepot.payments import find_faults
from entrepot.payments.ledger_check import faults_in
from tests.builders import Client, an_order
from tests.conftest import database
from tests.payments.money import a_paid_order, closed
from tests.payments.paying import an_intent, an_unpaid_order, confirm

ORDERS = 400


@pytest.fixture(scope="module")
async def demo_shop(
    server: str, template: str, worker_name: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """A demo shop with a year of trade."""
    async with database(server, template, f"ledger_{worker_name}") as dsn:
        connection = await asyncpg.connect(dsn)
        await prepare_connection(connection)
        now = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
        await load(connection, tmp_path_factory.mktemp("media"), products=60, orders=ORDERS, now=now)
        await connection.close()
        shop = await connect(dsn, pool_size=2)
        yield shop
        await shop.close()


async def _faults(shop: Database) -> list[str]:
    return [fault async for fault in find_faults(shop)]


async def test_the_books_of_a_demo_shop_are_in_order(demo_shop: Database) -> None:
    await closed(demo_shop)

    assert await _faults(demo_shop) == []
    kinds = await demo_shop.reader.values("select distinct split_part(reference, ':', 1) from ledger_transactions")
    assert set(kinds) == {"sale", "payment", "credit", "refund_due", "refund"}
    assert (
        await demo_shop.reader.value("select count(*) from ledger_transactions where reference like 'sale:%'") == ORDERS
    )
    assert await demo_shop.reader.value("select sum(entries) from ledger_closed") == await demo_shop.reader.value(
        "select count(*) from ledger_entries"
    )


def _first(table: str, where: str) -> str:
    return f"where id = (select min(id) from {table} where {where})"


_PAID = _first("payment_intents", "captured_minor > 0 and refunded_minor = 0")
_FIRST_PAID = _first("orders", "payment_status = 'paid'")
_UNPAID = _first("orders", "payment_status = 'unpaid' and status = 'cancelled'")


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (f"update orders set payment_status = 'paid' {_UNPAID}", "is paid, holds 0"),
        (
            f"update orders set payment_status = 'unpaid' {_FIRST_PAID}",
            "is unpaid, and holds",
        ),
        (
            "update order_parts set commission_minor = commission_minor + 1 where id = 1",
            "sale:1: commission should have",
        ),
        (
            f"update credit_lines set quantity = quantity + 1000 {_first('credit_lines', 'line_id is not null')}",
            "more was taken back than was sold",
        ),
        (f"update payment_intents set refunded_minor = 1 {_PAID}", "gave back 1, its refunds 0"),
        (f"update payment_intents set captured_minor = captured_minor - 1 {_PAID}", "and took"),
        (f"update refunds set succeeded_at = null {_first('refunds', 'true')}", "refund:re_"),
        ("update ledger_closed set amount_minor = amount_minor + 1 where account_id = 1", "closed sum of buyers"),
        (
            """
            alter table ledger_entries disable trigger all;
            delete from ledger_entries where id = 7;
            alter table ledger_entries enable trigger all
            """,
            "sums to",
        ),
    ],
)
async def test_it_names_what_is_wrong(demo_shop: Database, sql: str, fault: str) -> None:
    await closed(demo_shop)
    connection = await asyncpg.connect(demo_shop.dsn)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(sql)
        found = [fault async for fault in faults_in(Db(connection))]
    finally:
        await transaction.rollback()
        await connection.close()
    assert any(fault in one for one in found), found


async def test_the_books_of_this_shop_are_in_order(client: Client) -> None:
    """Whatever the tests before it have done through the shop's own doors."""
    buyer = await client.signed_in()
    order = await a_paid_order(client, buyer, ((await client.a_product(price=10))["id"], 3))
    admin = await client.signed_in("admin")
    await admin.post("/payments/refunds", {"orderId": order["id"], "amount": 777})
    await an_unpaid_order(client, buyer)
    product = await client.a_product(price=10)
    intent = await an_intent(buyer, amount=1080)
    await confirm(buyer, intent)
    placed = await buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent))
    assert placed.json()["paymentStatus"] == "paid", placed.text

    wrong = [
        fault for fault in await _faults(client.app.shop.database) if any(o in fault for o in (order["id"], intent))
    ]

    assert wrong == []
