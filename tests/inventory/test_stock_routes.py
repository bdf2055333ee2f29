"""Setting stock over HTTP: of a product, and of thousands in one request."""

from __future__ import annotations

import time
from typing import Any

from tests.builders import Client, an_order
from tests.inventory.books import assert_books_balance


async def patch(client: Client, path: str, json: Any) -> Any:
    return await client.request("PATCH", path, json=json)


async def test_stock_of_a_product_is_set_and_shown(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = (await client.a_product(stock=10))["id"]

    reply = await patch(
        admin, f"/products/{product}/stock", {"quantity": 25, "reason": "receipt", "note": "from Erbil"}
    )

    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert isinstance(body.pop("warehouseId"), int)
    assert body == {"productId": product, "change": 15, "onHand": 25, "reserved": 0, "available": 25, "stock": 25}
    assert (await client.get(f"/products/{product}")).json()["stock"] == 25
    last = "select reason || '/' || note || '/' || actor_id from stock_movements where product_id = $1 order by id desc limit 1"
    assert await client.value(last, product) == f"receipt/from Erbil/{admin.user['id']}"


async def test_a_seller_sets_its_companys_stock_only(client: Client) -> None:
    company = await client.a_company()
    own, foreign = await client.a_product(company_id=company, stock=1), await client.a_product(stock=1)
    seller = await client.signed_in("seller", company_id=company)

    for path in ("/products", "/vendors/products"):
        assert (await patch(seller, f"{path}/{own['id']}/stock", {"adjustment": 4})).status_code == 200
        assert (await patch(seller, f"{path}/{foreign['id']}/stock", {"adjustment": 4})).status_code == 403
        assert (await patch(seller, f"{path}/{2**40}/stock", {"adjustment": 4})).status_code == 404
    assert (await client.get(f"/products/{own['id']}")).json()["stock"] == 9


async def test_numbers_that_contradict_each_other_are_refused(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = (await client.a_product(stock=10))["id"]

    for contradiction in ({}, {"quantity": 1, "adjustment": 1}, {"quantity": 1, "onHand": 1}, {"warehouseId": 1}):
        reply = await patch(admin, f"/products/{product}/stock", contradiction)
        assert (reply.status_code, list(reply.json()["details"])) == (400, ["quantity"])
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"quantity": -1}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
        ({"quantity": 10**10}, "quantity"),
        ({"adjustment": -(10**10)}, "adjustment"),
        ({"quantity": 1, "reason": "sale"}, "reason"),
        ({"quantity": 1, "warehouseId": 0}, "warehouseId"),
        ({"quantity": 1, "note": "x" * 501}, "note"),
        ({"quantity": 1, "amount": 1}, "amount"),
    ]
    for numbers, field in wrong:
        reply = await patch(admin, f"/products/{product}/stock", numbers)
        assert (reply.status_code, list(reply.json()["details"])) == (400, [field])


async def test_what_is_held_cannot_be_taken_away(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = (await client.a_product(stock=10))["id"]
    assert (await buyer.post("/orders", an_order((product, 4)))).status_code == 201

    reply = await patch(admin, f"/products/{product}/stock", {"onHand": 3})

    assert (reply.status_code, reply.json()["code"]) == (422, "STOCK_RESERVED")
    await assert_books_balance(client, [product])


async def test_the_single_update_of_administrators(client: Client) -> None:
    zone = await client.a_zone()
    company = await client.a_company(zones={zone: (0, None)})
    warehouse = await client.a_warehouse(company, zone)
    product = (await client.a_product(company_id=company, stock=10))["id"]
    north = await client.signed_in("location_admin", zone_ids=[zone])

    reply = await patch(
        north, "/inventory/stock/update", {"productId": product, "quantity": 5, "warehouseId": warehouse}
    )
    outside = await patch(
        north, "/inventory/stock/update", {"productId": product, "quantity": 5, "warehouseId": warehouse - 1}
    )

    assert reply.json()["stock"] == 15
    assert (outside.status_code, outside.json()["code"]) == (404, "WAREHOUSE_NOT_FOUND")


async def test_many_rows_report_each_for_itself(client: Client) -> None:
    admin = await client.signed_in("admin")
    one, two = [(await client.a_product(stock=10))["id"] for _ in range(2)]

    reply = await patch(
        admin,
        "/inventory/bulk-update",
        {
            "reason": "receipt",
            "items": [
                {"productId": one, "quantity": 12},
                {"productId": two, "adjustment": -11},
                {"productId": two, "quantity": 10},
                {"productId": 2**40, "quantity": 10},
                {"productId": one, "adjustment": 1},
            ],
        },
    )

    report = reply.json()
    assert reply.status_code == 200
    assert (report["total"], report["updated"], report["unchanged"], report["refused"]) == (5, 2, 1, 2)
    assert [row["status"] for row in report["results"]] == ["updated", "refused", "unchanged", "refused", "updated"]
    assert [row.get("code") for row in report["results"]][1::2] == ["STOCK_RESERVED", "PRODUCT_NOT_FOUND"]
    assert [row.get("stock") for row in report["results"]] == [12, None, 10, None, 13]
    await assert_books_balance(client, [one, two])


async def test_rows_that_contradict_themselves_are_named(client: Client) -> None:
    admin = await client.signed_in("admin")

    reply = await patch(admin, "/inventory/bulk-update", {"items": [{"productId": 1, "quantity": 1}, {"productId": 1}]})

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["items.1.quantity"])
    assert (await patch(admin, "/inventory/bulk-update", {"items": []})).status_code == 400


async def test_ten_thousand_rows_in_one_request(client: Client) -> None:
    admin = await client.signed_in("admin")
    company = await client.a_company()
    template = (await client.a_product(company_id=company, stock=1))["id"]
    pool = client.app.shop.database.pool
    ids = [
        record[0]
        for record in await pool.fetch(
            """
            with made as (
                insert into products (company_id, category_id, sku, title, price_minor, currency, created_at, updated_at)
                select company_id, category_id, sku || '-' || n, title, price_minor, currency, now(), now()
                from products, generate_series(1, 10000) n where id = $1 returning id
            ), stock as (insert into product_stock (product_id) select id from made)
            select id from made
            """,
            template,
        )
    ]

    began = time.perf_counter()
    reply = await patch(
        admin, "/inventory/bulk-update", {"items": [{"productId": id_, "quantity": id_ % 7 + 1} for id_ in ids]}
    )
    print(f"10,000 rows in {time.perf_counter() - began:.2f} s")

    assert reply.status_code == 200, reply.text
    assert reply.json()["updated"] == 10_000
    events = """
        select count(*) from events where name = 'stock.changed' and data -> 'productIds' @> to_jsonb($1::bigint)
        """
    assert await client.value(events, ids[4321]) == 1
    await assert_books_balance(client, ids[::500])
