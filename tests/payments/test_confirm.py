"""Confirming: an order is charged once, however often and however many at a time try."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from entrepot.kernel import clock
from entrepot.orders import expire_unpaid
from entrepot.payments import sandbox
from entrepot.payments.confirm import ask_again
from entrepot.payments.confirm import confirm as confirming
from entrepot.payments.model import IntentStatus, Outcome
from tests.builders import Client, an_order, unique
from tests.payments.paying import an_intent, an_unpaid_order, cents, confirm, published, standing


class Till:
    """Stands before the sandbox and counts what is charged."""

    def __init__(self) -> None:
        self.charges = 0
        self.pause_s = 0.0

    async def charge(self, payment_method: str, *, authenticated: bool) -> Outcome:
        outcome = await _charge(payment_method, authenticated=authenticated)
        self.charges += outcome.status is IntentStatus.SUCCEEDED
        await asyncio.sleep(self.pause_s)
        return outcome


_charge = sandbox.charge


@pytest.fixture
def till(monkeypatch: pytest.MonkeyPatch) -> Till:
    till = Till()
    monkeypatch.setattr(sandbox, "charge", till.charge)
    return till


async def test_paying_an_order(client: Client, till: Till) -> None:
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
async def test_fifty_confirmations_at_once_charge_once(client: Client, till: Till, with_key: bool) -> None:
    till.pause_s = 0.05
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    headers = {"Idempotency-Key": unique("confirm")} if with_key else {}

    replies = await asyncio.gather(*(confirm(buyer, intent, headers=headers) for _ in range(50)))

    assert till.charges == 1
    assert {reply.status_code for reply in replies} <= {200, 409}
    assert Counter(reply.status_code for reply in replies)[200] >= 1
    assert await published(client, "order.paid", order) == 1
    assert await published(client, "payment.succeeded", order) == 1
    again = await confirm(buyer, intent, headers=headers)
    assert (again.status_code, again.json()["status"], till.charges) == (200, "succeeded", 1)


async def test_two_intents_of_one_order_at_once_charge_once(client: Client, till: Till) -> None:
    till.pause_s = 0.02
    buyer = await client.signed_in()
    for _ in range(5):
        till.charges = 0
        order = await an_unpaid_order(client, buyer)
        intents = [await an_intent(buyer, order) for _ in range(4)]

        replies = await asyncio.gather(*(confirm(buyer, intent) for intent in intents))

        assert till.charges == 1
        assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409]
        assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"ORDER_ALREADY_CHARGED"}
        assert await standing(client, order) == ("pending", "paid")


async def test_a_second_intent_of_a_paid_order_is_refused(client: Client, till: Till) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    first, second = await an_intent(buyer, order), await an_intent(buyer, order)
    await confirm(buyer, first)

    reply = await confirm(buyer, second)

    assert (reply.status_code, reply.json()["code"], till.charges) == (422, "ORDER_NOT_PAYABLE", 1)


async def test_a_declined_card_and_then_another_one(client: Client, till: Till) -> None:
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
    assert till.charges == 1


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


async def test_a_card_that_wants_authentication_is_charged_at_the_second_confirmation(
    client: Client, till: Till
) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)

    first = await confirm(buyer, intent, sandbox.AUTHENTICATION_REQUIRED)
    assert (first.status_code, first.json()["status"], till.charges) == (200, "requires_action", 0)
    assert await standing(client, order) == ("pending", "unpaid")

    second = await confirm(buyer, intent, sandbox.AUTHENTICATION_REQUIRED)
    assert (second.json()["status"], till.charges) == ("succeeded", 1)
    assert await standing(client, order) == ("pending", "paid")


async def test_an_order_that_expired_cannot_be_paid(client: Client, till: Till) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    with clock.moved(timedelta(minutes=31)):
        await expire_unpaid(client.app.shop.database)

    reply = await confirm(buyer, intent)

    assert (reply.status_code, reply.json()["code"], till.charges) == (422, "ORDER_NOT_PAYABLE", 0)
    assert await standing(client, order) == ("cancelled", "unpaid")


async def test_an_intent_made_before_its_order(client: Client, till: Till) -> None:
    buyer = await client.signed_in()
    product = await client.a_product()
    intent = await an_intent(buyer, amount=1080)
    assert (await confirm(buyer, intent)).json()["status"] == "succeeded"

    reply = await buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent))

    assert (reply.status_code, reply.json()["paymentStatus"], reply.json()["paymentIntentId"]) == (201, "paid", intent)
    assert "expiresAt" not in reply.json()
    again = await buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent))
    assert (again.status_code, again.json()["code"]) == (422, "PAYMENT_MISMATCH")


async def test_an_intent_bound_to_its_order_before_it_is_charged(client: Client, till: Till) -> None:
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


async def test_binding_and_charging_at_once_always_pays_the_order(client: Client, till: Till) -> None:
    buyer = await client.signed_in()
    product = await client.a_product()
    for turn in range(12):
        till.pause_s = turn / 1000
        intent = await an_intent(buyer, amount=1080)
        placed, charged = await asyncio.gather(
            buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent)), confirm(buyer, intent)
        )

        assert (placed.status_code, charged.status_code) == (201, 200)
        assert await standing(client, placed.json()) == ("pending", "paid")


async def test_a_charge_that_was_never_answered_is_settled_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object, **__: object) -> Outcome:
        raise RuntimeError("the process died here")

    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    with monkeypatch.context() as patch:
        patch.setattr(confirming.__globals__["sandbox"], "charge", dies)
        assert (await confirm(buyer, intent)).status_code == 500
    assert (await buyer.get(f"/payments/intents/{intent}/status")).json() == {"status": "processing"}

    await ask_again(client.app.shop.database)
    assert await standing(client, order) == ("pending", "unpaid"), "too early: the charge may still be under way"

    with clock.moved(timedelta(minutes=2)):
        await asyncio.gather(*(ask_again(client.app.shop.database) for _ in range(5)))

    assert await standing(client, order) == ("pending", "paid")
    assert await published(client, "order.paid", order) == 1


async def test_a_charge_under_way_keeps_its_order_from_expiring(client: Client, till: Till) -> None:
    till.pause_s = 0.3
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    paying = asyncio.create_task(confirm(buyer, await an_intent(buyer, order)))
    await asyncio.sleep(0.15)

    with clock.moved(timedelta(hours=1)):
        await expire_unpaid(client.app.shop.database)

    assert (await paying).status_code == 200
    assert await standing(client, order) == ("pending", "paid")


async def test_the_amount_charged_is_the_orders(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer, price=1199.99, discountPercentage=5.5)
    intent = await an_intent(buyer, order)

    assert (await confirm(buyer, intent)).json()["amount"] == cents(order) == 122471
