"""Profiles: what is shown of a user to whom, and who changes what of it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.builders import PASSWORD, Client, an_order, unique


def refused(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


async def events_of(client: Client, name: str, user_id: int) -> list[dict[str, Any]]:
    rows = await client.app.shop.database.pool.fetch(
        "select data from events where name = $1 and (data ->> 'userId')::bigint = $2 order by id", name, user_id
    )
    return [row["data"] for row in rows]


async def test_ones_own_profile_has_the_contracts_fields(client: Client) -> None:
    user = await client.signed_in()
    me = (await user.get("/users/me")).json()
    contract = {
        "id", "email", "firstName", "lastName", "gender", "image", "phone", "age", "role", "createdAt", "updatedAt",
    }  # fmt: skip
    assert contract <= me.keys()
    assert me["email"] == user.user["email"]
    assert not {"password", "passwordHash", "deletionDueAt"} & me.keys()


async def test_what_is_given_is_changed_and_the_rest_stays(client: Client) -> None:
    user = await client.signed_in()
    changed = await user.put("/users/me", {"firstName": "Jane", "phone": "+1987654321", "age": 33, "gender": "female"})
    assert changed.status_code == 200, changed.text
    again = await user.put("/users/me", {"lastName": "Roe", "phone": None})
    expected = {"firstName": "Jane", "lastName": "Roe", "phone": "", "age": 33, "gender": "female"}
    assert {name: again.json()[name] for name in expected} == expected
    assert (await user.put("/users/me", {})).json()["firstName"] == "Jane"


async def test_all_faults_are_told_at_once(client: Client) -> None:
    user = await client.signed_in()
    reply = await user.put(
        "/users/me", {"firstName": None, "lastName": "x", "email": "nobody", "age": 151, "phone": "call me"}
    )
    assert refused(reply) == (400, "VALIDATION_ERROR")
    assert reply.json()["details"].keys() == {"firstName", "lastName", "email", "age", "phone"}


@pytest.mark.parametrize(
    "field", ["role", "status", "id", "zoneId", "image", "emailVerifiedAt", "deletedAt", "password"]
)
async def test_nobody_assigns_what_is_not_its_own_to_change(client: Client, field: str) -> None:
    user = await client.signed_in()
    reply = await user.put("/users/me", {"firstName": "Jane", field: "admin"})
    assert refused(reply) == (400, "VALIDATION_ERROR")
    assert field in reply.json()["details"]
    assert (await user.get("/users/me")).json()["firstName"] == "Test"


async def test_parallel_changes_of_different_fields_all_stay(client: Client) -> None:
    user = await client.signed_in()
    changes: list[dict[str, Any]] = [{"firstName": "Jane"}, {"lastName": "Roe"}, {"phone": "+49 30 1234"}, {"age": 44}]
    replies = await asyncio.gather(*(user.put("/users/me", change) for change in changes * 5))
    assert {reply.status_code for reply in replies} == {200}
    me = (await user.get("/users/me")).json()
    assert (me["firstName"], me["lastName"], me["phone"], me["age"]) == ("Jane", "Roe", "+49 30 1234", 44)


async def test_another_address_waits_until_it_is_verified(client: Client) -> None:
    user = await client.signed_in()
    wanted = f"{unique('new')}@example.com"
    reply = await user.put("/users/me", {"email": wanted, "firstName": "Jane"})
    assert reply.status_code == 200, reply.text
    assert (reply.json()["email"], reply.json()["pendingEmail"]) == (user.user["email"], wanted)
    assert await events_of(client, "user.email_change_requested", user.user["id"]) == [
        {"userId": user.user["id"], "email": wanted}
    ]
    assert (await user.get("/users/me")).json()["pendingEmail"] == wanted
    same = await user.put("/users/me", {"email": user.user["email"].upper()})
    assert same.json()["email"] == user.user["email"]
    assert len(await events_of(client, "user.email_change_requested", user.user["id"])) == 1


async def test_an_address_or_username_that_is_taken_is_a_conflict(client: Client) -> None:
    user, other = await client.signed_in(), await client.signed_in()
    taken = await user.put("/users/me", {"email": other.user["email"].upper(), "firstName": "Jane"})
    assert refused(taken) == (409, "EMAIL_EXISTS")
    assert (await user.get("/users/me")).json()["firstName"] == "Test"
    name = unique("name")
    assert (await other.put("/users/me", {"username": name})).json()["username"] == name
    assert refused(await user.put("/users/me", {"username": name.upper()})) == (409, "USERNAME_EXISTS")


async def test_others_see_only_what_is_public(client: Client) -> None:
    zone, elsewhere = await client.a_zone(), await client.a_zone()
    user = await client.signed_in("shop_owner", zone_id=zone)
    path = f"/users/{user.user['id']}"
    public = (await (await client.signed_in()).get(path)).json()
    assert public == {
        "id": user.user["id"],
        "firstName": "Test",
        "lastName": "P.",
        "image": "",
        "role": "shop_owner",
        "memberSince": user.user["createdAt"],
        "rating": None,
        "ratingCount": 0,
        "ratings": None,
    }
    for other in (
        await client.signed_in("seller"),
        await client.signed_in("location_admin", zone_ids=[elsewhere]),
        await client.signed_in("location_admin"),
    ):
        assert (await other.get(path)).json() == public
    for entitled in (user, await client.signed_in("admin"), await client.signed_in("location_admin", zone_ids=[zone])):
        assert (await entitled.get(path)).json()["email"] == user.user["email"]
    assert refused(await client.get(path)) == (401, "UNAUTHORIZED")
    assert refused(await user.get("/users/4611686018427387904")) == (404, "USER_NOT_FOUND")


async def test_a_location_admin_does_not_see_other_administrators_in_full(client: Client) -> None:
    zone = await client.a_zone()
    watcher = await client.signed_in("location_admin", zone_ids=[zone])
    for role in ("admin", "location_admin"):
        colleague = await client.signed_in(role, zone_id=zone)
        assert "email" not in (await watcher.get(f"/users/{colleague.user['id']}")).json()


async def test_who_was_a_location_admin_sees_no_more_than_others(client: Client) -> None:
    zone = await client.a_zone()
    former = await client.signed_in("location_admin", zone_ids=[zone])
    shop = await client.signed_in("shop_owner", zone_id=zone)
    admin = await client.signed_in("admin")
    path = f"/users/{shop.user['id']}"
    assert "email" in (await former.get(path)).json()
    assert (await admin.put(f"/users/{former.user['id']}", {"role": "user"})).status_code == 200
    assert "email" not in (await former.get(path)).json()
    assert await client.value("select count(*) from admin_zones where user_id = $1", former.user["id"]) == 0


async def test_deactivated_people_are_shown_to_administrators_only(client: Client) -> None:
    user, other, admin = await client.signed_in(), await client.signed_in(), await client.signed_in("admin")
    path = f"/users/{user.user['id']}"
    assert (await admin.put(path, {"status": "deactivated"})).json()["status"] == "deactivated"
    assert (await other.get(path)).status_code == 404
    assert (await admin.get(path)).status_code == 200
    assert (await user.get("/users/me")).status_code == 401
    assert (await admin.put(path, {"status": "active"})).status_code == 200
    assert (await user.get("/users/me")).status_code == 401, "the old session does not come back"
    assert (await client.post("/auth/login", {"email": user.user["email"], "password": PASSWORD})).status_code == 200


async def test_only_administrators_change_role_status_and_zone_and_never_their_own(client: Client) -> None:
    user, other, admin = await client.signed_in(), await client.signed_in(), await client.signed_in("admin")
    await client.signed_in("admin")
    zone = await client.a_zone()
    slug = await client.value("select slug from zones where id = $1", zone)
    own, foreign = f"/users/{user.user['id']}", f"/users/{other.user['id']}"

    for change in ({"role": "admin"}, {"status": "active"}, {"zone": slug}, {"zone": None}):
        assert refused(await user.put(own, change)) == (403, "FORBIDDEN")
        assert refused(await user.put(foreign, change)) == (403, "FORBIDDEN")
        assert refused(await admin.put(f"/users/{admin.user['id']}", change)) == (403, "OWN_ACCOUNT")
    for role in ("location_admin", "seller", "shop_owner", "courier"):
        meddler = await client.signed_in(role, zone_ids=[zone] if role == "location_admin" else [])
        assert refused(await meddler.put(foreign, {"firstName": "Mallory"})) == (403, "FORBIDDEN")
    assert refused(await user.put(foreign, {"firstName": "Mallory"})) == (403, "FORBIDDEN")

    assert (await user.put(own, {"firstName": "Jane"})).json()["firstName"] == "Jane"
    changed = await admin.put(foreign, {"role": "SHOP_OWNER", "zone": slug, "lastName": "Roe"})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["role"], changed.json()["zone"], changed.json()["lastName"]) == ("shop_owner", slug, "Roe")
    assert (await other.get("/users/me")).json()["role"] == "shop_owner"
    assert (await admin.put(foreign, {"zone": None})).json()["zone"] is None
    assert refused(await admin.put(foreign, {"zone": "nowhere"})) == (400, "VALIDATION_ERROR")
    assert refused(await admin.put(foreign, {"role": None})) == (400, "VALIDATION_ERROR")
    assert refused(await admin.put("/users/4611686018427387904", {"role": "user"})) == (404, "USER_NOT_FOUND")


async def test_what_an_administrator_changes_of_others_is_logged_without_personal_data(client: Client) -> None:
    user, admin = await client.signed_in(), await client.signed_in("admin")
    await admin.put(f"/users/{user.user['id']}", {"role": "seller", "phone": "+49 30 999999"})
    row = await client.app.shop.database.pool.fetchrow(
        "select actor_id, action, before, after from admin_log where subject_kind = 'user' and subject_id = $1",
        str(user.user["id"]),
    )
    assert (row["actor_id"], row["action"]) == (admin.user["id"], "user.changed")
    assert row["before"] == {"role": "user", "fields": []}
    assert row["after"] == {"role": "seller", "fields": ["phone"]}
    log = (await user.get("/auth/activity")).json()["activity"]
    assert (log[0]["action"], log[0]["details"]) == ("role_changed", {"from": "user", "to": "seller"})


async def test_a_sellers_stars_are_those_of_what_it_sells(client: Client) -> None:
    company = await client.a_company()
    seller = await client.signed_in("seller", company_id=company)
    colleague = await client.signed_in("seller", company_id=company)
    house = await client.a_product(company_id=company)
    own, other = await client.a_product(company_id=company), await client.a_product(company_id=company)
    await client.value("update products set seller_id = $2 where id = $1", own["id"], seller.user["id"])
    await client.value("update products set seller_id = $2 where id = $1", other["id"], colleague.user["id"])
    for product, stars in ((house, 5), (own, 4), (own, 3), (other, 1)):
        await client.value(
            """
            with review as (
                insert into reviews (product_id, rating, comment, reviewer_name, reviewer_email, created_at, updated_at)
                values ($1, $2, 'said', 'Somebody', 'somebody@example.com', now(), now())
            )
            update products set rating_sum = rating_sum + $2, rating_count = rating_count + 1 where id = $1
            """,
            product["id"],
            stars,
        )
    path = f"/users/{seller.user['id']}"
    profile = (await colleague.get(path)).json()
    assert (profile["rating"], profile["ratingCount"]) == (4.0, 3)

    first = (await client.get(f"{path}/reviews?limit=2")).json()
    assert (first["total"], first["limit"], first["rating"]) == (3, 2, 4.0)
    assert [review["rating"] for review in first["reviews"]] == [3, 4]
    assert "somebody@example.com" not in str(first)
    rest = (await client.get(f"{path}/reviews?limit=2&cursor={first['nextCursor']}")).json()
    assert [review["productId"] for review in rest["reviews"]] == [house["id"]]

    nobody = await client.signed_in()
    assert (await client.get(f"/users/{nobody.user['id']}/reviews")).json()["reviews"] == []
    assert refused(await client.get("/users/4611686018427387904/reviews")) == (404, "USER_NOT_FOUND")


async def test_stats_of_a_buyer_are_its_own_and_those_of_a_seller_public(client: Client) -> None:
    company = await client.a_company()
    seller = await client.signed_in("seller", company_id=company)
    product = await client.a_product(company_id=company, price=10)
    buyer, other = await client.signed_in(), await client.signed_in()
    for _ in range(2):
        number = (await buyer.post("/orders", an_order((product["id"], 2)))).json()["id"]
    await client.value("update orders set payment_status = 'paid' where number = $1", number)
    await client.value(
        "update order_parts set status = 'delivered' where order_id = (select id from orders where number = $1)", number
    )
    order = (await buyer.get(f"/orders/{number}")).json()

    own = (await buyer.get(f"/users/{buyer.user['id']}/stats")).json()
    assert (own["orders"], own["spent"], own["sales"]) == (2, [{"currency": "USD", "amount": order["total"]}], None)
    foreign = (await other.get(f"/users/{buyer.user['id']}/stats")).json()
    assert (foreign["orders"], foreign["spent"]) == (None, None)

    public = (await other.get(f"/users/{seller.user['id']}/stats")).json()
    assert (public["sales"], public["takings"], public["responseTimeMinutes"]) == (1, None, None)
    admin = await client.signed_in("admin")
    for entitled in (seller, admin):
        seen = (await entitled.get(f"/users/{seller.user['id']}/stats")).json()
        assert seen["takings"] == [{"currency": "USD", "amount": order["total"]}]


async def test_devices_are_those_that_named_themselves(client: Client) -> None:
    user = await client.signed_in()
    body = {"email": user.user["email"], "password": PASSWORD}
    for device, agent in (("phone-1", "Shop/1.0"), ("phone-1", "Shop/1.1"), ("tablet-2", "Shop/2.0")):
        await client.post("/auth/login", body, headers={"x-device-id": device, "user-agent": agent})
    await client.value("update sessions set revoked_at = now() where device_id = 'phone-1'")
    listed = (await user.get("/users/me/devices", headers={"x-device-id": "tablet-2"})).json()
    assert listed["total"] == 2
    tablet, phone = listed["devices"]
    assert (tablet["id"], tablet["signedIn"], tablet["current"]) == ("tablet-2", True, True)
    assert (phone["id"], phone["userAgent"], phone["signedIn"], phone["current"]) == (
        "phone-1",
        "Shop/1.1",
        False,
        False,
    )
    assert phone["firstSeenAt"] <= phone["lastSeenAt"]
    assert (await (await client.signed_in()).get("/users/me/devices")).json() == {"devices": [], "total": 0}
