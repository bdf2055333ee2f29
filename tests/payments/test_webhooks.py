"""What providers tell: checked, kept, acknowledged, and applied once, whatever the order."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
from copy import copy
from datetime import timedelta
from typing import Any

import pytest

from entrepot.kernel import clock
from entrepot.payments import webhooks, webhooks_apply
from entrepot.payments.provider_model import BadSignature, NoSuchProvider
from entrepot.settings import Environment, PaymentProvider
from tests.builders import Client, unique
from tests.payments.paying import (
    a_process_that_dies,
    an_intent,
    an_unpaid_order,
    charges,
    confirm,
    published,
    slow_bank,
    standing,
    under_way,
)
from tests.payments.telling import WEBHOOKS, an_event, an_intent_object, receipt, signed, tell


async def status_of(client: Client, intent: str) -> str:
    status: str = await client.value("select status from payment_intents where id = $1", intent)
    return status


async def test_a_success_that_is_told_pays_the_order(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await a_process_that_dies(client, intent, after_the_charge=True)
    told = an_event("payment_intent.succeeded", an_intent_object(intent))

    reply = await tell(client, told)

    assert (reply.status_code, reply.json()) == (200, {"received": True})
    assert await standing(client, order) == ("pending", "paid")
    assert await receipt(client, told) == ("applied", None)
    assert await client.value("select body from webhook_receipts where body = $1", told) == told, "kept as it was sent"


async def test_what_is_told_a_hundred_times_at_once_is_applied_once(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await a_process_that_dies(client, intent, after_the_charge=True)
    told = [an_event("payment_intent.succeeded", an_intent_object(intent), f"{unique('evt')}") for _ in range(5)] * 20

    replies = await asyncio.gather(*(tell(client, body) for body in told))

    assert {reply.status_code for reply in replies} == {200}
    assert await published(client, "order.paid", order) == 1
    assert await published(client, "payment.succeeded", order) == 1
    assert sorted([await receipt(client, body) for body in told[:5]], key=str)[0] == ("applied", None)


async def test_confirmations_and_webhooks_at_once_charge_once(client: Client) -> None:
    buyer = await client.signed_in()
    for _ in range(8):
        order = await an_unpaid_order(client, buyer)
        intent, other = await an_intent(buyer, order), await an_intent(buyer, order)
        told = an_event("payment_intent.succeeded", an_intent_object(intent))

        async with slow_bank(client, intent):
            first = asyncio.create_task(confirm(buyer, intent))
            await under_way(client, intent)
        replies = await asyncio.gather(
            first, *(tell(client, told) for _ in range(3)), confirm(buyer, intent), confirm(buyer, other)
        )

        assert {reply.status_code for reply in replies} <= {200, 409, 422}
        assert replies[0].status_code == 200
        assert await charges(client, order) == 1
        assert await published(client, "order.paid", order) == 1
        assert await published(client, "payment.succeeded", order) == 1
        assert await standing(client, order) == ("pending", "paid")


@pytest.mark.parametrize("turn", list(itertools.permutations(range(3))))
async def test_the_order_in_which_it_is_told_does_not_matter(client: Client, turn: tuple[int, ...]) -> None:
    """A card is declined, and the next one is charged; the process that charged it dies before it has written that."""
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await confirm(buyer, intent, "pm_card_chargeDeclined")
    await a_process_that_dies(client, intent, after_the_charge=True)
    declined = an_intent_object(intent, "requires_payment_method", last_payment_error={"code": "card_declined"})
    told = [
        an_event("payment_intent.payment_failed", declined),
        an_event("payment_intent.processing", an_intent_object(intent, "processing")),
        an_event("payment_intent.succeeded", an_intent_object(intent)),
    ]

    with clock.moved(timedelta(minutes=2)):
        for index in turn:
            assert (await tell(client, told[index])).status_code == 200

    assert await standing(client, order) == ("pending", "paid")
    assert await published(client, "order.paid", order) == 1
    assert await published(client, "payment.failed", order) == 1


async def test_an_old_failure_does_not_undo_a_charge_that_is_under_way(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await confirm(buyer, intent, "pm_card_chargeDeclined")
    declined = an_intent_object(intent, "requires_payment_method", last_payment_error={"code": "card_declined"})
    told = an_event("payment_intent.payment_failed", declined)
    await a_process_that_dies(client, intent, after_the_charge=False)

    await tell(client, told)

    assert await status_of(client, intent) == "processing"
    assert (await receipt(client, told))[0] == "ignored"


async def test_a_bank_that_takes_its_time(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    assert (await confirm(buyer, intent, "pm_usBankAccount_insufficientFunds")).json()["status"] == "processing"
    refused = await confirm(buyer, intent)
    assert (refused.status_code, refused.json()["code"]) == (409, "PAYMENT_INTENT_STATE")
    failed = an_intent_object(intent, "requires_payment_method", last_payment_error={"code": "insufficient_funds"})
    told = [an_event("payment_intent.payment_failed", failed) for _ in range(2)]

    await tell(client, told[0])
    assert await status_of(client, intent) == "processing", "the sandbox, when asked, does not know of it yet"
    with clock.moved(timedelta(minutes=2)):
        await tell(client, told[1])

    assert await standing(client, order) == ("pending", "failed")
    assert (await buyer.get(f"/payments/intents/{intent}/status")).json() == {"status": "failed"}
    assert (await confirm(buyer, intent)).json()["status"] == "succeeded"


async def test_what_was_kept_and_not_applied_is_applied_later(client: Client) -> None:
    """As when the process dies between the two."""
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await a_process_that_dies(client, intent, after_the_charge=True)
    told = an_event("payment_intent.succeeded", an_intent_object(intent))
    shop = client.app.shop
    headers = {name.lower(): value for name, value in (await signed(client, told)).items()}
    assert await webhooks.receive(shop, "sandbox", headers, told) is not None
    assert await receipt(client, told) == (None, None)

    with clock.moved(timedelta(minutes=2)):
        await asyncio.gather(*(webhooks_apply.apply_waiting(shop) for _ in range(5)))

    assert await receipt(client, told) == ("applied", None)
    assert await standing(client, order) == ("pending", "paid")
    assert await published(client, "order.paid", order) == 1


@pytest.mark.parametrize("change", [{"amount": 1081}, {"amount": 1}, {"currency": "eur"}])
async def test_another_amount_or_currency_is_kept_and_not_applied(client: Client, change: dict[str, Any]) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    told = an_event("payment_intent.succeeded", {**an_intent_object(intent), **change})

    assert (await tell(client, told)).status_code == 200

    outcome, remark = await receipt(client, told)
    assert outcome == "refused"
    assert intent in (remark or "")
    assert await standing(client, order) == ("pending", "unpaid")


@pytest.mark.parametrize(
    ("kind", "thing"),
    [
        ("customer.created", {"id": "cus_1", "object": "customer"}),
        ("payment_intent.created", an_intent_object("pi_x", "requires_payment_method")),
        ("payment_intent.succeeded", an_intent_object("pi_of_somebody_else")),
        ("charge.refunded", {"object": "charge", "payment_intent": "pi_of_somebody_else"}),
        ("charge.refunded", {"object": "charge", "payment_intent": None}),
    ],
)
async def test_what_is_of_no_interest_is_kept_and_left_alone(client: Client, kind: str, thing: dict[str, Any]) -> None:
    told = an_event(kind, thing)

    assert [(await tell(client, told)).status_code for _ in range(2)] == [200, 200]
    assert (await receipt(client, told))[0] == "ignored"


async def test_a_wrong_signature_is_refused_and_nothing_is_kept(client: Client) -> None:
    body = an_event("payment_intent.succeeded", an_intent_object("pi_x"))
    right = (await signed(client, body))["sandbox-signature"]
    moment, _, signature = right.partition(",v1=")
    seconds = int(moment.removeprefix("t="))
    stolen = hmac.digest(b"guessed", b"%d.%s" % (seconds, body), hashlib.sha256).hex()
    headers = [
        None, "", "x", "v1=", f"v1={signature}", moment, f"{moment},v1=", f"{moment},v1={'0' * 64}", f"{moment},v1={stolen}",
        f"t={seconds + 1},v1={signature}", f"t=,v1={signature}", f"t=١,v1={signature}", f"{moment},v0={signature}",
        (await signed(client, body + b" "))["sandbox-signature"],
        (await signed(client, body, clock.now() - timedelta(seconds=301)))["sandbox-signature"],
        (await signed(client, body, clock.now() + timedelta(seconds=320)))["sandbox-signature"],
    ]  # fmt: skip
    for header in headers:
        sent = {"Content-Type": "application/json"}
        if header is not None:
            sent["Sandbox-Signature"] = header.encode()  # type: ignore[assignment]
        reply = await client.request("POST", WEBHOOKS, content=body, headers=sent)
        assert (reply.status_code, reply.json()["code"]) == (400, "BAD_SIGNATURE"), header
    assert await client.value("select count(*) from webhook_receipts where body = $1", body) == 0

    for good in (f"{moment},v1=0,v1={signature}", f"v1={signature}, {moment}", f"{moment},v0=x,v1={signature}"):
        sent = {"Content-Type": "application/json", "Sandbox-Signature": good}
        assert (await client.request("POST", WEBHOOKS, content=body, headers=sent)).status_code == 200


@pytest.mark.parametrize("provider", ["stripe", "paypal", "Sandbox", "cash"])
async def test_a_provider_that_is_not_here(client: Client, provider: str) -> None:
    body = an_event("payment_intent.succeeded", an_intent_object("pi_x"))
    reply = await client.request(
        "POST", f"/payments/webhooks/{provider}", content=body, headers=await signed(client, body)
    )

    assert reply.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"id": "evt_1", "type": "payment_intent.succeeded"}',
        b'{"id": "", "type": "x", "data": {"object": {}}}',
        b'{"id": "evt\\n", "type": "x", "data": {"object": {}}}',
        b'{"id": 5, "type": "x", "data": {"object": {}}}',
        an_event("payment_intent.succeeded", {"id": "pi_x"}),
        an_event("payment_intent.succeeded", an_intent_object("pi_x", "on_the_moon")),
        an_event("charge.refunded", {"refunds": {"data": [{"id": 1}]}}),
    ],
)
async def test_what_is_signed_but_no_event_is_refused(client: Client, body: bytes) -> None:
    reply = await tell(client, body)

    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("environment", "provider", "heard"),
    [("production", "stripe", False), ("production", "sandbox", True), ("development", "stripe", True)],
)
async def test_the_sandbox_is_not_heard_where_people_pay_in_earnest(
    client: Client, environment: str, provider: str, heard: bool
) -> None:
    live = {"environment": Environment(environment), "payment_provider": PaymentProvider(provider)}
    shop = copy(client.app.shop)
    object.__setattr__(shop, "settings", shop.settings.model_copy(update=live))
    body = an_event("payment_intent.succeeded", an_intent_object("pi_x"))

    # What is unsigned is refused where the sandbox is heard, and there is no such provider where it is not.
    with pytest.raises(BadSignature if heard else NoSuchProvider):
        await webhooks.receive(shop, "sandbox", {}, body)
