"""Unpaid orders expire: once, never together with a payment, and their stock comes back once."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import asyncpg
import pytest

from entrepot.kernel import clock
from entrepot.orders import expire as expire_module
from entrepot.orders import expire_unpaid
from entrepot.orders.expire import expire
from entrepot.payments import IntentStatus
from entrepot.payments import queries as intents
from entrepot.payments.model import Outcome
from entrepot.payments.settle import settle
from tests.builders import Client, an_order
from tests.inventory.books import assert_books_balance
from tests.payments.paying import an_intent, confirm, published, standing

WINDOW = timedelta(minutes=30)


async def stock_of(client: Client, product_id: int) -> int:
    available: int = await client.value("select available from product_stock where product_id = $1", product_id)
    return available


async def test_an_unpaid_card_order_gives_its_stock_back_when_its_time_is_over(client: Client) -> None:
    product = await client.a_product(stock=5)
    buyer = await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 3)))).json()
    with clock.moved(WINDOW - timedelta(seconds=30)):
        await expire_unpaid(client.app.shop.database)
    assert await stock_of(client, product["id"]) == 2

    with clock.moved(WINDOW + timedelta(seconds=1)):
        await expire_unpaid(client.app.shop.database)

    shown = (await buyer.get(f"/orders/{order['id']}")).json()
    assert (shown["status"], shown["cancelReason"]) == ("cancelled", "not paid in time")
    assert shown["parts"][0]["status"] == "cancelled"
    assert await stock_of(client, product["id"]) == 5
    assert await published(client, "order.expired", order) == 1
    await assert_books_balance(client, [product["id"]])


@pytest.mark.parametrize("method", ["cash_on_delivery", "invoice"])
async def test_an_order_that_is_paid_later_does_not_expire(client: Client, method: str) -> None:
    product = await client.a_product(stock=5)
    buyer = await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 3), paymentMethod=method))).json()

    with clock.moved(timedelta(days=100)):
        await expire_unpaid(client.app.shop.database)

    assert await standing(client, order) == ("pending", "unpaid")
    assert await stock_of(client, product["id"]) == 2


async def test_ten_that_expire_the_same_orders_give_the_stock_back_once(client: Client) -> None:
    product = await client.a_product(stock=20)
    buyer = await client.signed_in()
    orders = [(await buyer.post("/orders", an_order((product["id"], 2)))).json() for _ in range(5)]

    with clock.moved(timedelta(hours=1)):
        await asyncio.gather(*(expire_unpaid(client.app.shop.database) for _ in range(10)))

    assert [await published(client, "order.expired", order) for order in orders] == [1] * 5
    assert await stock_of(client, product["id"]) == 20
    await assert_books_balance(client, [product["id"]])


async def test_an_order_is_either_paid_or_expired_never_both(client: Client) -> None:
    product = await client.a_product(stock=100)
    buyer = await client.signed_in()
    orders = [(await buyer.post("/orders", an_order((product["id"], 1)))).json() for _ in range(25)]
    intents = [await an_intent(buyer, order) for order in orders]

    async def expire_late(number: str, pause_s: float) -> None:
        order_id = await client.value("select id from orders where number = $1", number)
        await asyncio.sleep(pause_s)
        async with client.app.shop.database.transaction() as tx:
            with clock.moved(timedelta(hours=1)):
                await expire(tx, order_id)

    ends: Counter[tuple[str, str]] = Counter()
    for turn, (order, intent) in enumerate(zip(orders, intents, strict=True)):
        reply, _ = await asyncio.gather(confirm(buyer, intent), expire_late(order["id"], turn / 3000))
        end = await standing(client, order)
        assert end == (("pending", "paid") if reply.status_code == 200 else ("cancelled", "unpaid"))
        ends[end] += 1

    assert await stock_of(client, product["id"]) == 100 - ends["pending", "paid"]
    await assert_books_balance(client, [product["id"]])


async def test_an_order_whose_charge_begins_while_it_expires_stays(client: Client, db: asyncpg.Connection) -> None:
    """The charge's transaction is open when expiry looks at the order, and commits while expiry waits for it."""
    product = await client.a_product(stock=5)
    buyer = await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 1)))).json()
    intent = await an_intent(buyer, order)
    order_id = await client.value("select id from orders where number = $1", order["id"])

    async def expire_now() -> bool:
        async with client.app.shop.database.transaction() as tx:
            with clock.moved(timedelta(hours=1)):
                return await expire(tx, order_id)

    charging = db.transaction()
    await charging.start()
    await db.execute("select from orders where id = $1 for update", order_id)
    await db.execute("update payment_intents set status = 'processing' where id = $1", intent)
    expiring = asyncio.create_task(expire_now())
    await asyncio.sleep(0.2)
    await charging.commit()

    assert await expiring is False
    assert await standing(client, order) == ("pending", "unpaid")
    assert await stock_of(client, product["id"]) == 4


async def test_orders_whose_bank_debit_is_under_way_keep_no_others_waiting(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = await client.a_product(stock=5)
    buyer = await client.signed_in()
    paying = (await buyer.post("/orders", an_order((product["id"], 1)))).json()
    unpaid = (await buyer.post("/orders", an_order((product["id"], 1)))).json()
    await confirm(buyer, await an_intent(buyer, paying), "pm_usBankAccount_processing")

    monkeypatch.setattr("entrepot.orders.expire.BATCH", 1)
    with clock.moved(timedelta(hours=1)):
        while await expire_unpaid(client.app.shop.database):
            pass

    assert await standing(client, paying) == ("pending", "unpaid")
    assert await standing(client, unpaid) == ("cancelled", "unpaid")


async def test_a_charge_without_end_keeps_its_order_for_a_week_and_goes_back_if_it_succeeds(client: Client) -> None:
    product = await client.a_product(stock=5)
    buyer = await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 3)))).json()
    intent = await an_intent(buyer, order)
    await client.value(
        "update payment_intents set status = 'processing', attempt = 1, updated_at = now() where id = $1", intent
    )
    with clock.moved(timedelta(days=6)):
        await expire_unpaid(client.app.shop.database)
    assert await standing(client, order) == ("pending", "unpaid")

    with clock.moved(timedelta(days=8)):
        await expire_unpaid(client.app.shop.database)
    assert await standing(client, order) == ("cancelled", "unpaid")
    assert await stock_of(client, product["id"]) == 5

    async with client.app.shop.database.transaction() as tx:
        charged = await intents.get_intent(tx, intent)
        await settle(tx, charged, Outcome(IntentStatus.SUCCEEDED, None, charged.amount_minor, charged.currency))
    assert await standing(client, order) == ("cancelled", "refunded")


async def test_an_order_that_cannot_be_cancelled_keeps_no_other_from_its_turn(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than are looked at in one go."""
    monkeypatch.setattr(expire_module, "BATCH", 2)
    buyer = await client.signed_in()
    bad, good = await client.a_product(stock=9), await client.a_product(stock=9)
    stuck = [(await buyer.post("/orders", an_order((bad["id"], 1)))).json() for _ in range(3)]
    well = [(await buyer.post("/orders", an_order((good["id"], 1)))).json() for _ in range(3)]
    numbers = ", ".join(f"'{order['id']}'" for order in stuck)  # a constraint that does not let them be cancelled
    rule = f"check (number not in ({numbers}) or status <> 'cancelled') not valid"
    await client.value(f"alter table orders add constraint orders_stuck {rule}")
    try:
        with clock.moved(timedelta(hours=1)):
            await expire_unpaid(client.app.shop.database)
    finally:
        await client.value("alter table orders drop constraint orders_stuck")

    assert [(await standing(client, order))[0] for order in (*stuck, *well)] == ["pending"] * 3 + ["cancelled"] * 3
