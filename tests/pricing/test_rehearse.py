"""Rehearsing a promotion on the orders of the last days."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from entrepot.pricing.model import Percentage, Promotion
from entrepot.pricing.promotions_overlap import Tree
from entrepot.pricing.promotions_rehearse import replay
from entrepot.pricing.rehearsal_queries import PastLine, PastOrder
from tests.builders import Client
from tests.pricing.promoting import a_promotion, about, ordered


async def test_a_draft_is_rehearsed(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in("user")
    company_id = await client.a_company(commission_bp=1_000)
    product, other = await client.a_product(company_id=company_id), await client.a_product()
    await ordered(buyer, (product["id"], 3), (other["id"], 1))
    await ordered(buyer, (other["id"], 1))
    draft = await a_promotion(admin, target=about(product["id"]), value=20, isActive=False)

    told = (await admin.post(f"/promotions/{draft['id']}/rehearse", {"days": 1})).json()

    assert told["complete"]
    assert told["replayed"] >= 2
    assert told["results"] == [
        {
            "currency": "USD",
            "orders": 1,
            "before": {"revenue": 40, "discount": 0, "units": 4, "margin": 3},
            "after": {"revenue": 34, "discount": 6, "units": 4, "margin": 2.4},
        }
    ]
    assert (await admin.post("/promotions/9000000000/rehearse")).status_code == 404
    assert (await admin.post(f"/promotions/{draft['id']}/rehearse", {"days": 0})).status_code == 400


def an_order(number: int, *, user_id: int | None = 1, charged: int = 1_000) -> PastOrder:
    """One piece for 10.00, of which `charged` was charged."""
    line = PastLine(
        product_id=1,
        company_id=1,
        category_id=1,
        brand_id=None,
        group_id=None,
        quantity=1,
        price_minor=1_000,
        discount_bp=0,
        total_minor=1_000,
        discounted_minor=charged,
        share_bp=500,
    )
    return PastOrder(
        id=number,
        user_id=user_id,
        role=None,
        zone_id=None,
        currency="USD",
        first_order=number == 1,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        lines=[line],
    )


@pytest.mark.parametrize(
    ("fields", "orders", "changed", "after"),
    [
        ({}, [an_order(1), an_order(2)], 2, 1_800),
        ({"total_limit": 1}, [an_order(1), an_order(2)], 1, 900),
        ({"per_user_limit": 1}, [an_order(1), an_order(2), an_order(3, user_id=2)], 2, 1_800),
        ({"first_order_only": True}, [an_order(1), an_order(2)], 1, 900),
        ({}, [an_order(1, charged=800)], 1, 700),
        ({"exclusive": True}, [an_order(1, charged=950)], 1, 900),
        ({"exclusive": True}, [an_order(1, charged=800)], 0, 0),
        ({"minimum_spend_minor": 1_001}, [an_order(1)], 0, 0),
    ],
)
def test_orders_are_replayed_as_the_rules_say(
    fields: dict[str, object], orders: list[PastOrder], changed: int, after: int
) -> None:
    promotion = Promotion(id=1, name="Draft", effect=Percentage(1_000), **fields)  # type: ignore[arg-type]

    compared = replay(orders, promotion, Tree(())).get("USD")

    assert (compared.orders if compared else 0, compared.after.revenue_minor if compared else 0) == (changed, after)
