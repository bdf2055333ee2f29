"""Reconciliation: what was lost on the way is asked for, and written once."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

from entrepot.kernel import clock
from entrepot.payments.reconcile import ask_of_intents, ask_of_refunds
from entrepot.payments.refund_send import send_refund
from tests.builders import Client
from tests.payments.paying import (
    a_process_that_dies,
    an_intent,
    an_unpaid_order,
    asked_to_charge,
    charges,
    confirm,
    published,
    standing,
)


async def ask(client: Client, after: timedelta, at_once: int = 1) -> None:
    with clock.moved(after):
        await asyncio.gather(*(ask_of_intents(client.app.shop) for _ in range(at_once)))


async def test_a_process_that_dies_after_the_charge(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await a_process_that_dies(client, intent, after_the_charge=True)
    assert (await buyer.get(f"/payments/intents/{intent}/status")).json() == {"status": "processing"}

    await ask(client, timedelta())
    assert await standing(client, order) == ("pending", "unpaid"), "too early: the charge may still be under way"

    await ask(client, timedelta(minutes=2), at_once=5)
    assert await standing(client, order) == ("pending", "paid")
    assert await published(client, "order.paid", order) == 1
    assert await asked_to_charge(client, intent) == await charges(client, order) == 1


async def test_a_process_that_dies_before_the_charge(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await a_process_that_dies(client, intent, after_the_charge=False)

    await ask(client, timedelta(minutes=2))

    assert (await buyer.get(f"/payments/intents/{intent}/status")).json() == {"status": "requires_payment_method"}
    assert await charges(client, order) == 0
    assert (await confirm(buyer, intent)).json()["status"] == "succeeded"
    assert await charges(client, order) == 1


async def test_a_card_that_was_declined_while_the_process_died(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await a_process_that_dies(client, intent, "pm_card_chargeDeclined", after_the_charge=True)

    await ask(client, timedelta(minutes=2), at_once=3)

    assert await standing(client, order) == ("pending", "failed")
    assert await published(client, "payment.failed", order) == 1


async def test_a_bank_debit_whose_webhook_never_comes(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    assert (await confirm(buyer, intent, "pm_usBankAccount_success")).json()["status"] == "processing"

    await ask(client, timedelta(minutes=2))
    assert await standing(client, order) == ("pending", "unpaid"), "it is not asked for that often"

    await ask(client, timedelta(minutes=6))
    assert await standing(client, order) == ("pending", "paid")


async def test_who_is_processing_for_long_is_asked_less_and_less(client: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, await an_unpaid_order(client, buyer))
    await confirm(buyer, intent, "pm_usBankAccount_processing")
    asked_at = []
    for minutes in range(0, 180, 2):
        before = await client.value("select ask_at from payment_intents where id = $1", intent)
        await ask(client, timedelta(minutes=minutes))
        if await client.value("select ask_at from payment_intents where id = $1", intent) != before:
            asked_at.append(minutes)

    pauses = [later - earlier for earlier, later in itertools.pairwise(asked_at)]
    assert 3 <= len(asked_at) <= 7
    assert pauses == sorted(pauses)


async def test_a_further_step_that_is_never_taken_leaves_the_intent_as_it_is(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await confirm(buyer, intent, "pm_card_authenticationRequired")

    await ask(client, timedelta(minutes=20))

    assert (await buyer.get(f"/payments/intents/{intent}/status")).json() == {"status": "requires_action"}
    assert await standing(client, order) == ("pending", "unpaid")


async def test_a_refund_whose_webhook_never_comes(client: Client) -> None:
    buyer, admin = await client.signed_in(), await client.signed_in("admin")
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await confirm(buyer, intent, "pm_card_pendingRefund")
    refund = await a_sent_refund(client, admin, intent)
    assert await client.value("select status from refunds where id = $1", refund) == "pending"

    with clock.moved(timedelta(minutes=6)):
        await asyncio.gather(*(ask_of_refunds(client.app.shop) for _ in range(3)))

    assert await client.value("select status from refunds where id = $1", refund) == "succeeded"
    assert await published(client, "refund.succeeded", order) == 1


async def a_sent_refund(client: Client, admin: Client, intent: str) -> str:
    """Of all that was paid, sent to the provider."""
    reply = await admin.post("/payments/refunds", {"paymentIntentId": intent, "reason": "a test"})
    assert reply.status_code == 201, reply.text
    refund_id: str = await client.value("select id from refunds where payment_intent_id = $1", intent)
    await send_refund(client.app.shop, refund_id)
    return refund_id
