"""Guests' carts: under a token of the server's making, and open to nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from entrepot import app as composition
from entrepot.carts.jobs import forget_guest_carts
from entrepot.kernel import clock
from entrepot.kernel.secrets import hash_secret
from entrepot.settings import Settings
from tests.builders import Client, an_order, unique
from tests.carts.conftest import NewDevice, shopping_at
from tests.conftest import running


async def test_the_first_product_makes_a_cart_and_gives_its_token(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    guest = new_device()

    added = await guest.post("/cart/items", {"productId": product["id"], "quantity": 2})

    assert added.status_code == 201
    assert added.json()["userId"] is None
    token = added.headers["X-Cart-Token"]
    assert len(token) == 43
    assert added.headers["Set-Cookie"] == (f"cart_token={token}; HttpOnly; Max-Age={30 * 86400}; Path=/; SameSite=lax")
    by_cookie = await guest.get("/cart")
    by_header = await new_device().get("/cart", headers={"X-Cart-Token": token})
    assert by_cookie.json() == by_header.json() == added.json()
    assert "set-cookie" not in by_cookie.headers


async def test_the_token_is_kept_hashed(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    added = await new_device().post("/cart/items", {"productId": product["id"]})

    token_hash = await client.value("select token_hash from carts where id = $1", added.json()["id"])

    assert token_hash == hash_secret(added.headers["X-Cart-Token"])


async def test_the_token_stays_the_same_from_then_on(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    guest = new_device()
    first = await guest.post("/cart/items", {"productId": product["id"]})

    changes = [
        await guest.post("/cart/items", {"productId": product["id"]}),
        await guest.post("/cart", {"products": [{"id": product["id"]}]}),
        await guest.put(f"/cart/items/{product['id']}", {"quantity": 7}),
    ]
    emptied = await guest.delete("/cart")
    refilled = await guest.post("/cart/items", {"productId": product["id"]})

    assert {change.headers["X-Cart-Token"] for change in changes} == {first.headers["X-Cart-Token"]}
    assert emptied.status_code == 204
    assert refilled.headers["X-Cart-Token"] == first.headers["X-Cart-Token"]
    assert refilled.json()["id"] == first.json()["id"]


async def test_reading_makes_nothing(client: Client, new_device: NewDevice) -> None:
    guest = new_device()

    for reply in (
        await guest.get("/cart"),
        await guest.get("/cart", headers={"X-Cart-Token": "guessed"}),
        await guest.post("/cart", {"products": []}),
        await guest.post("/cart/validate"),
        await guest.post("/cart/validate-checkout"),
        await guest.post("/cart/quick-stock-check"),
    ):
        assert reply.status_code == 200, reply.text
        assert reply.json()["products"] == []
        assert "x-cart-token" not in reply.headers
    assert (await guest.delete("/cart")).status_code == 204
    assert (await guest.delete("/cart/items/1")).status_code == 404
    assert (await guest.put("/cart/items/1", {"quantity": 1})).status_code == 404
    assert await client.value("select count(*) from carts where token_hash = $1", hash_secret("guessed")) == 0


async def test_a_token_that_a_client_chose_is_never_adopted(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    chosen = unique("chosen")

    added = await new_device().post("/cart/items", {"productId": product["id"]}, headers={"X-Cart-Token": chosen})

    assert added.status_code == 201
    assert added.headers["X-Cart-Token"] != chosen
    assert (await new_device().get("/cart", headers={"X-Cart-Token": chosen})).json()["id"] is None


async def test_a_guest_sees_and_changes_no_other_guests_cart(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    one, other = new_device(), new_device()
    mine = await one.post("/cart/items", {"productId": product["id"], "quantity": 2})
    theirs = await other.post("/cart/items", {"productId": product["id"], "quantity": 3})

    await other.delete(f"/cart/items/{product['id']}")

    assert mine.json()["id"] != theirs.json()["id"]
    assert (await one.get("/cart")).json()["totalQuantity"] == 2
    assert (await other.get("/cart")).json()["totalQuantity"] == 0
    for method in ("GET", "PUT", "DELETE"):
        reply = await other.request(method, f"/carts/{mine.json()['id']}", json={} if method == "PUT" else None)
        assert reply.status_code == 401


async def test_a_users_cart_is_the_same_whatever_token_is_sent(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    guest = await new_device().post("/cart/items", {"productId": product["id"], "quantity": 5})
    buyer = await client.signed_in()

    with_token = {"X-Cart-Token": guest.headers["X-Cart-Token"]}
    assert (await buyer.get("/cart", headers=with_token)).json()["products"] == []
    added = await buyer.post("/cart/items", {"productId": product["id"]}, headers=with_token)

    assert added.json()["totalQuantity"] == 1
    assert added.json()["userId"] == buyer.user["id"]


async def test_a_repeated_request_is_answered_with_the_same_token(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product()
    item, key = {"productId": product["id"]}, {"Idempotency-Key": unique("key")}

    first = await new_device().post("/cart/items", item, headers=key)
    again = await new_device().post("/cart/items", item, headers=key)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert again.headers["X-Cart-Token"] == first.headers["X-Cart-Token"]
    assert again.headers["Set-Cookie"] == first.headers["Set-Cookie"]


async def test_the_cookie_is_for_https_only_where_the_shop_is(
    client: Client, new_device: NewDevice, settings: Settings, dsn: str
) -> None:
    product = await client.a_product()
    behind_tls = settings.model_copy(update={"public_url": "https://shop.example"})

    async with running(behind_tls, dsn) as app, shopping_at(app) as http:
        reply = await http.post("/cart/items", json={"productId": product["id"]})

    assert "; Secure" in reply.headers["Set-Cookie"]


async def test_carts_that_guests_left_behind_are_forgotten(
    app: composition.Application, client: Client, new_device: NewDevice
) -> None:
    product = await client.a_product()
    left, used = new_device(), new_device()
    buyer = await client.signed_in()
    for shopper in (left, used, buyer):
        await shopper.post("/cart/items", {"productId": product["id"]})

    with clock.moved(timedelta(days=20)):
        await used.put(f"/cart/items/{product['id']}", {"quantity": 2})
    with clock.moved(timedelta(days=31)):
        await forget_guest_carts(app.shop, {})

    assert (await left.get("/cart")).json()["id"] is None
    assert (await used.get("/cart")).json()["totalQuantity"] == 2
    assert (await buyer.get("/cart")).json()["totalQuantity"] == 1


@pytest.mark.parametrize("token", ["", "x", "'; drop table carts", "ü" * 10, "a" * 5_000])
async def test_a_token_that_is_none_is_no_token(client: Client, new_device: NewDevice, token: str) -> None:
    reply = await new_device().get("/cart", headers={"X-Cart-Token": token.encode()})

    assert reply.status_code == 200
    assert reply.json()["id"] is None


async def test_a_guest_buys_its_cart(client: Client, new_device: NewDevice) -> None:
    product = await client.a_product(price=4)
    guest, other = new_device(), new_device()
    for shopper in (guest, other):
        await shopper.post("/cart/items", {"productId": product["id"], "quantity": 3})

    order = {name: value for name, value in an_order(email="guest@example.com").items() if name != "products"}
    reply = await guest.post("/orders", order)

    assert reply.status_code == 201, reply.text
    assert reply.json()["subtotal"] == 12
    assert (await guest.get("/cart")).json()["products"] == []
    assert (await other.get("/cart")).json()["totalQuantity"] == 3
