"""Confirming: an order is charged once, however often and however many at a time try."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from entrepot.kernel import clock
from entrepot.orders import expire_unpaid
from tests.builders import Client, an_order, unique
from tests.payments.paying import (
    an_intent,
    an_unpaid_order,
    asked_to_charge,
    cents,
    charges,
    confirm,
    published,
    slow_bank,
    standing,
    under_way,
)


async def test_paying_an_order(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)

    reply = await confirm(buyer, intent)

    assert (reply.status_code, reply.json()["status"]) == (200, "succeeded")
    assert "clientSecret" not in reply.json()
    assert await standing(client, order) == ("pending", "paid")
    assert await published(client, "order.paid", order) == 1
    paid = (await buyer.get(f"/orders/{order['id']}")).json()
    assert (paid["paymentIntentId"], paid["paymentStatus"], "expiresAt" in paid) == (intent, "paid", False)


@pytest.mark.parametrize("with_key", [False, True], ids=["without a key", "with one Idempotency-Key"])
async def test_fifty_confirmations_at_once_charge_once(client: Client, with_key: bool) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    headers = {"Idempotency-Key": unique("confirm")} if with_key else {}

    replies = await asyncio.gather(*(confirm(buyer, intent, headers=headers) for _ in range(50)))

    assert await asked_to_charge(client, intent) == await charges(client, order) == 1
    assert {reply.status_code for reply in replies} <= {200, 409}
    assert Counter(reply.status_code for reply in replies)[200] >= 1
    assert await published(client, "order.paid", order) == 1
    assert await published(client, "payment.succeeded", order) == 1
    again = await confirm(buyer, intent, headers=headers)
    assert (again.status_code, again.json()["status"]) == (200, "succeeded")
    assert await asked_to_charge(client, intent) == 1


async def test_intents_of_one_order_at_once_charge_once(client: Client) -> None:
    buyer = await client.signed_in()
    for _ in range(5):
        order = await an_unpaid_order(client, buyer)
        intents = [await an_intent(buyer, order) for _ in range(4)]

        replies = await asyncio.gather(*(confirm(buyer, intent) for intent in intents))

        assert await charges(client, order) == 1
        refused = {reply.json()["code"] for reply in replies if reply.status_code != 200}
        assert [reply.status_code for reply in replies].count(200) == 1
        assert refused <= {"ORDER_ALREADY_CHARGED", "ORDER_NOT_PAYABLE"}
        assert await standing(client, order) == ("pending", "paid")
        assert await published(client, "order.paid", order) == 1


async def test_while_one_intent_is_charged_another_of_its_order_is_refused(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    first, second = await an_intent(buyer, order), await an_intent(buyer, order)
    async with slow_bank(client, first):
        paying = asyncio.create_task(confirm(buyer, first))
        await under_way(client, first)

        refused = await confirm(buyer, second)
        again = await confirm(buyer, first)

    assert (refused.status_code, refused.json()["code"]) == (409, "ORDER_ALREADY_CHARGED")
    assert (again.status_code, again.json()["code"]) == (409, "PAYMENT_INTENT_STATE")
    assert (await paying).status_code == 200
    assert await charges(client, order) == 1


async def test_a_second_intent_of_a_paid_order_is_refused(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    first, second = await an_intent(buyer, order), await an_intent(buyer, order)
    await confirm(buyer, first)

    reply = await confirm(buyer, second)

    assert (reply.status_code, reply.json()["code"]) == (422, "ORDER_NOT_PAYABLE")
    assert await charges(client, order) == 1


async def test_a_declined_card_and_then_another_one(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)

    declined = await confirm(buyer, intent, "pm_card_chargeDeclined")

    assert (declined.status_code, declined.json()["code"]) == (422, "PAYMENT_FAILED")
    assert declined.json()["details"] == {"paymentMethodId": ["card_declined"]}
    assert (await buyer.get(f"/payments/intents/{intent}/status")).json() == {"status": "failed"}
    assert await standing(client, order) == ("pending", "failed")

    assert (await confirm(buyer, intent)).json()["status"] == "succeeded"
    assert await standing(client, order) == ("pending", "paid")
    assert (await asked_to_charge(client, intent), await charges(client, order)) == (2, 1)


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error"),
        ("pm_no_such_thing", "unknown_payment_method"),
    ],
)
async def test_every_way_to_be_declined_says_why(client: Client, method: str, code: str) -> None:
    buyer = await client.signed_in()
    reply = await confirm(buyer, await an_intent(buyer, amount=100), method)

    assert (reply.status_code, reply.json()["details"]) == (422, {"paymentMethodId": [code]})


@pytest.mark.parametrize("method", ["", "card", "4242424242424242", "pm_", "pm_ä", "pm_" + "x" * 101, None, 5])
async def test_a_payment_method_of_the_wrong_form_is_refused(client: Client, method: str) -> None:
    buyer = await client.signed_in()
    reply = await confirm(buyer, await an_intent(buyer, amount=100), method)

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["paymentMethodId"])


async def test_a_card_that_wants_authentication_is_charged_at_the_second_confirmation(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)

    first = await confirm(buyer, intent, "pm_card_authenticationRequired")
    assert (first.status_code, first.json()["status"]) == (200, "requires_action")
    assert (await standing(client, order), await charges(client, order)) == (("pending", "unpaid"), 0)

    second = await confirm(buyer, intent, "pm_card_authenticationRequired")
    assert second.json()["status"] == "succeeded"
    assert (await standing(client, order), await charges(client, order)) == (("pending", "paid"), 1)


async def test_an_order_that_expired_cannot_be_paid(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    with clock.moved(timedelta(minutes=31)):
        await expire_unpaid(client.app.shop.database)

    reply = await confirm(buyer, intent)

    assert (reply.status_code, reply.json()["code"]) == (422, "ORDER_NOT_PAYABLE")
    assert await asked_to_charge(client, intent) == 0
    assert await standing(client, order) == ("cancelled", "unpaid")


async def test_an_intent_made_before_its_order(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product()
    intent = await an_intent(buyer, amount=1080)
    assert (await confirm(buyer, intent)).json()["status"] == "succeeded"

    reply = await buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent))

    assert (reply.status_code, reply.json()["paymentStatus"], reply.json()["paymentIntentId"]) == (201, "paid", intent)
    assert "expiresAt" not in reply.json()
    again = await buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent))
    assert (again.status_code, again.json()["code"]) == (422, "PAYMENT_MISMATCH")


async def test_an_intent_bound_to_its_order_before_it_is_charged(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product()
    intent = await an_intent(buyer, amount=1080)

    order = (await buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent))).json()
    assert (order["paymentStatus"], order["paymentIntentId"]) == ("unpaid", intent)

    await confirm(buyer, intent)
    assert await standing(client, order) == ("pending", "paid")


async def test_an_intent_is_not_for_somebody_elses_order_nor_another_amount(client: Client) -> None:
    buyer, other = await client.signed_in(), await client.signed_in()
    product = await client.a_product()
    for payer, amount in ((other, 1080), (buyer, 1079)):
        intent = await an_intent(payer, amount=amount)
        reply = await buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent))

        assert (reply.status_code, reply.json()["code"]) == (422, "PAYMENT_MISMATCH")
    assert await client.value("select count(*) from orders where user_id = $1", buyer.user["id"]) == 0


async def test_one_charged_intent_pays_one_of_many_orders_placed_at_once(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product()
    intent = await an_intent(buyer, amount=1080)
    await confirm(buyer, intent)

    replies = await asyncio.gather(
        *(buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent)) for _ in range(8))
    )

    assert Counter(reply.status_code for reply in replies) == {201: 1, 422: 7}


async def test_binding_and_charging_at_once_always_pays_the_order(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product()
    for _ in range(12):
        intent = await an_intent(buyer, amount=1080)
        placed, charged = await asyncio.gather(
            buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent)), confirm(buyer, intent)
        )

        assert (placed.status_code, charged.status_code) == (201, 200)
        assert await standing(client, placed.json()) == ("pending", "paid")


async def test_a_charge_under_way_keeps_its_order_from_expiring(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    async with slow_bank(client, intent):
        paying = asyncio.create_task(confirm(buyer, intent))
        await under_way(client, intent)

        with clock.moved(timedelta(hours=1)):
            await expire_unpaid(client.app.shop.database)

    assert (await paying).status_code == 200
    assert await standing(client, order) == ("pending", "paid")


async def test_the_amount_charged_is_the_orders(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer, price=1199.99, discountPercentage=5.5)
    intent = await an_intent(buyer, order)

    assert (await confirm(buyer, intent)).json()["amount"] == cents(order) == 122471


async def test_an_intent_for_more_than_is_left_of_the_order_is_refused(client: Client) -> None:
    """It was made before a part of the order was cancelled."""
    buyer, admin = await client.signed_in(), await client.signed_in("admin")
    products = [await client.a_product() for _ in range(2)]
    order = (await buyer.post("/orders", an_order(*((product["id"], 1) for product in products)))).json()
    intent = await an_intent(buyer, order)
    body = {"lines": [{"productId": products[0]["id"]}]}
    cancelled = await admin.put(f"/orders/{order['id']}/cancel", body)
    assert cancelled.status_code == 200, cancelled.text

    refused = await confirm(buyer, intent)
    rest = await an_intent(buyer, order, amount=cents(order) // 2)

    assert (refused.status_code, refused.json()["code"]) == (422, "ORDER_NOT_PAYABLE")
    assert (await confirm(buyer, rest)).json()["status"] == "succeeded"
    assert await charges(client, order) == 1
