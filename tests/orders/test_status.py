"""Handling orders: who takes which part to which status, and what that means for stock and money."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from tests.builders import Client, an_order
from tests.inventory.books import assert_books_balance
from tests.orders.handling import STEPS, a_placed_order, move, pay, statuses, stock_of, take_to
from tests.payments.paying import published, standing


async def test_an_order_goes_its_way_and_the_history_keeps_it(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=5)
    order = await a_placed_order(buyer, product, quantity=2)

    for status in ("confirmed", "processing"):
        assert (await move(admin, order, status)).json()["status"] == status
    assert await stock_of(client, product) == (3, 5)
    shipped = (
        await move(
            admin, order, "shipped", carrier="UPS", trackingNumber="1Z999AA10123456784", note="Shipped via UPS Ground"
        )
    ).json()
    assert await stock_of(client, product) == (3, 3)
    delivered = (await move(admin, order, "delivered")).json()

    assert (shipped["status"], delivered["status"]) == ("shipped", "delivered")
    part = shipped["parts"][0]
    assert (part["carrier"], part["trackingNumber"]) == ("UPS", "1Z999AA10123456784")
    assert part["trackingUrl"] == "https://www.ups.com/track?tracknum=1Z999AA10123456784"
    history = (await admin.get(f"/orders/{order['id']}/history")).json()["history"]
    assert [(step.get("from"), step["to"], step["by"]) for step in history] == [
        (None, "pending", "buyer"),
        ("pending", "confirmed", "admin"),
        ("confirmed", "processing", "admin"),
        ("processing", "shipped", "admin"),
        ("shipped", "delivered", "admin"),
    ]
    assert history[3]["note"] == "Shipped via UPS Ground"
    assert history[3]["actorId"] == admin.user["id"]
    assert [await published(client, f"order.{status}", order) for status in STEPS] == [1, 1, 1, 1]
    await assert_books_balance(client, [product["id"]])


async def test_what_is_not_in_the_table_is_refused_with_what_is(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())

    for status in ("shipped", "delivered", "returned", "refunded", "pending"):
        refused = await move(admin, order, status)
        assert (refused.status_code, refused.json()["code"]) == (422, "ORDER_ILLEGAL_TRANSITION"), status
        assert refused.json()["details"]["status"] == ["must be confirmed or processing or cancelled"]
    assert await standing(client, order) == ("pending", "unpaid")

    await take_to(admin, order, "delivered")
    for status in STEPS:
        assert (await move(admin, order, status)).json()["code"] == "ORDER_ILLEGAL_TRANSITION"
    by_return = await move(admin, order, "returned")
    assert (by_return.status_code, by_return.json()["code"]) == (422, "ORDER_ILLEGAL_TRANSITION")
    assert "by a return or a refund" in by_return.json()["message"]


async def test_other_shops_words_are_understood(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())
    assert (await move(admin, order, "ACCEPTED")).json()["status"] == "confirmed"
    assert (await move(admin, order, "PROCESSING")).json()["status"] == "processing"
    assert (await move(admin, order, "Canceled")).json()["status"] == "cancelled"


async def test_sellers_handle_their_part_and_the_order_is_as_far_as_the_slowest(client: Client) -> None:
    first, second = sorted([await client.a_company(), await client.a_company()])
    mine, theirs = await client.a_product(company_id=first), await client.a_product(company_id=second)
    seller, other = (
        await client.signed_in("seller", company_id=first),
        await client.signed_in("seller", company_id=second),
    )
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, mine, theirs)

    shown = await take_to(seller, order, "shipped")
    assert shown["status"] == "shipped"  # to a seller, its part is the order
    assert [part["companyId"] for part in shown["parts"]] == [first]
    assert await statuses(client, order) == ["shipped", "pending"]
    assert await standing(client, order) == ("pending", "unpaid")
    assert (await buyer.get(f"/orders/{order['id']}")).json()["status"] == "pending"

    forbidden = await move(seller, order, "confirmed", companyId=second)
    assert (forbidden.status_code, forbidden.json()["code"]) == (403, "FORBIDDEN")
    patched = await other.request("PATCH", f"/vendors/orders/{order['id']}/status", json={"status": "confirmed"})
    assert patched.json()["status"] == "confirmed"
    assert await standing(client, order) == ("confirmed", "unpaid")

    assert (await move(admin, order, "processing", companyId=second)).json()["status"] == "processing"
    assert (await move(admin, order, "shipped")).json()["status"] == "shipped"  # moves the part that is behind
    assert (await move(admin, order, "delivered")).json()["status"] == "delivered"
    assert await statuses(client, order) == ["delivered", "delivered"]


async def test_strangers_handle_nothing(client: Client) -> None:
    zone_id = await client.a_zone()
    order = await a_placed_order(await client.signed_in(), await client.a_product())
    for stranger in (
        await client.signed_in("seller", company_id=await client.a_company()),
        await client.signed_in("seller"),
        await client.signed_in("location_admin", zone_ids=[zone_id]),
        await client.signed_in(),
    ):
        reply = await move(stranger, order, "confirmed")
        assert (reply.status_code, reply.json()["code"]) == (403, "FORBIDDEN")
    admin = await client.signed_in("admin")
    assert (await admin.put("/orders/ORD-0/status", {"status": "confirmed"})).json()["code"] == "ORDER_NOT_FOUND"
    assert (await move(admin, order, "confirmed", companyId=2**62)).status_code == 404
    assert await standing(client, order) == ("pending", "unpaid")


async def test_a_seller_who_bought_elsewhere_handles_only_what_it_sells(client: Client) -> None:
    seller = await client.signed_in("seller", company_id=await client.a_company())
    order = await a_placed_order(seller, await client.a_product())
    assert (await move(seller, order, "confirmed")).status_code == 403


async def test_a_card_order_is_shipped_once_it_is_paid(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product(), paymentMethod="card")
    await take_to(admin, order, "processing")

    refused = await move(admin, order, "shipped")
    assert (refused.status_code, refused.json()["code"]) == (422, "ORDER_NOT_PAID")
    await pay(buyer, order)
    assert (await move(admin, order, "shipped")).json()["status"] == "shipped"


async def test_cash_is_received_with_the_last_part_that_is_delivered(client: Client) -> None:
    first, second = await client.a_company(), await client.a_company()
    products = [await client.a_product(company_id=company_id) for company_id in (first, second)]
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, *products, paymentMethod="cash_on_delivery")
    await take_to(admin, order, "shipped")

    assert (await move(admin, order, "delivered", companyId=first)).json()["paymentStatus"] == "unpaid"
    assert (await move(admin, order, "delivered", companyId=second)).json()["paymentStatus"] == "paid"
    assert await published(client, "order.paid", order) == 1


async def test_cash_counts_when_what_was_not_delivered_is_cancelled_before(client: Client) -> None:
    first, second = await client.a_company(), await client.a_company()
    products = [await client.a_product(company_id=company_id) for company_id in (first, second)]
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, *products, paymentMethod="cash_on_delivery")
    await move(admin, order, "cancelled", companyId=second)

    done = await take_to(admin, order, "delivered")
    assert (done["status"], done["paymentStatus"]) == ("delivered", "paid")


async def test_an_administrator_notes_down_that_an_invoice_was_paid(client: Client) -> None:
    company_id = await client.a_company()
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    seller = await client.signed_in("seller", company_id=company_id)
    order = await a_placed_order(buyer, await client.a_product(company_id=company_id))
    path, paid = f"/orders/{order['id']}/status", {"paymentStatus": "paid"}

    assert (await seller.put(path, paid)).status_code == 403
    replies = await asyncio.gather(*(admin.put(path, paid) for _ in range(20)))
    assert Counter(reply.status_code for reply in replies) == {200: 1, 422: 19}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 422} == {"ORDER_NOT_PAYABLE"}
    assert await standing(client, order) == ("pending", "paid")
    assert await published(client, "order.paid", order) == 1

    by_card = await a_placed_order(buyer, await client.a_product(), paymentMethod="card")
    assert (await admin.put(f"/orders/{by_card['id']}/status", paid)).json()["code"] == "ORDER_NOT_PAYABLE"
    assert (await admin.put(path, {"paymentStatus": "refunded"})).status_code == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "status"),
        ({"status": "lost"}, "status"),
        ({"status": None, "note": "x"}, "status"),
        ({"status": "confirmed", "carrier": "UPS"}, "carrier"),
        ({"status": "shipped", "trackingNumber": ""}, "trackingNumber"),
        ({"status": "shipped", "carrier": "U" * 101}, "carrier"),
        ({"status": "confirmed", "companyId": 0}, "companyId"),
        ({"status": "confirmed", "note": "x" * 2001}, "note"),
        ({"status": "confirmed", "surprise": 1}, "surprise"),
    ],
)
async def test_what_is_not_sane_is_refused_by_field(client: Client, body: dict[str, object], field: str) -> None:
    admin = await client.signed_in("admin")
    order = await a_placed_order(await client.signed_in(), await client.a_product())
    refused = await admin.put(f"/orders/{order['id']}/status", body)
    assert refused.status_code == 400, refused.text
    assert field in refused.json()["details"]


async def test_a_hundred_same_steps_at_once_are_one(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=5)
    order = await a_placed_order(buyer, product, quantity=2)
    await take_to(admin, order, "processing")

    replies = await asyncio.gather(*(move(admin, order, "shipped") for _ in range(100)))

    assert Counter(reply.status_code for reply in replies) == {200: 1, 422: 99}
    assert await published(client, "order.shipped", order) == 1
    assert await stock_of(client, product) == (3, 3)
    await assert_books_balance(client, [product["id"]])


async def test_two_sellers_at_once_both_come_through(client: Client) -> None:
    companies = sorted([await client.a_company(), await client.a_company()])
    products = [await client.a_product(company_id=company_id) for company_id in companies]
    sellers = [await client.signed_in("seller", company_id=company_id) for company_id in companies]
    buyer = await client.signed_in()
    orders = [await a_placed_order(buyer, *products) for _ in range(10)]

    replies = await asyncio.gather(*(move(seller, order, "confirmed") for order in orders for seller in sellers))

    assert {reply.status_code for reply in replies} == {200}
    assert [await standing(client, order) for order in orders] == [("confirmed", "unpaid")] * 10


async def test_a_guests_order_is_handled_as_any(client: Client) -> None:
    admin = await client.signed_in("admin")
    body = an_order(((await client.a_product())["id"], 1), paymentMethod="invoice", email="guest@example.com")
    order = (await client.post("/orders", body)).json()
    assert (await take_to(admin, order, "delivered"))["status"] == "delivered"
