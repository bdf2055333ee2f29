"""Groups of variants in lists: shown once, by the first that fits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, unique


@pytest.fixture(scope="module")
async def shelf(module_client: Client) -> dict[str, Any]:
    """Three shirts of one group, two socks of another, a hat."""
    client = module_client
    company, category = await client.a_company(), await client.a_category()
    shirt, sock = {"key": unique("shirt"), "title": "Shirt"}, {"key": unique("sock"), "title": "Sock"}
    made = {}
    for name, price, group, options in (
        ("dear", 30, shirt, {"colour": "blue", "size": "L"}),
        ("hat", 20, None, None),
        ("cheap", 10, shirt, {"colour": "red", "size": "M"}),
        ("left", 15, sock, {"side": "left"}),
        ("middle", 25, shirt, {"colour": "blue", "size": "M"}),
        ("right", 5, sock, {"side": "right"}),
    ):
        more = {"group": group, "options": options} if group else {}
        attributes = {"fits": "feet" if group is sock else "body"}
        made[name] = await client.a_product(
            company_id=company, category=category, price=price, title=name, attributes=attributes, **more
        )
    return {"company": company, **made}


async def names(client: Client, shelf: dict[str, Any], **params: Any) -> tuple[list[str], int]:
    page = (await client.get("/products", params={"company": shelf["company"], **params})).json()
    return [one["title"] for one in page["products"]], page["total"]


@pytest.mark.parametrize(
    ("params", "shown"),
    [
        ({}, ["dear", "hat", "left"]),
        ({"sortBy": "price"}, ["right", "cheap", "hat"]),
        ({"sortBy": "price", "order": "desc"}, ["dear", "hat", "left"]),
        ({"sortBy": "price", "minPrice": 12}, ["left", "hat", "middle"]),
        ({"sortBy": "price", "variants": "all"}, ["right", "cheap", "left", "hat", "middle", "dear"]),
        ({"attribute": "fits:feet"}, ["left"]),
        ({"order": "desc"}, ["right", "middle", "hat"]),
    ],
    ids=str,
)
async def test_a_group_is_one_entry(
    module_client: Client, shelf: dict[str, Any], params: dict[str, Any], shown: list[str]
) -> None:
    assert await names(module_client, shelf, **params) == (shown, len(shown))


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2])
async def test_no_page_repeats_a_group(module_client: Client, shelf: dict[str, Any], order: str, limit: int) -> None:
    params: dict[str, Any] = {"company": shelf["company"], "sortBy": "price", "order": order, "limit": limit}
    whole = (await names(module_client, shelf, sortBy="price", order=order))[0]
    page = (await module_client.get("/products", params=params)).json()
    by_cursor = [one["title"] for one in page["products"]]
    while "nextCursor" in page:
        page = (await module_client.get("/products", params={**params, "cursor": page["nextCursor"]})).json()
        by_cursor += [one["title"] for one in page["products"]]
    by_skip = [(await names(module_client, shelf, **params, skip=skip))[0] for skip in range(0, 3, limit)]
    by_page = [(await names(module_client, shelf, **params, page=n + 1))[0] for n in range(3 // limit + 1)]

    assert by_cursor == whole == [one for page in by_skip for one in page] == [one for page in by_page for one in page]


async def test_what_is_told_of_the_group(module_client: Client, shelf: dict[str, Any]) -> None:
    params = {"company": shelf["company"], "sortBy": "price"}
    page = (await module_client.get("/products", params=params)).json()
    sock, shirt, hat = page["products"]

    assert "group" not in hat
    assert shirt["group"] == {
        "id": shirt["groupId"], "title": "Shirt", "count": 3, "minPrice": 10, "maxPrice": 30,
        "options": {"colour": ["blue", "red"], "size": ["L", "M"]},
    }  # fmt: skip
    assert sock["group"]["options"] == {"side": ["left", "right"]}
    apart = (await module_client.get("/products", params={**params, "variants": "all"})).json()
    assert all("group" not in one for one in apart["products"])
    chosen = (await module_client.get("/products", params={**params, "select": "group"})).json()["products"]
    assert [one.keys() for one in chosen] == [{"id", "group"}, {"id", "group"}, {"id"}]


async def test_facets_count_a_group_once_for_each_value(module_client: Client, shelf: dict[str, Any]) -> None:
    params = {"company": shelf["company"], "facets": "true"}
    facets = (await module_client.get("/products", params=params)).json()["facets"]
    apart = (await module_client.get("/products", params={**params, "variants": "all"})).json()["facets"]

    assert [(one["value"], one["count"]) for one in facets["attributes"]["fits"]] == [("body", 2), ("feet", 1)]
    assert [one["count"] for one in facets["categories"]] == [3]
    assert sum(one["count"] for one in facets["prices"]) == 5, "a group stands in each band that it has prices in"
    assert [(one["value"], one["count"]) for one in apart["attributes"]["fits"]] == [("body", 4), ("feet", 2)]


async def test_a_variant_that_goes_leaves_the_others(client: Client) -> None:
    company, category = await client.a_company(), await client.a_category()
    group = {"key": unique("group"), "title": "Two"}
    first, second = [
        await client.a_product(
            company_id=company, category=category, price=10 * n, group=group, options={"size": str(n)}
        )
        for n in (1, 2)
    ]
    admin = await client.signed_in("admin")
    shelf = {"company": company, "first": first}

    assert await names(client, shelf) == ([first["title"]], 1)
    assert (await admin.delete(f"/products/{first['id']}")).status_code == 200
    page = (await client.get("/products", params={"company": company, "fresh": 1})).json()
    assert [(one["id"], one["group"]["count"], one["group"]["minPrice"]) for one in page["products"]] == [
        (second["id"], 1, 20)
    ]
