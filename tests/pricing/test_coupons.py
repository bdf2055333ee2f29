"""Coupons, over HTTP: made alone or in batches, put to the cart, used by orders."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.builders import Client, an_order, unique
from tests.pricing.promoting import TEN_PERCENT, a_coupon, about, in_days, ordered, with_cart


async def test_a_coupon_is_made_changed_and_ended(client: Client) -> None:
    admin = await client.signed_in("admin")
    code = unique("spring").replace("_", "-")
    made = await a_coupon(admin, code=code, minimumSpend=20, totalLimit=5, perUserLimit=1)

    assert (made["code"], made["name"], made["totalLimit"], made["used"]) == (code.upper(), code.upper(), 5, 0)
    again = await admin.post("/coupons", {"code": code.title(), **TEN_PERCENT})
    assert (again.status_code, again.json()["code"]) == (409, "COUPON_EXISTS")
    changed = (
        await admin.put(f"/coupons/{made['id']}", {"value": 15, "totalLimit": None, "endsAt": in_days(2)})
    ).json()
    assert (changed["value"], changed["totalLimit"], changed["perUserLimit"]) == (15, None, 1)
    assert (await admin.delete(f"/coupons/{made['id']}")).status_code == 204
    assert (await admin.delete(f"/coupons/{made['id']}")).status_code == 404
    assert (await a_coupon(admin, code=code))["id"] != made["id"], "the code is free again"


async def test_a_batch_has_codes_of_its_own_for_one_use_each(client: Client) -> None:
    admin = await client.signed_in("admin")
    made = await a_coupon(admin, batch={"count": 250, "prefix": "vip"})

    assert len(set(made["batch"])) == made["codes"] == 250
    assert all(len(code) == len("VIP-XXXX-XXXX-XXXX") and code.startswith("VIP-") for code in made["batch"])
    page = (await admin.get(f"/coupons?promotion={made['promotionId']}&limit=2")).json()
    assert (page["total"], page["limit"]) == (250, 2)
    assert [coupon["totalLimit"] for coupon in page["coupons"]] == [1, 1]
    last = page["coupons"][0]
    assert (await admin.put(f"/coupons/{last['id']}", {"value": 20, "totalLimit": 3})).json()["totalLimit"] == 3
    first = (await admin.get(f"/coupons?q={made['code']}")).json()["coupons"][0]
    assert (first["value"], first["totalLimit"]) == (20, 1), "terms are shared, limits are not"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "body"),
        ({"code": "A", **TEN_PERCENT}, "code"),
        ({"code": "no spaces", **TEN_PERCENT}, "code"),
        ({"batch": {"count": 10_001}, **TEN_PERCENT}, "batch"),
        ({"code": "VALID-CODE", "type": "percentage", "value": 101}, "value"),
        ({"code": "VALID-CODE", **TEN_PERCENT, "endsAt": "2020-01-01"}, "endsAt"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(client: Client, fields: dict[str, Any], field: str) -> None:
    admin = await client.signed_in("admin")

    reply = await admin.post("/coupons", fields)

    assert reply.status_code == 400
    assert field == "body" or any(name.startswith(field) for name in reply.json()["details"]), reply.json()


async def test_both_a_code_and_a_batch_is_too_much(client: Client) -> None:
    admin = await client.signed_in("admin")

    assert (await admin.post("/coupons", {"code": "BOTH-1", "batch": {"count": 2}, **TEN_PERCENT})).status_code == 400
    assert (await admin.post("/coupons", TEN_PERCENT)).status_code == 400


async def test_a_coupon_is_put_to_the_cart_and_taken_out(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    coupon = await a_coupon(admin, target=about(product["id"]))
    buyer = await with_cart(client, (product["id"], 2))

    cart = await buyer.post("/checkout/apply-coupon", {"code": f" {coupon['code'].lower()} "})

    assert cart.status_code == 200, cart.text
    assert (cart.json()["coupon"], cart.json()["applied"][0]["amount"]) == (coupon["code"], 2)
    assert (await buyer.post("/promotions/apply")).json()["subtotal"] == 18, "it stays with the cart"
    assert (await buyer.delete("/checkout/remove-coupon")).status_code == 204
    assert (await buyer.delete("/checkout/remove-coupon")).status_code == 204
    assert (await buyer.post("/promotions/apply")).json()["subtotal"] == 20


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"isActive": False}, 404, "COUPON_NOT_FOUND"),
        ({"startsAt": in_days(1)}, 422, "COUPON_NOT_STARTED"),
        ({"roles": ["shop_owner"]}, 422, "COUPON_NOT_FOR_YOU"),
        ({"minimumSpend": 1_000}, 422, "COUPON_NOT_APPLICABLE"),
        ({"minimumQuantity": 3}, 422, "COUPON_NOT_APPLICABLE"),
    ],
)
async def test_a_coupon_is_refused_for_a_reason(client: Client, fields: dict[str, Any], status: int, code: str) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    coupon = await a_coupon(admin, **fields)
    buyer = await with_cart(client, (product["id"], 1))

    reply = await buyer.post("/checkout/apply-coupon", {"code": coupon["code"]})

    assert (reply.status_code, reply.json()["code"]) == (status, code)


async def test_an_expired_coupon_says_so(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    coupon = await a_coupon(admin)
    await client.value(
        "update promotions set starts_at = now() - interval '2 days', ends_at = now() - interval '1 day' where id = $1",
        coupon["promotionId"],
    )
    buyer = await with_cart(client, (product["id"], 1))

    reply = await buyer.post("/checkout/apply-coupon", {"code": coupon["code"]})

    assert (reply.status_code, reply.json()["code"]) == (422, "COUPON_EXPIRED")


async def test_what_a_coupon_lacks_is_said_in_major_units(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product(price=10)
    coupon = await a_coupon(admin, minimumSpend=32.5)
    buyer = await with_cart(client, (product["id"], 1))

    applied = await buyer.post("/checkout/apply-coupon", {"code": coupon["code"]})
    ordered = await buyer.post("/orders", an_order((product["id"], 1), couponCode=coupon["code"]))

    for reply in (applied, ordered):
        assert reply.json()["details"] == {"reason": "below_minimum", "missing": {"spend": 22.5}}


async def test_an_empty_cart_takes_no_coupon(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in("user")
    coupon = await a_coupon(admin)

    reply = await buyer.post("/checkout/apply-coupon", {"code": coupon["code"]})
    unknown = await buyer.post("/checkout/apply-coupon", {"code": "NO-SUCH-CODE"})

    assert (reply.status_code, reply.json()["code"]) == (422, "COUPON_NOT_APPLICABLE")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "COUPON_NOT_FOUND")


async def _with_coupon(client: Client, product_id: int, code: str) -> Client:
    buyer = await with_cart(client, (product_id, 1))
    reply = await buyer.post("/checkout/apply-coupon", {"code": code})
    assert reply.status_code == 200, reply.text
    return buyer


async def test_a_code_for_one_use_is_used_once_whatever_the_timing(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product(stock=1_000)
    coupon = await a_coupon(admin, totalLimit=1)
    buyers = [await _with_coupon(client, product["id"], coupon["code"]) for _ in range(8)]

    orders = await asyncio.gather(
        *(ordered_or_refused(buyer, product["id"]) for buyer in buyers),
    )

    assert sorted(total for status, total in orders if status == 201)[0] == 9.72, "nine, and eight percent of tax"
    uses = await client.value("select count(*) from promotion_uses where coupon_id = $1", coupon["id"])
    assert (uses, (await _coupon(admin, coupon))["used"]) == (1, 1)
    cheap = [total for status, total in orders if status == 201 and total == 9.72]
    assert len(cheap) == 1
    assert all(status in (201, 409) for status, _ in orders)


async def ordered_or_refused(buyer: Client, product_id: int) -> tuple[int, float]:
    body = {
        "products": [{"id": product_id, "quantity": 1}],
        "paymentMethod": "cash_on_delivery",
        "shippingAddress": {"firstName": "A", "lastName": "B", "address": "1 St", "city": "C", "country": "USA"},
    }
    reply = await buyer.post("/orders", body)
    return reply.status_code, reply.json().get("total", 0)


async def _coupon(admin: Client, coupon: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await admin.get(f"/coupons?q={coupon['code']}")).json()["coupons"][0]
    return found


async def test_a_limit_for_each_user_holds_at_once(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product(stock=1_000)
    coupon = await a_coupon(admin, perUserLimit=2)
    buyer = await _with_coupon(client, product["id"], coupon["code"])
    body_of_each = [{"couponCode": coupon["code"]}] * 6

    async def place(more: dict[str, Any]) -> int:
        body = {
            "products": [{"id": product["id"], "quantity": 1}],
            "paymentMethod": "cash_on_delivery",
            "shippingAddress": {"firstName": "A", "lastName": "B", "address": "1 St", "city": "C", "country": "USA"},
            **more,
        }
        return (await buyer.post("/orders", body)).status_code

    statuses = await asyncio.gather(*(place(more) for more in body_of_each))

    assert set(statuses) <= {201, 409}, statuses
    uses = await client.value(
        "select count(*) from promotion_uses where promotion_id = $1 and released_at is null", coupon["promotionId"]
    )
    assert (
        uses
        == 2
        == await client.value("select used from promotion_buyers where promotion_id = $1", coupon["promotionId"])
    )


async def test_a_limit_below_the_uses_is_refused(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    coupon = await a_coupon(admin)
    for _ in range(2):
        buyer = await _with_coupon(client, product["id"], coupon["code"])
        await ordered(buyer, (product["id"], 1))

    assert (await _coupon(admin, coupon))["used"] == 2
    reply = await admin.put(f"/coupons/{coupon['id']}", {"totalLimit": 1})
    assert (reply.status_code, reply.json()["code"]) == (409, "LIMIT_BELOW_USES")
    assert (await admin.put(f"/coupons/{coupon['id']}", {"totalLimit": 2})).json()["used"] == 2
    used_up = await with_cart(client, (product["id"], 1))
    reply = await used_up.post("/checkout/apply-coupon", {"code": coupon["code"]})
    assert (reply.status_code, reply.json()["code"]) == (422, "COUPON_USED_UP")


async def test_a_coupon_leaves_the_cart_with_the_order(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    coupon = await a_coupon(admin, perUserLimit=1)
    buyer = await _with_coupon(client, product["id"], coupon["code"])
    await ordered(buyer, (product["id"], 1))

    await buyer.post("/cart/items", {"productId": product["id"]})
    assert (await buyer.post("/promotions/apply")).json()["coupon"] is None
    reply = await buyer.post("/checkout/apply-coupon", {"code": coupon["code"]})
    assert (reply.status_code, reply.json()["code"]) == (422, "COUPON_ALREADY_USED")
