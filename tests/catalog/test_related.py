"""What goes with a product: bought together, alike, and never what cannot be bought or is the same thing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, an_order, unique


@pytest.fixture
async def company(client: Client) -> int:
    return await client.a_company()


async def related(client: Client, product_id: int, query: str = "") -> dict[str, Any]:
    reply = await client.get(f"/products/{product_id}/related?fresh={unique('x')}&{query}")
    assert reply.status_code == 200, reply.text
    page: dict[str, Any] = reply.json()
    return page


async def related_ids(client: Client, product_id: int, query: str = "") -> list[int]:
    return [product["id"] for product in (await related(client, product_id, query))["products"]]


async def test_what_is_bought_together_comes_first_then_what_is_alike(client: Client, company: int) -> None:
    category, elsewhere = await client.a_category(), await client.a_category()

    async def a_product(**fields: Any) -> int:
        product_id: int = (
            await client.a_product(company_id=company, **{"category": category, "brand": "Any", **fields})
        )["id"]
        return product_id

    drill = await a_product(price=100, brand=unique("Mine"))
    brand = (await client.get(f"/products/{drill}?fresh=1")).json()["brand"]
    bits = await a_product(category=elsewhere, price=5)
    glue = await a_product(category=elsewhere, price=5)
    same_brand = await a_product(price=400, brand=brand)
    near, far = await a_product(price=110), await a_product(price=9000)
    await a_product(category=elsewhere, price=100)
    buyer = await client.signed_in()
    for products in ((drill, bits), (drill, bits, glue), (glue,)):
        reply = await buyer.post("/orders", an_order(*((one, 1) for one in products)))
        assert reply.status_code == 201, reply.text

    assert await related_ids(client, drill) == [bits, glue, same_brand, near, far]
    page = await related(client, drill, "limit=2")
    assert ([one["id"] for one in page["products"]], page["total"], page["skip"], page["limit"]) == (
        [bits, glue],
        5,
        0,
        2,
    )
    assert (
        page["products"][0] == (await client.get(f"/products?company={company}&limit=0&fresh=1")).json()["products"][1]
    )
    assert await related_ids(client, drill, "limit=0") == await related_ids(client, drill, "limit=1000")


async def test_what_cannot_be_bought_is_last_or_not_there(client: Client, company: int) -> None:
    category = await client.a_category()
    fields: dict[str, Any] = {"category": category, "company_id": company, "price": 10}
    product = await client.a_product(**fields)
    sold_out, in_stock, gone = [await client.a_product(**fields, stock=stock) for stock in (0, 5, 5)]
    hidden = await client.a_product(category=category, price=10)
    await client.value("update products set deleted_at = now() where id = $1", gone["id"])
    await client.value("update companies set status = 'inactive' where id = $1", hidden["companyId"])
    assert await related_ids(client, product["id"]) == [in_stock["id"], sold_out["id"]]


async def test_variants_are_one_thing(client: Client, company: int) -> None:
    category = await client.a_category()
    own, other = [
        await client.value(
            "insert into product_groups (company_id, key, title, created_at) values ($1, $2, 'Group', now()) returning id",
            company,
            unique("group"),
        )
        for _ in range(2)
    ]
    ids = [(await client.a_product(category=category, company_id=company))["id"] for _ in range(6)]
    for number, (product_id, group_id) in enumerate(zip(ids, (own, own, other, other, None, None), strict=True)):
        await client.value(
            "update products set group_id = $2, options = jsonb_build_object('size', $3::integer) where id = $1",
            product_id,
            group_id,
            number,
        )
    found = await related_ids(client, ids[0])
    assert len(found) == 3
    assert set(found) & {ids[2], ids[3]}
    assert {ids[4], ids[5]} <= set(found)
    assert len(await related_ids(client, ids[4])) == 3, "itself is not there; of each group, one is"


async def test_old_and_cancelled_orders_say_nothing(client: Client, company: int) -> None:
    product, other = [(await client.a_product(company_id=company))["id"] for _ in range(2)]
    buyer = await client.signed_in()
    number = (await buyer.post("/orders", an_order((product, 1), (other, 1)))).json()["id"]
    assert await related_ids(client, product) == [other]
    await client.value("update orders set status = 'cancelled' where number = $1", number)
    assert await related_ids(client, product) == []
    await client.value(
        "update orders set status = 'delivered', created_at = now() - interval '13 months' where number = $1", number
    )
    assert await related_ids(client, product) == []


async def test_bounds(client: Client, company: int) -> None:
    category = await client.a_category()
    products = [await client.a_product(company_id=company, category=category, price=1 + n) for n in range(35)]
    assert len(await related_ids(client, products[0]["id"])) == 10
    page = await related(client, products[0]["id"], "limit=999")
    assert (len(page["products"]), page["total"]) == (30, 30)
    for query in ("limit=-1", "limit=x", "lang=!"):
        assert (await client.get(f"/products/{products[0]['id']}/related?{query}")).status_code == 400


async def test_what_is_not_sold_has_no_relations(client: Client) -> None:
    gone, hidden = await client.a_product(), await client.a_product()
    await client.value("update products set deleted_at = now() where id = $1", gone["id"])
    await client.value("update companies set status = 'inactive' where id = $1", hidden["companyId"])
    for product_id in (gone["id"], hidden["id"], 4611686018427387904):
        reply = await client.get(f"/products/{product_id}/related")
        assert (reply.status_code, reply.json()["code"]) == (404, "PRODUCT_NOT_FOUND")


async def test_titles_come_in_the_language_asked_for(client: Client, company: int) -> None:
    category = await client.a_category()
    product, other = [await client.a_product(company_id=company, category=category) for _ in range(2)]
    await client.value(
        "insert into product_translations (product_id, language, title) values ($1, 'ar', 'مثقاب')", other["id"]
    )
    assert (await related(client, product["id"], "lang=ar"))["products"][0]["title"] == "مثقاب"
