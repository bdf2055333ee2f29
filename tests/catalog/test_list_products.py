"""Lists of products: every filter, every sort, and pages that give each product once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, unique

SORTS = {
    "price": lambda product: product["price"],
    "rating": lambda product: product["rating"],
    "title": lambda product: product["title"],
    "name": lambda product: product["title"],
    "date": lambda product: product["createdAt"],
    "createdAt": lambda product: product["createdAt"],
    "stock": lambda product: product["stock"],
    "id": lambda product: product["id"],
}


@pytest.fixture(scope="module")
async def shelf(module_client: Client) -> list[dict[str, Any]]:
    """Nine products of one company, with many ties."""
    client = module_client
    company = await client.a_company()
    category = await client.a_category()
    products = []
    for n in range(9):
        product = await client.a_product(
            company_id=company, category=category, price=[5, 10, 10.5][n % 3], stock=[0, 4, 4][n % 3], title=["Anvil",
            "Bolt", "Café"][n % 3],
            tags=[["red"], ["red", "blue"], []][n % 3], brand=["Acme", "Ünïcode & Sons", "Acme"][n % 3],
        )  # fmt: skip
        await client.value(
            "update products set rating_sum = $2, rating_count = 2 where id = $1", product["id"], n % 2 * 7
        )
        products.append(product)
    await client.value(
        "update products set created_at = '2026-01-01 00:00:00.123456+00' where company_id = $1 and id % 2 = 0", company
    )
    await client.products_changed(*(product["id"] for product in products))
    return products


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
async def test_a_walk_by_cursor_gives_each_product_once_in_order(
    module_client: Client, shelf: list[dict[str, Any]], sort: str, order: str
) -> None:
    params: dict[str, Any] = {"company": shelf[0]["companyId"], "sortBy": sort, "order": order, "limit": 2}
    walked: list[dict[str, Any]] = []
    while True:
        page = (await module_client.get("/products", params=params)).json()
        assert (page["total"], page["limit"]) == (9, len(page["products"]))
        walked += page["products"]
        if "nextCursor" not in page:
            break
        params["cursor"] = page["nextCursor"]

    assert sorted(product["id"] for product in walked) == [product["id"] for product in shelf]
    values = [SORTS[sort](product) for product in walked]
    assert values == sorted(values, reverse=order == "desc")
    del params["cursor"]
    whole = (await module_client.get("/products", params={**params, "limit": 0})).json()["products"]
    assert [product["id"] for product in whole] == [product["id"] for product in walked]


async def test_a_cursor_belongs_to_its_order(module_client: Client, shelf: list[dict[str, Any]]) -> None:
    company = shelf[0]["companyId"]
    first = (await module_client.get("/products", params={"company": company, "sortBy": "price", "limit": 2})).json()
    for other in ({"sortBy": "title"}, {"sortBy": "price", "order": "desc"}, {"sortBy": "stock"}, {}):
        reply = await module_client.get(
            "/products", params={"company": company, "cursor": first["nextCursor"], **other}
        )

        assert (reply.status_code, list(reply.json()["details"])) == (400, ["cursor"]), other


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, 9),
        ({"minPrice": 10}, 6),
        ({"maxPrice": 10}, 6),
        ({"minPrice": 10, "maxPrice": 10}, 3),
        ({"minPrice": 10.01}, 3),
        ({"minPrice": 1_000_000_000}, 0),
        ({"brand": "Acme"}, 6),
        ({"brand": "acme"}, 6),
        ({"brand": "unicode-sons"}, 3),
        ({"brand": "nobody"}, 0),
        ({"tag": "red"}, 6),
        ({"tag": "blue"}, 3),
        ({"tag": "re"}, 0),
        ({"inStock": "true"}, 6),
        ({"inStock": "false"}, 3),
        ({"seller": 4611686018427387904}, 0),
        ({"tag": "red", "inStock": "true", "maxPrice": 10, "brand": "unicode-sons"}, 3),
        ({"zone": "nowhere"}, 0),
        ({"category": "nothing"}, 0),
    ],
    ids=str,
)  # fmt: skip
async def test_filters(module_client: Client, shelf: list[dict[str, Any]], filters: dict[str, Any], found: int) -> None:
    params = {"company": shelf[0]["companyId"], **filters}
    page = (await module_client.get("/products", params=params)).json()

    assert (page["total"], len(page["products"])) == (found, found)


async def test_by_category_warehouse_and_seller(client: Client) -> None:
    company = await client.a_company()
    seller = await client.signed_in("seller", company_id=company)
    category = await client.a_category()
    other = await client.a_product(company_id=company)
    body = {
        "title": "A seller's own", "description": "Made by a seller.", "price": 1, "thumbnail": "https://example.com/a.jpg",
        "category": category, "brand": "B", "stock": 3,
    }  # fmt: skip
    mine = (await seller.post("/products", body)).json()
    warehouse = await client.value("select warehouse_id from stock_levels where product_id = $1", mine["id"])

    async def ids(**params: Any) -> list[int]:
        return [product["id"] for product in (await client.get("/products", params=params)).json()["products"]]

    assert await ids(seller=seller.user["id"]) == [mine["id"]]
    assert await ids(category=category) == [mine["id"]]
    assert await ids(warehouse=warehouse) == [other["id"], mine["id"]]
    await client.value("update stock_levels set reserved = on_hand where product_id = $1", mine["id"])
    await client.products_changed(mine["id"])
    assert await ids(warehouse=warehouse, limit=50) == [other["id"]]


async def test_by_zone(client: Client) -> None:
    here, there = await client.a_zone(), await client.a_zone()
    slug = await client.value("select slug from zones where id = $1", here)
    company = await client.a_company(zones={here: (0, None), there: (0, None)})
    everywhere = await client.a_product(company_id=company)
    elsewhere = await client.a_product(company_id=company)
    await client.value("insert into product_zones values ($1, $2)", elsewhere["id"], there)
    await client.products_changed(elsewhere["id"])

    found = (await client.get("/products", params={"zone": slug})).json()["products"]

    assert [product["id"] for product in found] == [everywhere["id"]]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"sortBy": "password"}, "sortBy"),
        ({"sortBy": "price", "order": "sideways"}, "order"),
        ({"minPrice": 10, "maxPrice": 5}, "minPrice"),
        ({"minPrice": 0.001}, "minPrice"),
        ({"minPrice": -1}, "minPrice"),
        ({"maxPrice": 1e13}, "maxPrice"),
        ({"select": "id,password"}, "select"),
        ({"lang": "nonsense!"}, "lang"),
        ({"inStock": "perhaps"}, "inStock"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_by_name(client: Client, params: dict[str, Any], field: str) -> None:
    reply = await client.get("/products", params=params)

    assert (reply.status_code, list(reply.json()["details"])) == (400, [field])


async def test_only_the_fields_that_are_wanted(module_client: Client, shelf: list[dict[str, Any]]) -> None:
    page = (
        await module_client.get(
            "/products", params={"company": shelf[0]["companyId"], "select": "title, price", "limit": 1}
        )
    ).json()

    assert [product.keys() for product in page["products"]] == [{"id", "title", "price"}]
    assert page["total"] == 9


async def test_a_category_takes_the_same_filters(module_client: Client, shelf: list[dict[str, Any]]) -> None:
    path = f"/products/category/{shelf[0]['category']}"
    page = (await module_client.get(path, params={"tag": "blue", "sortBy": "id", "order": "desc", "limit": 2})).json()

    assert (page["total"], page["limit"], page["skip"]) == (3, 2, 0)
    assert [product["id"] for product in page["products"]] == [shelf[7]["id"], shelf[4]["id"]]
    assert (await module_client.get(path, params={"cursor": page["nextCursor"], "sortBy": "id"})).status_code == 400


async def test_names_are_only_values(module_client: Client) -> None:
    for value in ("'; drop table products; --", "%", "_", "\\", "{}", "$1", unique("x")):
        for name in ("brand", "category", "tag", "zone"):
            assert (await module_client.get("/products", params={name: value})).json()["total"] == 0
