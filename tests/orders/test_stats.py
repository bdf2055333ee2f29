"""Orders in numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel import clock
from entrepot.orders.list_queries import Bucket
from entrepot.orders.model import OrderStatus, PaymentStatus
from entrepot.orders.stats import Earned, earned_of
from tests.builders import Client
from tests.orders.handling import a_placed_order, move, take_to


async def stats(reader: Client, **params: Any) -> dict[str, Any]:
    reply = await reader.get("/orders/stats", params=params)
    assert reply.status_code == 200, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


async def test_a_seller_counts_its_parts(client: Client) -> None:
    first, second = await client.a_company(), await client.a_company()
    mine, theirs = (
        await client.a_product(company_id=first, price=10),
        await client.a_product(company_id=second, price=99),
    )
    seller, admin, buyer = (
        await client.signed_in("seller", company_id=first),
        await client.signed_in("admin"),
        await client.signed_in(),
    )
    orders = [await a_placed_order(buyer, mine, theirs, quantity=quantity) for quantity in (1, 2, 3)]
    await move(admin, orders[2], "cancelled")
    await take_to(seller, orders[1], "processing")

    shown = await stats(seller)

    assert shown["total"] == 3
    assert {status: count for status, count in shown["byStatus"].items() if count} == {
        "pending": 1,
        "processing": 1,
        "cancelled": 1,
    }
    assert shown["byPaymentStatus"]["unpaid"] == 3
    assert (shown["totalRevenue"], shown["averageOrderValue"], shown["currency"]) == (32.4, 16.2, "USD")
    assert shown["revenue"] == [{"currency": "USD", "orders": 2, "revenue": 32.4, "averageValue": 16.2}]
    assert sum(period["orders"] for period in shown["periods"]) == 3
    of_company = await stats(admin, company=first)
    assert of_company["total"] == 3
    assert of_company["totalRevenue"] > 32.4  # an administrator sees whole orders


async def test_a_location_admin_counts_its_zones(client: Client) -> None:
    zones = [await client.a_zone(), await client.a_zone()]
    slugs = [await client.value("select slug from zones where id = $1", zone_id) for zone_id in zones]
    product = await client.a_product(company_id=await client.a_company(zones=dict.fromkeys(zones, (0, None))))
    buyer = await client.signed_in()
    local = await client.signed_in("location_admin", zone_ids=[zones[0]])
    for slug in (slugs[0], slugs[0], slugs[1]):
        await a_placed_order(buyer, product, zone=slug)
    await a_placed_order(local, product, zone=slugs[1])
    assert (await stats(local))["total"] == 2


async def test_by_period(client: Client) -> None:
    company_id = await client.a_company()
    product = await client.a_product(company_id=company_id)
    seller = await client.signed_in("seller", company_id=company_id)
    begin = datetime(2031, 1, 1, 12, tzinfo=UTC)
    for days in (0, 0, 1, 40):
        with clock.moved(begin + timedelta(days=days) - clock.now()):
            await a_placed_order(await client.signed_in(), product)
    time = {"since": "2031-01-01T00:00:00Z", "until": "2031-12-01T00:00:00Z"}

    async def starts(period: str) -> list[tuple[str, int]]:
        return [(one["start"], one["orders"]) for one in (await stats(seller, period=period, **time))["periods"]]

    assert await starts("day") == [
        ("2031-01-01T00:00:00Z", 2),
        ("2031-01-02T00:00:00Z", 1),
        ("2031-02-10T00:00:00Z", 1),
    ]
    assert await starts("month") == [("2031-01-01T00:00:00Z", 3), ("2031-02-01T00:00:00Z", 1)]
    assert [count for _, count in await starts("week")] == [3, 1]


@pytest.mark.parametrize(
    "params",
    [
        {"period": "year"},
        {"since": "x"},
        {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "2020-01-01T00:00:00Z"},
        {"since": "0001-01-01T00:00:00Z", "until": "9999-12-31T23:59:59Z"},
        {"until": "0001-01-01T00:00:00Z"},
        {"company": -1},
    ],
    ids=str,
)
async def test_what_is_not_sane_is_refused(client: Client, params: dict[str, Any]) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.get("/orders/stats", params=params)
    assert reply.status_code == 400, reply.text


@given(
    st.lists(
        st.builds(
            Bucket,
            start=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
            status=st.sampled_from(OrderStatus),
            payment_status=st.sampled_from(PaymentStatus),
            currency=st.sampled_from(["EUR", "USD"]),
            orders=st.integers(1, 50),
            total_minor=st.integers(0, 10**12),
        )
    )
)
def test_every_order_that_earns_is_counted_once(buckets: list[Bucket]) -> None:
    earned = earned_of(buckets)
    lost = {OrderStatus.CANCELLED, OrderStatus.RETURNED, OrderStatus.REFUNDED}
    assert sum(one.orders for one in earned) == sum(b.orders for b in buckets if b.status not in lost)
    assert sum(one.revenue_minor for one in earned) == sum(b.total_minor for b in buckets if b.status not in lost)
    assert len({one.currency for one in earned}) == len(earned)


@pytest.mark.parametrize(("revenue", "orders", "average"), [(0, 0, 0), (10, 4, 3), (9, 4, 2), (3, 2, 2), (100, 1, 100)])
def test_the_average_is_rounded_half_up(revenue: int, orders: int, average: int) -> None:
    assert Earned(currency="USD", orders=orders, revenue_minor=revenue).average_minor == average
