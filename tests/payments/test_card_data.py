"""Card data are refused, and leave no trace."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.card_data import card_data_in, is_card_number
from tests.builders import ADDRESS, Client, an_order, unique

VISA = "4242424242424242"
NUMBERS = [
    VISA, "4242 4242 4242 4242", "4242-4242-4242-4242", "4000056655665556", "4222222222222", "5555555555554444",
    "5200828282828210", "2223003122003222", "378282246310005", "3782 822463 10005", "6011111111111117",
    "30569309025904", "3566002020360505", "6200000000000005", "6304000000000000", "36227206271667",
    f"pay with {VISA}, please", f"pm_{VISA}", f"<{VISA}>",
]  # fmt: skip
HARMLESS = [
    "", "4242424242424241", "ORD-2025122401", "1766570400000", "2025-12-24T10:00:00Z", "+12025550100", "0" * 16, "1" * 16,
    "42424242424242424242", f"a{VISA}", f"{VISA}b", "pi_4242424242", "9999999999999995", "123456789012", "978-3-16-148410-0",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_what_is_a_card_number(text: str) -> None:
    assert is_card_number(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_none(text: str) -> None:
    assert not is_card_number(text)


@given(digits=st.text("0123456789", min_size=15, max_size=15))
def test_one_check_digit_of_ten_makes_a_visa_number(digits: str) -> None:
    assert sum(is_card_number(f"4{digits[1:]}{last}") for last in "0123456789") == 1


def with_metadata(value: Any) -> dict[str, Any]:
    return {"amount": 100, "metadata": value}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": 100, "card[number]": "x"}, "card[number]"),
        ({"amount": 100, "card": {"number": VISA}}, "card.number"),
        ({"amount": 100, "card": {"number": "1"}}, "card.number"),
        ({"amount": 100, "payment_method_data": {"card": {"cvc": "123"}}}, "payment_method_data.card.cvc"),
        ({"amount": 100, "cvc": "123"}, "cvc"),
        ({"amount": 100, "CVV2": 123}, "CVV2"),
        ({"amount": 100, "cardNumber": VISA}, "cardNumber"),
        (with_metadata({"note": VISA}), "metadata.note"),
        (with_metadata({"note": int(VISA)}), "metadata.note"),
        (with_metadata({"a": {"b": ["x", "4242 4242 4242 4242"]}}), "metadata.a.b.1"),
        (with_metadata({VISA: "x"}), "metadata"),
        ({VISA: "x"}, "body"),
        ({"amount": 100, "orderId": VISA}, "orderId"),
    ],
)
async def test_card_data_are_refused_wherever_they_are(client: Client, body: dict[str, Any], field: str) -> None:
    buyer = await client.signed_in()

    reply = await buyer.post("/payments/intents", body)

    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")
    assert "must never be sent here" in reply.json()["details"][field][0]
    assert VISA not in reply.text


async def test_a_payment_method_that_is_a_card_number(client: Client) -> None:
    buyer = await client.signed_in()
    intent = (await buyer.post("/payments/intents", {"amount": 100})).json()["id"]
    for method in (f"pm_{VISA}", VISA):
        reply = await buyer.post(f"/payments/intents/{intent}/confirm", {"paymentMethodId": method})

        assert (reply.status_code, list(reply.json()["details"])) == (400, ["paymentMethodId"])
        assert VISA not in reply.text


async def test_nothing_of_it_is_stored_or_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    buyer = await client.signed_in()
    key = {"Idempotency-Key": unique("key")}
    tables = await client.app.shop.database.pool.fetch(
        "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
    )
    with caplog.at_level(logging.DEBUG):
        reply = await buyer.post("/payments/intents", with_metadata({"card": VISA}), headers=key)

    assert reply.status_code == 400
    assert VISA not in caplog.text
    for table in ("payment_intents", "idempotency_keys", "events", "webhook_receipts", "sandbox_intents"):
        assert any(row["table_name"] == table for row in tables)
        assert await client.value(f"select count(*) from {table} t where t::text like '%' || $1 || '%'", VISA) == 0
    retried = await buyer.post("/payments/intents", {"amount": 100}, headers=key)
    assert retried.status_code == 201, "the refused body has not taken the key"


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
        max_leaves=20,
    )
)
def test_any_body_can_be_looked_through(body: Any) -> None:
    assert list(card_data_in({"note": body, "card": {"cvc": body}}))[-1:] == ["card.cvc"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (
            "/orders",
            an_order((1, 1), shippingAddress={**ADDRESS, "address": "4242 4242 4242 4242"}),
            "shippingAddress.address",
        ),
        ("/orders/ORD-1/notes", {"note": "My card is 4242424242424242"}, "note"),
        (
            "/orders/ORD-1/return",
            {"lines": [{"productId": 1, "quantity": 1}], "reason": "damaged", "note": "4242424242424242"},
            "note",
        ),
    ],
)
async def test_orders_take_no_card_numbers_either(client: Client, path: str, body: dict[str, Any], field: str) -> None:
    reply = await (await client.signed_in()).post(path, body)
    assert reply.status_code == 400
    assert "4242" not in reply.text
    assert field in reply.json()["details"]
