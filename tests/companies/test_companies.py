"""Companies: making, showing, changing, and deleting them, and who may do which."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.builders import Client, an_order, unique
from tests.companies.owning import an_owner, patch, slug_of


def a_new_company(**fields: Any) -> dict[str, Any]:
    return {"name": unique("Company"), **fields}


async def test_a_company_is_made_with_zones_and_commission_and_can_have_stock(client: Client) -> None:
    admin = await client.signed_in("admin")
    zone = await slug_of(client, await client.a_zone())
    fees = [{"zone": zone, "deliveryFee": 4.5, "freeDeliveryFrom": 60}]
    body = a_new_company(deliveryFees=fees, commissionRate=12.5, email="office@example.com", taxId="XY-1")
    made = await admin.post("/companies", body)
    assert made.status_code == 201, made.text
    company = made.json()
    assert (company["status"], company["isHouse"], company["taxId"]) == ("active", False, "XY-1")
    assert company["zones"] == [{"zone": zone, "name": zone, "deliveryFee": 4.5, "freeDeliveryFrom": 60}]
    assert (company["commission"]["rate"], company["commission"]["upcoming"]) == (12.5, [])

    product = await client.a_product(company_id=company["id"], stock=7)
    assert product["stock"] == 7
    shown = (await client.get(f"/companies/{company['id']}")).json()
    assert not {"taxId", "commission"} & shown.keys()
    assert shown["email"] == "office@example.com"


async def test_slugs_come_from_names_and_are_never_taken_twice(client: Client) -> None:
    admin = await client.signed_in("admin")
    name = unique("Same Name")
    replies = await asyncio.gather(*(admin.post("/companies", a_new_company(name=name)) for _ in range(4)))
    assert [reply.status_code for reply in replies] == [201] * 4
    slugs = {reply.json()["slug"] for reply in replies}
    assert len(slugs) == 4
    taken = await admin.post("/companies", a_new_company(slug=next(iter(slugs))))
    assert (taken.status_code, taken.json()["code"]) == (409, "COMPANY_EXISTS")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "x"}, "name"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"commissionRate": 101}, "commissionRate"),
        ({"commissionRate": 1.234}, "commissionRate"),
        ({"deliveryFees": [{"zone": "no-such-zone"}]}, "deliveryFees"),
        ({"deliveryFees": [{"zone": "a", "deliveryFee": -1}]}, "deliveryFees.0.deliveryFee"),
        ({"deliveryFees": [{"zone": "a", "deliveryFee": 1.005}]}, "deliveryFees.0.deliveryFee"),
        ({"deliveryFees": [{"zone": "a"}, {"zone": "a"}]}, "deliveryFees"),
        ({"isHouse": True}, "isHouse"),
        ({"status": "inactive"}, "status"),
        ({"id": 1}, "id"),
    ],
)
async def test_what_does_not_fit_is_refused_by_field(client: Client, fields: dict[str, Any], field: str) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post("/companies", a_new_company(**fields))
    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR"), reply.text
    assert field in reply.json()["details"]


async def test_only_admins_make_and_judge_companies(client: Client) -> None:
    zone_id = await client.a_zone()
    company_id = await client.a_company(zones={zone_id: (0, None)})
    path = f"/companies/{company_id}"
    others = [await client.signed_in(role) for role in ("user", "shop_owner", "courier")]
    others += [await client.signed_in("location_admin", zone_ids=[zone_id]), await an_owner(client, company_id)]
    for other in others:
        replies = [
            await other.post("/companies", a_new_company()),
            await other.put(path, {"name": "Mine now"}),
            await patch(other, f"{path}/status", {"status": "inactive"}),
            await patch(other, f"{path}/commission", {"rate": 0}),
            await other.delete(path),
        ]
        assert [reply.status_code for reply in replies] == [403] * 5, other.user


async def test_an_owner_changes_what_is_said_of_its_company_and_nothing_else(client: Client) -> None:
    company_id, foreign_id = await client.a_company(), await client.a_company()
    owner, employee = await an_owner(client, company_id), await client.signed_in("seller", company_id=company_id)
    own = (await owner.get("/vendors/company")).json()
    assert (own["id"], own["commission"]["rate"]) == (company_id, 0)

    address = {"address": "1 Pier", "city": "Port", "country": "USA"}
    changed = await owner.put(f"/vendors/company/{company_id}", {"description": "Fine things", "address": address})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["description"], changed.json()["name"]) == ("Fine things", own["name"])
    assert changed.json()["address"] == {**address, "state": "", "zipCode": ""}

    for field in ("status", "slug", "commissionRate", "isHouse", "deliveryFees", "id"):
        assert (await owner.put(f"/vendors/company/{company_id}", {field: "x"})).status_code == 400
    assert (await owner.put(f"/vendors/company/{foreign_id}", {"name": "Mine now"})).status_code == 403
    assert (await employee.put(f"/vendors/company/{company_id}", {"name": "Mine now"})).status_code == 403
    assert (await (await client.signed_in("seller")).get("/vendors/company")).status_code == 404


async def test_lists_show_what_sells_and_administrators_the_rest(client: Client) -> None:
    zone_id, other_zone_id = await client.a_zone(), await client.a_zone()
    zone = await slug_of(client, zone_id)
    active, inactive = [await client.a_company(zones={zone_id: (0, None)}) for _ in range(2)]
    await client.value("update companies set status = 'inactive' where id = $1", inactive)
    admin = await client.signed_in("admin")
    near = await client.signed_in("location_admin", zone_ids=[zone_id])
    far = await client.signed_in("location_admin", zone_ids=[other_zone_id])
    seller = await client.signed_in("seller", company_id=inactive)

    async def found(who: Client, query: str = "") -> tuple[list[int], int]:
        reply = (await who.get(f"/companies?zone={zone}&sortBy=id{query}")).json()
        return [company["id"] for company in reply["companies"]], reply["total"]

    for everything in (admin, near, seller):
        assert await found(everything) == ([active, inactive], 2)
        assert await found(everything, "&status=inactive") == ([inactive], 1)
        assert (await everything.get(f"/companies/{inactive}")).status_code == 200
    for selling in (client, far):
        assert await found(selling) == ([active], 1)
        assert await found(selling, "&status=inactive") == ([], 0)
        assert (await selling.get(f"/companies/{inactive}")).status_code == 404
    in_zone = (await client.get(f"/companies/zone/{zone}")).json()
    assert ([company["id"] for company in in_zone["companies"]], in_zone["total"]) == ([active], 1)
    assert (await client.get("/companies/zone/no-such-zone")).status_code == 404


@pytest.mark.parametrize("sort_by", ["name", "createdAt", "id"])
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_by_cursor_show_each_company_once(client: Client, sort_by: str, order: str) -> None:
    zone_id = await client.a_zone()
    ids = {await client.a_company(zones={zone_id: (0, None)}) for _ in range(5)}
    query = f"/companies?zone={await slug_of(client, zone_id)}&limit=2&sortBy={sort_by}&order={order}"
    seen: list[int] = []
    cursor = ""
    while True:
        page = (await client.get(f"{query}{cursor}")).json()
        seen += [company["id"] for company in page["companies"]]
        assert page["total"] == 5
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert (len(seen), set(seen)) == (5, ids)


async def test_a_search_finds_names(client: Client) -> None:
    admin = await client.signed_in("admin")
    name = unique("Searchable")
    made = (await admin.post("/companies", a_new_company(name=name))).json()
    found = (await client.get("/companies", params={"q": name.upper()[:60]})).json()
    assert [company["id"] for company in found["companies"]] == [made["id"]]


async def test_a_location_admin_sets_terms_in_its_zones_only(client: Client) -> None:
    mine, foreign = await client.a_zone(), await client.a_zone()
    company_id = await client.a_company(zones={mine: (100, None), foreign: (200, 5000)})
    elsewhere = await client.a_company(zones={foreign: (0, None)})
    admin = await client.signed_in("location_admin", zone_ids=[mine])
    own, other = await slug_of(client, mine), await slug_of(client, foreign)
    path = f"/companies/{company_id}/delivery-fees"

    set_fee = await patch(admin, path, {"deliveryFees": [{"zone": own, "deliveryFee": 3, "freeDeliveryFrom": 40.5}]})
    assert set_fee.status_code == 200, set_fee.text
    terms = {zone["zone"]: (zone["deliveryFee"], zone["freeDeliveryFrom"]) for zone in set_fee.json()["zones"]}
    assert terms == {own: (3, 40.5), other: (2, 50)}

    for zones in ([other], [own, other]):
        refused = await patch(admin, path, {"deliveryFees": [{"zone": zone, "deliveryFee": 0} for zone in zones]})
        assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    outside = await patch(admin, f"/companies/{elsewhere}/delivery-fees", {"deliveryFees": [{"zone": own}]})
    assert outside.status_code == 404
    ended = await patch(admin, path, {"deliveryFees": [{"zone": own, "delivers": False}]})
    assert ended.status_code == 200, ended.text
    assert [zone["zone"] for zone in (await client.get(f"/companies/{company_id}")).json()["zones"]] == [other]
    log = (await (await client.signed_in("admin")).get(f"/admins/activity?subject=company:{company_id}")).json()
    assert [entry["action"] for entry in log["activity"]] == ["company.delivery_fees_changed"] * 2


async def test_stats_are_for_owners_and_administrators_and_count_their_zones(client: Client) -> None:
    north, south = await client.a_zone(), await client.a_zone()
    company_id = await client.a_company(commission_bp=1000, zones={north: (0, None), south: (0, None)})
    product = await client.a_product(company_id=company_id, price=100)
    for zone_id in (north, north, south):
        buyer = await client.signed_in("user", zone_id=zone_id)
        assert (await buyer.post("/orders", an_order((product["id"], 1)))).status_code == 201
    path = f"/companies/{company_id}/stats"

    owner = await an_owner(client, company_id)
    stats = (await owner.get(path)).json()
    assert (stats["orders"], stats["openOrders"], stats["products"], stats["sellers"]) == (3, 3, 1, 1)
    assert stats["sales"] == [{"currency": "USD", "orders": 3, "total": 324, "commission": 30, "net": 294}]
    assert (await (await client.signed_in("admin")).get(path)).json()["orders"] == 3
    near = await client.signed_in("location_admin", zone_ids=[north])
    assert (await near.get(path)).json()["sales"][0]["orders"] == 2
    far = await client.signed_in("location_admin", zone_ids=[await client.a_zone()])
    for other in (far, await client.signed_in("seller", company_id=company_id), await client.signed_in("seller")):
        assert (await other.get(path)).status_code == 403
    assert (await buyer.get(path)).status_code == 403


async def test_a_company_that_does_not_sell_is_not_in_the_shop(client: Client) -> None:
    admin, company_id = await client.signed_in("admin"), await client.a_company()
    product_id = (await client.a_product(company_id=company_id))["id"]
    buyer = await client.signed_in()

    async def shown() -> tuple[int, int]:
        page = await client.get(f"/products/{product_id}")
        listed = await client.get(f"/products?company={company_id}")
        return page.status_code, listed.json()["total"]

    async def becomes(expected: tuple[int, int]) -> None:
        for _ in range(50):
            if await shown() == expected:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"still {await shown()}")

    await becomes((200, 1))
    assert (await patch(admin, f"/companies/{company_id}/status", {"status": "inactive"})).status_code == 200
    await becomes((404, 0))
    refused = await buyer.post("/orders", an_order((product_id, 1)))
    assert (refused.status_code, refused.json()["code"]) == (422, "PRODUCTS_UNAVAILABLE")
    assert (await patch(admin, f"/companies/{company_id}/status", {"isActive": True})).json()["isActive"] is True
    await becomes((200, 1))
    for body in ({}, {"status": "active", "isActive": False}, {"status": "pending"}):
        assert (await patch(admin, f"/companies/{company_id}/status", body)).status_code == 400


async def test_a_company_with_open_orders_is_not_deleted(client: Client) -> None:
    admin, company_id = await client.signed_in("admin"), await client.a_company()
    seller = await an_owner(client, company_id)
    product = await client.a_product(company_id=company_id)
    order = await (await client.signed_in()).post("/orders", an_order((product["id"], 1)))
    refused = await admin.delete(f"/companies/{company_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "COMPANY_HAS_OPEN_ORDERS")
    assert refused.json()["details"] == {"orders": 1}

    await client.value("update order_parts set status = 'cancelled' where company_id = $1", company_id)
    assert (await admin.delete(f"/companies/{company_id}")).status_code == 204
    assert (await admin.get(f"/companies/{company_id}")).status_code == 404
    assert (await admin.get(f"/products?company={company_id}&limit=3")).json()["total"] == 0
    assert (await seller.get("/auth/me")).json()["role"] == "user"
    assert (await admin.get(f"/orders/{order.json()['id']}")).status_code == 200


async def test_the_house_company_stays(client: Client) -> None:
    admin = await client.signed_in("admin")
    house_id = await client.value("select id from companies where is_house")
    if house_id is None:
        house_id = await client.a_company()
        await client.value("update companies set is_house = true where id = $1", house_id)
    for reply in (
        await admin.delete(f"/companies/{house_id}"),
        await patch(admin, f"/companies/{house_id}/status", {"status": "inactive"}),
    ):
        assert (reply.status_code, reply.json()["code"]) == (409, "HOUSE_COMPANY")


async def test_changes_are_logged_with_what_differs(client: Client) -> None:
    admin = await client.signed_in("admin")
    company = (await admin.post("/companies", a_new_company())).json()
    await admin.put(f"/companies/{company['id']}", {"name": "Another name", "email": None})
    await patch(admin, f"/companies/{company['id']}/status", {"status": "inactive"})
    log = (await admin.get(f"/admins/activity?subject=company:{company['id']}")).json()["activity"]
    assert [(entry["action"], entry["before"], entry["after"]) for entry in log[:2]] == [
        ("company.status_changed", {"status": "active"}, {"status": "inactive"}),
        ("company.changed", {"name": company["name"]}, {"name": "Another name"}),
    ]
    assert (log[2]["action"], log[2]["before"], log[2]["actor"]["id"]) == ("company.created", None, admin.user["id"])
