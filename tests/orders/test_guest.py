"""Ordering without an account."""

from __future__ import annotations

from tests.builders import Client, an_order


async def test_a_guest_orders_with_an_address(client: Client) -> None:
    product = await client.a_product()
    reply = await client.post("/orders", an_order((product["id"], 1), email="guest@example.com"))

    assert reply.status_code == 201
    order = reply.json()
    assert (order["email"], order["userId"]) == ("guest@example.com", None)
    assert len(order["token"]) >= 40
    stored = await client.app.shop.database.pool.fetchrow("select * from orders where number = $1", order["id"])
    assert order["token"] not in str(dict(stored))


async def test_a_guest_gives_an_address(client: Client) -> None:
    product = await client.a_product()
    reply = await client.post("/orders", an_order((product["id"], 1)))

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["email"])


async def test_a_guest_pays_no_intent(client: Client) -> None:
    product = await client.a_product()
    body = an_order((product["id"], 1), email="guest@example.com", paymentIntentId="pi_abc")

    assert (await client.post("/orders", body)).status_code == 401


async def test_a_guest_reads_no_order_by_its_number(client: Client) -> None:
    product = await client.a_product()
    order = (await client.post("/orders", an_order((product["id"], 1), email="guest@example.com"))).json()

    assert (await client.get(f"/orders/{order['id']}")).status_code == 401
    assert (await (await client.signed_in()).get(f"/orders/{order['id']}")).status_code == 403


async def test_a_users_order_is_its_own_whatever_address_it_gives(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 1), email="other@example.com"))).json()

    assert (order["userId"], "email" in order, "token" in order) == (buyer.user["id"], False, False)
