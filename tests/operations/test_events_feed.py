"""The feed of events: in order, nothing skipped, and for sellers only what concerns their company."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from entrepot.operations import events_api
from tests.builders import Client, an_order


async def the_feed(reader: Client, after: str | None = None, **query: str) -> tuple[list[dict[str, Any]], str]:
    """All events after a place, and the place after them."""
    events: list[dict[str, Any]] = []
    while True:
        reply = await reader.get("/events", params=query | ({"after": after} if after else {}))
        assert reply.status_code == 200, reply.text
        page = reply.json()
        events += page["events"]
        after = page["nextCursor"]
        if not page["hasMore"]:
            return events, after or ""


async def the_end(reader: Client) -> str:
    """Where the feed ends now. Other tests publish, too: what is asked for later is found by its order's number."""
    return (await the_feed(reader))[1]


async def of_order(reader: Client, number: str, after: str, **query: str) -> list[str]:
    """The names of an order's events; waits until those that are on their way can be read."""
    for _ in range(100):
        events, _end = await the_feed(reader, after, **query)
        if names := [event["name"] for event in events if event["data"].get("orderId") == number]:
            return names
        await asyncio.sleep(0.05)
    return []


async def test_what_happened_is_told_in_order_to_admins_and_its_seller(client: Client) -> None:
    company_id = await client.a_company()
    product = await client.a_product(company_id=company_id)
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    its_seller = await client.signed_in("seller", company_id=company_id)
    other_seller = await client.signed_in("seller", company_id=await client.a_company())
    before = await the_end(admin)

    order = (await buyer.post("/orders", an_order((product["id"], 1)))).json()
    await buyer.put(f"/orders/{order['id']}/cancel", {"reason": "Changed my mind"})

    told = await of_order(admin, order["id"], before)
    assert told[0] == "order.placed"
    assert "order.cancelled" in told
    assert await of_order(its_seller, order["id"], before, name="order.placed") == ["order.placed"]
    events, _ = await the_feed(other_seller, before)
    assert not [event for event in events if event["data"].get("orderId") == order["id"]]


async def test_a_feed_is_read_piece_by_piece_without_a_gap(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product()
    before = await the_end(admin)
    orders = await asyncio.gather(*(buyer.post("/orders", an_order((product["id"], 1))) for _ in range(5)))
    numbers = {reply.json()["id"] for reply in orders}
    for number in numbers:
        assert await of_order(admin, number, before)

    monkeypatch.setattr(events_api, "STRETCH", 2)
    events, _ = await the_feed(admin, before, name="order.placed")

    placed = [event["data"]["orderId"] for event in events]
    assert len(placed) == len(set(placed))
    assert numbers <= set(placed)


@pytest.mark.parametrize("after", ["x", "WzFd", "WyJhIiwiYiJd", "bnVsbA"])
async def test_a_place_that_is_not_of_the_feed_is_refused_by_name(client: Client, after: str) -> None:
    reply = await (await client.signed_in("admin")).get(f"/events?after={after}")
    assert reply.status_code == 400
    assert "after" in reply.json()["details"]
