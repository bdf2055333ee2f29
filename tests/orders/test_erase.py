"""What a buyer wrote is in its export, and goes when it is erased; what it bought and got back stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from entrepot.identity.erase import erase_due
from entrepot.kernel import clock
from tests.builders import PASSWORD, Client, unique
from tests.orders.handling import a_placed_order
from tests.orders.returning import Bought

TABLES = ("orders", "order_history", "order_notes", "returns", "return_history", "seller_reviews", "credits", "refunds")


async def in_books(client: Client, word: str) -> list[str]:
    """The tables that say it."""
    return [
        table
        for table in TABLES
        if await client.value(f"select exists (select from {table} t where strpos(t::text, $1) > 0)", word)
    ]


async def export_of(buyer: Client) -> dict[str, Any]:
    reply = await buyer.get("/users/me/export")
    assert reply.status_code == 200, reply.text
    data: dict[str, Any] = reply.json()
    return data


async def test_words_go_and_amounts_stay(client: Client) -> None:
    word = unique("confession")
    product = await client.a_product(price=20)
    bought = await Bought.delivered(client, [product], 3)
    await bought.buyer.post(f"/orders/{bought.number}/notes", {"note": f"Ring twice, {word}"})
    await bought.admin.post(f"/orders/{bought.number}/notes", {"note": "We will"})
    await bought.buyer.post(
        f"/orders/{bought.number}/review",
        {"overall": 2, "communication": 3, "timeliness": 4, "comment": f"Late, {word}"},
    )
    return_id = await bought.asked(1, note=f"Too small, {word}")
    for status in ("approved", "received", "refunded"):
        await bought.take(return_id, status)
    fewer = await a_placed_order(bought.buyer, product, quantity=5)
    lines = [{"productId": product["id"], "quantity": 2}]
    reply = await bought.buyer.put(f"/orders/{fewer['id']}/cancel", {"reason": f"Fewer, {word}", "lines": lines})
    assert reply.status_code == 200, reply.text
    given_up = await a_placed_order(bought.buyer, product)
    await bought.buyer.put(f"/orders/{given_up['id']}/cancel", {"reason": f"None, {word}"})
    called_off = await a_placed_order(bought.buyer, product)
    await bought.admin.put(f"/orders/{called_off['id']}/cancel", {"reason": "We have none"})
    assert await in_books(client, word) == [table for table in TABLES if table != "refunds"]

    data = await export_of(bought.buyer)
    assert {(note["orderId"], note["by"]) for note in data["orderNotes"]} == {
        (bought.number, "buyer"),
        (bought.number, "admin"),
    }
    (returned,) = data["returns"]
    assert (returned["id"], returned["status"], returned["products"]) == (
        return_id,
        "refunded",
        [{"sku": product["sku"], "title": product["title"], "quantity": 1, "received": 1}],
    )
    assert [(review["overall"], review["comment"]) for review in data["sellerReviews"]] == [(2, f"Late, {word}")]
    assert sorted((credit["kind"], credit["total"]) for credit in data["credits"]) == [
        ("cancellation", 21.6), ("cancellation", 21.6), ("cancellation", 43.2), ("return", 21.6),
    ]  # fmt: skip
    assert [(refund["orderId"], refund["amount"]) for refund in data["refunds"]] == [(bought.number, 21.6)]

    await bought.buyer.post("/users/me/delete", {"password": PASSWORD})
    with clock.moved(timedelta(days=32)):
        await erase_due(client.app.shop.database, client.app.shop.files)

    assert await in_books(client, word) == []
    order = (await bought.admin.get(f"/orders/{bought.number}")).json()
    assert (order["total"], order["paymentStatus"]) == (bought.order["total"], "partially_refunded")
    history = await bought.admin.get(f"/orders/{bought.number}/history")
    assert (history.status_code, word in history.text, "We will" in history.text) == (200, False, True)
    steps = [step["note"] for step in await _history(client, fewer["id"]) if step["note"]]
    assert steps == [f"cancelled 2 x {product['sku']}"]
    assert (await bought.admin.get(f"/orders/{called_off['id']}")).json()["cancelReason"] == "We have none"
    assert await client.value("select overall from seller_reviews where company_id = $1", product["companyId"]) == 2


async def test_what_others_wrote_stays(client: Client) -> None:
    word = unique("elsewhere")
    bought = await Bought.delivered(client, [await client.a_product()])
    await bought.buyer.post(f"/orders/{bought.number}/notes", {"note": word})
    other = await client.signed_in()
    await other.post("/users/me/delete", {"password": PASSWORD})

    with clock.moved(timedelta(days=32)):
        await erase_due(client.app.shop.database, client.app.shop.files)

    assert await in_books(client, word) == ["order_notes"]


async def _history(client: Client, number: str) -> list[dict[str, Any]]:
    rows = await client.app.shop.database.pool.fetch(
        "select h.note from order_history h join orders o on o.id = h.order_id where o.number = $1 order by h.id",
        number,
    )
    return [dict(row) for row in rows]
