"""The export: everything that is held about a user, and nothing of anybody else."""

from __future__ import annotations

from typing import Any

from entrepot.identity.export import export
from entrepot.kernel.actors import Actor, Role
from tests.builders import ADDRESS, PASSWORD, Client, an_order

SECTIONS = {
    "profile", "preferences", "addresses", "orders", "payments", "cart", "favourites", "reviews", "companies", "identities",
    "sessions", "mails", "securityLog", "orderNotes", "returns", "sellerReviews", "credits", "refunds",
}  # fmt: skip


async def a_customer(client: Client) -> tuple[Client, dict[str, Any]]:
    user, product = await client.signed_in(), await client.a_product(price=12.5)
    await user.post("/addresses", {**ADDRESS, "label": "Office"})
    await user.post("/wishlist", {"productId": product["id"]})
    order = (await user.post("/orders", an_order((product["id"], 2)))).json()
    await user.post(
        "/payments/intents", {"amount": round(order["total"] * 100), "currency": "usd", "orderId": order["id"]}
    )
    await user.post("/cart/items", {"productId": product["id"], "quantity": 3})
    await client.post(
        "/auth/login", {"email": user.user["email"], "password": PASSWORD}, headers={"x-device-id": "export-phone"}
    )
    await client.value(
        """
        insert into reviews (product_id, user_id, rating, comment, reviewer_name, created_at, updated_at)
        values ($1, $2, 4, 'Held', 'Test Person', now(), now())
        """,
        product["id"],
        user.user["id"],
    )
    return user, {"product": product, "order": order}


async def test_everything_held_is_there(client: Client) -> None:
    user, held = await a_customer(client)
    reply = await user.get("/users/me/export")
    assert reply.status_code == 200, reply.text
    assert "attachment" in reply.headers["content-disposition"]
    data = reply.json()
    assert data.keys() == SECTIONS | {"exportedAt", "incomplete"}
    assert data["incomplete"] == []
    assert data["profile"]["email"] == user.user["email"]
    assert [address["label"] for address in data["addresses"]] == ["Office"]
    (order,) = data["orders"]
    assert (order["id"], order["total"]) == (held["order"]["id"], held["order"]["total"])
    assert (order["products"][0]["productId"], order["products"][0]["quantity"]) == (held["product"]["id"], 2)
    assert order["products"][0]["total"] == 25
    assert order["shippingAddress"]["city"] == ADDRESS["city"]
    assert [(payment["orderId"], payment["amount"]) for payment in data["payments"]] == [(order["id"], order["total"])]
    assert [item["quantity"] for item in data["cart"]] == [3]
    assert [kept["productId"] for kept in data["favourites"]] == [held["product"]["id"]]
    assert [review["comment"] for review in data["reviews"]] == ["Held"]
    assert "export-phone" in {session["deviceId"] for session in data["sessions"]}
    assert "signed_in" in {entry["action"] for entry in data["securityLog"]}


async def test_no_secret_and_nobody_else_is_in_it(client: Client) -> None:
    user, _ = await a_customer(client)
    other, held = await a_customer(client)
    reply = await user.get("/users/me/export")
    for foreign in (other.user["email"], held["order"]["id"]):
        assert foreign not in reply.text
    hashed = await client.value("select password_hash from users where id = $1", user.user["id"])
    for secret in (hashed, "passwordHash", "tokenHash", "clientSecret", "token_hash", "$2b$"):
        assert secret not in reply.text
    assert (await client.get("/users/me/export")).status_code == 401


async def test_somebody_new_has_little(client: Client) -> None:
    user = await client.signed_in()
    data = (await user.get("/users/me/export")).json()
    assert all(data[section] == [] for section in SECTIONS - {"profile", "preferences", "sessions", "securityLog"})


async def test_lists_are_bounded_and_say_so(client: Client) -> None:
    user, _ = await a_customer(client)
    shop = client.app.shop
    actor = Actor(user_id=user.user["id"], role=Role.USER)
    view = await export(shop.database.reader, actor, shop, max_rows=1)
    assert len(view.sessions) == len(view.security_log) == 1
    assert {"sessions", "securityLog"} <= set(view.incomplete)
