"""Administrators: who may make, change and dismiss them; that it counts at once; and that one always remains."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from entrepot.kernel import clock
from tests.builders import PASSWORD, Client, unique


def a_new_admin(**fields: Any) -> dict[str, Any]:
    return {
        "email": f"{unique('appointed')}@example.com",
        "firstName": "Ada",
        "lastName": "Admin",
        "role": "admin",
        **fields,
    }


async def slug_of(client: Client, zone_id: int) -> str:
    slug: str = await client.value("select slug from zones where id = $1", zone_id)
    return slug


async def signed_in_as(client: Client, email: str, password: str = PASSWORD) -> Client:
    reply = await client.post("/auth/login", {"email": email, "password": password})
    assert reply.status_code == 200, reply.text
    return Client(client.http, client.app, reply.json()["token"])


async def patch(client: Client, path: str, json: Any) -> Any:
    return await client.request("PATCH", path, json=json)


async def test_a_made_up_password_is_answered_once_and_works(client: Client) -> None:
    admin = await client.signed_in("admin")
    made = await admin.post("/admins", a_new_admin())
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["role"], body["isActive"], body["zones"]) == ("admin", True, [])

    appointed = await signed_in_as(client, body["email"], body["password"])
    assert (await appointed.get("/admins/stats")).status_code == 200
    assert "password" not in (await admin.get(f"/admins/{body['id']}")).json()


async def test_a_given_password_is_not_repeated(client: Client) -> None:
    admin = await client.signed_in("admin")
    body = (await admin.post("/admins", a_new_admin(password=PASSWORD))).json()
    assert "password" not in body
    await signed_in_as(client, body["email"])


async def test_a_location_admin_administers_its_zones(client: Client) -> None:
    admin = await client.signed_in("admin")
    slugs = sorted([await slug_of(client, await client.a_zone()) for _ in range(2)])
    body = (await admin.post("/admins", a_new_admin(role="LOCATION_ADMIN", zones=slugs, password=PASSWORD))).json()
    assert [zone["slug"] for zone in body["zones"]] == slugs

    changed = await patch(admin, f"/admins/{body['id']}/zones", {"zones": slugs[:1]})
    assert (changed.status_code, [zone["slug"] for zone in changed.json()["zones"]]) == (200, slugs[:1])
    listed = (await admin.get(f"/admins?zone={slugs[0]}")).json()
    assert ([found["id"] for found in listed["admins"]], listed["total"]) == ([body["id"]], 1)
    assert (await admin.get(f"/admins?zone={slugs[1]}")).json()["total"] == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"role": "location_admin"}, "body"),
        ({"role": "admin", "zones": ["north"]}, "body"),
        ({"role": "location_admin", "zones": ["no-such-zone"]}, "zones"),
        ({"role": "seller"}, "role"),
        ({"password": "weak"}, "password"),
        ({"email": "nobody"}, "email"),
        ({"status": "active"}, "status"),
        ({"id": 1}, "id"),
    ],
)
async def test_what_does_not_fit_is_refused_by_field(client: Client, fields: dict[str, Any], field: str) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post("/admins", a_new_admin(**fields))
    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")
    assert field in reply.json()["details"]


async def test_only_administrators_get_in(client: Client) -> None:
    zone_id = await client.a_zone()
    for role in ("user", "seller", "shop_owner", "courier", "location_admin"):
        other = await client.signed_in(role, zone_ids=[zone_id] if role == "location_admin" else [])
        assert (await other.post("/admins", a_new_admin())).status_code == 403
        assert (await other.get("/admins")).status_code == 403
        assert (await other.get("/admins/activity")).status_code == 403
        assert (await patch(other, f"/admins/{other.user['id']}/zones", {"zones": ["a"]})).status_code == 403
    assert (await client.get("/admins")).status_code == 401


async def test_nobody_raises_or_ends_its_own_rights(client: Client) -> None:
    admin = await client.signed_in("admin")
    own = f"/admins/{admin.user['id']}"
    replies = [
        await admin.put(own, {"role": "location_admin", "zones": [await slug_of(client, await client.a_zone())]}),
        await patch(admin, f"{own}/active", {"isActive": False}),
        await admin.post(f"{own}/reset-password", {"password": "Other1234"}),
        await admin.delete(own),
    ]
    assert [(reply.status_code, reply.json()["code"]) for reply in replies] == [(403, "OWN_ACCOUNT")] * 4
    assert (await admin.get("/auth/me")).status_code == 200


async def test_an_admin_changes_profiles_and_roles_of_others(client: Client) -> None:
    admin, other = await client.signed_in("admin"), await client.signed_in("admin")
    path, zone = f"/admins/{other.user['id']}", await slug_of(client, await client.a_zone())

    changed = (await admin.put(path, {"firstName": "Grace", "phone": "+1 202 555 0100"})).json()
    assert (changed["firstName"], changed["lastName"], changed["phone"]) == ("Grace", "Person", "+1 202 555 0100")
    assert (await admin.put(path, {"role": "location_admin"})).status_code == 400
    demoted = (await admin.put(path, {"role": "location_admin", "zones": [zone]})).json()
    assert (demoted["role"], [found["slug"] for found in demoted["zones"]]) == ("location_admin", [zone])
    assert (await other.get("/admins")).status_code == 403
    promoted = (await admin.put(path, {"role": "admin"})).json()
    assert (promoted["role"], promoted["zones"]) == ("admin", [])
    assert (await other.get("/admins")).status_code == 200
    refused = await patch(admin, f"{path}/zones", {"zones": [zone]})
    assert (refused.status_code, refused.json()["code"]) == (422, "NOT_A_LOCATION_ADMIN")


async def test_only_administrators_are_found_here(client: Client) -> None:
    admin, user = await client.signed_in("admin"), await client.signed_in("user")
    path = f"/admins/{user.user['id']}"
    replies = [
        await admin.get(path),
        await admin.put(path, {"role": "admin"}),
        await patch(admin, f"{path}/active", {"isActive": False}),
        await admin.post(f"{path}/reset-password", {"password": "Other1234"}),
        await admin.delete(path),
    ]
    assert [reply.status_code for reply in replies] == [404] * 5
    assert (await user.get("/auth/me")).status_code == 200


async def test_deactivation_counts_at_once_and_reactivation_brings_no_session_back(client: Client) -> None:
    admin, other = await client.signed_in("admin"), await client.signed_in("admin")
    path = f"/admins/{other.user['id']}/active"
    assert (await other.get("/admins/stats")).status_code == 200

    off = await patch(admin, path, {"isActive": False})
    assert (off.status_code, off.json()["isActive"], off.json()["status"]) == (200, False, "deactivated")
    assert (await other.get("/admins/stats")).status_code == 401
    login = await client.post("/auth/login", {"email": other.user["email"], "password": PASSWORD})
    assert login.status_code == 400

    assert (await patch(admin, path, {"isActive": True})).json()["isActive"] is True
    assert (await other.get("/admins/stats")).status_code == 401
    await signed_in_as(client, other.user["email"])


async def test_a_reset_password_ends_all_sessions(client: Client) -> None:
    admin, other = await client.signed_in("admin"), await client.signed_in("admin")
    reset = await admin.post(f"/admins/{other.user['id']}/reset-password")
    assert reset.status_code == 200, reset.text
    assert (await other.get("/auth/me")).status_code == 401
    login = await client.post("/auth/login", {"email": other.user["email"], "password": PASSWORD})
    assert login.status_code == 400
    await signed_in_as(client, other.user["email"], reset.json()["password"])


async def test_a_dismissed_admin_is_gone_and_its_address_free(client: Client) -> None:
    admin, other = await client.signed_in("admin"), await client.signed_in("admin")
    assert (await admin.delete(f"/admins/{other.user['id']}")).status_code == 204
    assert (await other.get("/auth/me")).status_code == 401
    assert (await admin.get(f"/admins/{other.user['id']}")).status_code == 404
    assert (await admin.post("/admins", a_new_admin(email=other.user["email"]))).status_code == 201


async def the_only_admins(client: Client, count: int) -> Sequence[Client]:
    """New administrators; all others of this database may not act any more."""
    admins = [await client.signed_in("admin") for _ in range(count)]
    await client.value(
        "update users set status = 'deactivated' where role = 'admin' and id <> all($1)",
        [admin.user["id"] for admin in admins],
    )
    return admins


async def active_admins(client: Client) -> int:
    count: int = await client.value(
        "select count(*) from users where role = 'admin' and status = 'active' and deleted_at is null"
    )
    return count


@pytest.mark.parametrize("how", ["deactivate", "delete", "demote", "mixed"])
async def test_admins_who_take_each_other_away_at_once_leave_one(client: Client, how: str) -> None:
    zone = await slug_of(client, await client.a_zone())

    async def take_away(one: Client, other: Client, way: str) -> int:
        path = f"/admins/{other.user['id']}"
        match way:
            case "deactivate":
                reply = await patch(one, f"{path}/active", {"isActive": False})
            case "delete":
                reply = await one.delete(path)
            case _:
                reply = await one.put(path, {"role": "location_admin", "zones": [zone]})
        assert reply.status_code in (200, 204, 401, 403, 404, 409), reply.text
        status: int = reply.status_code
        return status

    ways = ["deactivate", "delete", "demote"]
    for count in (2, 2, 3, 4):
        admins = await the_only_admins(client, count)
        statuses = await asyncio.gather(
            *(
                take_away(one, admins[(place + 1) % count], ways[place % 3] if how == "mixed" else how)
                for place, one in enumerate(admins)
            )
        )
        assert await active_admins(client) >= 1
        if count == 2:
            assert sorted(status < 300 for status in statuses) == [False, True]


async def test_the_last_admin_stays(client: Client) -> None:
    (last,) = await the_only_admins(client, 1)
    leaving = await client.signed_in("admin")
    await client.value("update users set status = 'deactivated' where id = $1", leaving.user["id"])
    replies = [await last.delete(f"/admins/{last.user['id']}")]
    assert replies[0].json()["code"] == "OWN_ACCOUNT"
    assert await active_admins(client) == 1


async def test_stats_count_who_acts_where(client: Client) -> None:
    zone_id = await client.a_zone()
    admin = await client.signed_in("admin")
    await client.signed_in("location_admin", zone_ids=[zone_id])
    slug = await slug_of(client, zone_id)
    stats = (await admin.get("/admins/stats")).json()
    assert {zone["zone"]: zone["admins"] for zone in stats["zones"]}[slug] == 1
    assert stats["total"] == stats["active"] + stats["inactive"] == stats["admins"] + stats["locationAdmins"]


async def test_pages_of_admins_by_cursor(client: Client) -> None:
    admin = await client.signed_in("admin")
    name = unique("findable")
    made = [(await admin.post("/admins", a_new_admin(lastName=name[:50]))).json()["id"] for _ in range(3)]
    first = (await admin.get(f"/admins?q={name}&limit=2")).json()
    rest = (await admin.get(f"/admins?q={name}&limit=2&cursor={first['nextCursor']}")).json()
    assert [found["id"] for found in first["admins"] + rest["admins"]] == made
    assert (first["total"], rest["total"], "nextCursor" in rest) == (3, 3, False)


async def test_a_location_admin_sees_the_shop_owners_of_its_zones_only(client: Client) -> None:
    mine, foreign = await client.a_zone(), await client.a_zone()
    admin = await client.signed_in("location_admin", zone_ids=[mine])
    owners = [await client.signed_in("shop_owner", zone_id=zone_id) for zone_id in (mine, mine, foreign)]
    await client.value("update users set status = 'pending' where id = $1", owners[1].user["id"])

    listed = (await admin.get("/admins/shop-owners")).json()
    assert {owner["id"] for owner in listed["shopOwners"]} == {owner.user["id"] for owner in owners[:2]}
    assert (listed["total"], listed["counts"]) == (2, {"active": 1, "pending": 1, "deactivated": 0})
    assert (await admin.get("/admins/shop-owners?status=pending")).json()["total"] == 1
    assert (await admin.get(f"/admins/shop-owners?zone={await slug_of(client, foreign)}")).json()["total"] == 0

    assert (
        await patch(admin, f"/admins/shop-owners/{owners[2].user['id']}/active", {"isActive": False})
    ).status_code == 404
    assert (await owners[2].get("/auth/me")).status_code == 200
    off = await patch(admin, f"/admins/shop-owners/{owners[0].user['id']}/active", {"isActive": False})
    assert (off.status_code, off.json()["status"]) == (200, "deactivated")
    assert (await owners[0].get("/auth/me")).status_code == 401
    approved = await patch(admin, f"/admins/shop-owners/{owners[1].user['id']}/active", {"isActive": True})
    assert approved.json()["isActive"] is True
    await signed_in_as(client, owners[1].user["email"])


async def test_a_location_admin_without_zones_sees_nobody(client: Client) -> None:
    await client.signed_in("shop_owner")
    admin = await client.signed_in("location_admin")
    listed = (await admin.get("/admins/shop-owners")).json()
    assert (listed["shopOwners"], listed["total"], listed["counts"]["active"]) == ([], 0, 0)


async def test_an_admin_toggles_shop_owners_and_nobody_else_here(client: Client) -> None:
    admin = await client.signed_in("admin")
    for role in ("user", "seller", "admin"):
        other = await client.signed_in(role)
        reply = await patch(admin, f"/admins/shop-owners/{other.user['id']}/active", {"isActive": False})
        assert (reply.status_code, reply.json()["code"]) == (404, "SHOP_OWNER_NOT_FOUND")


async def test_the_log_says_who_changed_what(client: Client) -> None:
    admin, other = await client.signed_in("admin"), await client.signed_in("admin")
    subject = f"user:{other.user['id']}"
    await patch(admin, f"/admins/{other.user['id']}/active", {"isActive": False})
    reset = await admin.request(
        "POST", f"/admins/{other.user['id']}/reset-password", headers={"X-Request-ID": "a-reset"}
    )

    log = (await admin.get(f"/admins/activity?subject={subject}")).json()
    assert [entry["action"] for entry in log["activity"]] == ["admin.password_reset", "user.status_changed"]
    newest, first = log["activity"]
    assert (first["actor"]["id"], first["before"], first["after"]) == (
        admin.user["id"],
        {"status": "active"},
        {"status": "deactivated"},
    )
    assert (newest["requestId"], newest["subject"]) == ("a-reset", {"kind": "user", "id": str(other.user["id"])})
    assert reset.json()["password"] not in str(log)

    by_admin = (await admin.get(f"/admins/activity?actor={admin.user['id']}&limit=1")).json()
    assert (by_admin["total"], by_admin["limit"], by_admin["activity"][0]["id"]) == (2, 1, newest["id"])
    older = await admin.get(f"/admins/activity?actor={admin.user['id']}&limit=1&cursor={by_admin['nextCursor']}")
    assert older.json()["activity"][0]["id"] == first["id"]
    tomorrow = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (await admin.get(f"/admins/activity?since={tomorrow}")).json()["total"] == 0
    assert (await admin.get(f"/admins/activity?until={tomorrow}&subject={subject}")).json()["total"] == 2
    assert (await admin.get("/admins/activity?action=company.unheard_of")).json()["total"] == 0


async def test_the_log_is_append_only(client: Client) -> None:
    admin = await client.signed_in("admin")
    await admin.post("/admins", a_new_admin())
    for statement in ("update admin_log set action = 'a.b'", "delete from admin_log"):
        with pytest.raises(Exception, match="never changed or deleted"):
            await client.value(statement)
