"""Promotions and coupons with one wrong value, wherever it stands: refused by name, and never breaking anything."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, unique
from tests.kernel.hostile import refusal
from tests.kernel.test_hostile_fields import mutants
from tests.pricing.promoting import a_coupon, a_promotion, about, in_days


async def _bodies(client: Client) -> dict[str, dict[str, Any]]:
    product = await client.a_product()
    shared: dict[str, Any] = {
        "name": "Sale",
        "description": "Cheap.",
        "roles": ["shop_owner"],
        "zones": [],
        "firstOrderOnly": False,
        "minimumSpend": 10.5,
        "minimumQuantity": 1,
        "perUserLimit": 1,
        "totalLimit": 5,
        "priority": 1,
        "stackable": True,
        "startsAt": in_days(1),
        "endsAt": in_days(2),
    }
    only = {"companyId": product["companyId"], "currency": "USD"}
    given = {"type": "buy_x_get_y", "buyQuantity": 2, "getQuantity": 1, "mostTimes": 2, "value": 50}
    target = {"target": about(product["id"]), "gets": about(product["id"])}
    bundle = {"type": "bundle", "value": 15, "items": [{"productId": product["id"], "quantity": 2}]}
    percent = {"type": "percentage", "value": 10, "target": about(product["id"])}
    return {
        "buy x get y": {**shared, **given, **target, **only, "isActive": False},
        "bundle": {**shared, **bundle, **only, "isActive": False},
        "coupon": {**shared, **percent, **only, "code": unique("C").upper()},
        "batch": {**shared, **percent, **only, "batch": {"count": 2, "prefix": "H"}},
        "change": {**shared, **percent, "isActive": False},
    }


@pytest.mark.parametrize(
    ("path", "which"),
    [("/promotions", "buy x get y"), ("/promotions", "bundle"), ("/coupons", "coupon"), ("/coupons", "batch")],
)
async def test_what_is_made(client: Client, path: str, which: str) -> None:
    admin = await client.signed_in("admin")
    body = (await _bodies(client))[which]
    assert (await admin.post(path, body)).status_code == 201
    for mutant in mutants(body):
        reply = await admin.post(path, mutant)

        if reply.status_code >= 400:
            refusal(reply)


@pytest.mark.parametrize("path", ["/promotions", "/coupons"])
async def test_what_is_changed(client: Client, path: str) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    make = a_promotion if path == "/promotions" else a_coupon
    made = await make(admin, target=about(product["id"]), companyId=product["companyId"])
    body = (await _bodies(client))["change"]
    body["target"] = about(product["id"])
    assert (await admin.put(f"{path}/{made['id']}", body)).status_code == 200
    for mutant in mutants(body):
        reply = await admin.put(f"{path}/{made['id']}", mutant)

        if reply.status_code >= 400:
            refusal(reply)


async def test_what_is_given(client: Client) -> None:
    buyer = await client.signed_in("user")
    for body in mutants({"code": "SOME-CODE", "zone": None}):
        reply = await buyer.post("/checkout/apply-coupon", body)

        refusal(reply)
