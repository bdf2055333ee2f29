"""An order's history, its notes and its travel: everybody reads what is theirs to read."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.builders import Client, an_order
from tests.orders.handling import a_placed_order, move, take_to
from tests.payments.paying import published


async def two_sellers(client: Client) -> tuple[list[int], list[Client], dict[str, Any], Client]:
    companies = sorted([await client.a_company(), await client.a_company()])
    products = [await client.a_product(company_id=company_id) for company_id in companies]
    sellers = [await client.signed_in("seller", company_id=company_id) for company_id in companies]
    buyer = await client.signed_in()
    return companies, sellers, await a_placed_order(buyer, *products), buyer


async def notes_of(reader: Client, order: dict[str, Any]) -> list[str]:
    reply = await reader.get(f"/orders/{order['id']}/history")
    assert reply.status_code == 200, reply.text
    return [note["note"] for note in reply.json()["notes"]]


async def test_a_seller_reads_the_history_of_its_part(client: Client) -> None:
    companies, sellers, order, buyer = await two_sellers(client)
    for seller in sellers:
        await move(seller, order, "confirmed", note="Thank you")

    async def read(reader: Client) -> list[tuple[str, int | None]]:
        history = (await reader.get(f"/orders/{order['id']}/history")).json()["history"]
        return [(step["to"], step.get("companyId")) for step in history]

    assert await read(sellers[0]) == [("pending", None), ("confirmed", companies[0])]
    assert await read(sellers[1]) == [("pending", None), ("confirmed", companies[1])]
    assert len(await read(buyer)) == 3


async def test_buyers_are_not_told_who_exactly_works_on_it(client: Client) -> None:
    _, sellers, order, buyer = await two_sellers(client)
    await move(sellers[0], order, "confirmed")
    step = (await buyer.get(f"/orders/{order['id']}/history")).json()["history"][-1]
    assert step["by"] == "seller"
    assert "actorId" not in step
    assert "actor" not in step
    step = (await sellers[0].get(f"/orders/{order['id']}/history")).json()["history"][-1]
    assert (step["actorId"], step["actor"]) == (sellers[0].user["id"], "Test Person")


async def test_a_history_comes_in_pages(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())
    await take_to(admin, order, "delivered")
    page = (await buyer.get(f"/orders/{order['id']}/history?skip=1&limit=2")).json()
    assert ([step["to"] for step in page["history"]], page["total"], page["limit"]) == (
        ["confirmed", "processing"],
        5,
        2,
    )


async def test_internal_notes_are_never_the_buyers(client: Client) -> None:
    companies, sellers, order, buyer = await two_sellers(client)
    admin = await client.signed_in("admin")
    path = f"/orders/{order['id']}/notes"

    async def write(by: Client, note: str, **fields: Any) -> dict[str, Any]:
        reply = await by.post(path, {"note": note, **fields})
        assert reply.status_code == 201, reply.text
        written: dict[str, Any] = reply.json()
        return written

    await write(buyer, "Please ring twice")
    of_seller = await write(sellers[0], "Packed", isInternal=False)
    await write(sellers[0], "Difficult customer", isInternal=True)
    await write(admin, "Watch this one", isInternal=True)
    await write(admin, "Be quick", isInternal=True, companyId=companies[1])
    await write(admin, "All is well")

    assert (of_seller["by"], of_seller["companyId"]) == ("seller", companies[0])
    assert await notes_of(buyer, order) == ["Please ring twice", "Packed", "All is well"]
    assert await notes_of(sellers[0], order) == ["Please ring twice", "Packed", "Difficult customer", "All is well"]
    assert await notes_of(sellers[1], order) == ["Please ring twice", "Be quick", "All is well"]
    assert len(await notes_of(admin, order)) == 6
    assert await published(client, "order.note_added", order) == 6


async def test_who_may_not_write_a_note(client: Client) -> None:
    companies, sellers, order, buyer = await two_sellers(client)
    path = f"/orders/{order['id']}/notes"
    assert (await buyer.post(path, {"note": "x", "isInternal": True})).status_code == 400
    assert (await sellers[0].post(path, {"note": "x", "companyId": companies[1]})).status_code == 403
    assert (await (await client.signed_in()).post(path, {"note": "x"})).status_code == 403
    for body in ({"note": ""}, {"note": " "}, {"note": "x" * 2001}, {}, {"note": 1}, {"note": "x", "by": "admin"}):
        assert (await buyer.post(path, body)).status_code == 400, body


async def test_there_is_an_end_to_notes(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())
    await client.value(
        """
        insert into order_notes (order_id, party, note, written_at)
        select id, 'admin', 'x', now() from orders, generate_series(1, 195) where number = $1
        """,
        order["id"],
    )
    replies = await asyncio.gather(*(admin.post(f"/orders/{order['id']}/notes", {"note": "x"}) for _ in range(20)))
    assert Counter(reply.status_code for reply in replies) == {201: 5, 422: 15}


async def test_tracking_has_the_contracts_shape(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    order = await a_placed_order(buyer, await client.a_product())
    path = f"/orders/{order['id']}/tracking"
    before = (await buyer.get(path)).json()
    assert (before["status"], before["carrier"], before["trackingUrl"], before["estimatedDelivery"]) == (
        "pending",
        None,
        None,
        None,
    )

    await take_to(admin, order, "processing")
    await move(admin, order, "shipped", carrier="UPS", trackingNumber="1Z 9/9")
    shown = (await buyer.get(path)).json()

    assert (shown["orderId"], shown["status"], shown["carrier"]) == (order["id"], "in_transit", "UPS")
    assert (shown["trackingNumber"], shown["trackingUrl"]) == (
        "1Z 9/9",
        "https://www.ups.com/track?tracknum=1Z%209%2F9",
    )
    assert len(shown["estimatedDelivery"]) == len("2025-12-27")
    assert [event["status"] for event in shown["events"]] == ["ordered", "confirmed", "processing", "picked_up"]
    assert shown["events"][-1]["description"] == "Handed over to UPS"
    assert set(shown["events"][0]) >= {"status", "location", "timestamp", "description"}

    await move(admin, order, "delivered")
    assert (await buyer.get(path)).json()["status"] == "delivered"


async def test_each_company_sends_its_own_parcel(client: Client) -> None:
    companies, sellers, order, buyer = await two_sellers(client)
    await take_to(sellers[0], order, "processing")
    await move(sellers[0], order, "shipped", carrier="dhl", trackingNumber="JD01")

    shown = (await buyer.get(f"/orders/{order['id']}/tracking")).json()
    assert shown["status"] == "pending"
    assert [(parcel["companyId"], parcel["status"]) for parcel in shown["parcels"]] == [
        (companies[0], "in_transit"),
        (companies[1], "pending"),
    ]
    assert "JD01" in shown["parcels"][0]["trackingUrl"]
    other = (await sellers[1].get(f"/orders/{order['id']}/tracking")).json()
    assert [parcel["companyId"] for parcel in other["parcels"]] == [companies[1]]


@pytest.mark.parametrize("what", ["history", "tracking"])
async def test_a_guest_reads_it_with_the_token(client: Client, what: str) -> None:
    product = await client.a_product()
    order, other = [
        (await client.post("/orders", an_order((product["id"], 1), email="guest@example.com"))).json() for _ in range(2)
    ]
    path = f"/orders/{order['id']}/{what}"
    assert (await client.get(path, headers={"X-Order-Token": order["token"]})).status_code == 200
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers={"X-Order-Token": other["token"]})).status_code == 403
    assert (await (await client.signed_in()).get(path)).status_code == 403
    assert (await (await client.signed_in()).get(f"/orders/ORD-0/{what}")).json()["code"] == "ORDER_NOT_FOUND"
