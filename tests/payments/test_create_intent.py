"""Making an intent: for how much, and for which order."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.payments.create_intent import INTENTS_OF_AN_ORDER
from tests.builders import Client
from tests.payments.paying import an_intent, an_unpaid_order, cents, confirm


async def test_an_intent_is_shown_as_the_contract_has_it(client: Client) -> None:
    buyer = await client.signed_in()
    reply = await buyer.post("/payments/intents", {"amount": 2_449_42, "currency": "usd"})

    assert reply.status_code == 201
    intent = reply.json()
    assert intent.keys() == {"id", "amount", "currency", "status", "createdAt", "clientSecret"}
    assert (intent["amount"], intent["currency"], intent["status"]) == (244942, "usd", "requires_payment_method")
    assert intent["clientSecret"].startswith(f"{intent['id']}_secret_")
    assert (await buyer.get(f"/payments/intents/{intent['id']}/status")).json() == {"status": "requires_payment_method"}


async def test_the_client_secret_is_not_stored(client: Client) -> None:
    buyer = await client.signed_in()
    intent = (await buyer.post("/payments/intents", {"amount": 100})).json()

    row = await client.app.shop.database.pool.fetchrow("select * from payment_intents where id = $1", intent["id"])

    assert intent["clientSecret"].rpartition("_")[2] not in str(dict(row))


@pytest.mark.parametrize("by", [{"orderId": True}, {"metadata": True}], ids=["orderId", "metadata.orderId"])
@pytest.mark.parametrize("change", [-1, 1, 1000])
async def test_the_amount_must_be_the_orders(client: Client, by: dict[str, Any], change: int) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    body: dict[str, Any] = {"amount": cents(order) + change}
    body |= {"orderId": order["id"]} if "orderId" in by else {"metadata": {"orderId": order["id"]}}

    reply = await buyer.post("/payments/intents", body)

    assert (reply.status_code, reply.json()["code"]) == (422, "PAYMENT_MISMATCH")
    assert "1080 usd" in reply.json()["details"]["amount"][0]


async def test_the_currency_must_be_the_orders(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)

    reply = await buyer.post(
        "/payments/intents", {"amount": cents(order), "currency": "EUR", "metadata": {"orderId": order["id"]}}
    )

    assert (reply.status_code, reply.json()["code"]) == (422, "PAYMENT_MISMATCH")


@pytest.mark.parametrize("role", ["user", "admin", "seller"])
async def test_somebody_elses_order_cannot_be_told_from_none(client: Client, role: str) -> None:
    order = await an_unpaid_order(client, await client.signed_in())
    other = await client.signed_in(role)

    replies = [
        await other.post("/payments/intents", {"amount": cents(order), "metadata": {"orderId": number}})
        for number in (order["id"], "ORD-1999010101")
    ]

    assert [reply.status_code for reply in replies] == [400, 400]
    assert replies[0].json()["details"] == replies[1].json()["details"]


async def test_a_paid_order_gets_no_further_intent(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    assert (await confirm(buyer, await an_intent(buyer, order))).status_code == 200

    reply = await buyer.post("/payments/intents", {"amount": cents(order), "metadata": {"orderId": order["id"]}})

    assert (reply.status_code, reply.json()["code"]) == (422, "ORDER_NOT_PAYABLE")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -5}, "amount"),
        ({"amount": 10.5}, "amount"),
        ({"amount": 10**16}, "amount"),
        ({}, "amount"),
        ({"amount": 100, "currency": "dollars"}, "currency"),
        ({"amount": 100, "metadata": {"orderId": 5}}, "metadata"),
        ({"amount": 100, "metadata": {"a": "x" * 10_001}}, "metadata"),
        ({"amount": 100, "metadata": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}}, "metadata"),
        ({"amount": 100, "cardNumber": "4242424242424242"}, "cardNumber"),
    ],
)
async def test_a_wrong_body_is_refused_by_field(client: Client, body: dict[str, Any], field: str) -> None:
    reply = await (await client.signed_in()).post("/payments/intents", body)

    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")
    assert field in reply.json()["details"]


async def test_a_guest_makes_none(client: Client) -> None:
    assert (await client.post("/payments/intents", {"amount": 100})).status_code == 401


async def test_an_intent_is_its_owners_alone(client: Client) -> None:
    intent = await an_intent(await client.signed_in(), amount=100)
    other, admin = await client.signed_in(), await client.signed_in("admin")

    unknown = await other.get("/payments/intents/pi_nothing/status")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "PAYMENT_INTENT_NOT_FOUND")
    assert (await other.get(f"/payments/intents/{intent}/status")).status_code == 404
    assert (await confirm(other, intent)).status_code == 404
    assert (await confirm(other, "pi_nothing")).status_code == 404
    assert (await admin.get(f"/payments/intents/{intent}/status")).status_code == 200


async def test_an_order_has_so_many_intents_and_no_more(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intents = [await an_intent(buyer, order) for _ in range(INTENTS_OF_AN_ORDER)]

    refused = await buyer.post("/payments/intents", {"amount": 1080, "metadata": {"orderId": order["id"]}})

    assert (refused.status_code, refused.json()["code"]) == (409, "TOO_MANY_PAYMENT_INTENTS")
    assert (await confirm(buyer, intents[-1])).status_code == 200
