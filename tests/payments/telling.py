"""What a provider tells, as a test has it said: events of Stripe's form, signed as the sandbox signs them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import msgspec

from entrepot.kernel import clock
from entrepot.payments import sandbox_queries
from entrepot.payments.sandbox import SIGNATURE_HEADER, signature_of
from tests.builders import Client, unique

WEBHOOKS = "/payments/webhooks/sandbox"


def an_event(kind: str, thing: dict[str, Any], event_id: str | None = None) -> bytes:
    described = {"id": event_id or unique("evt"), "object": "event", "type": kind, "data": {"object": thing}}
    return msgspec.json.encode(described)


def an_intent_object(intent_id: str, status: str = "succeeded", amount: int = 1080, **fields: Any) -> dict[str, Any]:
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "currency": "usd",
        "status": status,
        **fields,
    }


def a_refund_object(refund_id: str | None, status: str, amount: int, **fields: Any) -> dict[str, Any]:
    metadata = {} if refund_id is None else {"refund_id": refund_id}
    thing = {"id": unique("re"), "object": "refund", "amount": amount, "currency": "usd", "status": status}
    return {**thing, "metadata": metadata, **fields}


async def signed(client: Client, body: bytes, at: datetime | None = None) -> dict[str, str]:
    secret = await sandbox_queries.get_webhook_secret(client.app.shop.database.reader)
    return {"Content-Type": "application/json", SIGNATURE_HEADER: signature_of(body, secret, at or clock.now())}


async def tell(client: Client, body: bytes) -> httpx.Response:
    """The sandbox tells the shop."""
    return await client.request("POST", WEBHOOKS, content=body, headers=await signed(client, body))


async def receipt(client: Client, body: bytes) -> tuple[str | None, str | None]:
    """What became of what was told, and why."""
    event_id = msgspec.json.decode(body)["id"]
    row = await client.app.shop.database.pool.fetchrow(
        "select outcome, remark from webhook_receipts where event_id = $1", event_id
    )
    assert row is not None, "it was not kept"
    return row["outcome"], row["remark"]
