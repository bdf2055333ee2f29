"""A guest's order: reached, paid and invoiced with its token, and by nobody without it."""

from __future__ import annotations

from typing import Any

import httpx

from tests.builders import Client, an_order


async def place(client: Client) -> dict[str, Any]:
    product = await client.a_product(price=25)
    reply = await client.post("/orders", an_order((product["id"], 2), email="guest@example.com"))
    assert reply.status_code == 201, reply.text
    order: dict[str, Any] = reply.json()
    return order


async def with_token(client: Client, method: str, path: str, token: str, json: Any = None) -> httpx.Response:
    return await client.request(method, path, json=json, headers={"X-Order-Token": token})


async def test_the_token_opens_the_order_and_nothing_else_does(client: Client) -> None:
    order, other = await place(client), await place(client)
    path = f"/orders/{order['id']}"
    assert (await with_token(client, "GET", path, order["token"])).json()["total"] == order["total"]
    assert (await client.get(path)).status_code == 401
    assert (await with_token(client, "GET", path, other["token"])).status_code == 403
    assert (await (await client.signed_in()).get(path)).status_code == 403


async def test_a_guest_pays_with_the_token_and_gets_the_invoice(client: Client) -> None:
    order = await place(client)
    token, path = order["token"], f"/orders/{order['id']}"
    body = {"amount": round(order["total"] * 100), "metadata": {"orderId": order["id"]}}

    assert (await client.post("/payments/intents", {"amount": 100})).status_code == 401
    assert (await client.post("/payments/intents", body)).status_code == 400
    intent = (await with_token(client, "POST", "/payments/intents", token, body)).json()
    confirm = f"/payments/intents/{intent['id']}/confirm"
    assert (await client.post(confirm, {"paymentMethodId": "pm_card_visa"})).status_code == 404
    early = await with_token(client, "GET", f"{path}/invoice", token)
    assert (early.status_code, early.json()["code"]) == (422, "INVOICE_NOT_READY")

    paid = await with_token(client, "POST", confirm, token, {"paymentMethodId": "pm_card_visa"})

    assert (paid.status_code, paid.json()["status"]) == (200, "succeeded")
    assert (await with_token(client, "GET", path, token)).json()["paymentStatus"] == "paid"
    invoice = await with_token(client, "GET", f"{path}/invoice", token)
    assert (invoice.status_code, invoice.content[:5]) == (200, b"%PDF-")
    assert (await client.get(f"{path}/invoice")).status_code == 401
