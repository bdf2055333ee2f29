"""Lists of orders: filters, sort keys, pages, and what each kind of reader sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from entrepot.kernel import clock
from tests.builders import Client, an_order
from tests.orders.handling import a_placed_order, pay, take_to


async def ids(reader: Client, path: str = "/orders/all", **params: Any) -> list[str]:
    reply = await reader.get(path, params={"limit": 100, **params})
    assert reply.status_code == 200, reply.text
    page = reply.json()
    assert page["total"] == len(page["orders"])
    assert page["products"] == page["orders"]
    return [order["id"] for order in page["orders"]]


async def test_administrators_find_orders_by_what_they_are(client: Client) -> None:
    zone_id = await client.a_zone()
    zone = await client.value("select slug from zones where id = $1", zone_id)
    company_id = await client.a_company(zones={zone_id: (0, None)})
    product, other = await client.a_product(company_id=company_id, price=50), await client.a_product(price=100)
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    card = await a_placed_order(buyer, product, paymentMethod="card", zone=zone)
    invoice = await a_placed_order(buyer, product, other, quantity=2)
    unpaid = await a_placed_order(buyer, other, paymentMethod="cash_on_delivery")
    await pay(buyer, card)
    await take_to(admin, invoice, "confirmed")
    mine = {"user": buyer.user["id"]}
    first, second, third = card["id"], invoice["id"], unpaid["id"]

    assert await ids(admin, **mine) == [third, second, first]
    assert await ids(admin, **mine, status="confirmed") == [second]
    assert await ids(admin, **mine, paymentStatus="paid") == [first]
    assert await ids(admin, **mine, paymentMethod="cash_on_delivery") == [third]
    assert await ids(admin, **mine, company=company_id) == [second, first]
    assert await ids(admin, company=company_id, sortBy="id", order="asc") == [first, second]
    assert await ids(admin, **mine, zone=zone) == [first]
    assert await ids(admin, **mine, zone="nowhere") == []
    assert await ids(admin, **mine, minTotal=54) == [third, second, first]
    assert await ids(admin, **mine, minTotal=54.01, maxTotal=108) == [third]
    assert await ids(admin, **mine, currency="EUR") == []
    assert await ids(admin, **mine, sortBy="total", order="desc") == [second, third, first]
    assert await ids(admin, **mine, sortBy="createdAt", order="asc") == [first, second, third]
    assert await ids(admin, q=first) == [first]
    assert await ids(admin, q=first.removeprefix("ORD-").lower()) == [first]
    assert second in await ids(admin, q=second[:-1])
    assert await ids(admin, q=buyer.user["email"].upper()) == [third, second, first]
    assert await ids(admin, q="100% _'\\") == []
    assert await ids(admin, "/orders", **mine) == [third, second, first]
    assert await ids(buyer, "/orders", paymentStatus="unpaid") == [third, second]
    assert await ids(buyer, "/orders", user=admin.user["id"]) == []


async def test_orders_of_a_time(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product()
    with clock.moved(timedelta(days=400)):
        later = await a_placed_order(await client.signed_in(), product)
    now = await a_placed_order(buyer, product)
    border = (clock.now() + timedelta(days=300)).isoformat()
    assert later["id"] in await ids(admin, since=border)
    assert now["id"] not in await ids(admin, since=border)
    assert await ids(buyer, "/orders", until=border) == [now["id"]]
    naive = (clock.now() + timedelta(days=300)).replace(tzinfo=None).isoformat()
    assert await ids(buyer, "/orders", until=naive) == [now["id"]]
    assert (await admin.get("/orders/all", params={"since": border, "until": border})).status_code == 400


async def test_a_guests_orders_are_found_by_its_address(client: Client) -> None:
    admin = await client.signed_in("admin")
    body = an_order(((await client.a_product())["id"], 1), email="Looked.For@example.com")
    order = (await client.post("/orders", body)).json()
    assert order["id"] in await ids(admin, q="looked.for@EXAMPLE.com")


async def test_a_location_admin_sees_its_zones_and_what_it_bought(client: Client) -> None:
    zones = [await client.a_zone() for _ in range(3)]
    slugs = [await client.value("select slug from zones where id = $1", zone_id) for zone_id in zones]
    product = await client.a_product(company_id=await client.a_company(zones=dict.fromkeys(zones, (0, None))))
    buyer = await client.signed_in()
    local = await client.signed_in("location_admin", zone_ids=zones[:2])
    orders = [await a_placed_order(buyer, product, zone=slug) for slug in slugs]
    own = await a_placed_order(local, product, zone=slugs[2])
    own_here = await a_placed_order(local, product, zone=slugs[0])

    assert await ids(local) == [own_here["id"], orders[1]["id"], orders[0]["id"]]
    assert await ids(local, "/orders") == [own_here["id"], own["id"], orders[1]["id"], orders[0]["id"]]
    assert await ids(local, zone=slugs[2]) == []


@pytest.mark.parametrize("sort_by", ["id", "total", "createdAt"])
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_a_sellers_pages_give_each_order_once(client: Client, sort_by: str, order: str) -> None:
    """What its company sells, and what it bought, come from two sources."""
    company_id = await client.a_company()
    product, elsewhere = await client.a_product(company_id=company_id, stock=1000), await client.a_product(stock=1000)
    seller, buyer = await client.signed_in("seller", company_id=company_id), await client.signed_in()
    for quantity in (2, 1, 1, 3):
        await a_placed_order(buyer, product, elsewhere, quantity=quantity)
        await a_placed_order(seller, elsewhere, quantity=quantity)
        await a_placed_order(seller, product, quantity=quantity)
    params = {"sortBy": sort_by, "order": order}
    whole = await ids(seller, "/orders", **params)
    assert len(whole) == len(set(whole)) == 12

    by_skip = [
        one["id"]
        for skip in range(0, 12, 5)
        for one in (await seller.get("/orders", params={**params, "limit": 5, "skip": skip})).json()["orders"]
    ]
    by_page = [
        one["id"]
        for page in (1, 2, 3)
        for one in (await seller.get("/orders", params={**params, "limit": 5, "page": page})).json()["orders"]
    ]
    by_cursor: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await seller.get("/orders", params={**params, "limit": 5, **cursor})).json()
        by_cursor += [one["id"] for one in page["orders"]]
        assert page["total"] == 12
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert by_skip == by_page == by_cursor == whole


@pytest.mark.parametrize(
    "params",
    [
        {"status": "lost"},
        {"paymentStatus": "x"},
        {"company": 0},
        {"company": "x"},
        {"user": 2**63},
        {"since": "yesterday"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-12:00"},
        {"minTotal": -1},
        {"minTotal": "nan"},
        {"minTotal": "1e400"},
        {"minTotal": "10.001"},
        {"currency": "usd"},
        {"sortBy": "password"},
        {"order": "up"},
        {"cursor": "x"},
        {"q": "x" * 321},
    ],
    ids=str,
)
async def test_what_is_not_sane_is_refused(client: Client, params: dict[str, Any]) -> None:
    admin = await client.signed_in("admin")
    for path in ("/orders", "/orders/all"):
        reply = await admin.get(path, params=params)
        assert reply.status_code == 400, reply.text


async def test_a_cursor_of_another_order_is_refused(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product()
    for _ in range(2):
        await a_placed_order(buyer, product)
    cursor = (await buyer.get("/orders", params={"limit": 1})).json()["nextCursor"]
    assert (await buyer.get("/orders", params={"cursor": cursor, "sortBy": "total"})).status_code == 400
