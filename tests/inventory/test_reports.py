"""Stock in numbers: worth, turnover, what lies dead, and what to order again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot import inventory
from entrepot.inventory.report_queries import Demand
from entrepot.inventory.restock import Policy, suggest
from entrepot.kernel import clock
from tests.builders import Client, an_order
from tests.inventory.books import rewrite


async def ordered(client: Client, product: int, pieces: int, days_ago: int) -> int:
    """An order that was placed some days ago; its id."""
    buyer = await client.signed_in()
    number = (await buyer.post("/orders", an_order((product, pieces)))).json()["id"]
    order: int = await client.value("select id from orders where number = $1", number)
    moment = clock.now() - timedelta(days=days_ago)
    await rewrite(client, "update stock_movements set occurred_at = $2 where order_id = $1", order, moment)
    return order


async def created(client: Client, product: int, days_ago: int) -> None:
    moment = clock.now() - timedelta(days=days_ago)
    await client.value("update products set created_at = $2 where id = $1", product, moment)
    await rewrite(client, "update stock_movements set occurred_at = $2 where product_id = $1", product, moment)


async def test_worth_turnover_and_what_lies_dead(client: Client) -> None:
    company = await client.a_company()
    live = (await client.a_product(company_id=company, stock=20, price=2.5))["id"]
    dead = (await client.a_product(company_id=company, stock=3, price=100))["id"]
    new = (await client.a_product(company_id=company, stock=1, price=1))["id"]
    for product in (live, dead):
        await created(client, product, 200)
    order = await ordered(client, live, 8, 5)
    async with client.app.shop.database.transaction() as tx:
        await inventory.ship(tx, order, actor_id=None)
    admin = await client.signed_in("admin")

    report = (await admin.get(f"/inventory/report?company={company}&days=10")).json()

    (total,) = report["totals"]
    assert (total["pieces"], total["value"], total["shipped"], total["shippedValue"]) == (16, 331, 8, 20)
    # It was worth 350 ten days ago, and the new one came since: 340.5 on average.
    assert (total["turnover"], total["daysOfCover"]) == (0.06, 20)
    (warehouse,) = report["warehouses"]
    assert (warehouse["products"], warehouse["reserved"], warehouse["returned"]) == (3, 0, 0)
    assert [(row["productId"], row["pieces"], row["value"]) for row in report["deadStock"]] == [(dead, 3, 300)]
    assert new not in {row["productId"] for row in report["deadStock"]}
    empty = (await admin.get(f"/inventory/report?company={await client.a_company()}")).json()
    assert empty["totals"] == empty["warehouses"] == empty["deadStock"] == []


async def test_stock_beyond_all_reason_is_reported_too(client: Client) -> None:
    company = await client.a_company()
    product = (await client.a_product(company_id=company, stock=1_000_000_000))["id"]
    await client.value("update products set price_minor = 1000000000000 where id = $1", product)
    await created(client, product, 200)
    admin = await client.signed_in("admin")

    reply = await admin.get(f"/inventory/report?company={company}")

    assert reply.status_code == 200
    assert reply.json()["totals"][0]["value"] == reply.json()["deadStock"][0]["value"] == (2**63 - 1) / 100


async def test_what_to_order_again(client: Client) -> None:
    company = await client.a_company()
    fast = (await client.a_product(company_id=company, stock=70))["id"]
    slow = (await client.a_product(company_id=company, stock=500))["id"]
    for product in (fast, slow):
        await created(client, product, 100)
        for days_ago in range(20):
            await ordered(client, product, 3, days_ago)
    admin = await client.signed_in("admin")
    elsewhere = await client.signed_in("location_admin", zone_ids=[await client.a_zone()])
    path = f"/inventory/restock-suggestions?company={company}&windowDays=20&leadTimeDays=4&coverDays=10"

    page = (await admin.get(path)).json()

    (found,) = page["suggestions"]
    assert page["total"] == 1
    assert (found["productId"], found["available"], found["soldPerDay"]) == (fast, 10, 3)
    # As even as can be: 4 days of 3, no safety stock; 14 days of 3, less what is left.
    assert (found["orderPoint"], found["quantity"]) == (pytest.approx(12, abs=2), pytest.approx(32, abs=5))
    assert found["orderOn"] == clock.today().isoformat()
    assert "60 sold in 20 days" in found["reason"]
    assert (await elsewhere.get(path)).json()["total"] == 0
    slowly = (await admin.get(path.replace("leadTimeDays=4", "leadTimeDays=180"))).json()
    assert [row["productId"] for row in slowly["suggestions"]] == [fast, slow]
    assert (await admin.get("/inventory/restock-suggestions?serviceLevel=1")).status_code == 400


def a_demand(**fields: Any) -> Demand:
    known = {
        "product_id": 1,
        "sku": "S",
        "title": "T",
        "unit": "piece",
        "warehouse_id": 1,
        "warehouse": "W",
        "zone": "z",
    }
    return Demand(
        **{**known, "days": 90, "sold": 90, "available": 100, "mean": 1.0, "spread": 0.0, "total": 1, **fields}
    )


def test_a_steady_product_is_ordered_when_the_lead_time_is_left() -> None:
    suggestion = suggest(a_demand(available=12), Policy(lead_days=7, cover_days=30))

    assert (suggestion.order_point, suggestion.safety_stock) == (7, 0)
    assert suggestion.order_on == clock.today() + timedelta(days=5)
    assert suggestion.runs_out_on == clock.today() + timedelta(days=12)
    assert suggestion.quantity == 30  # 37 days of one, less the 7 that are left when it is ordered


@given(
    mean=st.floats(0.01, 500),
    spread=st.floats(0, 500),
    available=st.integers(0, 10_000),
    lead=st.integers(1, 180),
    level=st.floats(0.5, 0.99),
)
def test_more_spread_or_service_never_means_less_stock(
    mean: float, spread: float, available: int, lead: int, level: float
) -> None:
    demand = a_demand(mean=mean, spread=spread, available=available)
    policy = Policy(lead_days=lead, service_level=level)
    calm = suggest(a_demand(mean=mean, spread=0.0, available=available), policy)
    higher = suggest(demand, Policy(lead_days=lead, service_level=min(0.999, level + 0.05)))

    suggestion = suggest(demand, policy)

    assert suggestion.quantity >= 1
    assert calm.order_point <= suggestion.order_point <= higher.order_point
    assert clock.today() <= suggestion.order_on <= suggestion.runs_out_on
