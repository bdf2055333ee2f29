"""Refunds: whole, by line, by amount; never more than was captured, whatever happens at once; sent once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from entrepot import payments
from entrepot.orders.expire import expire
from entrepot.payments import queries as intents
from entrepot.payments.model import IntentStatus, Outcome
from entrepot.payments.provider_model import RefundOutcome, RefundStatus
from entrepot.payments.refund_send import pause_after, send_due_refunds, send_refund
from entrepot.payments.refund_settle import settle_refund
from entrepot.payments.settle import settle
from tests.builders import Client, an_order
from tests.payments.money import a_paid_order, books, row_id
from tests.payments.paying import an_intent, an_unpaid_order, confirm, published, standing


@pytest.fixture
async def admin(client: Client) -> Client:
    return await client.signed_in("admin")


@pytest.fixture
async def order(client: Client) -> dict[str, Any]:
    """Three pieces at 10.00 with 8 % tax of a company that pays 10 % commission, paid: 32.40."""
    company_id = await client.a_company(commission_bp=1000)
    product = await client.a_product(company_id=company_id, price=10)
    return await a_paid_order(client, await client.signed_in(), (product["id"], 3))


async def test_a_whole_refund_takes_everything_back(client: Client, admin: Client, order: dict[str, Any]) -> None:
    reply = await admin.post("/payments/refunds", {"orderId": order["id"], "reason": "Sorry"})

    assert reply.status_code == 201, reply.text
    refund = reply.json()
    assert (refund["amount"], refund["currency"], refund["status"], refund["orderId"]) == (
        3240,
        "usd",
        "pending",
        order["id"],
    )
    assert (await standing(client, order))[1] == "refunded"
    assert await books(client, order) == {"clearing": 3240, "refunds": -3240}
    assert await published(client, "refund.created", order) == 1
    assert await published(client, "order.credited", order) == 1

    assert await send_refund(client.app.shop, refund["id"])

    assert await books(client, order) == {}
    assert await _statuses(admin, order) == ["succeeded"]
    shown = (await admin.get(f"/orders/{order['id']}")).json()
    assert shown["amountRefunded"] == 32.4
    assert [(one["id"], one["amount"], one["status"]) for one in shown["refunds"]] == [
        (refund["id"], 32.4, "succeeded")
    ]
    assert await published(client, "refund.succeeded", order) == 1
    assert not await send_refund(client.app.shop, refund["id"])


async def test_a_piece_gives_back_what_it_cost(client: Client, admin: Client, order: dict[str, Any]) -> None:
    body = {"orderId": order["id"], "lines": [{"productId": order["products"][0]["id"], "quantity": 1}]}

    amounts = [(await admin.post("/payments/refunds", body)).json()["amount"] for _ in range(3)]

    assert amounts == [1080, 1080, 1080]
    assert (await standing(client, order))[1] == "refunded"
    reply = await admin.post("/payments/refunds", body)
    assert (reply.status_code, reply.json()["code"]) == (422, "REFUND_EXCEEDS_CAPTURED")


async def test_an_amount_takes_commission_and_tax_back_in_proportion(
    client: Client, admin: Client, order: dict[str, Any]
) -> None:
    reply = await admin.post("/payments/refunds", {"orderId": order["id"], "amount": 324})

    assert reply.json()["amount"] == 324
    assert (await standing(client, order))[1] == "partially_refunded"
    assert await books(client, order) == {
        "clearing": 3240,
        "refunds": -324,
        "payable": -2430,
        "commission": -270,
        "tax": -216,
    }


async def test_delivery_goes_back_when_asked_for(client: Client, admin: Client) -> None:
    zone_id = await client.a_zone()
    company_id = await client.a_company(zones={zone_id: (700, None)})
    zone = await client.value("select slug from zones where id = $1", zone_id)
    product = await client.a_product(company_id=company_id, price=10)
    order = await a_paid_order(client, await client.signed_in(), (product["id"], 1), zone=zone)

    reply = await admin.post("/payments/refunds", {"orderId": order["id"], "shipping": True})

    assert reply.json()["amount"] == 700
    again = await admin.post("/payments/refunds", {"orderId": order["id"], "shipping": True})
    assert again.status_code == 422


async def test_a_payment_without_an_order_is_given_back(client: Client, admin: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, amount=1000)
    before = await admin.post("/payments/refunds", {"paymentIntentId": intent})
    await confirm(buyer, intent)

    some = await admin.post("/payments/refunds", {"paymentIntentId": intent, "amount": 400})
    rest = await admin.post("/payments/refunds", {"paymentIntentId": intent})
    more = await admin.post("/payments/refunds", {"paymentIntentId": intent, "amount": 1})

    assert (before.status_code, before.json()["code"]) == (422, "NOT_REFUNDABLE")
    assert (some.json()["amount"], rest.json()["amount"]) == (400, 600)
    assert (more.status_code, more.json()["code"]) == (422, "REFUND_EXCEEDS_CAPTURED")


async def test_what_cannot_be_given_back_is_refused(client: Client, admin: Client, order: dict[str, Any]) -> None:
    buyer = await client.signed_in()
    unpaid = await an_unpaid_order(client, buyer)
    for body, status, code in [
        ({"orderId": order["id"], "amount": 3241}, 422, "REFUND_EXCEEDS_CAPTURED"),
        ({"orderId": order["id"], "lines": [{"productId": order["products"][0]["id"], "quantity": 4}]}, 422, None),
        ({"orderId": order["id"], "lines": [{"productId": 999999999, "quantity": 1}]}, 400, "VALIDATION_ERROR"),
        ({"orderId": order["id"], "lines": [{"quantity": 1}]}, 400, "VALIDATION_ERROR"),
        ({"orderId": order["id"], "amount": 1, "shipping": True}, 400, "VALIDATION_ERROR"),
        ({"orderId": order["id"], "amount": -1}, 400, "VALIDATION_ERROR"),
        ({"orderId": order["id"], "amount": 1.5}, 400, "VALIDATION_ERROR"),
        ({"orderId": "ORD-1"}, 400, "VALIDATION_ERROR"),
        ({"paymentIntentId": "pi_0"}, 404, "PAYMENT_INTENT_NOT_FOUND"),
        ({"orderId": unpaid["id"]}, 422, "NOT_REFUNDABLE"),
        ({}, 400, "VALIDATION_ERROR"),
    ]:
        reply = await admin.post("/payments/refunds", body)
        assert reply.status_code == status, (body, reply.text)
        assert code is None or reply.json()["code"] == code, (body, reply.text)
    assert (await standing(client, order))[1] == "paid"


async def test_of_twenty_whole_refunds_at_once_one_wins(client: Client, admin: Client, order: dict[str, Any]) -> None:
    body = {"orderId": order["id"], "amount": 3240}

    replies = await asyncio.gather(*(admin.post("/payments/refunds", body) for _ in range(20)))

    assert Counter(reply.status_code for reply in replies) == {201: 1, 422: 19}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 422} == {"REFUND_EXCEEDS_CAPTURED"}
    assert await _refunded(client, order) == 3240


async def test_of_twenty_refunds_of_a_payment_at_once_one_wins(client: Client, admin: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, amount=1000)
    await confirm(buyer, intent)

    replies = await asyncio.gather(
        *(admin.post("/payments/refunds", {"paymentIntentId": intent, "amount": 1000}) for _ in range(20))
    )

    assert Counter(reply.status_code for reply in replies) == {201: 1, 422: 19}


async def test_many_small_refunds_at_once_come_to_no_more_than_was_paid(
    client: Client, admin: Client, order: dict[str, Any]
) -> None:
    replies = await asyncio.gather(
        *(admin.post("/payments/refunds", {"orderId": order["id"], "amount": 1000}) for _ in range(10))
    )

    assert Counter(reply.status_code for reply in replies) == {201: 3, 422: 7}
    assert await _refunded(client, order) == 3000


async def test_a_refund_racing_the_credit_of_the_rest_gives_back_once(client: Client, admin: Client) -> None:
    for _ in range(5):
        product = await client.a_product(price=10)
        order = await a_paid_order(client, await client.signed_in(), (product["id"], 2))
        order_id = await row_id(client, order)

        await asyncio.gather(
            admin.post("/payments/refunds", {"orderId": order["id"]}),
            *(_credit_rest(client, order_id) for _ in range(3)),
        )

        assert await _refunded(client, order) == 2160
        assert await books(client, order) == {"clearing": 2160, "refunds": -2160}


async def test_a_refund_racing_cancelling_gives_back_once(client: Client, admin: Client) -> None:
    for _ in range(5):
        product = await client.a_product(price=10)
        buyer = await client.signed_in()
        order = await a_paid_order(client, buyer, (product["id"], 2))

        replies = await asyncio.gather(
            admin.post("/payments/refunds", {"orderId": order["id"]}),
            *(buyer.put(f"/orders/{order['id']}/cancel", {"reason": "Changed my mind"}) for _ in range(3)),
        )

        assert {reply.status_code for reply in replies} <= {200, 201, 422}
        assert await standing(client, order) == ("cancelled", "refunded")
        assert await _refunded(client, order) == 2160
        assert await books(client, order) == {"clearing": 2160, "refunds": -2160}


async def test_a_charge_racing_cancelling_is_kept_or_given_back(client: Client) -> None:
    for _ in range(6):
        buyer = await client.signed_in()
        order = await an_unpaid_order(client, buyer)
        intent = await an_intent(buyer, order)

        await asyncio.gather(confirm(buyer, intent), buyer.put(f"/orders/{order['id']}/cancel", {"reason": "No"}))

        status, payment = await standing(client, order)
        owed = (await books(client, order)).get("buyers", 0)
        assert owed == 0
        assert (status, payment) in {("cancelled", "unpaid"), ("cancelled", "refunded"), ("pending", "paid")}


async def test_a_charge_racing_expiry_is_kept_or_given_back(client: Client) -> None:
    for _ in range(6):
        buyer = await client.signed_in()
        order = await an_unpaid_order(client, buyer)
        intent = await an_intent(buyer, order)
        order_id = await row_id(client, order)
        await client.value("update orders set expires_at = now() - interval '1 minute' where id = $1", order_id)

        await asyncio.gather(confirm(buyer, intent), _expire(client, order_id))

        status, payment = await standing(client, order)
        captured = await client.value(
            "select coalesce(sum(captured_minor - refunded_minor), 0)::bigint from payment_intents where order_id = $1",
            order_id,
        )
        assert (status, payment, captured) in {("cancelled", "unpaid", 0), ("pending", "paid", 1080)}


async def test_a_charge_that_succeeds_on_a_cancelled_order_goes_back_by_itself(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    order_id = await row_id(client, order)
    await client.value("update orders set status = 'cancelled' where id = $1", order_id)
    await _credit_rest(client, order_id)

    async with client.app.shop.database.transaction() as tx:  # what a late webhook does
        await tx.run(
            """
            insert into payment_intents (id, order_id, provider, provider_id, amount_minor, currency, status,
                                         client_secret_hash, created_at, updated_at)
            values ($1, $2, 'sandbox', $1, 1080, 'USD', 'processing', '', now(), now())
            """,
            f"pi_late{order_id}",
            order_id,
        )
        intent = await intents.get_intent(tx, f"pi_late{order_id}")
        await settle(tx, intent, Outcome(IntentStatus.SUCCEEDED, None, 1080, "USD"))

    assert await standing(client, order) == ("cancelled", "refunded")
    assert await books(client, order) == {"clearing": 1080, "refunds": -1080}


async def test_cash_is_received_once_and_given_back_by_hand(client: Client, admin: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(price=10)
    order = (await buyer.post("/orders", an_order((product["id"], 1), paymentMethod="cash_on_delivery"))).json()
    order_id = await row_id(client, order)

    received = await asyncio.gather(*(_receive(client, order_id) for _ in range(5)))

    assert sum(intent is not None for intent in received) == 1
    assert (await standing(client, order))[1] == "paid"
    refund = (await admin.post("/payments/refunds", {"orderId": order["id"], "amount": 500})).json()
    assert refund["byHand"]
    assert not await send_refund(client.app.shop, refund["id"])
    done = await asyncio.gather(*(admin.post(f"/payments/refunds/{refund['id']}/complete") for _ in range(5)))
    assert Counter(reply.status_code for reply in done) == {200: 1, 409: 4}
    assert (await books(client, order))["clearing"] == 580


async def test_sending_at_once_asks_the_provider_once(client: Client, admin: Client, order: dict[str, Any]) -> None:
    refund = (await admin.post("/payments/refunds", {"orderId": order["id"]})).json()

    sent = await asyncio.gather(*(send_refund(client.app.shop, refund["id"]) for _ in range(10)))

    assert sum(sent) == 1
    assert await books(client, order) == {}


async def test_outcomes_in_any_order_are_written_once(client: Client, admin: Client, order: dict[str, Any]) -> None:
    refund = (await admin.post("/payments/refunds", {"orderId": order["id"]})).json()
    succeeded = RefundOutcome(status=RefundStatus.SUCCEEDED, provider_id=f"re_x{refund['id']}")
    pending = RefundOutcome(status=RefundStatus.PENDING, provider_id=f"re_x{refund['id']}")

    written = await asyncio.gather(*(_settle(client, refund["id"], succeeded) for _ in range(10)))
    late = await _settle(client, refund["id"], pending)

    assert (sum(written), late) == (1, False)
    assert await books(client, order) == {}


async def test_what_a_bank_sends_back_is_owed_again_and_sent_again(
    client: Client, admin: Client, order: dict[str, Any]
) -> None:
    refund = (await admin.post("/payments/refunds", {"orderId": order["id"]})).json()
    await send_refund(client.app.shop, refund["id"])
    failed = RefundOutcome(status=RefundStatus.FAILED, failure_code="lost_or_stolen_card")

    assert await _settle(client, refund["id"], failed)
    assert not await _settle(client, refund["id"], failed)

    assert await books(client, order) == {"clearing": 3240, "refunds": -3240}
    assert await published(client, "refund.failed", order) == 1
    again = await asyncio.gather(*(admin.post(f"/payments/refunds/{refund['id']}/retry") for _ in range(5)))
    assert Counter(reply.status_code for reply in again) == {201: 1, 409: 4}
    new_id = next(reply.json()["id"] for reply in again if reply.status_code == 201)
    assert await _settle(client, new_id, RefundOutcome(status=RefundStatus.SUCCEEDED))
    assert not await _settle(client, refund["id"], RefundOutcome(status=RefundStatus.SUCCEEDED))
    assert await books(client, order) == {}
    assert await _statuses(admin, order) == ["succeeded", "failed"]
    assert await _refunded(client, order) == 3240


async def test_refunds_and_payments_are_listed(client: Client, admin: Client, order: dict[str, Any]) -> None:
    for amount in (100, 200, 300):
        await admin.post("/payments/refunds", {"orderId": order["id"], "amount": amount})

    page = (await admin.get(f"/payments/refunds?orderId={order['id']}&limit=2")).json()
    rest = (await admin.get(f"/payments/refunds?orderId={order['id']}&limit=2&cursor={page['nextCursor']}")).json()
    assert [one["amount"] for one in [*page["refunds"], *rest["refunds"]]] == [300, 200, 100]
    assert (page["total"], page["limit"], rest["limit"]) == (3, 2, 1)

    listed = (await admin.get(f"/payments?orderId={order['id']}&status=succeeded&provider=sandbox")).json()
    assert listed["total"] == 1
    payment = listed["payments"][0]
    assert (payment["amount"], payment["amountCaptured"], payment["amountRefunded"]) == (3240, 3240, 600)
    first = (await admin.get("/payments?limit=1")).json()
    assert (await admin.get(f"/payments?limit=1&cursor={first['nextCursor']}")).json()["payments"] != first["payments"]
    assert (await admin.get("/payments?cursor=WzFd")).status_code == 400
    assert (await admin.get("/payments?since=2000-01-01T00:00:00&until=2001-01-01T00:00:00Z")).json()["total"] == 0


async def test_those_that_are_due_are_sent(client: Client, admin: Client, order: dict[str, Any]) -> None:
    for amount in (100, 200, 300):
        await admin.post("/payments/refunds", {"orderId": order["id"], "amount": amount})

    assert await send_due_refunds(client.app.shop) >= 3

    assert await _statuses(admin, order) == ["succeeded"] * 3


def test_pauses_grow_to_six_hours() -> None:
    assert [pause_after(tries).total_seconds() for tries in (1, 2, 3, 100)] == [30, 60, 120, 21600]


async def _credit_rest(client: Client, order_id: int) -> None:
    async with client.app.shop.database.transaction() as tx:
        await tx.run("select from orders where id = $1 for update", order_id)
        await payments.credit_rest(tx, order_id, kind="cancellation", reason="", actor_id=None)


async def _expire(client: Client, order_id: int) -> None:
    async with client.app.shop.database.transaction() as tx:
        await expire(tx, order_id)


async def _receive(client: Client, order_id: int) -> str | None:
    async with client.app.shop.database.transaction() as tx:
        return await payments.receive_payment(tx, order_id, provider="cash", actor_id=None)


async def _settle(client: Client, refund_id: str, outcome: RefundOutcome) -> bool:
    async with client.app.shop.database.transaction() as tx:
        return await settle_refund(tx, refund_id, outcome)


async def _refunded(client: Client, order: dict[str, Any]) -> int:
    amount: int = await client.value(
        "select sum(amount_minor)::bigint from refunds where order_id = $1 and replaced_by is null",
        await row_id(client, order),
    )
    return amount


async def _statuses(admin: Client, order: dict[str, Any]) -> list[str]:
    page = (await admin.get(f"/payments/refunds?orderId={order['id']}")).json()
    return [refund["status"] for refund in page["refunds"]]
