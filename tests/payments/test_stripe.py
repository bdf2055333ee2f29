"""The Stripe adapter, against a Stripe that is simulated by a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from copy import copy
from datetime import timedelta
from typing import Any

import httpx
import pytest
from stripe import WebhookSignature

from entrepot.app import Application
from entrepot.kernel import clock
from entrepot.payments import queries
from entrepot.payments.create_intent import ASK_OF_NEW
from entrepot.payments.provider_model import ProviderDown, RefundOrder, RefundStatus
from entrepot.payments.providers import provider_of
from entrepot.payments.reconcile import ask_of_intent, ask_of_intents
from entrepot.settings import Settings, load_settings
from tests.builders import Client, an_order, unique
from tests.conftest import ROOT, running
from tests.payments.listening import free_port, listening
from tests.payments.paying import ADMIN, an_intent, an_unpaid_order, cents, confirm, published, standing
from tests.payments.telling import a_refund_object, an_event, an_intent_object, receipt

SECRET_KEY = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"
WEBHOOK_SECRET = "whsec_5e8Q0QCkz4bBzJ5tZ1xk"
DECLINED = "pm_card_chargeCustomerFail"


class Stripe:
    """The simulator, past the shop."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.AsyncClient(base_url=address, auth=(SECRET_KEY, ""))

    async def asked(self, path: str) -> int:
        """How often something was carried out."""
        counts: dict[str, int] = (await self.http.get("/_config/counts")).json()
        return sum(count for request, count in counts.items() if request.endswith(path))

    async def breaks(self, path: str, how: str) -> None:
        """The connection of the next request to this path breaks, before or after it is carried out."""
        await self.http.post("/_config/break", json={"on": path, "how": how})

    async def intent(self, provider_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"/v1/payment_intents/{provider_id}")).json()
        return found

    async def a_card(self, number: str) -> str:
        card = {"card[number]": number, "card[exp_month]": "12", "card[exp_year]": "2035", "card[cvc]": "123"}
        made = await self.http.post("/v1/payment_methods", data={"type": "card", **card})
        method: str = made.json()["id"]
        return method


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.payments.stripe_simulator", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx.get(f"{address}/_config/counts")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
async def stripe_app(settings: Settings, dsn: str, simulator: str) -> AsyncIterator[Application]:
    with_stripe = load_settings(
        _env_file=None,
        home=settings.home,
        rate_limit_enabled=False,
        log_level="warning",
        payment_provider="stripe",
        stripe_secret_key=SECRET_KEY,
        stripe_webhook_secret=WEBHOOK_SECRET,
        stripe_publishable_key="pk_test_1",
        stripe_api_url=simulator,
    )
    async with running(with_stripe, dsn) as application:
        yield application


@pytest.fixture
async def shop(stripe_app: Application) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(app=stripe_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1") as http:
        yield Client(http, stripe_app)


@pytest.fixture
async def stripe(simulator: str) -> AsyncIterator[Stripe]:
    stripe = Stripe(simulator)
    yield stripe
    await stripe.http.aclose()


async def provider_id(shop: Client, intent: str) -> str:
    found: str = await shop.value("select provider_id from payment_intents where id = $1", intent)
    return found


async def tell(shop: Client, body: bytes, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> httpx.Response:
    """Stripe tells the shop; signed by Stripe's own library."""
    signature = WebhookSignature.generate_signature_header(body.decode(), secret, int(time.time()) - age_s)
    headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
    return await shop.request("POST", "/payments/webhooks/stripe", content=body, headers=headers)


async def test_an_intent_is_stripes_with_its_secret(shop: Client, stripe: Stripe) -> None:
    buyer = await shop.signed_in()
    order = await an_unpaid_order(shop, buyer)
    body = {"amount": cents(order), "orderId": order["id"]}

    made = (await buyer.post("/payments/intents", body)).json()

    at_stripe = await stripe.intent(await provider_id(shop, made["id"]))
    assert made["clientSecret"] == at_stripe["client_secret"]
    assert made["publishableKey"] == "pk_test_1"
    assert (at_stripe["amount"], at_stripe["currency"], at_stripe["metadata"]) == (
        1080,
        "usd",
        {"intent_id": made["id"]},
    )


async def test_paying_an_order(shop: Client, stripe: Stripe) -> None:
    buyer = await shop.signed_in()
    order = await an_unpaid_order(shop, buyer)
    intent = await an_intent(buyer, order)

    replies = await asyncio.gather(*(confirm(buyer, intent) for _ in range(10)))

    assert {reply.status_code for reply in replies} <= {200, 409}
    assert await standing(shop, order) == ("pending", "paid")
    assert await published(shop, "order.paid", order) == 1
    assert await stripe.asked(f"{await provider_id(shop, intent)}/confirm") == 1
    assert (await stripe.intent(await provider_id(shop, intent)))["status"] == "succeeded"


async def test_a_declined_card_and_then_another_one(shop: Client, stripe: Stripe) -> None:
    buyer = await shop.signed_in()
    order = await an_unpaid_order(shop, buyer)
    intent = await an_intent(buyer, order)

    declined = await confirm(buyer, intent, DECLINED)
    assert (declined.status_code, declined.json()["code"]) == (422, "PAYMENT_FAILED")
    assert declined.json()["details"] == {"paymentMethodId": ["card_declined"]}
    assert await standing(shop, order) == ("pending", "failed")

    assert (await confirm(buyer, intent)).json()["status"] == "succeeded"
    assert await standing(shop, order) == ("pending", "paid")


async def test_a_payment_method_that_there_is_not(shop: Client) -> None:
    buyer = await shop.signed_in()
    reply = await confirm(buyer, await an_intent(buyer, amount=100), "pm_no_such_thing")

    assert (reply.status_code, reply.json()["details"]) == (422, {"paymentMethodId": ["unknown_payment_method"]})


async def test_a_further_step_that_the_buyer_takes_with_stripe(shop: Client, stripe: Stripe) -> None:
    """Past us: the client authenticates with the secret, and Stripe's webhook tells of it."""
    buyer = await shop.signed_in()
    order = await an_unpaid_order(shop, buyer)
    made = (await buyer.post("/payments/intents", {"amount": cents(order), "orderId": order["id"]})).json()
    at_stripe = await provider_id(shop, made["id"])
    card = await stripe.a_card("4000002500003155")

    assert (await confirm(buyer, made["id"], card)).json()["status"] == "requires_action"
    assert await standing(shop, order) == ("pending", "unpaid")

    answer = {"client_secret": made["clientSecret"], "success": "true"}
    await stripe.http.post(f"/v1/payment_intents/{at_stripe}/_authenticate", data=answer)
    told = an_event("payment_intent.succeeded", an_intent_object(at_stripe, amount=cents(order)))
    assert (await tell(shop, told)).status_code == 200
    assert await standing(shop, order) == ("pending", "paid")
    assert (await confirm(buyer, made["id"], card)).json()["status"] == "succeeded"


async def test_a_payment_past_us_whose_webhook_is_lost(shop: Client, stripe: Stripe) -> None:
    buyer = await shop.signed_in()
    order = await an_unpaid_order(shop, buyer)
    intent = await an_intent(buyer, order)
    at_stripe = await provider_id(shop, intent)
    await stripe.http.post(f"/v1/payment_intents/{at_stripe}/confirm", data={"payment_method": "pm_card_visa"})

    with clock.moved(ASK_OF_NEW):
        await ask_of_intents(shop.app.shop)

    assert await standing(shop, order) == ("pending", "paid")


@pytest.mark.parametrize("how", ["before", "after"])
async def test_a_connection_that_breaks_during_the_charge_is_tried_again_and_charges_once(
    shop: Client, stripe: Stripe, how: str
) -> None:
    buyer = await shop.signed_in()
    order = await an_unpaid_order(shop, buyer)
    intent = await an_intent(buyer, order)
    at_stripe = await provider_id(shop, intent)
    await stripe.breaks(f"{at_stripe}/confirm", how)

    assert (await confirm(buyer, intent)).json()["status"] == "succeeded"

    assert await stripe.asked(f"{at_stripe}/confirm") == 1
    assert await standing(shop, order) == ("pending", "paid")


async def test_a_process_that_dies_after_the_charge(shop: Client, stripe: Stripe) -> None:
    buyer = await shop.signed_in()
    order = await an_unpaid_order(shop, buyer)
    intent = await an_intent(buyer, order)
    async with shop.app.shop.database.transaction() as tx:
        claimed = await queries.claim_for_charging(tx, ADMIN, intent, provider_of(shop.app.shop).name, "pm_card_visa")
    assert claimed is not None
    await provider_of(shop.app.shop).charge(claimed, "pm_card_visa")

    with clock.moved(timedelta(minutes=2)):
        found = await queries.get_intent(shop.app.shop.database.reader, intent)
        await asyncio.gather(*(ask_of_intent(shop.app.shop, found) for _ in range(3)))

    assert await standing(shop, order) == ("pending", "paid")
    assert await published(shop, "order.paid", order) == 1


async def test_stripe_that_does_not_answer(settings: Settings, shop: Client) -> None:
    away = load_settings(
        _env_file=None,
        home=settings.home,
        payment_provider="stripe",
        stripe_secret_key=SECRET_KEY,
        stripe_webhook_secret=WEBHOOK_SECRET,
        stripe_api_url=f"http://127.0.0.1:{free_port()}",
    )
    order = RefundOrder(id="re_1", provider_intent_id="pi_1", amount_minor=1, currency="USD")
    elsewhere = copy(shop.app.shop)
    elsewhere.settings = away

    with pytest.raises(ProviderDown):
        await provider_of(elsewhere).refund(order)


async def test_refunds_are_made_once_and_never_exceed_the_charge(shop: Client, stripe: Stripe) -> None:
    buyer = await shop.signed_in()
    intent = await an_intent(buyer, await an_unpaid_order(shop, buyer))
    await confirm(buyer, intent)
    provider, at_stripe = provider_of(shop.app.shop), await provider_id(shop, intent)
    order = RefundOrder(id=f"re_{unique('x')}", provider_intent_id=at_stripe, amount_minor=1000, currency="USD")

    made = [await provider.refund(order) for _ in range(3)]
    assert made[0].status is RefundStatus.SUCCEEDED
    assert made[0] == made[1] == made[2]
    assert made[0].provider_id is not None
    assert await provider.look_up_refund(order, made[0].provider_id) == made[0]

    other = RefundOrder(id=f"re_{unique('x')}", provider_intent_id=at_stripe, amount_minor=81, currency="USD")
    refused = await provider.refund(other)
    assert (refused.status, refused.failure_code) == (RefundStatus.FAILED, "charge_already_refunded")


async def test_a_refund_that_stripe_tells_of(shop: Client) -> None:
    buyer, admin = await shop.signed_in(), await shop.signed_in("admin")
    order = await an_unpaid_order(shop, buyer)
    intent = await an_intent(buyer, order)
    await confirm(buyer, intent)
    reply = await admin.post("/payments/refunds", {"paymentIntentId": intent, "reason": "a test"})
    assert reply.status_code == 201, reply.text
    refund = await shop.value("select id from refunds where payment_intent_id = $1", intent)
    wrong = an_event("refund.updated", a_refund_object(refund, "succeeded", 1))
    unknown = an_event("refund.updated", a_refund_object(None, "succeeded", 1080))
    right = [an_event("refund.updated", a_refund_object(refund, "succeeded", 1080)) for _ in range(2)]

    for told in (wrong, unknown):
        assert (await tell(shop, told)).status_code == 200
        assert (await receipt(shop, told))[0] == "refused"
    assert await shop.value("select status from refunds where id = $1", refund) == "pending"
    await asyncio.gather(*(tell(shop, told) for told in right * 3))

    assert await shop.value("select status from refunds where id = $1", refund) == "succeeded"
    assert await published(shop, "refund.succeeded", order) == 1


async def test_an_intent_of_the_sandbox_does_not_pay_in_a_shop_that_has_gone_live(client: Client, shop: Client) -> None:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    intent = await an_intent(buyer, order)
    buyer.http = shop.http

    reply = await confirm(buyer, intent)

    assert (reply.status_code, reply.json()["code"]) == (409, "PAYMENT_INTENT_STATE")
    assert await standing(client, order) == ("pending", "unpaid")


async def test_webhooks_that_stripe_has_not_signed(shop: Client) -> None:
    body = an_event("payment_intent.succeeded", an_intent_object("pi_x"))

    for reply in (await tell(shop, body, "whsec_other"), await tell(shop, body, age_s=301)):
        assert (reply.status_code, reply.json()["code"]) == (400, "BAD_SIGNATURE")
    sent = {"Content-Type": "application/json"}
    assert (await shop.request("POST", "/payments/webhooks/stripe", content=body, headers=sent)).status_code == 400
    odd = {**sent, "Stripe-Signature": "t=1792000000,v1=\xe9".encode("latin-1")}
    assert (await shop.request("POST", "/payments/webhooks/stripe", content=body, headers=odd)).status_code == 400
    assert (await shop.request("POST", "/payments/webhooks/sandbox", content=body, headers=sent)).status_code == 400
    assert (await tell(shop, body)).status_code == 200


async def test_webhooks_as_stripe_sends_them(shop: Client, stripe: Stripe) -> None:
    """Over HTTP, signed by the simulator; the client pays past us."""
    buyer = await shop.signed_in()
    order = await an_unpaid_order(shop, buyer)
    intent = await an_intent(buyer, order)
    at_stripe = await provider_id(shop, intent)
    async with listening(shop.app) as address:
        endpoint = {"url": f"{address}/payments/webhooks/stripe", "secret": WEBHOOK_SECRET}
        await stripe.http.post("/_config/webhooks/shop", data=endpoint)
        await stripe.http.post(f"/v1/payment_intents/{at_stripe}/confirm", data={"payment_method": "pm_card_visa"})
        async with asyncio.timeout(10):
            while await standing(shop, order) != ("pending", "paid"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    assert await published(shop, "order.paid", order) == 1


async def test_what_the_sandbox_was_paid_pays_no_order_of_a_shop_that_has_gone_live(
    client: Client, shop: Client
) -> None:
    before = await client.signed_in()
    after = Client(shop.http, shop.app, before.token)
    product = await client.a_product()
    intents = [await an_intent(before, amount=1080) for _ in range(2)]
    assert (await confirm(before, intents[0])).json()["status"] == "succeeded"

    for intent in intents:
        reply = await after.post("/orders", an_order((product["id"], 1), paymentIntentId=intent))
        assert (reply.status_code, reply.json()["code"]) == (422, "PAYMENT_MISMATCH")

    assert (
        await client.value("select count(*) from payment_intents where id = any($1) and order_id is not null", intents)
        == 0
    )
    own = await an_intent(after, amount=1080)
    reply = await after.post("/orders", an_order((product["id"], 1), paymentIntentId=own))
    assert reply.status_code == 201, reply.text
