"""Validation says before what an order says afterwards: the same refusals, the same totals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.carts.appraise import suggested_quantity
from entrepot.settings import Settings
from tests.builders import Client, an_order
from tests.carts.conftest import NewDevice, shopping_at
from tests.carts.test_merge import CART_ORDER
from tests.conftest import running

TOTALS = ("subtotal", "discount", "tax", "shipping", "total", "currency")


async def slug_of(client: Client, zone_id: int) -> str:
    slug: str = await client.value("select slug from zones where id = $1", zone_id)
    return slug


async def test_the_totals_are_those_of_the_order(client: Client) -> None:
    """Several companies, fees and thresholds, and prices whose discounts and taxes need rounding."""
    zone_id = await client.a_zone()
    paid = await client.a_company(zones={zone_id: (495, None)}, commission_bp=1_250)
    free = await client.a_company(zones={zone_id: (700, 1_000)})
    products = [
        await client.a_product(company_id=paid, price=1199.99, discountPercentage=5.5),
        await client.a_product(company_id=paid, price=0.07, discountPercentage=33.33),
        await client.a_product(company_id=free, price=19.97, discountPercentage=12.49),
    ]
    buyer = await client.signed_in(zone_id=zone_id)
    wanted = [
        {"id": product["id"], "quantity": quantity} for product, quantity in zip(products, (2, 7, 3), strict=True)
    ]
    cart = (await buyer.post("/cart", {"products": wanted})).json()

    checked = (await buyer.post("/cart/validate-checkout")).json()
    named = (await buyer.post("/cart/validate-checkout", {"products": wanted})).json()
    order = (await buyer.post("/orders", CART_ORDER)).json()

    assert (checked["valid"], checked["problems"]) == (True, [])
    assert {name: checked[name] for name in TOTALS} == {name: order[name] for name in TOTALS}
    assert {name: named[name] for name in TOTALS} == {name: order[name] for name in TOTALS}
    assert order["shipping"] == 4.95
    assert cart["discountedTotal"] == order["subtotal"]
    assert cart["total"] == pytest.approx(order["subtotal"] + order["discount"])
    charged = {line["id"]: (line["price"], line["total"], line["discountedTotal"]) for line in order["products"]}
    for shown in (cart, checked):
        assert charged == {
            line["id"]: (line["price"], line["total"], line["discountedTotal"]) for line in shown["products"]
        }
    by_company = {part["companyId"]: part for part in order["parts"]}
    for part in checked["parts"]:
        assert part == {name: by_company[part["companyId"]][name] for name in part}


async def test_every_refusal_of_an_order_is_told_before(client: Client) -> None:
    zone_id = await client.a_zone()
    company_id = await client.a_company(zones={zone_id: (0, None)})
    gone = await client.a_product(company_id=company_id)
    large = await client.a_product(company_id=company_id, minimumOrderQuantity=12)
    scarce = await client.a_product(company_id=company_id, stock=4)
    sold_out = await client.a_product(company_id=company_id, stock=0)
    away = await client.a_product()
    buyer = await client.signed_in(zone_id=zone_id)
    expected = {
        gone["id"]: ("PRODUCTS_UNAVAILABLE", 0),
        large["id"]: ("BELOW_MINIMUM_QUANTITY", 12),
        scarce["id"]: ("INSUFFICIENT_STOCK", 4),
        sold_out["id"]: ("INSUFFICIENT_STOCK", 0),
        away["id"]: ("ZONE_NOT_SERVED", 0),
    }
    await buyer.post("/cart", {"products": [{"id": product_id, "quantity": 5} for product_id in expected]})
    await client.value("update products set deleted_at = now() where id = $1", gone["id"])

    checked = (await buyer.post("/cart/validate-checkout")).json()
    validated = (await buyer.post("/cart/validate")).json()

    assert checked["valid"] is validated["valid"] is False
    assert checked["problems"] == validated["problems"] == (await buyer.get("/cart")).json()["notices"]
    found = {notice["productId"]: (notice["code"], notice["suggestedQuantity"]) for notice in checked["problems"]}
    assert found == expected
    for product_id, (code, _) in expected.items():
        refused = await buyer.post("/orders", an_order((product_id, 5)))
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_the_suggested_quantities_can_be_ordered(client: Client) -> None:
    large, scarce = await client.a_product(minimumOrderQuantity=12), await client.a_product(stock=4)
    buyer = await client.signed_in()
    wanted = [{"id": large["id"], "quantity": 5}, {"id": scarce["id"], "quantity": 5}]
    problems = (await buyer.post("/cart/validate-checkout", {"products": wanted})).json()["problems"]

    suggested = {notice["productId"]: notice["suggestedQuantity"] for notice in problems}
    reply = await buyer.post("/orders", an_order(*suggested.items()))

    assert reply.status_code == 201, reply.text


async def test_the_zone_asked_for_counts(client: Client) -> None:
    near, far = await client.a_zone(), await client.a_zone()
    product = await client.a_product(company_id=await client.a_company(zones={near: (250, None)}))
    buyer = await client.signed_in()
    await buyer.post("/cart/items", {"productId": product["id"]})

    there = (await buyer.post("/cart/validate-checkout", {"zone": await slug_of(client, near)})).json()
    elsewhere = (await buyer.post("/cart/validate-checkout", {"zone": await slug_of(client, far)})).json()

    assert (there["valid"], there["shipping"]) == (True, 2.5)
    assert [problem["code"] for problem in elsewhere["problems"]] == ["ZONE_NOT_SERVED"]


async def test_an_empty_cart_cannot_be_ordered(client: Client) -> None:
    buyer = await client.signed_in()

    checked = (await buyer.post("/cart/validate-checkout", {})).json()

    assert checked["valid"] is False
    assert [(problem["code"], problem["productId"]) for problem in checked["problems"]] == [("EMPTY_ORDER", None)]
    assert (checked["total"], checked["parts"]) == (0, [])


async def test_products_that_never_were_are_told(client: Client) -> None:
    checked = await client.post("/cart/validate-checkout", {"products": [{"id": 2**60, "quantity": 2}]})

    assert checked.status_code == 200
    assert [problem["code"] for problem in checked.json()["problems"]] == ["PRODUCTS_UNAVAILABLE"]
    assert checked.json()["products"][0]["removed"] is True


async def test_guests_are_told_where_they_may_not_order(
    client: Client, settings: Settings, dsn: str, new_device: NewDevice
) -> None:
    product = await client.a_product()
    wanted = {"products": [{"id": product["id"]}]}
    assert (await new_device().post("/cart/validate-checkout", wanted)).json()["valid"] is True

    members_only = settings.model_copy(update={"guest_checkout": False})
    async with running(members_only, dsn) as app, shopping_at(app) as http:
        checked = (await http.post("/cart/validate-checkout", json=wanted)).json()

    assert [problem["code"] for problem in checked["problems"]] == ["GUEST_CHECKOUT_OFF"]


async def test_checking_the_stock_quickly(client: Client, new_device: NewDevice) -> None:
    enough, scarce = await client.a_product(stock=9), await client.a_product(stock=1)
    guest = new_device()
    wanted = [{"id": enough["id"], "quantity": 2}, {"id": scarce["id"], "quantity": 2}]

    reply = await guest.post("/cart/quick-stock-check", {"products": wanted})

    assert reply.status_code == 200
    assert reply.json() == {
        "available": False,
        "products": [
            {"id": enough["id"], "quantity": 2, "stock": 9, "availability": "available"},
            {"id": scarce["id"], "quantity": 2, "stock": 1, "availability": "insufficient"},
        ],
    }
    await guest.post("/cart", {"products": wanted[:1]})
    assert (await guest.post("/cart/quick-stock-check")).json()["available"] is True


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 50))
def test_the_suggestion_is_the_nearest_quantity_that_can_be_ordered(wanted: int, minimum: int, available: int) -> None:
    possible = range(minimum, available + 1)

    suggested = suggested_quantity(wanted, minimum, available)

    assert suggested == min(possible, key=lambda quantity: abs(quantity - wanted), default=0)
