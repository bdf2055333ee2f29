"""What people ask for that the catalog lacks: within zones, with an answer."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.builders import Client


async def answered(who: Client, item: int, body: dict[str, Any]) -> Any:
    return await who.request("PATCH", f"/needed-items/{item}/status", json=body)


async def test_asking_and_being_answered(client: Client) -> None:
    zone = await client.a_zone()
    slug = await client.value("select slug from zones where id = $1", zone)
    shop = await client.signed_in("shop_owner", zone_id=zone)
    north = await client.signed_in("location_admin", zone_ids=[zone])
    product = (await client.a_product())["id"]

    made = await shop.post("/needed-items", {"title": "Copper pipe 22 mm", "quantity": 40})
    assert made.status_code == 201, made.text
    item = made.json()
    assert (item["status"], item["zone"], item["userId"]) == ("open", slug, shop.user["id"])

    reply = await answered(north, item["id"], {"status": "sourcing", "answer": "In May"})
    assert (reply.status_code, reply.json()["status"], reply.json()["answer"]) == (200, "sourcing", "In May")
    reply = await answered(north, item["id"], {"status": "available", "productId": product})
    assert (reply.json()["productId"], reply.json()["answer"]) == (product, "In May")
    (seen,) = (await shop.get("/needed-items")).json()["neededItems"]
    assert (seen["status"], seen["productId"]) == ("available", product)


async def test_who_sees_and_answers_what(client: Client) -> None:
    zone, other = await client.a_zone(), await client.a_zone()
    shop, stranger = [await client.signed_in("shop_owner", zone_id=place) for place in (zone, other)]
    north = await client.signed_in("location_admin", zone_ids=[zone])
    admin = await client.signed_in("admin")
    mine = (await shop.post("/needed-items", {"title": "Pipe"})).json()["id"]
    theirs = (await stranger.post("/needed-items", {"title": "Pump"})).json()["id"]

    async def seen(who: Client, query: str = "") -> set[int]:
        page = (await who.get(f"/needed-items?limit=0{query}")).json()
        return {item["id"] for item in page["neededItems"]}

    assert await seen(shop) == {mine}
    assert await seen(north) == {mine}
    assert {mine, theirs} <= await seen(admin)
    assert await seen(north, "&status=declined") == set()
    assert (await answered(north, theirs, {"status": "declined"})).status_code == 404
    assert (await answered(shop, mine, {"status": "declined"})).status_code == 403
    assert (await answered(admin, theirs, {"status": "declined"})).status_code == 200
    assert (await answered(admin, theirs, {"status": "lost"})).status_code == 400
    wrong = await answered(admin, theirs, {"status": "available", "productId": 2**40})
    assert (wrong.status_code, list(wrong.json()["details"])) == (400, ["productId"])


async def test_a_person_asks_for_so_much_at_a_time(client: Client) -> None:
    user = await client.signed_in()
    await asyncio.gather(*(user.post("/needed-items", {"title": f"Thing {n}"}) for n in range(50)))

    reply = await user.post("/needed-items", {"title": "One more"})

    assert (reply.status_code, reply.json()["code"]) == (422, "TOO_MANY_NEEDED_ITEMS")
