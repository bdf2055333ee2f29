"""Cancelling: all of an order, a part, some pieces; once, whatever happens at the same time; stock and money agree."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from entrepot.kernel import clock
from entrepot.orders import expire_unpaid
from tests.builders import Client, an_order
from tests.inventory.books import assert_books_balance
from tests.orders.handling import a_placed_order, credited, move, pay, refunded, statuses, stock_of, take_to
from tests.payments.paying import cents, published, standing
from tests.pricing.promoting import a_coupon


async def cancel(by: Client, order: dict[str, Any], **body: Any) -> Any:
    return await by.put(f"/orders/{order['id']}/cancel", body)


async def test_a_cancelled_order_gives_back_its_stock_and_what_was_paid(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(stock=5)
    order = await a_placed_order(buyer, product, quantity=3, paymentMethod="card")
    await pay(buyer, order)

    reply = await cancel(buyer, order, reason="Changed my mind")

    shown = reply.json()
    assert (reply.status_code, shown["status"], shown["cancelReason"]) == (200, "cancelled", "Changed my mind")
    assert shown["cancelledAt"].endswith("Z")
    assert shown["products"][0]["cancelledQuantity"] == 3
    assert await stock_of(client, product) == (5, 5)
    assert await refunded(client, order) == cents(order) == await credited(client, order)
    assert await published(client, "order.cancelled", order) == 1
    await assert_books_balance(client, [product["id"]])


async def test_an_unpaid_order_is_cancelled_without_a_refund(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(stock=5)
    order = await a_placed_order(buyer, product, paymentMethod="card")

    assert (await buyer.delete(f"/orders/{order['id']}")).status_code == 204

    assert await standing(client, order) == ("cancelled", "unpaid")
    assert (await refunded(client, order), await credited(client, order)) == (0, cents(order))
    assert (await buyer.get(f"/orders/{order['id']}")).json()["status"] == "cancelled"
    with clock.moved(timedelta(hours=1)):
        await expire_unpaid(client.app.shop.database)
    assert await published(client, "order.expired", order) == 0


@pytest.mark.parametrize("so_far", ["shipped", "delivered"])
async def test_what_is_on_its_way_cannot_be_cancelled(client: Client, so_far: str) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())
    await take_to(admin, order, so_far)

    for refused in (
        await cancel(buyer, order),
        await buyer.delete(f"/orders/{order['id']}"),
        await cancel(admin, order, companyId=order["parts"][0]["companyId"]),
        await cancel(buyer, order, lines=[{"productId": order["products"][0]["id"]}]),
    ):
        assert (refused.status_code, refused.json()["code"]) == (422, "ORDER_CANNOT_CANCEL")
        assert refused.json()["message"] == f"Cannot cancel order that has been {so_far}"
    assert await credited(client, order) == 0


async def test_twice_is_refused(client: Client) -> None:
    buyer = await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())
    assert (await cancel(buyer, order)).status_code == 200
    for refused in (
        await cancel(buyer, order),
        await cancel(buyer, order, companyId=order["parts"][0]["companyId"]),
        await cancel(buyer, order, lines=[{"productId": order["products"][0]["id"]}]),
    ):
        assert (refused.status_code, refused.json()["code"]) == (422, "ORDER_CANNOT_CANCEL")


async def test_one_companys_part_is_cancelled_and_the_rest_goes_on(client: Client) -> None:
    first, second = sorted([await client.a_company(), await client.a_company()])
    products = [await client.a_product(company_id=company_id, stock=5) for company_id in (first, second)]
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, *products, quantity=2, paymentMethod="card")
    await pay(buyer, order)
    parts = {part["companyId"]: part for part in order["parts"]}

    shown = (await cancel(buyer, order, companyId=first, reason="Too slow")).json()

    assert shown["status"] == "pending"
    assert "cancelledAt" not in shown
    assert await statuses(client, order) == ["cancelled", "pending"]
    assert [await stock_of(client, product) for product in products] == [(5, 5), (3, 5)]
    assert await refunded(client, order) == cents(parts[first])

    assert (await take_to(admin, order, "delivered"))["status"] == "delivered"
    assert await statuses(client, order) == ["cancelled", "delivered"]
    assert [await stock_of(client, product) for product in products] == [(5, 5), (3, 3)]


async def test_the_last_part_cancels_the_order(client: Client) -> None:
    companies = [await client.a_company(), await client.a_company()]
    products = [await client.a_product(company_id=company_id, stock=5) for company_id in companies]
    buyer = await client.signed_in()
    order = await a_placed_order(buyer, *products, paymentMethod="card")
    await pay(buyer, order)

    await cancel(buyer, order, companyId=companies[0], reason="One")
    shown = (await cancel(buyer, order, companyId=companies[1], reason="Two")).json()

    assert (shown["status"], shown["cancelReason"]) == ("cancelled", "Two")
    assert await refunded(client, order) == cents(order)
    await assert_books_balance(client, [product["id"] for product in products])


async def test_a_seller_cancels_its_part_by_its_status_only(client: Client) -> None:
    company_id = await client.a_company()
    product = await client.a_product(company_id=company_id, stock=5)
    seller, buyer = await client.signed_in("seller", company_id=company_id), await client.signed_in()
    order = await a_placed_order(buyer, product, paymentMethod="card")
    await pay(buyer, order)

    assert (await cancel(seller, order)).status_code == 403
    reply = await move(seller, order, "cancelled", note="Sold out after all")
    assert reply.json()["status"] == "cancelled"
    assert await refunded(client, order) == cents(order)
    assert await stock_of(client, product) == (5, 5)


async def test_pieces_are_cancelled_and_the_last_one_gives_exactly_the_rest(client: Client) -> None:
    product, other = await client.a_product(stock=9, price=3.33), await client.a_product(stock=9, price=10)
    buyer = await client.signed_in()
    order = await a_placed_order(buyer, product, other, quantity=3, paymentMethod="card")
    await pay(buyer, order)
    line = next(line for line in order["products"] if line["id"] == product["id"])

    shown = (await cancel(buyer, order, lines=[{"productId": product["id"], "quantity": 1}], reason="Too many")).json()
    assert shown["status"] == "pending"
    assert next(one for one in shown["products"] if one["id"] == product["id"])["cancelledQuantity"] == 1
    assert await stock_of(client, product) == (7, 9)
    history = (await buyer.get(f"/orders/{order['id']}/history")).json()["history"]
    assert history[-1]["note"] == f"cancelled 1 x {line['sku']}: Too many"
    assert await published(client, "order.reduced", order) == 1

    short = await cancel(buyer, order, lines=[{"productId": product["id"], "quantity": 3}])
    assert (short.status_code, short.json()["code"]) == (422, "ORDER_CANNOT_CANCEL")
    assert short.json()["details"] == {f"lines.{product['id']}": ["at most 2 can be cancelled"]}

    assert (await cancel(buyer, order, lines=[{"productId": product["id"]}])).status_code == 200
    part = next(part for part in order["parts"] if part["companyId"] == product["companyId"])
    assert await refunded(client, order) == cents(part)
    assert await stock_of(client, product) == (9, 9)

    whole = await cancel(buyer, order, lines=[{"productId": other["id"], "quantity": 3}])
    assert whole.json()["status"] == "cancelled"
    assert await refunded(client, order) == cents(order)
    await assert_books_balance(client, [product["id"], other["id"]])


async def test_a_cancelled_piece_is_not_shipped(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=9)
    order = await a_placed_order(buyer, product, quantity=4)
    await cancel(buyer, order, lines=[{"productId": product["id"], "quantity": 1}])
    await take_to(admin, order, "shipped")
    assert await stock_of(client, product) == (6, 6)
    await assert_books_balance(client, [product["id"]])


async def test_pieces_from_several_warehouses_go_back_to_theirs(client: Client) -> None:
    company_id = await client.a_company()
    product = await client.a_product(company_id=company_id, stock=2)
    warehouse_id = await client.a_warehouse(company_id)
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    body = {"productId": product["id"], "warehouseId": warehouse_id, "onHand": 5}
    assert (await admin.request("PATCH", "/inventory/stock/update", json=body)).status_code == 200
    order = await a_placed_order(buyer, product, quantity=6)

    for _ in range(3):
        assert (await cancel(buyer, order, lines=[{"productId": product["id"], "quantity": 1}])).status_code == 200
        await assert_books_balance(client, [product["id"]])
    assert await stock_of(client, product) == (4, 7)
    await cancel(buyer, order)
    assert await stock_of(client, product) == (7, 7)
    await assert_books_balance(client, [product["id"]])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [{"productId": 1, "quantity": 0}]}, "lines.0.quantity"),
        ({"lines": [{"productId": 2**62}]}, f"lines.{2**62}"),
        ({"lines": [{"productId": 7}, {"productId": 7}]}, "lines"),
        ({"reason": "x" * 501}, "reason"),
        ({"companyId": "first"}, "companyId"),
        ({"everything": True}, "everything"),
    ],
)
async def test_what_is_not_sane_is_refused_by_field(client: Client, body: dict[str, Any], field: str) -> None:
    buyer = await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())
    refused = await cancel(buyer, order, **body)
    assert refused.status_code == 400, refused.text
    assert field in refused.json()["details"]


async def test_a_guest_cancels_with_the_token(client: Client) -> None:
    product = await client.a_product(stock=5)
    orders = [
        (await client.post("/orders", an_order((product["id"], 1), email="guest@example.com"))).json() for _ in range(2)
    ]
    path = f"/orders/{orders[0]['id']}/cancel"
    assert (await client.put(path, {})).status_code == 401
    wrong = await client.put(path, {}, headers={"X-Order-Token": orders[1]["token"]})
    assert wrong.status_code == 403
    right = await client.put(path, headers={"X-Order-Token": orders[0]["token"]})
    assert (right.status_code, right.json()["status"]) == (200, "cancelled")
    reply = await client.delete(f"/orders/{orders[1]['id']}", headers={"X-Order-Token": orders[1]["token"]})
    assert reply.status_code == 204
    assert await stock_of(client, product) == (5, 5)


async def test_the_coupon_comes_back_with_the_whole_order_only(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=20)
    code = (await a_coupon(admin, totalLimit=1))["code"]
    order = await a_placed_order(buyer, product, quantity=3, couponCode=code)
    again = an_order((product["id"], 3), couponCode=code, paymentMethod="invoice")

    await cancel(buyer, order, lines=[{"productId": product["id"], "quantity": 1}])
    assert (await buyer.post("/orders", again)).status_code == 422
    await cancel(buyer, order)
    assert (await buyer.post("/orders", again)).status_code == 201


async def test_a_hundred_cancellations_at_once_are_one(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(stock=5)
    order = await a_placed_order(buyer, product, quantity=2, paymentMethod="card")
    await pay(buyer, order)

    replies = await asyncio.gather(*(cancel(buyer, order) for _ in range(100)))

    assert Counter(reply.status_code for reply in replies) == {200: 1, 422: 99}
    assert await published(client, "order.cancelled", order) == 1
    assert await refunded(client, order) == cents(order)
    assert await stock_of(client, product) == (5, 5)
    await assert_books_balance(client, [product["id"]])


async def test_never_more_pieces_are_cancelled_than_were_bought(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(stock=20)
    order = await a_placed_order(buyer, product, quantity=10, paymentMethod="card")
    await pay(buyer, order)
    lines = [{"productId": product["id"], "quantity": 3}]

    replies = await asyncio.gather(*(cancel(buyer, order, lines=lines) for _ in range(20)))

    assert Counter(reply.status_code for reply in replies) == {200: 3, 422: 17}
    assert await stock_of(client, product) == (19, 20)
    assert await refunded(client, order) == round(cents(order) * 0.9)
    await assert_books_balance(client, [product["id"]])


async def test_of_cancelling_and_shipping_at_once_one_wins(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(stock=100)
    orders = [await a_placed_order(buyer, product, quantity=2, paymentMethod="card") for _ in range(20)]
    for order in orders:
        await pay(buyer, order)
        await take_to(admin, order, "processing")

    replies = await asyncio.gather(
        *(step for order in orders for step in (cancel(buyer, order), move(admin, order, "shipped")))
    )

    shipped = 0
    for order, cancelled, sent in zip(orders, replies[::2], replies[1::2], strict=True):
        assert sorted([cancelled.status_code, sent.status_code]) == [200, 422]
        status, _ = await standing(client, order)
        assert status == ("cancelled" if cancelled.status_code == 200 else "shipped")
        assert await refunded(client, order) == (cents(order) if status == "cancelled" else 0)
        shipped += status == "shipped"
    assert await stock_of(client, product) == (100 - 2 * shipped, 100 - 2 * shipped)
    await assert_books_balance(client, [product["id"]])


async def test_cancelling_parts_pieces_and_expiring_at_once_gives_back_once(client: Client) -> None:
    companies = [await client.a_company(), await client.a_company()]
    products = [await client.a_product(company_id=company_id, stock=50) for company_id in companies]
    buyer = await client.signed_in()
    orders = [await a_placed_order(buyer, *products, quantity=2, paymentMethod="card") for _ in range(10)]

    with clock.moved(timedelta(minutes=31)):
        await asyncio.gather(
            *(cancel(buyer, order, companyId=companies[0]) for order in orders),
            *(cancel(buyer, order, lines=[{"productId": products[1]["id"], "quantity": 1}]) for order in orders),
            *(cancel(buyer, order) for order in orders),
            expire_unpaid(client.app.shop.database),
        )

    for order in orders:
        assert await standing(client, order) == ("cancelled", "unpaid")
        assert await credited(client, order) == cents(order)
    assert [await stock_of(client, product) for product in products] == [(50, 50), (50, 50)]
    await assert_books_balance(client, [product["id"] for product in products])
