"""Warehouses: who makes, sees, changes and deletes them."""

from __future__ import annotations

import asyncio
from typing import Any

from entrepot import inventory
from entrepot.inventory import Reason, StockChange
from entrepot.kernel.actors import Actor, Role
from tests.builders import Client, unique


async def slug_of(client: Client, zone_id: int) -> str:
    slug: str = await client.value("select slug from zones where id = $1", zone_id)
    return slug


async def an_owner(client: Client, company_id: int) -> Client:
    owner = await client.signed_in("seller", company_id=company_id)
    await client.value("update company_members set is_owner = true where user_id = $1", owner.user["id"])
    return owner


def a_warehouse(zone: str, **fields: Any) -> dict[str, Any]:
    return {"name": "Northern depot", "code": unique("N").upper(), "zone": zone, **fields}


async def test_an_owner_makes_changes_and_deletes_a_warehouse(client: Client) -> None:
    zone, other = await slug_of(client, await client.a_zone()), await slug_of(client, await client.a_zone())
    company = await client.a_company()
    owner = await an_owner(client, company)
    address = {"address": "12 Harbour Road", "city": "Duhok", "country": "Iraq"}

    made = await owner.post("/warehouses", a_warehouse(zone, latitude=36.8, longitude=42.9, address=address))
    assert made.status_code == 201, made.text
    warehouse = made.json()
    assert (warehouse["companyId"], warehouse["zone"], warehouse["latitude"]) == (company, zone, 36.8)
    assert warehouse["address"] == {**address, "state": "", "zipCode": "", "phone": ""}

    path = f"/warehouses/{warehouse['id']}"
    changed = await owner.put(path, {"name": "Depot", "zone": other, "latitude": None, "longitude": None})
    assert changed.status_code == 200, changed.text
    kept = {**warehouse, "name": "Depot", "zone": other, "zoneName": other, "latitude": None, "longitude": None}
    assert {**changed.json(), "updatedAt": ""} == {**kept, "updatedAt": ""}
    assert (await owner.get(path)).json() == changed.json()

    assert (await owner.delete(path)).status_code == 204
    assert (await owner.get(path)).status_code == 404
    assert (await owner.delete(path)).status_code == 404


async def test_who_may_make_one(client: Client) -> None:
    zone = await slug_of(client, await client.a_zone())
    company, other = await client.a_company(), await client.a_company()
    owner, clerk = await an_owner(client, company), await client.signed_in("seller", company_id=company)
    admin, homeless = await client.signed_in("admin"), await client.signed_in("seller")

    assert (await clerk.post("/warehouses", a_warehouse(zone))).status_code == 403
    assert (await homeless.post("/warehouses", a_warehouse(zone))).status_code == 403
    assert (await owner.post("/warehouses", a_warehouse(zone, companyId=other))).status_code == 403
    assert (await admin.post("/warehouses", a_warehouse(zone, companyId=other))).status_code == 201
    unknown = await admin.post("/warehouses", a_warehouse(zone, companyId=2**40))
    assert (unknown.status_code, list(unknown.json()["details"])) == (400, ["companyId"])
    nowhere = await owner.post("/warehouses", a_warehouse("nowhere"))
    assert (nowhere.status_code, list(nowhere.json()["details"])) == (400, ["zone"])


async def test_a_code_is_used_once_in_a_company(client: Client) -> None:
    zone = await slug_of(client, await client.a_zone())
    owner, other = [await an_owner(client, await client.a_company()) for _ in range(2)]
    body = a_warehouse(zone)

    replies = await asyncio.gather(*(owner.post("/warehouses", body) for _ in range(4)))

    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409]
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"WAREHOUSE_EXISTS"}
    assert (await other.post("/warehouses", body)).status_code == 201
    second = (await owner.post("/warehouses", a_warehouse(zone))).json()
    assert (await owner.put(f"/warehouses/{second['id']}", {"code": body["code"]})).status_code == 409


async def test_what_is_said_of_one_makes_sense(client: Client) -> None:
    zone = await slug_of(client, await client.a_zone())
    owner = await an_owner(client, await client.a_company())
    made = (await owner.post("/warehouses", a_warehouse(zone))).json()

    for body in (
        a_warehouse(zone, latitude=1.0),
        a_warehouse(zone, latitude=91.0, longitude=0.0),
        a_warehouse(zone, code="lower case"),
        a_warehouse(zone, name=""),
        a_warehouse(zone, address={"city": "Duhok"}),
    ):
        assert (await owner.post("/warehouses", body)).status_code == 400
    for body in ({"name": None}, {"latitude": 1.0}, {"latitude": None}, {"companyId": 3}, {"zone": "nowhere"}):
        assert (await owner.put(f"/warehouses/{made['id']}", body)).status_code == 400
    assert (await owner.put(f"/warehouses/{made['id']}", {})).json()["name"] == made["name"]


async def test_who_sees_which(client: Client) -> None:
    north, south = await client.a_zone(), await client.a_zone()
    company, other = await client.a_company(), await client.a_company()
    own_north, own_south = await client.a_warehouse(company, north), await client.a_warehouse(company, south)
    other_north = await client.a_warehouse(other, north)
    seller = await client.signed_in("seller", company_id=company)
    admin_north = await client.signed_in("location_admin", zone_ids=[north])
    admin = await client.signed_in("admin")

    async def seen(who: Client, query: str = "") -> set[int]:
        page = (await who.get(f"/warehouses?limit=0{query}")).json()
        assert page["total"] == page["limit"] == len(page["warehouses"])
        return {warehouse["id"] for warehouse in page["warehouses"]}

    first = await client.value("select min(id) from warehouses where company_id = $1", company)
    assert await seen(seller) == {first, own_north, own_south}
    assert await seen(admin_north) == {own_north, other_north}
    assert await seen(admin_north, f"&company={company}") == {own_north}
    assert await seen(admin, f"&zone={await slug_of(client, south)}") == {own_south}
    code = await client.value("select lower(code) from warehouses where id = $1", own_south)
    assert await seen(seller, f"&q={code}") == {own_south}
    assert (await seller.get(f"/warehouses/{other_north}")).status_code == 404
    assert (await admin_north.get(f"/warehouses/{own_south}")).status_code == 404
    assert (await seller.put(f"/warehouses/{other_north}", {"name": "Mine"})).status_code == 404
    assert (await seller.put(f"/warehouses/{own_north}", {"name": "Mine"})).status_code == 403  # no owner
    assert (await seller.delete(f"/warehouses/{own_north}")).status_code == 403


async def test_warehouses_page_by_cursor(client: Client) -> None:
    company = await client.a_company()
    made = [await client.a_warehouse(company) for _ in range(4)]
    seller = await client.signed_in("seller", company_id=company)

    seen, path = [], "/warehouses?limit=2"
    while path:
        page = (await seller.get(path)).json()
        seen += [warehouse["id"] for warehouse in page["warehouses"]]
        path = f"/warehouses?limit=2&cursor={page['nextCursor']}" if "nextCursor" in page else ""

    assert seen[1:] == made
    assert (await seller.get("/warehouses?cursor=nonsense")).status_code == 400


async def test_one_that_holds_stock_stays(client: Client) -> None:
    company = await client.a_company()
    owner = await an_owner(client, company)
    product = (await client.a_product(company_id=company, stock=3))["id"]
    warehouse = await client.value("select warehouse_id from stock_levels where product_id = $1", product)

    reply = await owner.delete(f"/warehouses/{warehouse}")

    assert (reply.status_code, reply.json()["code"]) == (409, "WAREHOUSE_HOLDS_STOCK")
    assert reply.json()["details"] == {"products": 1, "pieces": 3}


async def test_stock_never_comes_into_one_that_is_being_deleted(client: Client) -> None:
    company = await client.a_company()
    owner = await an_owner(client, company)
    product = (await client.a_product(company_id=company, stock=0))["id"]
    actor = Actor(role=Role.SELLER, company_id=company)
    for _ in range(8):
        warehouse = await client.a_warehouse(company)

        async def receive(warehouse: int = warehouse) -> bool:
            async with client.app.shop.database.transaction() as tx:
                change = StockChange(product_id=product, warehouse_id=warehouse, adjustment=1)
                (outcome,) = await inventory.set_stock_many(tx, actor, [change], reason=Reason.RECEIPT)
                return outcome.refusal is None

        received, deleted = await asyncio.gather(receive(), owner.delete(f"/warehouses/{warehouse}"))

        assert (received, deleted.status_code) in ((True, 409), (False, 204))
