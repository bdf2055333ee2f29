"""Promotional prices on product pages and in lists: those that count for anyone, from the cache, and never for long after."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from entrepot.kernel import clock
from entrepot.pricing.shelf import LONGEST, Shelf
from entrepot.shop import OnShelf
from tests.builders import Client
from tests.pricing.promoting import a_promotion, about, in_days


async def _shown(client: Client, product_id: int) -> dict[str, Any]:
    """The product's page, after the process has heard of everything."""
    await client.app.shelf.refresh()
    page: dict[str, Any] = (await client.get(f"/products/{product_id}")).json()
    return page


async def test_a_promotion_shows_in_the_page_and_in_lists(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=20, discountPercentage=10)
    assert "finalPrice" not in await _shown(client, product["id"])

    made = await a_promotion(admin, target=about(product["id"]), value=50)

    page = await _shown(client, product["id"])
    assert (page["price"], page["finalPrice"]) == (20, 9)
    assert page["promotions"] == [{"id": made["id"], "name": made["name"]}]
    async with asyncio.timeout(20):  # a list does not wait for ever to hear of a new product
        while not (listed := (await client.get(f"/products?company={product['companyId']}")).json()["products"]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert [one.get("finalPrice") for one in listed] == [9]
    await admin.delete(f"/promotions/{made['id']}")
    assert "finalPrice" not in await _shown(client, product["id"])


@pytest.mark.parametrize("scope", ["categories", "brands", "companies"])
async def test_a_promotion_shows_whatever_it_is_about(client: Client, scope: str) -> None:
    admin = await client.signed_in("admin")
    top = await client.value("select id from categories where slug = $1", await client.a_category())
    product = await client.a_product(category=await client.a_category(top), brand=f"Shelf {scope}")
    brand_id = await client.value("select brand_id from products where id = $1", product["id"])
    ids = {"categories": top, "brands": brand_id, "companies": product["companyId"]}

    await a_promotion(admin, target={"scope": scope, "ids": [ids[scope]]})

    assert (await _shown(client, product["id"]))["finalPrice"] == 9


@pytest.mark.parametrize(
    "fields",
    [
        {"perUserLimit": 1},
        {"firstOrderOnly": True},
        {"roles": ["shop_owner"]},
        {"minimumQuantity": 2},
        {"minimumSpend": 11},
        {"startsAt": in_days(1)},
        {"isActive": False},
        {"type": "fixed", "value": 1},
        {"type": "buy_x_get_y", "buyQuantity": 1, "getQuantity": 1},
    ],
)
async def test_what_does_not_count_for_anyone_with_one_piece_is_not_shown(
    client: Client, fields: dict[str, Any]
) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    await a_promotion(admin, target=about(product["id"]), **fields)

    assert "finalPrice" not in await _shown(client, product["id"])


async def test_the_cheapest_combination_is_shown(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product(price=100)
    target = about(product["id"])
    await a_promotion(admin, target=target, value=10)
    await a_promotion(admin, target=target, type="fixed", value=15, perPiece=True)
    assert (await _shown(client, product["id"]))["finalPrice"] in (75, 76.5)

    alone = await a_promotion(admin, target=target, value=40, stackable=False)
    page = await _shown(client, product["id"])
    assert (page["finalPrice"], [one["id"] for one in page["promotions"]]) == (60, [alone["id"]])


async def test_a_promotion_begins_and_ends_by_itself(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    await a_promotion(admin, target=about(product["id"]), startsAt=in_days(1), endsAt=in_days(2))
    ids = await client.app.shop.database.pool.fetchrow(
        "select company_id, category_id from products where id = $1", product["id"]
    )
    on_shelf = OnShelf(product["id"], ids["company_id"], ids["category_id"], None, None, 1_000, 0, "USD")
    told: list[float] = []
    shelf = Shelf(client.app.shop.database, lambda: told.append(1))

    for days, final_minor in ((0, None), (1.5, 900), (2.5, None)):
        with clock.moved(timedelta(days=days)):
            assert timedelta() < await shelf.refresh() <= LONGEST
            promoted = shelf.promoted(on_shelf)
            assert (promoted.final_price_minor if promoted else None) == final_minor
    with clock.moved(timedelta(days=1, seconds=-60)):
        assert await shelf.refresh() <= timedelta(minutes=1), "it looks again when the next one begins"
    assert told, "whoever keeps replies is told"


async def test_a_change_reaches_the_page_by_itself(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    await client.app.shelf.refresh()
    await client.get(f"/products/{product['id']}")

    await a_promotion(admin, target=about(product["id"]))

    async with asyncio.timeout(20):
        while "finalPrice" not in (await client.get(f"/products/{product['id']}")).json():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
