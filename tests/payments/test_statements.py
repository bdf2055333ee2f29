"""What a guest's payment asks of the database: few statements, and nothing over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.architecture.test_statement_counts import counted, shop_client
from tests.builders import Client, an_order, unique

__all__ = ["shop_client"]

OF_THE_INTENT = 2
"""The order, the intent."""
OF_THE_CHARGE = 3
"""The intent, the claim; the sandbox's own book."""
OF_THE_OUTCOME = 8
"""The outcome with its order, the event; what was captured and its posting; the order paid, its event; the lock and the account,
for what was paid too much."""


async def test_what_a_guest_who_pays_asks(shop_client: Client) -> None:
    product = await shop_client.a_product()
    placed = await shop_client.post("/orders", an_order((product["id"], 1), email=f"{unique('guest')}@example.com"))
    order: dict[str, Any] = placed.json()
    token = {"X-Order-Token": order["token"]}
    body = {"amount": round(order["total"] * 100), "orderId": order["id"]}

    with counted() as of_the_intent:
        intent = (await shop_client.post("/payments/intents", body, headers=token)).json()["id"]
        await asyncio.sleep(0)
    with counted() as of_the_payment:
        path = f"/payments/intents/{intent}/confirm"
        reply = await shop_client.post(path, {"paymentMethodId": "pm_card_visa"}, headers=token)
        await asyncio.sleep(0)

    assert reply.status_code == 200
    assert len(of_the_intent) == OF_THE_INTENT, _in_short(of_the_intent)
    assert len(of_the_payment) <= OF_THE_CHARGE + OF_THE_OUTCOME, _in_short(of_the_payment)


def _in_short(asked: list[str]) -> str:
    return "\n".join(" ".join(sql.split())[:110] for sql in asked)
