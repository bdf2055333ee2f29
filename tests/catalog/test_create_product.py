"""Creating products: who may, for which company, and what is refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.builders import Client, unique
from tests.inventory.books import assert_books_balance


async def a_body(client: Client, **fields: Any) -> dict[str, Any]:
    return {
        "title": "New Product", "description": "Product description here...", "price": 99.99,
        "category": await client.a_category(),
        "thumbnail": "https://example.com/image.jpg", "brand": "Brand", "stock": 50, **fields,
    }  # fmt: skip


async def test_the_first_stock_stands_in_the_history(client: Client) -> None:
    company = await client.a_company()
    admin = await client.signed_in("admin")
    product = (await admin.post("/products", await a_body(client, companyId=company))).json()

    row = await client.app.shop.database.pool.fetchrow(
        "select * from stock_movements where product_id = $1", product["id"]
    )
    assert (row["reason"], row["on_hand_change"], row["actor_id"]) == ("receipt", 50, admin.user["id"])
    await assert_books_balance(client, [product["id"]])


async def test_a_product_without_stock_has_no_history_and_needs_no_warehouse(client: Client) -> None:
    company = await client.a_company()
    await client.value("update warehouses set deleted_at = now() where company_id = $1", company)
    admin = await client.signed_in("admin")

    none = await admin.post("/products", await a_body(client, companyId=company, stock=0))
    some = await admin.post("/products", await a_body(client, companyId=company, stock=1))

    assert (none.status_code, none.json()["stock"]) == (201, 0)
    assert (some.status_code, some.json()["code"]) == (422, "NO_WAREHOUSE")
    assert await client.value("select count(*) from products where company_id = $1", company) == 1


async def test_a_seller_sells_for_its_own_company_alone(client: Client) -> None:
    mine, other = await client.a_company(), await client.a_company()
    seller = await client.signed_in("seller", company_id=mine)

    made = (await seller.post("/products", await a_body(client))).json()
    named = await seller.post("/products", await a_body(client, companyId=mine))
    refused = await seller.post("/products", await a_body(client, companyId=other))

    assert (made["companyId"], made["sellerId"]) == (mine, seller.user["id"])
    assert (named.status_code, refused.status_code, refused.json()["code"]) == (201, 403, "FORBIDDEN")


async def test_a_seller_without_a_company_sells_nothing(client: Client) -> None:
    seller = await client.signed_in("seller")

    assert (await seller.post("/products", await a_body(client))).status_code == 403


async def test_a_location_admin_for_companies_of_its_zones(client: Client) -> None:
    here, there = await client.a_zone(), await client.a_zone()
    near, far = await client.a_company(zones={here: (0, None)}), await client.a_company(zones={there: (0, None)})
    local = await client.signed_in("location_admin", zone_ids=[here])

    assert (await local.post("/products", await a_body(client, companyId=near))).status_code == 201
    assert (await local.post("/products", await a_body(client, companyId=far))).status_code == 403


@pytest.mark.parametrize(
    ("role", "status"), [("user", 403), ("shop_owner", 403), ("courier", 403), ("seller", 403), ("location_admin", 403)]
)
async def test_who_may_not_add_for_the_house(client: Client, role: str, status: int) -> None:
    somebody = await client.signed_in(role)

    assert (await somebody.post("/products/add", await a_body(client))).status_code == status
    assert (await client.post("/products", await a_body(client))).status_code == 401


async def test_a_sku_is_the_companys_once(client: Client) -> None:
    first, second = await client.a_company(), await client.a_company()
    admin = await client.signed_in("admin")
    sku = unique("SKU")
    body = await a_body(client, sku=sku, companyId=first)

    replies = await asyncio.gather(*(admin.post("/products", body) for _ in range(8)))

    assert Counter(reply.status_code for reply in replies) == {201: 1, 409: 7}
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"SKU_EXISTS"}
    assert (await admin.post("/products", {**body, "companyId": second})).status_code == 201
    await client.value("update products set deleted_at = now() where company_id = $1", first)
    assert (await admin.post("/products", body)).status_code == 201


async def test_new_products_of_one_new_brand_at_once(client: Client) -> None:
    company = await client.a_company()
    admin = await client.signed_in("admin")
    brand = unique("Brand")
    bodies = [await a_body(client, companyId=company, brand=brand) for _ in range(10)]

    replies = await asyncio.gather(*(admin.post("/products", body) for body in bodies))

    assert {reply.status_code for reply in replies} == {201}
    assert await client.value("select count(*) from brands where name = $1", brand) == 1


async def test_all_faults_are_named_at_once(client: Client) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post(
        "/products",
        {
            "title": "ab", "description": "short", "price": -1, "discountPercentage": 101, "thumbnail": "not a url",
            "images": ["x"] * 21,
            "stock": -1, "weight": -1, "dimensions": {"width": -1, "length": 2}, "minimumOrderQuantity": 0, "tags": [""],
            "colour": "red", "companyId": 0, "attributes": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
        },
    )  # fmt: skip

    assert reply.status_code == 400
    assert reply.json()["details"].keys() == {
        "title", "description", "price", "discountPercentage", "thumbnail", "images", "category", "brand", "stock", "weight",
        "dimensions.width", "dimensions.length", "minimumOrderQuantity", "tags.0", "colour", "companyId", "attributes",
    }  # fmt: skip


@pytest.mark.parametrize("price", [0, -0.01, 0.001, 19.999, "10", True, None, 1e12, 5e-324])
async def test_a_price_that_is_none(client: Client, price: Any) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post("/products", await a_body(client, price=price, companyId=await client.a_company()))

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["price"])


@pytest.mark.parametrize("price", [0.01, 0.1, 19.99, 100, 1234.5, 999_999_999_999.99])
async def test_a_price_comes_back_as_it_was_written(client: Client, price: float) -> None:
    assert (await client.a_product(price=price))["price"] == price


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "//evil.example/a.jpg", "private/invoices/a.pdf", "data:text/html,x", "ftp://a/b", "https://",
        "https:///a.jpg", "https://a b/c.jpg", 'https://a/"><script>', "public/../private/a.pdf", "public/",
    ],
)  # fmt: skip
async def test_a_picture_that_is_no_address(client: Client, address: str) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post("/products", await a_body(client, thumbnail=address, images=[address]))

    assert reply.json()["details"].keys() == {"thumbnail", "images.0"}


async def test_an_unknown_category(client: Client) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post("/products", await a_body(client, category="nothing", companyId=await client.a_company()))

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["category"])
