"""Orders of those who sell: who was added to a company sees and handles its orders, who was removed does so no longer."""

from __future__ import annotations

from typing import Any

import httpx

from tests.builders import Client, unique
from tests.companies.owning import a_registration, an_owner, verify
from tests.orders.handling import a_placed_order, statuses


async def listed(reader: Client, **params: Any) -> list[str]:
    reply = await reader.get("/vendors/orders", params=params)
    assert reply.status_code == 200, reply.text
    page = reply.json()
    assert page["total"] == len(page["orders"]) == page["limit"]
    return [order["id"] for order in page["orders"]]


async def patch(by: Client, order: dict[str, Any], status: str, **fields: Any) -> httpx.Response:
    return await by.request("PATCH", f"/vendors/orders/{order['id']}/status", json={"status": status, **fields})


async def test_an_order_is_to_a_seller_what_its_company_sells(client: Client) -> None:
    first, second = await client.a_company(), await client.a_company()
    mine, theirs = (
        await client.a_product(company_id=first, price=10),
        await client.a_product(company_id=second, price=90),
    )
    seller, buyer = await client.signed_in("seller", company_id=first), await client.signed_in()
    shared = await a_placed_order(buyer, mine, theirs)
    await a_placed_order(buyer, theirs)
    own = await a_placed_order(buyer, mine, quantity=2)
    bought = await a_placed_order(seller, theirs)

    assert await listed(seller) == [own["id"], shared["id"]]
    assert [order["id"] for order in (await seller.get("/orders")).json()["orders"]] == [
        bought["id"],
        own["id"],
        shared["id"],
    ]
    row = (await seller.get("/vendors/orders", params={"sortBy": "total"})).json()["orders"][0]
    assert (row["id"], row["total"], row["totalQuantity"]) == (shared["id"], 10.8, 1)

    assert (await patch(seller, shared, "confirmed")).json()["status"] == "confirmed"
    assert await listed(seller, status="confirmed") == [shared["id"]]
    assert (await buyer.get("/orders", params={"status": "confirmed"})).json()["total"] == 0
    row = (await seller.get("/vendors/orders", params={"status": "confirmed"})).json()["orders"][0]
    assert row["status"] == "confirmed"


async def test_who_is_added_handles_the_orders_and_who_is_removed_no_longer(client: Client) -> None:
    company_id = await client.a_company()
    owner, buyer = await an_owner(client, company_id), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product(company_id=company_id))
    email = f"{unique('invited')}@example.com"
    assert (await owner.post(f"/companies/{company_id}/vendors", {"email": email})).status_code == 201
    reply = await client.post("/auth/register", a_registration(email=email))
    vendor = Client(client.http, client.app, reply.json()["token"])
    await verify(client, reply.json()["user"]["id"])

    assert await listed(vendor) == [order["id"]]
    assert (await patch(vendor, order, "confirmed")).json()["status"] == "confirmed"
    assert (await vendor.get(f"/orders/{order['id']}")).status_code == 200

    removed = await owner.delete(f"/companies/{company_id}/vendors/{reply.json()['user']['id']}")
    assert removed.status_code == 204
    assert (await vendor.get("/vendors/orders")).status_code == 403
    assert (await patch(vendor, order, "processing")).status_code == 403
    assert (await vendor.get(f"/orders/{order['id']}")).status_code == 403
    assert (await vendor.get("/orders")).json()["total"] == 0
    assert await statuses(client, order) == ["confirmed"]
    assert await listed(owner) == [order["id"]]


async def test_orders_from_before_one_came_are_seen_too_and_of_another_company_never(client: Client) -> None:
    first, second = await client.a_company(), await client.a_company()
    order = await a_placed_order(await client.signed_in(), await client.a_product(company_id=first))
    seller = await client.signed_in("seller", company_id=second)
    assert await listed(seller) == []
    assert (await patch(seller, order, "confirmed")).status_code == 403
    await client.value("update company_members set company_id = $1 where user_id = $2", first, seller.user["id"])
    assert await listed(seller) == [order["id"]]


async def test_a_step_is_a_status_of_a_part(client: Client) -> None:
    company_id = await client.a_company()
    seller = await client.signed_in("seller", company_id=company_id)
    order = await a_placed_order(await client.signed_in(), await client.a_product(company_id=company_id))
    for body in ({}, {"status": None}, {"status": "paid"}, {"status": "confirmed", "companyId": company_id}):
        reply = await seller.request("PATCH", f"/vendors/orders/{order['id']}/status", json=body)
        assert reply.status_code == 400, body
    assert (await patch(seller, order, "delivered")).json()["code"] == "ORDER_ILLEGAL_TRANSITION"
