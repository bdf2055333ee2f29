"""What buyers say of sellers: after delivery, once for each part, counted rightly."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.builders import Client
from tests.orders.handling import a_placed_order, take_to
from tests.payments.paying import published

STARS = {"overall": 5, "communication": 4, "timeliness": 3}


async def ratings(client: Client, company_id: int) -> Any:
    await client.app.tail.poll()
    return (await client.get(f"/companies/{company_id}")).json().get("ratings")


async def test_a_seller_is_reviewed_once_after_delivery(client: Client) -> None:
    company_id = await client.a_company()
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product(company_id=company_id))
    path = f"/orders/{order['id']}/review"

    early = await buyer.post(path, STARS)
    assert (early.status_code, early.json()["code"]) == (422, "ORDER_NOT_DELIVERED")
    await take_to(admin, order, "delivered")
    replies = await asyncio.gather(*(buyer.post(path, {**STARS, "comment": "Quick"}) for _ in range(20)))

    assert Counter(reply.status_code for reply in replies) == {201: 1, 409: 19}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"SELLER_REVIEW_EXISTS"}
    assert await ratings(client, company_id) == {"reviews": 1, "overall": 5, "communication": 4, "timeliness": 3}
    assert await published(client, "order.seller_reviewed", order) == 1
    seller = await client.signed_in("seller", company_id=company_id)
    for by, seen in (
        (admin, f"/companies/{company_id}/stats"),
        (buyer, f"/users/{seller.user['id']}/stats"),
        (buyer, f"/users/{seller.user['id']}"),
    ):
        assert (await by.get(seen)).json()["ratings"] == await ratings(client, company_id)
    assert (await buyer.get(f"/users/{buyer.user['id']}/stats")).json()["ratings"] is None


async def test_many_buyers_at_once_are_all_counted(client: Client) -> None:
    company_id = await client.a_company()
    product = await client.a_product(company_id=company_id)
    admin = await client.signed_in("admin")
    buyers = [await client.signed_in() for _ in range(8)]
    orders = [await a_placed_order(buyer, product) for buyer in buyers]
    for order in orders:
        await take_to(admin, order, "delivered")

    await asyncio.gather(
        *(
            buyer.post(f"/orders/{order['id']}/review", {**STARS, "overall": 1 + place % 4})
            for place, (buyer, order) in enumerate(zip(buyers, orders, strict=True))
        )
    )

    assert await ratings(client, company_id) == {"reviews": 8, "overall": 2.5, "communication": 4, "timeliness": 3}


async def test_of_several_sellers_one_is_named(client: Client) -> None:
    companies = [await client.a_company(), await client.a_company()]
    products = [await client.a_product(company_id=company_id) for company_id in companies]
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, *products)
    await take_to(admin, order, "delivered")
    path = f"/orders/{order['id']}/review"

    assert (await buyer.post(path, STARS)).json()["details"] == {
        "companyId": ["is required: several companies sold this order"]
    }
    for company_id in companies:
        assert (await buyer.post(path, {**STARS, "companyId": company_id})).json()["companyId"] == company_id
    assert (await buyer.post(path, {**STARS, "companyId": companies[0]})).status_code == 409
    assert (await buyer.post(path, {**STARS, "companyId": 2**62})).status_code == 404


async def test_only_who_bought_it(client: Client) -> None:
    company_id = await client.a_company()
    admin = await client.signed_in("admin")
    order = await a_placed_order(await client.signed_in(), await client.a_product(company_id=company_id))
    await take_to(admin, order, "delivered")
    path = f"/orders/{order['id']}/review"
    for other in (await client.signed_in(), await client.signed_in("seller", company_id=company_id), admin):
        assert (await other.post(path, STARS)).status_code == 403
    assert await ratings(client, company_id) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"overall": 0}, "overall"),
        ({"communication": 6}, "communication"),
        ({"timeliness": 2.5}, "timeliness"),
        ({"overall": None}, "overall"),
        ({"comment": "x" * 2001}, "comment"),
        ({"stars": 1}, "stars"),
    ],
)
async def test_stars_are_from_one_to_five(client: Client, change: dict[str, Any], field: str) -> None:
    buyer = await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())
    refused = await buyer.post(f"/orders/{order['id']}/review", {**STARS, **change})
    assert refused.status_code == 400
    assert field in refused.json()["details"]
