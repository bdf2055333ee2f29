"""The sandbox as a provider: its books, and how it tells the shop over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel import clock
from entrepot.payments import queries
from entrepot.payments.provider_model import RefundOrder, RefundStatus
from entrepot.payments.providers import provider_of
from entrepot.payments.sandbox import is_signed, settle_due, signature_of
from entrepot.payments.sandbox_webhooks import deliver_due, pause_after
from tests.builders import Client, unique
from tests.payments.listening import free_port, listening
from tests.payments.paying import a_process_that_dies, an_intent, an_unpaid_order, cents, confirm, published, standing


@pytest.fixture(autouse=True)
async def nothing_waits(client: Client) -> None:
    """What payments of other tests left to be told is not sent here."""
    await client.value("update sandbox_events set due_at = null where due_at is not null")


async def an_intent_with(buyer: Client, order: dict[str, Any], webhooks: str) -> str:
    metadata = {"orderId": order["id"], "sandbox": {"webhooks": webhooks}}
    reply = await buyer.post("/payments/intents", {"amount": cents(order), "metadata": metadata})
    assert reply.status_code == 201, reply.text
    intent_id: str = reply.json()["id"]
    return intent_id


class Ear:
    """A shop's webhook address that only listens."""

    def __init__(self, status: int = 200) -> None:
        self.heard: list[dict[str, Any]] = []
        self.status = status

    async def __call__(self, _: Any, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message.get("more_body"):
                break
        self.heard.append(msgspec.json.decode(body))
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    def of(self, intent: str) -> list[str]:
        return [event["type"] for event in self.heard if event["data"]["object"]["id"] == intent]


async def delivered(client: Client, address: str, after: timedelta = timedelta()) -> None:
    with clock.moved(after):
        await settle_due(client.app.shop.database)
        await deliver_due(client.app.shop.database, f"{address}/payments/webhooks/sandbox")


async def test_a_charge_that_was_not_written_is_told_over_http(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await a_process_that_dies(client, intent, after_the_charge=True)

    async with listening(client.app) as address:
        await delivered(client, address)

    assert await standing(client, order) == ("pending", "paid")
    assert await published(client, "order.paid", order) == 1


async def test_a_bank_debit_is_paid_when_the_bank_says_so(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    await confirm(buyer, intent, "pm_usBankAccount_success")

    async with listening(client.app) as address:
        await delivered(client, address)
        assert await standing(client, order) == ("pending", "unpaid")
        await delivered(client, address, timedelta(seconds=90))

    assert await standing(client, order) == ("pending", "paid")


@pytest.mark.parametrize(
    ("wish", "first", "later"),
    [
        ("normal", ["payment_intent.processing"], ["payment_intent.succeeded"]),
        ("late", [], ["payment_intent.processing", "payment_intent.succeeded"]),
        ("twice", ["payment_intent.processing"] * 2, ["payment_intent.succeeded"] * 2),
        ("reversed", [], ["payment_intent.succeeded", "payment_intent.processing"]),
        ("never", [], []),
    ],
)
async def test_webhooks_are_delivered_as_the_intent_wishes(
    client: Client, wish: str, first: list[str], later: list[str]
) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent_with(buyer, order, wish)
    await confirm(buyer, intent, "pm_usBankAccount_success")
    ear = Ear()

    async with listening(ear) as address:
        await delivered(client, address)
        assert ear.of(intent) == first
        await delivered(client, address, timedelta(seconds=70))
        await delivered(client, address, timedelta(minutes=5))
        await delivered(client, address, timedelta(minutes=10))

    assert ear.of(intent) == first + later


@pytest.mark.parametrize("wish", ["late", "twice", "reversed"])
async def test_however_they_are_delivered_the_order_is_paid_once(client: Client, wish: str) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent_with(buyer, order, wish)
    await confirm(buyer, intent, "pm_usBankAccount_success")

    async with listening(client.app) as address:
        for after in (0, 70, 300, 600):
            with clock.moved(timedelta(seconds=after)):
                await asyncio.gather(*(delivered(client, address) for _ in range(3)))

    assert await standing(client, order) == ("pending", "paid")
    assert await published(client, "order.paid", order) == 1


@pytest.mark.parametrize("wish", [{"webhooks": "perhaps"}, {"webhooks": 5}, "late", 5, None])
async def test_a_wish_that_there_is_not_is_refused(client: Client, wish: Any) -> None:
    buyer = await client.signed_in()
    reply = await buyer.post("/payments/intents", {"amount": 100, "metadata": {"sandbox": wish}})

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["metadata.sandbox"])


async def test_what_does_not_arrive_is_sent_again_later(client: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, await an_unpaid_order(client, buyer))
    await confirm(buyer, intent)
    await delivered(client, f"http://127.0.0.1:{free_port()}")
    ear = Ear(status=500)

    async with listening(ear) as address:
        await delivered(client, address)
        assert ear.of(intent) == [], "not again at once"
        await delivered(client, address, timedelta(seconds=70))
        ear.status = 200
        await delivered(client, address, timedelta(minutes=4))
        await delivered(client, address, timedelta(days=3))

    assert ear.of(intent) == ["payment_intent.succeeded"] * 2
    assert len({event["id"] for event in ear.heard if event["data"]["object"]["id"] == intent}) == 1


def test_it_gives_up_in_the_end() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, 13)]

    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses[-1] is None


async def test_the_same_charge_asked_for_twice_is_made_once(client: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, await an_unpaid_order(client, buyer))
    await a_process_that_dies(client, intent, after_the_charge=False)
    shop = client.app.shop
    claimed = await claimed_intent(client, intent)

    outcomes = await asyncio.gather(*(provider_of(shop).charge(claimed, "pm_card_visa") for _ in range(10)))

    assert len(set(outcomes)) == 1
    assert await client.value("select charges from sandbox_intents where id = $1", intent) == 1


async def claimed_intent(client: Client, intent: str) -> Any:
    return await queries.get_intent(client.app.shop.database.reader, intent)


def a_refund(intent: str, amount: int, name: str | None = None) -> RefundOrder:
    return RefundOrder(
        id=name or f"re_{unique('x').replace('-', '')}", provider_intent_id=intent, amount_minor=amount, currency="USD"
    )


async def test_no_more_is_given_back_than_was_charged(client: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, await an_unpaid_order(client, buyer))
    await confirm(buyer, intent)
    provider = provider_of(client.app.shop)

    outcomes = await asyncio.gather(*(provider.refund(a_refund(intent, 400)) for _ in range(8)))

    assert [outcome.status for outcome in outcomes].count(RefundStatus.SUCCEEDED) == 2  # of 10.80
    assert {one.failure_code for one in outcomes if one.status is RefundStatus.FAILED} == {"amount_too_large"}


@pytest.mark.parametrize("kept", [True, False], ids=["charged here", "of the demo"])
async def test_the_same_refund_asked_for_many_times_is_made_once(client: Client, kept: bool) -> None:
    intent = f"pi_{unique('demo')}"
    if kept:
        buyer = await client.signed_in()
        intent = await an_intent(buyer, await an_unpaid_order(client, buyer))
        await confirm(buyer, intent)
    provider, order = provider_of(client.app.shop), a_refund(intent, 100)

    outcomes = await asyncio.gather(*(provider.refund(order) for _ in range(10)))

    assert len(set(outcomes)) == 1
    assert outcomes[0].status is RefundStatus.SUCCEEDED
    assert await client.value("select count(*) from sandbox_refunds where intent_id = $1", intent) == 1


async def test_refunds_that_fail_and_refunds_that_take_their_time(client: Client) -> None:
    buyer = await client.signed_in()
    provider = provider_of(client.app.shop)
    failing, slow = [await an_intent(buyer, await an_unpaid_order(client, buyer)) for _ in range(2)]
    await confirm(buyer, failing, "pm_card_refundFail")
    await confirm(buyer, slow, "pm_card_pendingRefund")

    failed = await provider.refund(a_refund(failing, 100))
    order = a_refund(slow, 100)
    pending = await provider.refund(order)

    assert (failed.status, failed.failure_code) == (RefundStatus.FAILED, "lost_or_stolen_card")
    assert pending.status is RefundStatus.PENDING
    assert pending.provider_id is not None
    assert (await provider.look_up_refund(order, pending.provider_id)).status is RefundStatus.PENDING
    with clock.moved(timedelta(minutes=2)):
        assert (await provider.look_up_refund(order, pending.provider_id)).status is RefundStatus.SUCCEEDED


@given(body=st.binary(max_size=200), secret=st.text(min_size=1, max_size=50), later=st.integers(-400, 400))
def test_a_signature_fits_its_body_its_secret_and_its_time(body: bytes, secret: str, later: int) -> None:
    now = clock.now()
    header = signature_of(body, secret, now)

    assert is_signed(header, body, secret, now + timedelta(seconds=later)) == (abs(later) <= 300) or abs(later) in (
        300,
        301,
    )
    assert not is_signed(header, body + b"x", secret, now)
    assert not is_signed(header, body, secret + "x", now)


@given(header=st.text(max_size=200))
def test_no_header_whatever_it_is_does_harm(header: str) -> None:
    assert not is_signed(header, b"{}", "secret", clock.now())
