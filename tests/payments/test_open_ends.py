"""What waits for people is named: refunds that failed, webhooks that were refused."""

from __future__ import annotations

from entrepot.payments import find_open_ends
from entrepot.payments.provider_model import RefundOutcome, RefundStatus
from entrepot.payments.refund_settle import settle_refund
from tests.builders import Client, unique
from tests.payments.money import a_paid_order
from tests.payments.paying import an_intent
from tests.payments.telling import an_event, an_intent_object, tell


async def test_a_failed_refund_is_named_until_it_is_sent_again(client: Client) -> None:
    buyer, admin = await client.signed_in(), await client.signed_in("admin")
    order = await a_paid_order(client, buyer, ((await client.a_product(price=10))["id"], 1))
    refund = (await admin.post("/payments/refunds", {"orderId": order["id"]})).json()
    async with client.app.shop.database.transaction() as tx:
        await settle_refund(tx, refund["id"], RefundOutcome(status=RefundStatus.FAILED, failure_code="expired"))
    sentence = f"refund {refund['id']}: 1080 USD are owed, and failed: expired"

    assert sentence in await find_open_ends(client.app.shop.database.reader)

    await admin.post(f"/payments/refunds/{refund['id']}/retry")
    assert sentence not in await find_open_ends(client.app.shop.database.reader)


async def test_a_refused_webhook_is_named(client: Client) -> None:
    intent = await an_intent(await client.signed_in())
    event_id = unique("evt")
    told = an_event("payment_intent.succeeded", an_intent_object(intent) | {"amount": 1}, event_id)

    assert (await tell(client, told)).status_code == 200

    named = [end for end in await find_open_ends(client.app.shop.database.reader) if event_id in end]
    assert len(named) == 1
    assert named[0].startswith(f"webhook {event_id} of sandbox: was refused: the provider speaks of 1 USD")
