"""Leaving: a grace period in which everything can be taken back, then nothing of the person is left."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from PIL import Image

from entrepot.identity.erase import erase_due
from entrepot.kernel import clock
from entrepot.settings import Settings
from tests.builders import ADDRESS, PASSWORD, Client, an_order, unique
from tests.conftest import database, running

GRACE = timedelta(days=30)


def refused(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


async def sign_in(client: Client, email: str) -> Client:
    reply = await client.post("/auth/login", {"email": email, "password": PASSWORD})
    assert reply.status_code == 200, reply.text
    again = Client(client.http, client.app, reply.json()["token"])
    again.user = reply.json()["user"]
    return again


async def erase(client: Client) -> int:
    return await erase_due(client.app.shop.database, client.app.shop.files)


async def test_all_devices_are_signed_out_and_signing_in_shows_when_it_ends(client: Client) -> None:
    user = await client.signed_in()
    other = await sign_in(client, user.user["email"])
    reply = await user.post("/users/me/delete", {"password": PASSWORD, "reason": "No longer needed"})
    assert reply.status_code == 200, reply.text
    assert reply.json()["message"] == "Account scheduled for deletion"
    assert [(await device.get("/users/me")).status_code for device in (user, other)] == [401, 401]

    again = await sign_in(client, user.user["email"])
    assert again.user["deletionDueAt"] == reply.json()["deletionDueAt"]
    assert (await again.get("/users/me")).json()["deletionDueAt"] == again.user["deletionDueAt"]
    stranger = await client.signed_in()
    assert (await stranger.get(f"/users/{user.user['id']}")).status_code == 404

    second = await again.post("/users/me/delete", {"password": PASSWORD})
    assert second.json()["deletionDueAt"] == reply.json()["deletionDueAt"], "asking again does not put it off"


async def test_a_restored_account_is_as_before(client: Client) -> None:
    user = await client.signed_in()
    await user.post("/users/me/delete", {"password": PASSWORD})
    again = await sign_in(client, user.user["email"])
    with clock.moved(GRACE - timedelta(minutes=5)):
        again = await sign_in(client, user.user["email"])
        restored = await again.post("/users/me/restore")
    assert restored.status_code == 200, restored.text
    assert "deletionDueAt" not in restored.json()
    assert (await again.post("/users/me/restore")).status_code == 200, "restoring twice is no fault"
    with clock.moved(GRACE + timedelta(days=1)):
        await erase(client)
    assert (await sign_in(client, user.user["email"])).user["firstName"] == "Test"
    actions = [entry["action"] for entry in (await again.get("/auth/activity?limit=100")).json()["activity"]]
    assert {"deletion_asked", "restored"} <= set(actions)


async def test_after_the_grace_period_nothing_is_restored(client: Client) -> None:
    user = await client.signed_in()
    await user.post("/users/me/delete", {"password": PASSWORD})
    with clock.moved(GRACE + timedelta(minutes=1)):
        again = await sign_in(client, user.user["email"])
        assert refused(await again.post("/users/me/restore")) == (422, "GRACE_PERIOD_OVER")


async def test_the_password_is_needed_and_cannot_be_guessed(client: Client) -> None:
    user = await client.signed_in()
    for body in ({}, {"password": "Wrong1234"}, {"password": "Wrong1234", "reason": "x"}):
        assert refused(await user.post("/users/me/delete", body)) == (400, "INVALID_CREDENTIALS")
    assert refused(await user.post("/users/me/delete", {"password": PASSWORD, "userId": 1})) == (
        400,
        "VALIDATION_ERROR",
    )
    for _ in range(2):
        await user.post("/users/me/delete", {"password": "Wrong1234"})
    assert refused(await user.post("/users/me/delete", {"password": PASSWORD})) == (423, "ACCOUNT_LOCKED")
    assert "deletionDueAt" not in (await user.get("/users/me")).json()


async def test_an_account_without_a_password_needs_none(client: Client) -> None:
    user = await client.signed_in()
    await client.value("update users set password_hash = null where id = $1", user.user["id"])
    assert (await user.post("/users/me/delete", {})).status_code == 200


async def test_an_account_is_deleted_at_once_by_its_owner_or_an_administrator(client: Client) -> None:
    admin = await client.signed_in("admin")
    for by_owner in (True, False):
        user = await client.signed_in()
        path = f"/users/{user.user['id']}"
        assert (await (user if by_owner else admin).delete(path)).status_code == 204
        assert (await user.get("/users/me")).status_code == 401
        login = await client.post("/auth/login", {"email": user.user["email"], "password": PASSWORD})
        assert refused(login) == (400, "INVALID_CREDENTIALS")
        assert refused(await admin.get(path)) == (404, "USER_NOT_FOUND")
        assert refused(await admin.delete(path)) == (404, "USER_NOT_FOUND")
        taken = {"email": user.user["email"], "password": PASSWORD, "firstName": "Jane", "lastName": "Smith"}
        assert (await client.post("/auth/register", taken)).status_code == 201, "the address is free again"
        logged = await client.value(
            "select count(*) from admin_log where action = 'user.deleted' and subject_id = $1", str(user.user["id"])
        )
        assert logged == (0 if by_owner else 1)


async def test_nobody_deletes_somebody_else(client: Client) -> None:
    victim = await client.signed_in()
    for role in ("user", "shop_owner", "seller", "courier", "location_admin"):
        thief = await client.signed_in(role)
        assert refused(await thief.delete(f"/users/{victim.user['id']}")) == (403, "FORBIDDEN")
    assert (await victim.get("/users/me")).status_code == 200


async def _a_full_life(client: Client) -> tuple[Client, dict[str, Any]]:
    """Somebody who has left traces everywhere."""
    product = await client.a_product(price=10)
    user = await client.signed_in()
    user_id = user.user["id"]
    image = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(image, "PNG")
    replies = [
        await user.put("/users/me", {"firstName": "Zebulon", "lastName": "Quixote", "phone": "+49 30 555", "age": 40,
                                     "gender": "male", "username": unique("zeb")}),
        await user.put("/users/me/preferences", {"theme": "dark"}),
        await user.put("/users/me", {"email": f"{unique('zebulon')}@example.com"}),
        await user.post("/addresses", {**ADDRESS, "firstName": "Zebulon", "lastName": "Quixote"}),
        await user.request("POST", "/users/me/avatar", files={"image": ("me.png", image.getvalue(), "image/png")}),
        await user.post(f"/users/favorites/{product['id']}"),
        await user.post("/orders", an_order((product["id"], 2), shippingAddress={**ADDRESS, "lastName": "Quixote"})),
        await user.post("/cart/items", {"productId": product["id"], "quantity": 1}),
    ]  # fmt: skip
    assert {reply.status_code for reply in replies} <= {200, 201}, [reply.text for reply in replies]
    await client.value(
        """
        insert into reviews (product_id, user_id, rating, comment, reviewer_name, reviewer_email, created_at, updated_at)
        values ($1, $2, 4, 'Good', 'Zebulon Quixote', $3, now(), now())
        """,
        product["id"],
        user_id,
        user.user["email"],
    )
    await client.post(
        "/auth/login",
        {"email": user.user["email"], "password": "Wrong1234"},
        headers={"x-device-id": "zebs-phone", "user-agent": "ZebBrowser"},
    )
    return user, {"product": product["id"], "order": replies[6].json(), "image": replies[4].json()["image"]}


async def test_when_the_time_has_come_nothing_tells_of_the_person(client: Client) -> None:
    user, left = await _a_full_life(client)
    user_id, email = user.user["id"], user.user["email"]
    assert (await user.post("/users/me/delete", {"password": PASSWORD, "reason": "Zebulon is off"})).status_code == 200
    assert (await client.get(f"/products/{left['product']}")).json()["reviews"][0]["reviewerName"] == "Zebulon Quixote"

    with clock.moved(GRACE - timedelta(minutes=1)):
        await erase(client)
    assert await client.value("select email from users where id = $1", user_id) == email, "not yet"
    with clock.moved(GRACE + timedelta(minutes=1)):
        assert await erase(client) >= 1
        assert await client.value("select erased_at is not null from users where id = $1", user_id)
        await erase(client)

    file = await client.http.get(f"http://shop.test/media/{left['image'].partition('/media/')[2]}")
    assert file.status_code == 404

    for table in ("addresses", "preferences", "favourites", "sessions", "mailed_tokens", "carts", "admin_zones"):
        assert await client.value(f"select count(*) from {table} where user_id = $1", user_id) == 0, table
    traces = await _tables_that_tell(client, ["Zebulon", "Quixote", email, "zebs-phone", "ZebBrowser"])
    assert traces == {"orders"}, "the address of an order is kept with the books"

    order = await client.app.shop.database.pool.fetchrow("select * from orders where user_id = $1", user_id)
    assert order["number"] == left["order"]["id"]
    assert order["shipping_address"]["lastName"] == "Quixote"
    log = await client.app.shop.database.pool.fetch("select * from security_log where user_id = $1", user_id)
    assert {row["action"] for row in log} >= {"signed_in", "sign_in_failed", "deletion_asked"}
    assert {(row["address"], row["device_id"], row["user_agent"]) for row in log} == {(None, None, None)}
    reviewer = await client.value("select reviewer_name from reviews where user_id = $1", user_id)
    assert reviewer == "Deleted user"
    assert await client.value("select count(*) from events where name = 'product.changed' and data ->> 'productId' = $1",
                              str(left["product"])) >= 1  # fmt: skip

    login = await client.post("/auth/login", {"email": email, "password": PASSWORD})
    assert refused(login) == (400, "INVALID_CREDENTIALS")


async def _tables_that_tell(client: Client, words: list[str]) -> set[str]:
    """Every table with a row in which any of the words stands."""
    tables = await client.app.shop.database.pool.fetch(
        "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
    )
    pattern = "|".join(word.replace(".", r"\.") for word in words)
    return {
        name
        for (name,) in tables
        if not name.startswith("pgqueuer")
        and await client.value(f'select exists (select from "{name}" t where t::text ~* $1)', pattern)
    }


async def test_the_log_is_blanked_and_otherwise_never_changed(client: Client, db: asyncpg.Connection) -> None:
    user = await client.signed_in()
    await db.execute(
        "update security_log set address = null, device_id = null, user_agent = null, details = '{}' where user_id = $1",
        user.user["id"],
    )
    for change in ("action = 'locked'", "address = '10.0.0.1'", "user_id = null", "occurred_at = now()"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await db.execute(f"update security_log set {change} where user_id = $1", user.user["id"])
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute("delete from security_log where user_id = $1", user.user["id"])


async def test_an_account_that_was_deleted_at_once_is_erased_in_time_as_well(client: Client) -> None:
    user = await client.signed_in()
    await user.delete(f"/users/{user.user['id']}")
    with clock.moved(GRACE + timedelta(minutes=1)):
        await erase(client)
    email = await client.value("select email from users where id = $1", user.user["id"])
    assert email == f"erased-{user.user['id']}@erased.invalid"


async def test_two_workers_erase_everybody_once(client: Client) -> None:
    users = [await client.signed_in() for _ in range(6)]
    for user in users:
        await user.delete(f"/users/{user.user['id']}")
    with clock.moved(GRACE + timedelta(minutes=1)):
        counts = await asyncio.gather(*(erase(client) for _ in range(3)))
    ids = [user.user["id"] for user in users]
    assert sum(counts) >= 6
    erased = await client.value(
        "select count(*) from events where name = 'user.erased' and (data ->> 'userId')::bigint = any($1)", ids
    )
    assert erased == 6


@pytest.fixture
async def alone(server: str, template: str, worker_name: str, settings: Settings) -> AsyncIterator[Client]:
    """A shop of its own, in which there are no other administrators."""
    async with (
        database(server, template, f"alone_{worker_name}") as dsn,
        running(settings, dsn) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test/api/v1") as http,
    ):
        yield Client(http, app)


STAYING = """
    select count(*) from users
    where role = 'admin' and status = 'active' and deleted_at is null and deletion_due_at is null
    """


async def test_the_last_administrator_stays(alone: Client) -> None:
    first, second = await alone.signed_in("admin"), await alone.signed_in("admin")
    assert (await second.post("/users/me/delete", {"password": PASSWORD})).status_code == 200
    own = f"/users/{first.user['id']}"
    assert refused(await first.post("/users/me/delete", {"password": PASSWORD})) == (409, "LAST_ADMIN")
    assert refused(await first.delete(own)) == (409, "LAST_ADMIN")
    again = await sign_in(alone, second.user["email"])
    for change in ({"role": "user"}, {"status": "deactivated"}):
        assert refused(await again.put(own, change)) == (409, "LAST_ADMIN")
    assert refused(await again.delete(own)) == (409, "LAST_ADMIN")
    assert (await first.get("/users/me")).status_code == 200
    assert (await again.put(own, {"firstName": "Jane", "status": "active", "role": "admin"})).status_code == 200
    assert (await again.post("/users/me/restore")).status_code == 200
    assert (await first.delete(own)).status_code == 204


@pytest.mark.parametrize("way", ["each other", "themselves", "by password", "demoting each other", "all ways"])
async def test_of_administrators_who_all_leave_at_once_one_stays(alone: Client, way: str) -> None:
    for _ in range(3):
        await alone.value("update users set deleted_at = now() where role = 'admin' and deleted_at is null")
        admins = [await alone.signed_in("admin") for _ in range(5)]
        ids = [admin.user["id"] for admin in admins]
        attempts: dict[str, list[Any]] = {
            "each other": [(admin.delete, f"/users/{ids[(place + 1) % 5]}") for place, admin in enumerate(admins)],
            "themselves": [(admin.delete, f"/users/{ids[place]}") for place, admin in enumerate(admins)],
            "by password": [(admin.post, "/users/me/delete", {"password": PASSWORD}) for admin in admins],
            "demoting each other": [
                (admin.put, f"/users/{ids[(place + 2) % 5]}", {"role": "user"}) for place, admin in enumerate(admins)
            ],
        }
        attempts["all ways"] = [attempt for several in list(attempts.values()) for attempt in several]
        replies = await asyncio.gather(*(ask(*args) for ask, *args in attempts[way]))
        assert {reply.status_code for reply in replies} <= {200, 204, 401, 403, 404, 409}
        assert await alone.value(STAYING) >= 1
        if way == "themselves":
            assert sorted(reply.status_code for reply in replies) == [204] * 4 + [409]
