"""Facets of product lists, attributes and ratings as filters, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, unique


@pytest.fixture(scope="module")
async def shelf(module_client: Client) -> dict[str, Any]:
    """Six products of one company: two categories below a third, two brands, three colours."""
    client = module_client
    company = await client.a_company()
    parent = await client.a_category()
    parent_id = await client.value("select id from categories where slug = $1", parent)
    left, right = await client.a_category(parent_id), await client.a_category(parent_id)
    brands = [unique("Acme"), unique("Bolt")]
    products = [
        await client.a_product(
            company_id=company,
            category=left if n < 4 else right,
            brand=brands[n % 2],
            price=[1, 4.99, 5, 49.99, 50, 1000][n],
            stock=n % 3 and 10,
            attributes={"colour": ["blue", "red", "blue", "green", "blue", "red"][n], **({"large": True} if n else {})},
        )
        for n in range(6)
    ]
    for n, product in enumerate(products):
        await client.value("update products set rating_sum = $2, rating_count = 1 where id = $1", product["id"], n)
    await client.products_changed(*(product["id"] for product in products))
    return {"company": company, "parent": parent, "left": left, "right": right, "brands": brands, "products": products}


async def listed(client: Client, shelf: dict[str, Any], **params: Any) -> dict[str, Any]:
    reply = await client.get("/products", params={"company": shelf["company"], **params})
    assert reply.status_code == 200, reply.text
    page: dict[str, Any] = reply.json()
    return page


def counts(values: list[dict[str, Any]]) -> dict[str, int]:
    return {one["value"]: one["count"] for one in values}


async def test_the_whole_list_is_counted(module_client: Client, shelf: dict[str, Any]) -> None:
    page = await listed(module_client, shelf, facets="true", limit=1)
    facets = page["facets"]

    assert (page["total"], len(page["products"])) == (6, 1)
    assert counts(facets["categories"]) == {shelf["left"]: 4, shelf["right"]: 2}
    assert [one["label"] for one in facets["brands"]] == shelf["brands"]
    assert {one["count"] for one in facets["brands"]} == {3}
    assert facets["prices"] == [
        {"from": 1, "to": 2, "count": 1},
        {"from": 2, "to": 5, "count": 1},
        {"from": 5, "to": 10, "count": 1},
        {"from": 20, "to": 50, "count": 1},
        {"from": 50, "to": 100, "count": 1},
        {"from": 1000, "to": 2000, "count": 1},
    ]
    assert counts(facets["ratings"]) == {"4": 2, "3": 3, "2": 4, "1": 5}
    assert counts(facets["availability"]) == {"true": 4, "false": 2}
    assert {name: counts(values) for name, values in facets["attributes"].items()} == {
        "colour": {"blue": 3, "red": 2, "green": 1},
        "large": {"true": 5},
    }
    assert "facets" not in await listed(module_client, shelf)


async def test_each_facet_ignores_its_own_filter(module_client: Client, shelf: dict[str, Any]) -> None:
    brand = shelf["brands"][0]
    facets = (await listed(module_client, shelf, facets="true", brand=brand, attribute="colour:blue"))["facets"]

    assert {one["label"]: one["count"] for one in facets["brands"]} == {brand: 3}
    assert counts(facets["attributes"]["colour"]) == {"blue": 3}
    assert counts(facets["attributes"]["large"]) == {"true": 2}
    facets = (await listed(module_client, shelf, facets="true", attribute="colour:red"))["facets"]
    assert counts(facets["attributes"]["colour"]) == {"blue": 3, "red": 2, "green": 1}
    assert counts(facets["categories"]) == {shelf["left"]: 1, shelf["right"]: 1}


async def test_what_a_facet_counts_is_what_its_filter_finds(module_client: Client, shelf: dict[str, Any]) -> None:
    facets = (await listed(module_client, shelf, facets="true"))["facets"]
    asked = [
        *({"category": one["value"], "count": one["count"]} for one in facets["categories"]),
        *({"brand": one["value"], "count": one["count"]} for one in facets["brands"]),
        *({"minRating": one["value"], "count": one["count"]} for one in facets["ratings"]),
        *({"inStock": one["value"], "count": one["count"]} for one in facets["availability"]),
        *(
            {"attribute": f"{name}:{one['value']}", "count": one["count"]}
            for name, values in facets["attributes"].items()
            for one in values
        ),
    ]
    for params in asked:
        count = params.pop("count")
        assert (await listed(module_client, shelf, **params))["total"] == count, params


@pytest.mark.parametrize(
    ("params", "places"),
    [
        ({"attribute": "colour:blue"}, [0, 2, 4]),
        ({"attribute": ["colour:blue", "colour:green"]}, [0, 2, 3, 4]),
        ({"attribute": ["colour:blue", "large:true"]}, [2, 4]),
        ({"attribute": "colour:purple"}, []),
        ({"attribute": "Colour:blue"}, []),
        ({"minRating": 3}, [3, 4, 5]),
        ({"minRating": 3.01}, [4, 5]),
        ({"minRating": 5, "attribute": "colour:red"}, [5]),
        ({"minRating": 2, "sortBy": "price", "order": "desc", "attribute": "large:true"}, [5, 4, 3, 2]),
    ],
    ids=str,
)
async def test_by_attribute_and_rating(
    module_client: Client, shelf: dict[str, Any], params: dict[str, Any], places: list[int]
) -> None:
    page = await listed(module_client, shelf, **params)

    assert [one["id"] for one in page["products"]] == [shelf["products"][place]["id"] for place in places]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"attribute": "colour"}, "attribute"),
        ({"attribute": ":blue"}, "attribute"),
        ({"attribute": "colour:"}, "attribute"),
        ({"attribute": ["a:b"] * 11}, "attribute"),
        ({"minRating": 5.5}, "minRating"),
        ({"minRating": "nan"}, "minRating"),
        ({"facets": "perhaps"}, "facets"),
        ({"variants": "some"}, "variants"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused_by_name(client: Client, params: dict[str, Any], field: str) -> None:
    reply = await client.get("/products", params=params)

    assert (reply.status_code, list(reply.json()["details"])) == (400, [field]), reply.text


async def test_facets_stand_beside_selected_fields(module_client: Client, shelf: dict[str, Any]) -> None:
    page = await listed(module_client, shelf, facets="true", select="title", sortBy="rating", order="desc")

    assert page["products"][0].keys() == {"id", "title"}
    assert counts(page["facets"]["availability"]) == {"true": 4, "false": 2}
