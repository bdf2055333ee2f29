"""Zones over HTTP: making, changing and deleting them, and which one a place lies in."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from entrepot.zones import zone_of_address
from tests.builders import Client, unique

_places = itertools.count()


def a_square(west: float, south: float, size: float = 0.1) -> dict[str, Any]:
    ring = [(0, 0), (size, 0), (size, size), (0, size), (0, 0)]
    return {"type": "Polygon", "coordinates": [[[west + x, south + y] for x, y in ring]]}


def somewhere() -> tuple[float, float]:
    """Longitude and latitude of a place where no other test of this worker is, far from the others."""
    number = next(_places)
    return -170.0 + number % 30 * 10, -80.0 + number // 30 * 10


def a_new_zone(**fields: Any) -> dict[str, Any]:
    longitude, latitude = somewhere()
    return {"name": unique("Zone"), "centre": {"latitude": latitude, "longitude": longitude}, **fields}


async def seen(client: Client, **params: Any) -> list[str]:
    """The slugs of all zones: other tests make more of them than a page holds."""
    slugs: list[str] = []
    while True:
        reply = await client.get("/zones", params={"limit": 0, **params})
        assert reply.status_code == 200, reply.text
        slugs += [zone["slug"] for zone in reply.json()["zones"]]
        if (cursor := reply.json().get("nextCursor")) is None:
            return slugs
        params["cursor"] = cursor


async def test_a_zone_is_made_changed_and_deleted(client: Client) -> None:
    admin = await client.signed_in("admin")
    west, south = somewhere()
    made = await admin.post(
        "/zones", {"name": "Große Zone", "slug": (slug := unique("big")), "boundary": a_square(west, south)}
    )
    assert made.status_code == 201, made.text
    zone = made.json()
    assert zone["centre"] == {"latitude": pytest.approx(south + 0.05), "longitude": pytest.approx(west + 0.05)}
    assert slug in await seen(client)

    changed = await admin.put(f"/zones/{zone['id']}", {"name": "Small", "boundary": None})
    assert (changed.json()["name"], changed.json()["boundary"], changed.json()["slug"]) == ("Small", None, slug)
    assert (await admin.delete(f"/zones/{zone['id']}")).status_code == 204
    assert (await admin.delete(f"/zones/{zone['id']}")).status_code == 404
    await settled(client, slug, there=False)

    log = (await admin.get(f"/admins/activity?subject=zone:{zone['id']}")).json()["activity"]
    assert [entry["action"] for entry in log] == ["zone.deleted", "zone.changed", "zone.created"]
    assert log[1]["after"] == {"name": "Small", "boundary": None}


async def settled(client: Client, slug: str, *, there: bool) -> None:
    """The cached list follows within a moment."""
    for _ in range(50):
        if (slug in await seen(client)) is there:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{slug} is {'not ' if there else 'still '}shown")


async def test_a_new_zone_shows_in_the_cached_list(client: Client) -> None:
    admin = await client.signed_in("admin")
    await seen(client)
    zone = (await admin.post("/zones", a_new_zone())).json()
    await settled(client, zone["slug"], there=True)


async def test_only_admins_change_zones(client: Client) -> None:
    zone_id = await client.a_zone()
    for role in ("user", "seller", "shop_owner", "courier", "location_admin"):
        other = await client.signed_in(role, zone_ids=[zone_id] if role == "location_admin" else [])
        assert (await other.post("/zones", a_new_zone())).status_code == 403
        assert (await other.put(f"/zones/{zone_id}", {"name": "Mine"})).status_code == 403
        assert (await other.delete(f"/zones/{zone_id}")).status_code == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"centre": None},
        {"centre": {"latitude": 91, "longitude": 0}},
        {"boundary": {"type": "Point", "coordinates": [1, 2]}},
        {"boundary": {"type": "Polygon", "coordinates": []}},
        {"boundary": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}},
        {"boundary": {"type": "Polygon", "coordinates": [[[0, 0], [181, 0], [1, 1], [0, 0]]]}},
        {"boundary": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 2], [0, 0]]]}},
        {"boundary": {"type": "Polygon", "coordinates": [[[i / 10, 0] for i in range(1001)]]}},
        {"boundary": {"type": "Polygon", "coordinates": [[["a", None]] * 900] * 50}},
        {"slug": "Not A Slug"},
        {"name": ""},
        {"id": 7},
        {"extent": "(1,1),(0,0)"},
    ],
)
async def test_what_is_no_zone_is_refused(client: Client, fields: dict[str, Any]) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post("/zones", a_new_zone(**fields))
    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")
    assert len(reply.content) < 20_000


async def test_slugs_are_taken_once(client: Client) -> None:
    admin = await client.signed_in("admin")
    body = a_new_zone()
    replies = await asyncio.gather(*(admin.post("/zones", body) for _ in range(5)))
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409, 409]
    other = (await admin.post("/zones", a_new_zone())).json()
    made = next(reply.json() for reply in replies if reply.status_code == 201)
    renamed = await admin.put(f"/zones/{other['id']}", {"slug": made["slug"]})
    assert (renamed.status_code, renamed.json()["code"]) == (409, "ZONE_EXISTS")


async def test_a_zone_that_is_used_stays(client: Client) -> None:
    admin = await client.signed_in("admin")
    zone_id = await client.a_zone()
    company_id = await client.a_company(zones={zone_id: (0, None)})
    await client.a_warehouse(company_id, zone_id)
    await client.signed_in("shop_owner", zone_id=zone_id)
    await client.signed_in("location_admin", zone_ids=[zone_id])
    reply = await admin.delete(f"/zones/{zone_id}")
    assert (reply.status_code, reply.json()["code"]) == (409, "ZONE_IN_USE")
    assert reply.json()["details"] == {"companies": 1, "warehouses": 1, "users": 1, "admins": 1}


async def test_a_zone_is_not_deleted_under_those_who_begin_to_use_it(client: Client) -> None:
    admin = await client.signed_in("admin")
    for _ in range(6):
        zone_id = await client.a_zone()
        slug = await client.value("select slug from zones where id = $1", zone_id)
        company_id = await client.a_company()
        deleted, used = await asyncio.gather(
            admin.delete(f"/zones/{zone_id}"),
            admin.request("PATCH", f"/companies/{company_id}/delivery-fees", json={"deliveryFees": [{"zone": slug}]}),
        )
        assert (deleted.status_code, used.status_code) in {(204, 400), (409, 200)}


async def test_the_zone_of_a_place(client: Client) -> None:
    admin = await client.signed_in("admin")
    west, south = somewhere()
    outer = (await admin.post("/zones", a_new_zone(boundary=a_square(west, south, 2)))).json()["slug"]
    inner = (await admin.post("/zones", a_new_zone(boundary=a_square(west, south, 1)))).json()["slug"]
    for place, slug in (((0.5, 0.5), inner), ((0, 0), inner), ((1.5, 1.5), outer), ((2, 2), outer), ((2.5, 0.5), None)):
        params = {"longitude": west + place[0], "latitude": south + place[1]}
        reply = (await client.get("/zones", params=params)).json()
        assert [zone["slug"] for zone in reply["zones"]] == ([slug] if slug else [])
        assert reply["total"] == len(reply["zones"])


async def test_without_boundary_the_nearest_centre_counts(client: Client) -> None:
    admin = await client.signed_in("admin")
    longitude, latitude = somewhere()
    slugs = [
        (await admin.post("/zones", a_new_zone(centre={"latitude": latitude + up, "longitude": longitude}))).json()[
            "slug"
        ]
        for up in (0, 0.3)
    ]
    assert await seen(client, latitude=latitude + 0.1, longitude=longitude) == [slugs[0]]
    assert await seen(client, latitude=latitude + 0.2, longitude=longitude) == [slugs[1]]
    assert await seen(client, latitude=latitude + 2, longitude=longitude) == []


async def test_half_a_place_is_none(client: Client) -> None:
    for query in ("latitude=1", "longitude=1", "latitude=91&longitude=0", "latitude=x&longitude=0"):
        assert (await client.get(f"/zones?{query}")).status_code == 400


async def test_the_zone_of_an_address(client: Client) -> None:
    admin = await client.signed_in("admin")
    db = client.app.shop.database.reader
    west, south = somewhere()
    city, state = unique("City"), unique("State")
    of_city = (await admin.post("/zones", a_new_zone(name=city))).json()["id"]
    of_state = (await admin.post("/zones", a_new_zone(name=state))).json()["id"]
    of_place = (await admin.post("/zones", a_new_zone(boundary=a_square(west, south)))).json()["id"]

    async def found(latitude: float | None = None, longitude: float | None = None, **names: str) -> int | None:
        return await zone_of_address(db, latitude=latitude, longitude=longitude, **names)

    assert await found(city=city.upper(), state=state) == of_city
    assert await found(city="elsewhere", state=state) == of_state
    assert await found(city=city, latitude=south + 0.05, longitude=west + 0.05) == of_place
    assert await found(city=city, latitude=south - 3, longitude=west) is None
    assert await found(city="nowhere", state="") is None
    assert await found() is None
