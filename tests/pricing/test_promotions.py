"""Promotions, over HTTP: who makes and changes which, what is said of them, and what they take off a cart."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, unique
from tests.pricing.promoting import TEN_PERCENT, a_promotion, about, in_days, ordered, with_cart


async def test_a_promotion_is_made_and_shown(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product()
    made = await a_promotion(
        admin, target=about(product["id"]), minimumSpend=20, perUserLimit=2, totalLimit=100, endsAt=in_days(3)
    )

    shown = (await client.get(f"/promotions/{made['id']}")).json()

    assert (shown["type"], shown["value"], shown["status"]) == ("percentage", 10, "running")
    assert shown["target"] == about(product["id"])
    assert (shown["minimumSpend"], shown["perUserLimit"], shown["totalLimit"]) == (20, 2, 100)
    assert "used" not in shown, "how often it was used is for who manages it"
    assert (await admin.get(f"/promotions/{made['id']}")).json()["used"] == 0


@pytest.mark.parametrize(
    ("fields", "effect"),
    [
        ({"type": "fixed", "value": 2.5, "perPiece": True}, {"value": 2.5, "perPiece": True}),
        (
            {"type": "buy_x_get_y", "buyQuantity": 2, "getQuantity": 1},
            {"value": 100, "buyQuantity": 2, "getQuantity": 1},
        ),
        ({"type": "buy_x_get_y", "buyQuantity": 1, "getQuantity": 1, "value": 50, "sameProduct": True}, {"value": 50}),
        ({"type": "BUY_X_GET_Y", "buyQuantity": 1, "getQuantity": 1, "mostTimes": 3}, {"mostTimes": 3}),
    ],
)
async def test_every_kind_comes_back_as_it_was_made(
    client: Client, fields: dict[str, Any], effect: dict[str, Any]
) -> None:
    admin = await client.signed_in("admin")
    made = await a_promotion(admin, **{**fields, "target": about((await client.a_product())["id"])})

    assert {name: made[name] for name in effect} == effect
    changed = (await admin.put(f"/promotions/{made['id']}", {"name": "Renamed"})).json()
    assert {name: changed[name] for name in effect} == effect
    assert changed["name"] == "Renamed"


async def test_a_bundle_names_its_items(client: Client) -> None:
    admin = await client.signed_in("admin")
    items = [{"productId": (await client.a_product())["id"], "quantity": quantity} for quantity in (1, 2)]
    made = await a_promotion(admin, type="bundle", value=25, items=items)

    assert (made["items"], made["value"]) == (items, 25)
    assert made["target"] == {"scope": "everything", "ids": []}
    changed = (await admin.put(f"/promotions/{made['id']}", {"value": 20})).json()
    assert (changed["items"], changed["value"]) == (items, 20)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": 0}, "value"),
        ({"value": 100.01}, "value"),
        ({"value": 10.005}, "value"),
        ({"value": None}, "value"),
        ({"type": "fixed", "value": -1}, "value"),
        ({"type": "fixed", "value": 1.005}, "value"),
        ({"type": "buy_x_get_y", "value": None}, "buyQuantity"),
        (
            {"type": "buy_x_get_y", "value": 10, "buyQuantity": 1, "getQuantity": 1, "gets": {"scope": "everything"}},
            "gets",
        ),
        ({"type": "bundle", "value": 5, "items": [{"productId": 1}]}, "items"),
        ({"buyQuantity": 2}, "buyQuantity"),
        ({"perPiece": True}, "perPiece"),
        ({"minimumSpend": 0.001}, "minimumSpend"),
        ({"endsAt": "2020-01-01"}, "endsAt"),
        ({"target": {"scope": "products", "ids": [9_000_000_000]}}, "target"),
        ({"target": {"scope": "categories", "ids": [9_000_000_000]}}, "target"),
        ({"target": {"scope": "brands", "ids": []}}, "target"),
        ({"zones": ["nowhere-at-all"]}, "zones"),
        ({"companyId": 9_000_000_000}, "companyId"),
        ({"type": "gift"}, "type"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(client: Client, fields: dict[str, Any], field: str) -> None:
    admin = await client.signed_in("admin")

    reply = await admin.post("/promotions", {"name": "Wrong", **TEN_PERCENT, **fields})

    assert reply.status_code == 400, reply.text
    assert any(name.startswith(field) for name in reply.json()["details"]), reply.json()


async def test_a_seller_promotes_its_own_goods_alone(client: Client) -> None:
    company_id, other_id = await client.a_company(), await client.a_company()
    ours = await client.a_product(company_id=company_id)
    theirs = await client.a_product(company_id=other_id)
    seller = await client.signed_in("seller", company_id=company_id)
    rival = await client.signed_in("seller", company_id=other_id)

    made = await a_promotion(seller)
    assert made["companyId"] == company_id
    buyer = await with_cart(client, (ours["id"], 1), (theirs["id"], 1))
    cart = (await buyer.post("/promotions/apply")).json()
    taken = {line["id"]: line["promotionDiscount"] for line in cart["products"]}
    assert taken == {ours["id"]: 1, theirs["id"]: 0}

    foreign = await seller.post("/promotions", {"name": "X", **TEN_PERCENT, "target": about(theirs["id"])})
    assert (foreign.status_code, list(foreign.json()["details"])) == (400, ["target"])
    assert (await seller.post("/promotions", {"name": "X", **TEN_PERCENT, "companyId": other_id})).status_code == 403
    assert (await rival.put(f"/promotions/{made['id']}", {"value": 90})).status_code == 403
    assert (await rival.delete(f"/promotions/{made['id']}")).status_code == 403
    assert (await seller.put(f"/promotions/{made['id']}", {"isActive": False})).json()["status"] == "draft"
    assert (await rival.put(f"/promotions/{made['id']}", {"value": 90})).status_code == 404, "a draft is not seen"


async def test_a_location_admin_promotes_in_its_zones_alone(client: Client) -> None:
    ours, theirs = await client.a_zone(), await client.a_zone()
    slugs = {id_: await client.value("select slug from zones where id = $1", id_) for id_ in (ours, theirs)}
    north = await client.signed_in("location_admin", zone_ids=[ours])
    admin = await client.signed_in("admin")
    product = await client.a_product()
    wish = {"name": "Zonal", **TEN_PERCENT, "target": about(product["id"])}

    assert (await north.post("/promotions", wish)).status_code == 400
    assert (await north.post("/promotions", {**wish, "zones": list(slugs.values())})).status_code == 403
    made = (await north.post("/promotions", {**wish, "zones": [slugs[ours]]})).json()
    assert made["zones"] == [slugs[ours]]
    assert (await north.put(f"/promotions/{made['id']}", {"zones": [slugs[theirs]]})).status_code == 403
    wide = await a_promotion(admin, target=about(product["id"]), zones=list(slugs.values()))
    assert (await north.put(f"/promotions/{wide['id']}", {"value": 5})).status_code == 403
    assert (await north.put(f"/promotions/{made['id']}", {"value": 5})).json()["value"] == 5


async def test_others_see_what_runs(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    name = unique("Sale")
    target = about(product["id"])
    running = await a_promotion(admin, name=name, target=target)
    later = await a_promotion(admin, name=name, target=target, startsAt=in_days(1))
    draft = await a_promotion(admin, name=name, target=target, isActive=False)

    def ids(reply: Any) -> list[int]:
        return [promotion["id"] for promotion in reply.json()["promotions"]]

    assert ids(await client.get(f"/promotions?q={name.lower()}")) == [running["id"]]
    assert ids(await admin.get(f"/promotions?q={name}")) == [draft["id"], later["id"], running["id"]]
    assert ids(await admin.get(f"/promotions?q={name}&status=scheduled")) == [later["id"]]
    assert (await client.get(f"/promotions/{later['id']}")).status_code == 404
    first = (await admin.get(f"/promotions?q={name}&limit=2")).json()
    rest = await admin.get(f"/promotions?q={name}&limit=2&cursor={first['nextCursor']}")
    assert (ids(rest), first["total"]) == ([running["id"]], 3)


async def test_a_deleted_promotion_counts_no_more(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    made = await a_promotion(admin, target=about(product["id"]))
    buyer = await with_cart(client, (product["id"], 1))
    assert (await buyer.post("/promotions/preview")).json()["savings"] == 1

    assert (await admin.delete(f"/promotions/{made['id']}")).status_code == 204
    assert (await admin.delete(f"/promotions/{made['id']}")).status_code == 404
    assert (await buyer.post("/promotions/preview")).json()["savings"] == 0


async def test_a_preview_tells_what_is_missing(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    made = await a_promotion(admin, target=about(product["id"]), minimumSpend=25)
    buyer = await with_cart(client, (product["id"], 2))

    preview = (await buyer.post("/promotions/preview")).json()

    assert [(one["promotionId"], one["missing"]) for one in preview["almost"]] == [(made["id"], {"spend": 5})]
    assert (preview["applied"], preview["savings"]) == ([], 0)


async def test_what_the_cart_shows_the_order_charges(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product(price=19.99)
    await a_promotion(admin, target=about(product["id"]), value=33)
    buyer = await with_cart(client, (product["id"], 3))

    cart = (await buyer.post("/promotions/apply")).json()
    order = await ordered(buyer, (product["id"], 3))

    assert cart["applied"][0]["amount"] == 19.79
    assert order["total"] == cart["total"]
