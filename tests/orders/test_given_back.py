"""Refunds and the goods: what was given back is not sent off, and nobody is paid for a piece and keeps it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from entrepot.kernel import clock
from entrepot.orders import expire_unpaid
from tests.builders import Client, an_order
from tests.inventory.books import assert_books_balance
from tests.orders.handling import a_placed_order, credited, move, pay, refunded, statuses, stock_of, take_to
from tests.orders.returning import change
from tests.payments.paying import an_intent, cents, confirm, published, standing
from tests.pricing.promoting import a_coupon, about


async def refund(admin: Client, order: dict[str, Any], **body: Any) -> None:
    reply = await admin.post("/payments/refunds", {"orderId": order["id"], **body})
    assert reply.status_code == 201, reply.text


async def a_paid_order(buyer: Client, *products: dict[str, Any], **fields: Any) -> dict[str, Any]:
    order = await a_placed_order(buyer, *products, **{"paymentMethod": "card", **fields})
    await pay(buyer, order)
    return order


async def returned(admin: Client, buyer: Client, order: dict[str, Any], quantity: int) -> dict[str, Any]:
    """So many pieces of the first product came back, and the return was refunded."""
    lines = [{"productId": order["products"][0]["id"], "quantity": quantity}]
    asked = await buyer.post(f"/orders/{order['id']}/return", {"lines": lines, "reason": "damaged"})
    assert asked.status_code == 201, asked.text
    for status in ("approved", "received", "refunded"):
        reply = await change(admin, asked.json()["returns"][0]["id"], status)
        assert reply.status_code == 200, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


@pytest.mark.parametrize("so_far", [None, "processing"])
@pytest.mark.parametrize("by_amount", [False, True])
async def test_what_was_refunded_whole_is_cancelled_and_not_shipped(
    client: Client, so_far: str | None, by_amount: bool
) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=5)
    coupon = await a_coupon(admin, target=about(product["id"]), totalLimit=1)
    order = await a_paid_order(buyer, product, quantity=2, couponCode=coupon["code"])
    if so_far is not None:
        await take_to(admin, order, so_far)

    await refund(admin, order, **({"amount": cents(order)} if by_amount else {}), reason="Sold out")

    assert await standing(client, order) == ("cancelled", "refunded")
    assert await refunded(client, order) == cents(order) == await credited(client, order)
    assert await stock_of(client, product) == (5, 5)
    assert (await move(admin, order, "shipped")).status_code == 422
    shown = (await buyer.get(f"/orders/{order['id']}")).json()
    assert (shown["cancelReason"], shown["products"][0]["cancelledQuantity"]) == ("Sold out", 2)
    history = (await admin.get(f"/orders/{order['id']}/history")).json()["history"]
    assert (history[-1]["to"], history[-1]["by"], history[-1]["actorId"]) == ("cancelled", "admin", admin.user["id"])
    assert await published(client, "order.cancelled", order) == 1
    again = await buyer.post("/orders", an_order((product["id"], 1), couponCode=coupon["code"]))
    assert again.status_code == 201, again.text
    await assert_books_balance(client, [product["id"]])


async def test_money_for_less_leaves_the_goods_as_they_are(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=5)
    order = await a_paid_order(buyer, product, quantity=2)

    await refund(admin, order, amount=cents(order) - 1)

    assert await standing(client, order) == ("pending", "partially_refunded")
    assert (await take_to(admin, order, "delivered"))["status"] == "delivered"
    assert await stock_of(client, product) == (3, 3)
    await refund(admin, order, amount=1)
    assert await standing(client, order) == ("refunded", "refunded")
    assert await published(client, "order.refunded", order) == 1


async def test_each_part_ends_by_what_it_was(client: Client) -> None:
    """Of three: one was delivered, one is on its way, one was not sent off."""
    companies = sorted([await client.a_company() for _ in range(3)])
    products = [await client.a_product(company_id=company_id, stock=5) for company_id in companies]
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_paid_order(buyer, *products)
    await take_to(admin, order, "delivered", companyId=companies[0])
    await take_to(admin, order, "shipped", companyId=companies[1])

    await refund(admin, order)

    assert await statuses(client, order) == ["refunded", "shipped", "cancelled"]
    assert [await stock_of(client, product) for product in products] == [(4, 4), (4, 4), (5, 5)]
    assert (await move(admin, order, "delivered")).json()["status"] == "refunded"
    assert await statuses(client, order) == ["refunded", "refunded", "cancelled"]
    assert await published(client, "order.delivered", order) == 2


async def test_one_part_is_refunded_and_the_other_goes_on(client: Client) -> None:
    first, second = sorted([await client.a_company(), await client.a_company()])
    gone, sold = [await client.a_product(company_id=company_id, stock=5) for company_id in (first, second)]
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_paid_order(buyer, gone, sold)

    await refund(admin, order, lines=[{"productId": gone["id"], "quantity": 1}], shipping=True)

    assert await statuses(client, order) == ["cancelled", "pending"]
    assert (await take_to(admin, order, "delivered"))["status"] == "delivered"
    assert await stock_of(client, gone) == (5, 5)


async def test_of_refunding_and_shipping_at_once_one_wins(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=20)
    orders = [await a_paid_order(buyer, product) for _ in range(4)]
    for order in orders:
        await take_to(admin, order, "processing")

    await asyncio.gather(
        *(step for order in orders for step in (refund(admin, order), move(admin, order, "shipped"))),
    )

    stood = [await standing(client, order) for order in orders]
    assert {payment for _, payment in stood} == {"refunded"}
    shipped = [status for status, _ in stood].count("shipped")
    assert shipped + [status for status, _ in stood].count("cancelled") == 4
    assert await stock_of(client, product) == (20 - shipped, 20 - shipped)
    await assert_books_balance(client, [product["id"]])


async def test_who_was_refunded_a_piece_gives_it_back_for_nothing(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_paid_order(buyer, await client.a_product(stock=5, price=10), quantity=2)
    await take_to(admin, order, "delivered")
    one = cents(order) // 2
    await refund(admin, order, lines=[{"productId": order["products"][0]["id"], "quantity": 1}])

    await returned(admin, buyer, order, 1)
    assert await refunded(client, order) == one
    assert await standing(client, order) == ("delivered", "partially_refunded")

    await returned(admin, buyer, order, 1)
    assert await refunded(client, order) == cents(order)
    assert await standing(client, order) == ("refunded", "refunded")


async def test_who_was_refunded_a_piece_cancels_it_for_nothing(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=5, price=10)
    order = await a_paid_order(buyer, product, quantity=3)
    one = cents(order) // 3
    pieces = [{"productId": product["id"], "quantity": 1}]
    await refund(admin, order, lines=pieces)

    for given_back in (one, 2 * one, 3 * one):
        reply = await buyer.put(f"/orders/{order['id']}/cancel", {"lines": pieces})
        assert reply.status_code == 200, reply.text
        assert await refunded(client, order) == given_back
    assert await standing(client, order) == ("cancelled", "refunded")
    assert await stock_of(client, product) == (5, 5)


async def test_what_is_left_when_the_rest_is_cancelled_is_not_sent_for_nothing(client: Client) -> None:
    """One product was refunded by its pieces, and the other one is cancelled: nothing that was paid for is left."""
    company_id = await client.a_company()
    refunded_one, other = [await client.a_product(stock=5, company_id=company_id) for _ in range(2)]
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_paid_order(buyer, refunded_one, other)
    await refund(admin, order, lines=[{"productId": refunded_one["id"], "quantity": 1}])
    assert await standing(client, order) == ("pending", "partially_refunded")

    await buyer.put(f"/orders/{order['id']}/cancel", {"lines": [{"productId": other["id"]}]})

    assert await standing(client, order) == ("cancelled", "refunded")
    assert [await stock_of(client, product) for product in (refunded_one, other)] == [(5, 5), (5, 5)]


async def test_an_order_that_costs_nothing_any_more_is_sent(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    company_id = await client.a_company()
    free, dear = [await client.a_product(stock=5, company_id=company_id) for _ in range(2)]
    gift = await a_coupon(admin, type="percentage", value=100, target=about(free["id"]))
    order = await a_placed_order(buyer, free, dear, paymentMethod="card", couponCode=gift["code"])
    await buyer.put(f"/orders/{order['id']}/cancel", {"lines": [{"productId": dear["id"]}]})

    with clock.moved(timedelta(days=2)):
        await expire_unpaid(client.app.shop.database)

    assert (await standing(client, order))[0] == "pending"
    assert (await take_to(admin, order, "delivered"))["status"] == "delivered"
    assert [await stock_of(client, product) for product in (free, dear)] == [(4, 4), (5, 5)]


async def test_an_administrator_moves_what_is_behind_and_leaves_what_is_further(client: Client) -> None:
    first, second = sorted([await client.a_company(), await client.a_company()])
    products = [await client.a_product(company_id=company_id, stock=5) for company_id in (first, second)]
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, *products)
    await take_to(admin, order, "shipped", companyId=first)

    assert (await move(admin, order, "confirmed")).status_code == 200
    assert await statuses(client, order) == ["shipped", "confirmed"]
    refused = await move(admin, order, "delivered")
    assert (refused.status_code, refused.json()["code"]) == (422, "ORDER_ILLEGAL_TRANSITION")
    for status in ("processing", "shipped", "delivered"):
        assert (await move(admin, order, status)).json()["status"] == status
    assert await statuses(client, order) == ["delivered", "delivered"]


@pytest.mark.parametrize("by_seller", [False, True])
async def test_cash_is_not_taken_while_a_charge_is_running(client: Client, by_seller: bool) -> None:
    company_id = await client.a_company()
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    seller = await client.signed_in("seller", company_id=company_id)
    order = await a_placed_order(buyer, await client.a_product(company_id=company_id), paymentMethod="cash_on_delivery")
    assert (await confirm(buyer, await an_intent(buyer, order), "pm_usBankAccount_processing")).status_code == 200
    await take_to(admin, order, "shipped")

    if by_seller:
        reply = await seller.request("PATCH", f"/vendors/orders/{order['id']}/status", json={"status": "delivered"})
    else:
        reply = await move(admin, order, "delivered")

    assert (reply.status_code, reply.json()["code"]) == (409, "ORDER_ALREADY_CHARGED")
    assert "under way" in reply.json()["message"]
    assert (await standing(client, order))[0] == "shipped"


async def test_numbers_leave_out_what_was_taken_back(client: Client) -> None:
    zone_id = await client.a_zone()
    first, second = [await client.a_company(zones={zone_id: (300, None)}) for _ in range(2)]
    mine, theirs = (
        await client.a_product(company_id=first, price=10),
        await client.a_product(company_id=second, price=50),
    )
    zone = await client.value("select slug from zones where id = $1", zone_id)
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    of_zone = await client.signed_in("location_admin", zone_ids=[zone_id])
    sellers = [await client.signed_in("seller", company_id=company_id) for company_id in (first, second)]
    order = await a_paid_order(buyer, mine, theirs, quantity=2, zone=zone)
    await buyer.put(f"/orders/{order['id']}/cancel", {"lines": [{"productId": mine["id"], "quantity": 1}]})
    await refund(admin, order, lines=[{"productId": theirs["id"], "quantity": 1}])

    shown = [(await reader.get("/orders/stats")).json() for reader in (*sellers, of_zone)]

    left = cents(order) - await credited(client, order)
    assert [stats["total"] for stats in shown] == [1, 1, 1]
    revenues = [round(stats["totalRevenue"] * 100) for stats in shown]
    assert revenues[2] == left == revenues[0] + revenues[1]
    assert revenues[0] < revenues[1] < left
    assert [period["orders"] for period in shown[2]["periods"]] == [1]
