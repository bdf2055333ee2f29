"""The list of users: for administrators, filtered, paged, with a total that is right."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, unique


@pytest.fixture
async def admin(client: Client) -> Client:
    return await client.signed_in("admin")


@pytest.fixture
async def crowd(client: Client) -> dict[str, Any]:
    """Seven shop owners of a zone of their own, the third deactivated, the last deleted, and its location admin."""
    zone = await client.a_zone()
    owners = [await client.signed_in("shop_owner", zone_id=zone) for _ in range(7)]
    ids = [owner.user["id"] for owner in owners]
    watcher = await client.signed_in("location_admin", zone_ids=[zone])
    await client.value("update users set status = 'deactivated' where id = $1", ids[2])
    await client.value("update users set deleted_at = now() where id = $1", ids[6])
    slug = await client.value("select slug from zones where id = $1", zone)
    return {"slug": slug, "ids": ids[:6], "watcher": watcher.user["id"]}


async def test_filters_combine_and_the_total_is_right(admin: Client, crowd: dict[str, Any]) -> None:
    async def found(query: str) -> list[int]:
        reply = await admin.get(f"/users?limit=100&{query}")
        assert reply.status_code == 200, reply.text
        page = reply.json()
        assert page["total"] == len(page["users"]) == page["limit"]
        return [user["id"] for user in page["users"]]

    newest_first = crowd["ids"][::-1]
    zone = f"zone={crowd['slug']}"
    assert await found(zone) == [crowd["watcher"], *newest_first]
    assert await found(f"{zone}&role=shop_owner") == newest_first
    assert await found(f"{zone}&status=deactivated") == [crowd["ids"][2]]
    assert await found(f"{zone}&role=shop_owner&status=active") == [
        user_id for user_id in newest_first if user_id != crowd["ids"][2]
    ]
    assert await found("zone=nowhere") == []


async def test_pages_by_cursor_skip_and_page_are_the_same(admin: Client, crowd: dict[str, Any]) -> None:
    path = f"/users?zone={crowd['slug']}&role=shop_owner&limit=4"
    first = (await admin.get(path)).json()
    assert (first["total"], first["limit"], first["skip"]) == (6, 4, 0)
    rest = (await admin.get(f"{path}&cursor={first['nextCursor']}")).json()
    assert rest["total"] == 6
    assert "nextCursor" not in rest
    ids = [user["id"] for user in first["users"] + rest["users"]]
    assert ids == crowd["ids"][::-1]
    for query in ("skip=4", "page=2"):
        assert (await admin.get(f"{path}&{query}")).json()["users"] == rest["users"]
    assert (await admin.get(f"{path}&cursor=bm90aGluZw")).status_code == 400


async def test_q_looks_into_names_addresses_and_usernames(client: Client, admin: Client) -> None:
    user = await client.signed_in()
    mark = unique("q").replace("-", "")
    changed = await user.put("/users/me", {"firstName": f"Ünal{mark}", "lastName": "O'Neil_%", "username": f"x{mark}y"})
    assert changed.status_code == 200, changed.text
    for q in (f"ÜNAL{mark}", f"nal{mark} o'neil_%", f"X{mark}Y", user.user["email"].upper()):
        reply = await admin.get("/users", params={"q": q})
        assert [found["id"] for found in reply.json()["users"]] == [user.user["id"]], q
    for q in (f"{mark}%neil", f"{mark}_"):
        assert (await admin.get("/users", params={"q": q})).json()["total"] == 0, q


@pytest.mark.parametrize("query", ["role=king", "status=asleep", "limit=x", "skip=-1", f"q={'x' * 101}"])
async def test_a_filter_that_cannot_be_is_refused_by_name(admin: Client, query: str) -> None:
    reply = await admin.get(f"/users?{query}")
    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")
    assert query.partition("=")[0] in reply.json()["details"]


async def test_nobody_else_lists_users(client: Client) -> None:
    assert (await client.get("/users")).status_code == 401
    for role in ("user", "shop_owner", "seller", "courier", "location_admin"):
        reply = await (await client.signed_in(role)).get("/users")
        assert (reply.status_code, reply.json()["code"]) == (403, "FORBIDDEN")
