"""Shipping over HTTP: methods, tariffs by company and zone, and what an order is charged by them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.builders import ADDRESS, Client, an_order, unique
from tests.kernel.hostile import refusal
from tests.kernel.test_hostile_fields import mutants


async def a_named_zone(client: Client) -> tuple[int, str]:
    zone_id = await client.a_zone()
    slug: str = await client.value("select slug from zones where id = $1", zone_id)
    return zone_id, slug


async def set_tariffs(admin: Client, *tariffs: dict[str, Any]) -> Any:
    reply = await admin.put("/shipping/rates", {"tariffs": list(tariffs)})
    assert reply.status_code == 200, reply.text
    return reply.json()["tariffs"]


async def ask(buyer: Client, **question: Any) -> dict[str, Any]:
    reply = await buyer.post("/shipping/rates", question)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def amounts(found: dict[str, Any]) -> dict[str, Any]:
    return {rate["method"]: rate["amount"] for rate in found["rates"]}


async def test_the_methods_are_listed_in_their_order(client: Client) -> None:
    reply = (await client.get("/shipping/methods")).json()
    assert [method["code"] for method in reply["methods"]] == ["standard", "express", "pickup"]
    assert reply["total"] == reply["limit"] == 3


async def test_a_method_is_changed_and_the_list_follows(client: Client) -> None:
    admin = await client.signed_in("admin")
    before = (await client.get("/shipping/methods")).json()["methods"][2]
    name = unique("Pickup")
    try:
        changed = await admin.put("/shipping/methods/pickup", {"name": name, "isActive": False})
        assert (changed.status_code, changed.json()["name"]) == (200, name)
        await client.app.tail.poll()
        assert len((await client.get("/shipping/methods")).json()["methods"]) == 2
    finally:
        await admin.put("/shipping/methods/pickup", {"name": before["name"], "isActive": True})
        await client.app.tail.poll()


async def test_what_cannot_be_done_to_a_method_is_refused(client: Client) -> None:
    admin = await client.signed_in("admin")
    for path, body, status, code in (
        ("standard", {"isActive": False}, 409, "STANDARD_SHIPPING_STAYS"),
        ("rocket", {"name": "Rocket"}, 404, "SHIPPING_METHOD_NOT_FOUND"),
        ("express", {"minDays": 300}, 400, "VALIDATION_ERROR"),
        ("express", {"name": None}, 400, "VALIDATION_ERROR"),
        ("express", {"code": "other"}, 400, "VALIDATION_ERROR"),
    ):
        reply = await admin.put(f"/shipping/methods/{path}", body)
        assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text


async def test_the_companys_fee_counts_for_standard_shipping(client: Client) -> None:
    zone_id, zone = await a_named_zone(client)
    company_id = await client.a_company(zones={zone_id: (450, 6000)})
    buyer = await client.signed_in("user")

    cheap = await ask(buyer, zone=zone, companyId=company_id, weight=2, subtotal=59.99)
    assert (cheap["zone"], cheap["currency"], amounts(cheap)["standard"]) == (zone, "USD", 4.5)
    assert cheap["rates"][0]["companies"] == [{"companyId": company_id, "amount": 4.5}]
    dear = await ask(buyer, zone=zone, companyId=company_id, weight=2, subtotal=60)
    assert (amounts(dear)["standard"], dear["rates"][0]["isFree"]) == (0, True)


BANDS = [
    {"fee": 5, "toWeight": 5, "toSubtotal": 50},
    {"fee": 3, "toWeight": 5, "fromSubtotal": 50, "freeFrom": 100},
    {"fee": 8, "perKg": 0.5, "fromWeight": 5, "toWeight": 30},
]


@pytest.mark.parametrize(
    ("weight", "subtotal", "amount"),
    [
        (0, 0, 5),
        (4.999, 49.99, 5),
        (1, 50, 3),
        (1, 99.99, 3),
        (1, 100, 0),
        (5, 20, 10.5),
        (5.001, 20, 11),
        (29.999, 500, 23),
        (30, 20, None),
    ],
)
async def test_a_parcel_costs_what_its_weight_and_value_say(
    client: Client, weight: float, subtotal: float, amount: float | None
) -> None:
    admin, (_, zone) = await client.signed_in("admin"), await a_named_zone(client)
    await set_tariffs(admin, {"method": "express", "zone": zone, "rates": BANDS})

    found = await ask(admin, zone=zone, weight=weight, subtotal=subtotal)

    assert amounts(found).get("express") == amount
    assert ("express" in [one["method"] for one in found["unavailable"]]) == (amount is None)


async def test_the_nearest_tariff_counts(client: Client) -> None:
    admin, (zone_id, zone) = await client.signed_in("admin"), await a_named_zone(client)
    company_id = await client.a_company(zones={zone_id: (450, None)})
    other_id = await client.a_company(zones={zone_id: (300, None)})
    await set_tariffs(
        admin,
        {"method": "express", "zone": zone, "rates": [{"fee": 20}]},
        {"method": "express", "companyId": company_id, "rates": [{"fee": 15}]},
        {"method": "standard", "companyId": company_id, "zone": zone, "rates": [{"fee": 2}]},
    )
    assert amounts(await ask(admin, zone=zone, companyId=company_id)) == {"standard": 2, "express": 15}
    assert amounts(await ask(admin, zone=zone, companyId=other_id)) == {"standard": 3, "express": 20}

    await set_tariffs(
        admin,
        {"method": "express", "companyId": company_id, "zone": zone, "rates": [{"fee": 12}]},
        {"method": "standard", "companyId": company_id, "zone": zone, "rates": []},
    )
    assert amounts(await ask(admin, zone=zone, companyId=company_id)) == {"standard": 4.5, "express": 12}


async def test_products_and_the_cart_cost_what_the_order_is_charged(client: Client) -> None:
    admin, (zone_id, zone) = await client.signed_in("admin"), await a_named_zone(client)
    one = await client.a_company(zones={zone_id: (450, None)})
    other = await client.a_company(zones={zone_id: (300, None)})
    heavy = await client.a_product(company_id=one, price=10, weight=3)
    light = await client.a_product(company_id=other, price=10, weight=0.2)
    await set_tariffs(
        admin, {"method": "express", "companyId": one, "zone": zone, "rates": [{"fee": 6, "perKg": 1.25}]}
    )
    buyer = await client.signed_in("shop_owner", zone_id=zone_id)
    wanted = [{"id": heavy["id"], "quantity": 2}]

    assert amounts(await ask(buyer, products=wanted)) == {"standard": 4.5, "express": 13.5}
    both = await ask(buyer, zone=zone, products=[*wanted, {"id": light["id"], "quantity": 1}])
    assert amounts(both) == {"standard": 7.5}
    assert {gone["method"]: gone["companyIds"] for gone in both["unavailable"]} == {
        "express": [other],
        "pickup": [one, other],
    }

    await buyer.post("/cart/items", {"productId": heavy["id"], "quantity": 2})
    assert amounts(await ask(buyer)) == {"standard": 4.5, "express": 13.5}
    order = await buyer.post("/orders", an_order((heavy["id"], 2), zone=zone, paymentMethod="cash_on_delivery"))
    assert order.json()["shipping"] == 4.5


async def test_what_is_not_offered_cannot_be_ordered(client: Client) -> None:
    admin, (zone_id, zone) = await client.signed_in("admin"), await a_named_zone(client)
    company_id = await client.a_company(zones={zone_id: (450, None)})
    product = await client.a_product(company_id=company_id, price=10)
    await set_tariffs(admin, {"method": "express", "zone": zone, "rates": [{"fee": 9}]})
    body = an_order((product["id"], 1), zone=zone, shippingMethod="express", paymentMethod="cash_on_delivery")
    buyer = await client.signed_in("user")
    assert (await buyer.post("/orders", body)).json()["shipping"] == 9

    try:
        await admin.put("/shipping/methods/express", {"isActive": False})
        refused = await buyer.post("/orders", body)
    finally:
        await admin.put("/shipping/methods/express", {"isActive": True})
    assert (refused.status_code, refused.json()["code"]) == (422, "SHIPPING_METHOD_NOT_OFFERED"), refused.text


async def test_an_address_lies_in_a_zone(client: Client) -> None:
    zone_id, zone = await a_named_zone(client)
    company_id = await client.a_company(zones={zone_id: (450, None)})
    buyer = await client.signed_in("user")
    assert (await ask(buyer, address={"city": zone, "country": "USA"}, companyId=company_id))["zone"] == zone

    kept = (await buyer.post("/addresses", {**ADDRESS, "label": "Home", "city": zone})).json()
    assert (await ask(buyer, addressId=kept["id"], companyId=company_id))["zone"] == zone

    other = await client.signed_in("user")
    assert (await other.post("/shipping/rates", {"addressId": kept["id"], "weight": 1})).status_code == 404


async def test_what_is_wrong_is_named(client: Client) -> None:
    admin, (zone_id, zone) = await client.signed_in("admin"), await a_named_zone(client)
    elsewhere = await client.a_company(zones={zone_id: (450, None)})
    product = await client.a_product()  # its company delivers nowhere
    express = {"method": "express", "zone": zone}
    for path, body, field in (
        ("POST", {"zone": "nowhere", "weight": 1}, "zone"),
        ("POST", {"weight": -1}, "weight"),
        ("POST", {"weight": 1.0001}, "weight"),
        ("POST", {"subtotal": 0.001}, "subtotal"),
        ("POST", {"companyId": 2**62}, "companyId"),
        ("POST", {"companyId": elsewhere, "zone": (await a_named_zone(client))[1]}, "companyId"),
        ("POST", {"products": [{"id": 2**62, "quantity": 1}]}, f"products.{2**62}"),
        ("POST", {"zone": zone, "products": [{"id": product["id"], "quantity": 1}]}, f"products.{product['id']}"),
        ("POST", {"address": {"latitude": 1}}, "address"),
        ("PUT", {"tariffs": []}, "tariffs"),
        ("PUT", {"tariffs": [{**express, "zone": "nowhere", "rates": []}]}, "tariffs"),
        ("PUT", {"tariffs": [{**express, "companyId": 2**62, "rates": []}]}, "tariffs.0.companyId"),
        ("PUT", {"tariffs": [{**express, "method": "rocket", "rates": []}]}, "tariffs.0.method"),
        ("PUT", {"tariffs": [{**express, "rates": [{"fee": 1}, {"fee": 2}]}]}, "tariffs.0.rates"),
        ("PUT", {"tariffs": [{**express, "rates": [{"fee": 0.001}]}]}, "tariffs.0.rates.0.fee"),
        ("PUT", {"tariffs": [{**express, "rates": [{"fee": -1}]}]}, "tariffs.0.rates.0.fee"),
        ("PUT", {"tariffs": [{**express, "rates": []}] * 2}, "tariffs"),
    ):
        reply = await admin.request(path, "/shipping/rates", json=body)
        assert (reply.status_code, list(reply.json().get("details", {}))) == (400, [field]), (body, reply.text)
    empty = await admin.post("/shipping/rates", {"zone": zone})
    assert (empty.status_code, empty.json()["code"]) == (422, "NOTHING_TO_SHIP")
    two_places = await admin.post("/shipping/rates", {"zone": zone, "addressId": 1, "weight": 1})
    assert two_places.status_code == 400


async def test_one_wrong_value_breaks_nothing(client: Client) -> None:
    admin, (zone_id, zone) = await client.signed_in("admin"), await a_named_zone(client)
    company_id = await client.a_company(zones={zone_id: (450, None)})
    product = await client.a_product(company_id=company_id)
    band = {"fee": 5, "perKg": 1, "fromWeight": 1, "toWeight": 5, "fromSubtotal": 1, "toSubtotal": 50, "freeFrom": 30}
    tariffs = {"tariffs": [{"method": "express", "companyId": company_id, "zone": zone, "rates": [band]}]}
    address = {"country": "USA", "state": "NY", "city": zone, "latitude": 1.5, "longitude": 2.5}
    try:
        for method, body in (
            ("PUT", tariffs),
            ("POST", {"address": address, "weight": 2, "subtotal": 20, "companyId": company_id}),
            ("POST", {"zone": zone, "products": [{"id": product["id"], "quantity": 1}]}),
        ):
            assert (await admin.request(method, "/shipping/rates", json=body)).status_code in (200, 400)
            for mutant in mutants(body):
                reply = await admin.request(method, "/shipping/rates", json=mutant)
                if reply.status_code >= 400:
                    refusal(reply)
    finally:
        await client.value("delete from shipping_rates where company_id is null and zone_id is null")


async def test_a_location_admin_sets_what_is_asked_in_its_zones(client: Client) -> None:
    (mine_id, mine), (_, theirs) = await a_named_zone(client), await a_named_zone(client)
    admin, local = await client.signed_in("admin"), await client.signed_in("location_admin", zone_ids=[mine_id])
    await set_tariffs(admin, {"method": "express", "zone": theirs, "rates": [{"fee": 1}]})
    await set_tariffs(local, {"method": "express", "zone": mine, "rates": [{"fee": 2}]})
    for foreign in ({"zone": theirs}, {}):
        body = {"tariffs": [{"method": "express", "rates": [{"fee": 0}], **foreign}]}
        assert (await local.put("/shipping/rates", body)).status_code == 403

    assert (await local.get(f"/shipping/rates?zone={theirs}")).json()["total"] == 0
    [seen] = (await local.get(f"/shipping/rates?zone={mine}&method=express")).json()["tariffs"]
    assert (seen["zone"], seen["company"], seen["rates"][0]["fee"]) == (mine, None, 2)
    assert (await admin.get(f"/shipping/rates?zone={theirs}")).json()["total"] == 1


async def test_many_set_the_same_tariff_at_once_and_one_is_left_whole(client: Client) -> None:
    admin, (_, zone) = await client.signed_in("admin"), await a_named_zone(client)
    await asyncio.gather(
        *(
            set_tariffs(
                admin,
                {
                    "method": "pickup",
                    "zone": zone,
                    "rates": [{"fee": fee, "toWeight": 5}, {"fee": fee, "fromWeight": 5}],
                },
            )
            for fee in range(1, 9)
        )
    )
    [left] = (await admin.get(f"/shipping/rates?zone={zone}")).json()["tariffs"]
    assert len(left["rates"]) == 2
    assert len({rate["fee"] for rate in left["rates"]}) == 1
