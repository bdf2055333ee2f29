"""Looking at stock: levels now and at any moment, what is low, what is out, and the history."""

from __future__ import annotations

from typing import Any

from entrepot.kernel import clock
from tests.builders import Client, an_order


async def patch(client: Client, path: str, json: Any) -> Any:
    reply = await client.request("PATCH", path, json=json)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_levels_of_a_warehouse(client: Client) -> None:
    company = await client.a_company()
    products = [await client.a_product(company_id=company, stock=stock) for stock in (3, 30, 0)]
    seller, buyer = await client.signed_in("seller", company_id=company), await client.signed_in()
    warehouse = await client.value("select min(id) from warehouses where company_id = $1", company)
    assert (await buyer.post("/orders", an_order((products[0]["id"], 1)))).status_code == 201

    page = (await seller.get(f"/warehouses/{warehouse}/stock")).json()

    shown = [
        (level["productId"], level["onHand"], level["reserved"], level["available"], level["isLow"])
        for level in page["stock"]
    ]
    ids = [product["id"] for product in products]
    assert shown == [(ids[0], 3, 1, 2, True), (ids[1], 30, 0, 30, False), (ids[2], 0, 0, 0, True)]
    assert (page["total"], page["limit"]) == (3, 3)
    assert page["stock"][0]["sku"] == products[0]["sku"]
    sku = products[1]["sku"].lower()
    found = (await seller.get(f"/warehouses/{warehouse}/stock?q={sku}")).json()
    assert [level["productId"] for level in found["stock"]] == [ids[1]]
    stranger = await client.signed_in("seller", company_id=await client.a_company())
    assert (await stranger.get(f"/warehouses/{warehouse}/stock")).status_code == 404


async def test_stock_as_it_was(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    before = clock.iso(clock.now())
    product = (await client.a_product(stock=10))["id"]
    last = "select max(occurred_at) + interval '1 ms' from stock_movements where product_id = $1"
    created = clock.iso(await client.value(last, product))
    assert (await buyer.post("/orders", an_order((product, 4)))).status_code == 201
    sold = clock.iso(await client.value(last, product))
    await patch(admin, f"/products/{product}/stock", {"adjustment": 5})

    async def level(at: str = "") -> tuple[int, int]:
        page = (await admin.get(f"/inventory/stock?product={product}{at and f'&at={at}'}")).json()
        (found,) = page["stock"]
        return found["onHand"], found["reserved"]

    assert await level(before) == (0, 0)
    assert await level(created) == (10, 0)
    assert await level(sold) == (10, 4)
    assert await level() == (15, 4)
    naive = sold.removesuffix("Z")
    assert await level(naive) == (10, 4)
    assert (await admin.get("/inventory/stock?at=yesterday")).status_code == 400


async def test_levels_page_by_cursor(client: Client) -> None:
    company = await client.a_company()
    products = [(await client.a_product(company_id=company, stock=1))["id"] for _ in range(3)]
    second = await client.a_warehouse(company)
    seller, admin = await client.signed_in("seller", company_id=company), await client.signed_in("admin")
    await patch(admin, f"/products/{products[1]}/stock", {"quantity": 2, "warehouseId": second})

    seen, path = [], "/inventory/stock?limit=2"
    while path:
        page = (await seller.get(path)).json()
        assert page["total"] == 4
        seen += [(level["productId"], level["available"]) for level in page["stock"]]
        path = f"/inventory/stock?limit=2&cursor={page['nextCursor']}" if "nextCursor" in page else ""

    assert seen == [(products[0], 1), (products[1], 1), (products[1], 2), (products[2], 1)]


async def test_what_is_low_and_what_is_out(client: Client) -> None:
    zone = await client.a_zone()
    company = await client.a_company(zones={zone: (0, None)})
    await client.value("update warehouses set zone_id = $2 where company_id = $1", company, zone)
    few, many, none = [(await client.a_product(company_id=company, stock=stock))["id"] for stock in (5, 6, 0)]
    north, admin = await client.signed_in("location_admin", zone_ids=[zone]), await client.signed_in("admin")
    elsewhere = await client.signed_in("location_admin", zone_ids=[await client.a_zone()])

    async def ids(who: Client, path: str) -> list[int]:
        page = (await who.get(path)).json()
        assert page["total"] == len(page["products"])
        return [product["productId"] for product in page["products"]]

    assert await ids(north, "/inventory/low-stock") == [few]
    assert await ids(north, "/inventory/out-of-stock") == [none]
    assert await ids(elsewhere, "/inventory/low-stock") == await ids(elsewhere, "/inventory/out-of-stock") == []
    assert await ids(admin, f"/inventory/out-of-stock?company={company}") == [none]

    warehouse = await client.value("select min(id) from warehouses where company_id = $1", company)
    await patch(admin, f"/products/{many}/stock", {"lowStockThreshold": 50, "warehouseId": warehouse})
    assert await ids(north, "/inventory/low-stock") == [few, many]
    page = (await north.get("/inventory/low-stock?limit=1")).json()
    assert [level["productId"] for level in page["products"]] == [few]
    following = (await north.get(f"/inventory/low-stock?limit=1&cursor={page['nextCursor']}")).json()
    assert [level["productId"] for level in following["products"]] == [many]

    await patch(admin, f"/products/{few}/stock", {"quantity": 0})
    assert await ids(north, "/inventory/out-of-stock") == [few, none]
    (first, _) = (await north.get("/inventory/out-of-stock")).json()["products"]
    assert first["since"] is not None


async def test_the_history_says_what_happened_and_why(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = (await client.a_product(stock=10))["id"]
    order = (await buyer.post("/orders", an_order((product, 4)))).json()["id"]
    await patch(admin, f"/products/{product}/stock", {"adjustment": -2, "reason": "damage", "note": "wet"})

    page = (await admin.get(f"/inventory/history?product={product}")).json()

    shown = [
        (entry["reason"], entry["onHandChange"], entry["reservedChange"], entry["onHandAfter"], entry["availableAfter"])
        for entry in page["history"]
    ]
    assert shown == [("damage", -2, 0, 8, 4), ("sale", 0, 4, 10, 6), ("receipt", 10, 0, 10, 10)]
    assert page["total"] == 3
    assert (page["history"][0]["note"], page["history"][0]["actorId"]) == ("wet", admin.user["id"])
    assert (page["history"][1]["orderId"], page["history"][1]["actorId"]) == (order, buyer.user["id"])

    async def found(query: str) -> list[str]:
        reply = await admin.get(f"/inventory/history?product={product}&{query}")
        assert reply.status_code == 200, reply.text
        return [entry["reason"] for entry in reply.json()["history"]]

    assert await found("reason=sale") == ["sale"]
    assert await found(f"order={order}") == ["sale"]
    assert await found(f"actor={admin.user['id']}") == ["damage"]
    assert await found(f"since={page['history'][1]['occurredAt']}") == ["damage", "sale"]
    assert await found(f"until={page['history'][1]['occurredAt']}") == ["receipt"]
    assert await found("transfer=7") == []
    assert (
        await admin.get("/inventory/history?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z")
    ).status_code == 400
    assert (await admin.get("/inventory/history?reason=theft")).status_code == 400


async def test_a_location_admin_reads_the_history_of_its_zones(client: Client) -> None:
    zone = await client.a_zone()
    company = await client.a_company()
    warehouse = await client.a_warehouse(company, zone)
    product = (await client.a_product(company_id=company, stock=10))["id"]
    north, admin = await client.signed_in("location_admin", zone_ids=[zone]), await client.signed_in("admin")
    await patch(admin, f"/products/{product}/stock", {"adjustment": 2, "warehouseId": warehouse})

    page = (await north.get("/inventory/history")).json()

    assert [(entry["warehouseId"], entry["onHandChange"]) for entry in page["history"]] == [(warehouse, 2)]
