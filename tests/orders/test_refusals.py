"""What cannot be ordered, and that nothing is left of it."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.orders.requests import MAX_LINES
from tests.builders import ADDRESS, Client, an_order

REQUIRED = ("firstName", "lastName", "address", "city", "country")


async def refused(buyer: Client, body: dict[str, Any], status: int, code: str) -> dict[str, Any]:
    reply = await buyer.post("/orders", body)
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
    assert await buyer.value("select count(*) from orders where user_id = $1", buyer.user["id"]) == 0
    refusal: dict[str, Any] = reply.json()
    return refusal


async def test_below_the_minimum_quantity(client: Client) -> None:
    product = await client.a_product(minimumOrderQuantity=12, stock=100)
    buyer = await client.signed_in()

    refusal = await refused(buyer, an_order((product["id"], 11)), 422, "BELOW_MINIMUM_QUANTITY")

    assert refusal["details"] == {f"products.{product['id']}": ["order at least 12"]}
    assert (await buyer.post("/orders", an_order((product["id"], 12)))).status_code == 201


async def test_a_zone_that_the_company_does_not_serve(client: Client) -> None:
    served, other = await client.a_zone(), await client.a_zone()
    product = await client.a_product(company_id=await client.a_company(zones={served: (0, None)}))
    buyer = await client.signed_in("shop_owner", zone_id=other)

    refusal = await refused(buyer, an_order((product["id"], 1)), 422, "ZONE_NOT_SERVED")

    assert refusal["details"] == {f"products.{product['id']}": ["is not delivered to this zone"]}


async def test_a_product_that_is_not_sold_in_a_zone_of_its_company(client: Client) -> None:
    here, there = await client.a_zone(), await client.a_zone()
    company = await client.a_company(zones={here: (0, None), there: (0, None)})
    product = await client.a_product(company_id=company)
    await client.value("insert into product_zones values ($1, $2)", product["id"], there)
    buyer = await client.signed_in("shop_owner", zone_id=here)

    await refused(buyer, an_order((product["id"], 1)), 422, "ZONE_NOT_SERVED")


async def test_an_unknown_zone(client: Client) -> None:
    product = await client.a_product()
    refusal = await refused(
        await client.signed_in(), an_order((product["id"], 1), zone="nowhere"), 400, "VALIDATION_ERROR"
    )

    assert list(refusal["details"]) == ["zone"]


@pytest.mark.parametrize(
    "end",
    [
        "update products set deleted_at = now() where id = $1",
        "update companies set status = 'inactive' where id = (select company_id from products where id = $1)",
        "update companies set deleted_at = now() where id = (select company_id from products where id = $1)",
    ],
    ids=["deleted", "of an inactive company", "of a deleted company"],
)
async def test_a_product_that_is_not_sold_any_more(client: Client, end: str) -> None:
    gone, sold = await client.a_product(), await client.a_product()
    await client.value(end, gone["id"])
    unknown = 2**62

    refusal = await refused(
        await client.signed_in(), an_order((gone["id"], 1), (sold["id"], 1), (unknown, 1)), 422, "PRODUCTS_UNAVAILABLE"
    )

    assert refusal["details"].keys() == {f"products.{gone['id']}", f"products.{unknown}"}


async def test_two_currencies(client: Client) -> None:
    dollars, euros = await client.a_product(), await client.a_product()
    await client.value("update products set currency = 'EUR' where id = $1", euros["id"])

    await refused(await client.signed_in(), an_order((dollars["id"], 1), (euros["id"], 1)), 422, "MIXED_CURRENCIES")


async def test_an_empty_cart(client: Client) -> None:
    body = an_order()
    del body["products"]

    await refused(await client.signed_in(), body, 422, "EMPTY_ORDER")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"products": []}, {"products"}),
        ({"products": [{"id": 1, "quantity": 1}] * (MAX_LINES + 1)}, {"products"}),
        ({"products": [{"id": 0, "quantity": 0}]}, {"products.0.id", "products.0.quantity"}),
        ({"products": [{"id": 1, "quantity": 1, "price": 0.01}]}, {"products.0.price"}),
        ({"products": [{"id": 1, "quantity": 1.5}]}, {"products.0.quantity"}),
        ({"products": [{"id": 1, "quantity": 10**30}]}, {"products.0.quantity"}),
        ({"paymentMethod": "barter"}, {"paymentMethod"}),
        ({"shippingAddress": {}}, {f"shippingAddress.{field}" for field in ("firstName", "lastName", "address", "city",
        "country")}),
        ({"shippingAddress": {**ADDRESS, "city": " ", "planet": "Mars"}}, {"shippingAddress.city", "shippingAddress.planet"}),
        ({"total": 0.01}, {"total"}),
        ({"paymentIntentId": "4242"}, {"paymentIntentId"}),
        ({"email": "nobody"}, {"email"}),
        ({"paymentMethod": None, "products": None, "email": "x", "userId": 7}, {"paymentMethod", "email", "userId"}),
    ],
)  # fmt: skip
async def test_every_fault_of_a_body_is_named(client: Client, change: dict[str, Any], fields: set[str]) -> None:
    refusal = await refused(await client.signed_in(), an_order((1, 1)) | change, 400, "VALIDATION_ERROR")

    assert refusal["details"].keys() == fields


@pytest.mark.parametrize(
    ("spoken", "meant"),
    [
        ("cod", "cash_on_delivery"),
        ("CASH_ON_DELIVERY", "cash_on_delivery"),
        ("credit_card", "card"),
        ("Stripe", "card"),
    ],
)
async def test_payment_methods_as_other_clients_call_them(client: Client, spoken: str, meant: str) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    reply = await buyer.post("/orders", an_order((product["id"], 1), paymentMethod=spoken))

    assert reply.json()["paymentMethod"] == meant
