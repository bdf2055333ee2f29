"""Many products in one request: what is made, what is changed, what is refused, and what happens at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from entrepot.catalog.upsert import upsert_products
from entrepot.catalog.upsert_rows import Given
from entrepot.kernel.actors import Actor, Role
from tests.builders import Client, unique
from tests.inventory.books import assert_books_balance


async def a_row(client: Client, **fields: Any) -> dict[str, Any]:
    return {
        "title": "New Product", "description": "Product description here...", "price": 99.99,
        "category": fields.pop("category", None) or await client.a_category(), "sku": unique("SKU"),
        "thumbnail": "https://example.com/image.jpg", "brand": "Brand", "stock": 50, **fields,
    }  # fmt: skip


async def a_seller(client: Client) -> tuple[Client, int]:
    company_id = await client.a_company()
    return await client.signed_in("seller", company_id=company_id), company_id


async def of_company(client: Client, company_id: int, column: str = "sku") -> list[Any]:
    return [
        row[0]
        for row in await client.app.shop.database.pool.fetch(
            f"select {column} from products where company_id = $1 and deleted_at is null order by id", company_id
        )
    ]


async def test_rows_make_change_and_leave_products(client: Client) -> None:
    seller, _ = await a_seller(client)
    category = await client.a_category()
    rows = [await a_row(client, category=category, stock=place) for place in range(3)]
    made = (await seller.post("/products/bulk", {"products": rows})).json()
    ids = [result["id"] for result in made["results"]]

    assert [result["status"] for result in made["results"]] == ["created"] * 3
    assert (made["created"], made["updated"], made["unchanged"], made["failed"]) == (3, 0, 0, 0)

    again = await seller.post(
        "/products/bulk",
        {
            "products": [
                {"id": ids[0], "price": 5},
                rows[1],
                {"sku": rows[2]["sku"], "stock": 7, "title": "Another title"},
                await a_row(client, category=category),
            ]
        },
    )

    assert again.status_code == 200, again.text
    assert [result["status"] for result in again.json()["results"]] == ["updated", "unchanged", "updated", "created"]
    products = [(await client.get(f"/products/{product_id}")).json() for product_id in ids]
    assert [product["price"] for product in products] == [5, 99.99, 99.99]
    assert [product["stock"] for product in products] == [0, 1, 7]
    assert products[2]["title"] == "Another title"
    assert {product["sellerId"] for product in products} == {seller.user["id"]}
    await assert_books_balance(client, ids)


async def test_everything_that_a_product_has_is_written(client: Client) -> None:
    seller, _ = await a_seller(client)
    zone = await client.value("select slug from zones where id = $1", await client.a_zone())
    key = unique("group")
    row = await a_row(
        client,
        discountPercentage=12.5, tags=["a", "b", "a"], weight=1.5, dimensions={"width": 1, "height": 2.5, "depth": 3},
        warrantyInformation="Two years", shippingInformation="Ships at once", returnPolicy="None", unit="box",
        minimumOrderQuantity=4, packSize=2, barcode="0012", attributes={"voltage": "230 V", "loud": True, "watts": 1.5},
        images=["https://example.com/1.jpg", "https://example.com/2.jpg"], zones=[zone],
        translations={"ar": {"title": "منتج", "description": "وصف"}, "de": {"title": "Ware"}},
        group={"key": key, "title": "Lamps"}, options={"colour": "blue"},
    )  # fmt: skip
    twin = {**row, "sku": unique("SKU"), "options": {"colour": "red"}}
    report = (await seller.post("/products/bulk", {"products": [row, twin]})).json()
    assert report["created"] == 2, report

    product = (await client.get(f"/products/{report['results'][0]['id']}?lang=ar")).json()
    shown = {name: product[name] for name in row if name in product}
    assert shown == {
        **{name: value for name, value in row.items() if name in product},
        "title": "منتج", "description": "وصف", "tags": ["a", "b"], "options": {"colour": "blue"},
        **({"group": product["group"]} if "group" in product else {}),
    }  # fmt: skip
    assert product["meta"]["barcode"] == "0012"
    assert product["languages"] == ["ar", "de"]
    assert await client.value("select title from product_groups where key = $1", key) == "Lamps"

    same = (await seller.post("/products/bulk", {"products": [row, twin]})).json()
    assert same["unchanged"] == 2

    emptied = {
        "sku": row["sku"], "tags": [], "images": ["https://example.com/2.jpg"], "zones": [], "attributes": {},
        "translations": {"ar": None}, "group": None, "options": {},
    }  # fmt: skip
    changed = (await seller.post("/products/bulk", {"products": [emptied]})).json()
    assert changed["updated"] == 1, changed
    product = (await client.get(f"/products/{report['results'][0]['id']}")).json()
    assert (product["tags"], product["images"], product["zones"]) == ([], ["https://example.com/2.jpg"], [])
    assert (product["attributes"], product["languages"], product["groupId"]) == ({}, ["de"], None)


async def test_all_faults_of_all_rows_are_told(client: Client) -> None:
    seller, company_id = await a_seller(client)
    good = await a_row(client)
    bad = [
        {"title": "X", "price": -1, "colour": "blue"},
        await a_row(client, category="no-such-category", zones=["no-such-zone"]),
        await a_row(client, price=1.234),
        await a_row(client, sku=good["sku"]),
        {"id": 2**60, "price": 1},
        {"id": "seven"},
        {"sku": 7},
        await a_row(client, images=[f"public/uploads/{'0' * 32}.webp"]),
        await a_row(client, companyId=await client.a_company()),
    ]
    reply = await seller.post("/products/bulk", {"products": [good, *bad]})

    assert reply.status_code == 200, reply.text
    report = reply.json()
    faults = [set(result.get("errors", {})) for result in report["results"]]
    assert faults[0] == set()
    assert {"title", "price", "colour", "description", "category", "brand", "stock", "thumbnail"} <= faults[1]
    assert faults[2] == {"category", "zones"}
    assert faults[3] == {"price"}
    assert faults[4] == {"sku"}
    assert faults[5] == {"id"}  # nothing is said of fields that a new product would need
    assert faults[6] == {"id"}
    assert "sku" in faults[7]
    assert faults[8] == {"images"}
    assert faults[9] == {"companyId"}
    assert (report["created"], report["failed"]) == (1, 9)
    assert await of_company(client, company_id) == [good["sku"]]


async def test_atomic_is_all_or_nothing(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = [await a_row(client), await a_row(client, price=0), await a_row(client)]

    refused = await seller.post("/products/bulk", {"products": rows, "atomic": True})
    assert (refused.status_code, refused.json()["code"]) == (422, "ROWS_FAILED")
    assert set(refused.json()["details"]) == {"products.1.price"}
    assert await of_company(client, company_id) == []

    rows[1]["price"] = 1
    assert (await seller.post("/products/bulk", {"products": rows, "atomic": True})).json()["created"] == 3


async def test_others_products_are_as_if_they_were_not_there(client: Client) -> None:
    theirs = await client.a_product(sku="SHARED")
    seller, _ = await a_seller(client)
    zone = await client.a_zone()
    outside = await client.signed_in("location_admin", zone_ids=[zone])
    inside_company = await client.a_company(zones={zone: (0, None)})

    by_id = (await seller.post("/products/bulk", {"products": [{"id": theirs["id"], "price": 1}]})).json()
    nothing = (await seller.post("/products/bulk", {"products": [{"id": 2**60, "price": 1}]})).json()
    assert by_id["results"][0]["errors"] == nothing["results"][0]["errors"]

    own = (await seller.post("/products/bulk", {"products": [await a_row(client, sku="SHARED")]})).json()
    assert own["created"] == 1

    for fields in ({"id": theirs["id"], "price": 1}, await a_row(client, companyId=theirs["companyId"])):
        assert (await outside.post("/products/bulk", {"products": [fields]})).json()["failed"] == 1
    row = await a_row(client, companyId=inside_company)
    assert (await outside.post("/products/bulk", {"products": [row]})).json()["created"] == 1
    assert (await client.get(f"/products/{theirs['id']}")).json()["price"] == 10


async def test_stock_needs_a_warehouse(client: Client) -> None:
    seller, company_id = await a_seller(client)
    await client.value("update warehouses set deleted_at = now() where company_id = $1", company_id)
    rows = [await a_row(client, stock=1), await a_row(client, stock=0)]

    report = (await seller.post("/products/bulk", {"products": rows})).json()

    assert [result["status"] for result in report["results"]] == ["failed", "created"]
    assert "warehouse" in report["results"][0]["errors"]["stock"][0]
    changed = {"sku": rows[1]["sku"], "stock": 3, "title": "Not to be written"}
    report = (await seller.post("/products/bulk", {"products": [changed]})).json()
    assert set(report["results"][0]["errors"]) == {"stock"}
    assert await of_company(client, company_id, "title") == ["New Product"]


async def test_variants_are_told_apart_by_their_options(client: Client) -> None:
    seller, _ = await a_seller(client)
    group = {"key": unique("group")}
    rows = [await a_row(client, group=group, options={"size": size}) for size in ("S", "M", "S")]

    report = (await seller.post("/products/bulk", {"products": rows})).json()

    assert [result["status"] for result in report["results"]] == ["created", "created", "failed"]
    assert set(report["results"][2]["errors"]) == {"options"}
    moved = (await seller.post("/products/bulk", {"products": [{**rows[0], "options": {"size": "M"}}]})).json()
    assert set(moved["results"][0]["errors"]) == {"options"}


async def test_rows_that_stand_in_each_other_s_way_are_refused_alone(client: Client) -> None:
    """What a row gives up is not free before all are written, and two rows never ask for the same."""
    seller, company_id = await a_seller(client)
    group = {"key": unique("group")}
    rows = [await a_row(client, group=group, options={"size": size}) for size in "SML"]
    ids = [result["id"] for result in (await seller.post("/products/bulk", {"products": rows})).json()["results"]]
    new = unique("NEW")
    changes = [
        {"id": ids[0], "options": {"size": "M"}},
        {"id": ids[1], "options": {"size": "XL"}},
        await a_row(client, group=group, options={"size": "XL"}),
        {"id": ids[2], "sku": new},
    ]

    report = (await seller.post("/products/bulk", {"products": changes})).json()
    assert [set(result.get("errors", ())) for result in report["results"]] == [{"options"}, set(), {"options"}, set()]

    report = (await seller.post("/products/bulk", {"products": [changes[0]]})).json()
    assert report["updated"] == 1, report
    both = [{"id": product_id, "sku": f"{new}-2"} for product_id in ids[:2]]
    report = (await seller.post("/products/bulk", {"products": both})).json()
    assert [set(result.get("errors", ())) for result in report["results"]] == [set(), {"sku"}]
    assert await of_company(client, company_id) == [f"{new}-2", rows[1]["sku"], new]


async def test_a_price_is_in_the_product_s_currency(client: Client) -> None:
    """One that was made before the shop dealt in another currency keeps its own."""
    seller, company_id = await a_seller(client)
    row = await a_row(client)
    (made,) = (await seller.post("/products/bulk", {"products": [row]})).json()["results"]
    await client.value("update products set currency = 'JPY' where id = $1", made["id"])

    report = (await seller.post("/products/bulk", {"products": [{"id": made["id"], "price": 1200}]})).json()

    assert report["updated"] == 1, report
    assert await of_company(client, company_id, "price_minor") == [1200]
    refused = (await seller.post("/products/bulk", {"products": [{"id": made["id"], "price": 12.5}]})).json()
    assert set(refused["results"][0]["errors"]) == {"price"}


async def test_a_product_may_get_another_sku_that_is_free(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = [await a_row(client), await a_row(client)]
    ids = [result["id"] for result in (await seller.post("/products/bulk", {"products": rows})).json()["results"]]
    new = unique("NEW")

    taken = (await seller.post("/products/bulk", {"products": [{"id": ids[0], "sku": rows[1]["sku"]}]})).json()
    free = (await seller.post("/products/bulk", {"products": [{"id": ids[0], "sku": new}]})).json()

    assert set(taken["results"][0]["errors"]) == {"sku"}
    assert free["results"][0]["status"] == "updated"
    assert await of_company(client, company_id) == [new, rows[1]["sku"]]


async def test_one_event_tells_of_many_and_prices_are_remembered(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = [await a_row(client, price=10) for _ in range(3)]
    report = (await seller.post("/products/bulk", {"products": rows})).json()
    ids = [result["id"] for result in report["results"]]
    await seller.post("/products/bulk", {"products": [{"id": ids[0], "price": 8}, rows[1]]})

    events = await client.app.shop.database.pool.fetch(
        "select data from events where name = 'products.changed' and $1 = any(company_ids) order by id", company_id
    )
    assert [event["data"]["productIds"] for event in events] == [ids, [ids[0]]]
    prices = await client.app.shop.database.pool.fetch(
        "select price_minor from price_changes where product_id = $1 order by id", ids[0]
    )
    assert [row["price_minor"] for row in prices] == [1000, 800]


async def test_an_administrator_s_rows_stand_in_the_admin_log(client: Client) -> None:
    admin = await client.signed_in("admin")
    company_id = await client.a_company()
    await admin.post("/products/bulk", {"products": [await a_row(client, companyId=company_id)]})

    logged = await client.value(
        "select after from admin_log where subject_kind = 'company' and subject_id = $1", str(company_id)
    )
    assert len(logged["created"]) == 1


async def test_the_same_rows_at_once_make_each_product_once(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = [await a_row(client, stock=3) for _ in range(20)]

    replies = await asyncio.gather(
        *(seller.post("/products/bulk", {"products": rows if turn % 2 else rows[::-1]}) for turn in range(8))
    )

    assert {reply.status_code for reply in replies} == {200}
    statuses = Counter(result["status"] for reply in replies for result in reply.json()["results"])
    assert statuses == {"created": 20, "unchanged": 140}
    assert len(await of_company(client, company_id)) == 20
    await assert_books_balance(client, await of_company(client, company_id, "id"))


async def test_rows_among_single_changes_lose_nothing(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = [await a_row(client) for _ in range(5)]
    await seller.post("/products/bulk", {"products": rows})
    ids = await of_company(client, company_id, "id")

    async def alone(product_id: int) -> int:
        fields = {**await a_row(client), "companyId": company_id}
        return (await seller.post("/products", fields)).status_code

    async def many(turn: int) -> int:
        changed = [{"sku": row["sku"], "barcode": str(turn)} for row in rows]
        return (await seller.post("/products/bulk", {"products": changed})).status_code

    statuses = await asyncio.gather(*(alone(one) for one in ids), *(many(turn) for turn in range(5)))
    assert set(statuses) == {200, 201}
    assert len(await of_company(client, company_id)) == 10
    assert len(set((await of_company(client, company_id, "barcode"))[:5])) == 1


async def test_more_rows_are_no_more_statements(client: Client) -> None:
    seller, company_id = await a_seller(client)
    category, group = await client.a_category(), unique("group")
    actor = Actor(user_id=seller.user["id"], role=Role.SELLER, company_id=company_id)

    async def asked(rows: list[dict[str, Any]]) -> list[str]:
        statements: list[str] = []

        def note(record: Any) -> None:
            if "pg_catalog" not in record.query and "'jit'" not in record.query:  # the driver's own
                statements.append(record.query)

        async with client.app.shop.database.transaction() as tx:
            tx.connection.add_query_logger(note)
            outcomes = await upsert_products(tx, client.app.shop, actor, [Given(row) for row in rows])
            assert not any(outcome.faults for outcome in outcomes)
            tx.connection.remove_query_logger(note)
        return statements

    def some(count: int, **fields: Any) -> list[dict[str, Any]]:
        return [
            {
                "title": "New Product", "description": "Product description here...", "price": 5, "category": category,
                "sku": f"S-{count}-{place}", "thumbnail": "https://example.com/1.jpg", "brand": f"Brand {place}",
                "stock": place, "images": [f"https://example.com/{place}.jpg"], "translations": {"de": {"title": "Ware"}},
                "group": {"key": f"{group}-{count}-{place}"}, "options": {"size": "M"}, **fields,
            }
            for place in range(count)
        ]  # fmt: skip

    made = [await asked(some(count)) for count in (3, 300)]
    changed = [await asked(some(count, price=4, images=[], translations={"de": None}, stock=1)) for count in (3, 300)]
    unchanged = [await asked(some(count, price=4, images=[], translations={"de": None}, stock=1)) for count in (3, 300)]
    for few, many in (made, changed, unchanged):
        assert few == many
        assert len(few) <= 30


async def test_too_many_rows_are_refused(client: Client) -> None:
    seller, _ = await a_seller(client)
    large = await seller.post("/products/bulk", {"products": [{"title": "x" * 5_000_000}]})
    assert (large.status_code, large.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    many = await seller.post("/products/bulk", {"products": [{}] * 1001})
    none = await seller.post("/products/bulk", {"products": []})
    assert (many.status_code, none.status_code) == (400, 400)
    assert "products" in many.json()["details"]
