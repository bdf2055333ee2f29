"""Fields that no client is to set: beside a valid body they are refused, or, where they are known, change nothing."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest

from entrepot.kernel.actors import Role
from tests.access.objects import filled
from tests.access.requests import a_picture, body_of, handlers_of, spoken
from tests.access.table import Row, read_table
from tests.access.world import GUEST, ROLES, NothingOwn, Person, Scene, World
from tests.builders import PASSWORD, unique

PLANTED: Final[dict[str, Any]] = {
    "id": 1,
    "role": "admin",
    "roles": ["admin"],
    "isAdmin": True,
    "is_admin": True,
    "isActive": True,
    "is_active": True,
    "isHouse": True,
    "isOwner": True,
    "isDeleted": False,
    "status": "active",
    "paymentStatus": "paid",
    "userId": 1,
    "user_id": 1,
    "sellerId": 1,
    "companyId": 1,
    "company_id": 1,
    "zoneId": 1,
    "zoneIds": [1],
    "zone_ids": [1],
    "emailVerified": True,
    "emailVerifiedAt": "2026-01-01T00:00:00Z",
    "email_verified_at": "2026-01-01T00:00:00Z",
    "passwordHash": "$2b$04$aaaaaaaaaaaaaaaaaaaaaa",
    "password_hash": "$2b$04$aaaaaaaaaaaaaaaaaaaaaa",
    "createdAt": "2020-01-01T00:00:00Z",
    "updatedAt": "2020-01-01T00:00:00Z",
    "deletedAt": None,
    "deletionDueAt": None,
    "total": 0,
    "totalMinor": 0,
    "commissionBp": 0,
    "price_minor": 0,
    "rating": 5,
    "__proto__": {"isAdmin": True},
    "constructor": {"prototype": {"isAdmin": True}},
    "$where": "1",
}

ROWS: Final = [row for row in read_table() if row.method != "GET"]


def may(row: Row) -> tuple[str, bool]:
    """A role that the route lets do its work, and whether on what is its own."""
    for role in ROLES:
        for place, status in enumerate(row.statuses(role)):
            if 200 <= status < 300:
                return role, place == 0 and (len(row.statuses(role)) == 2 or role != Role.ADMIN)
    return Role.ADMIN, False


async def allowed(world: World, row: Row) -> tuple[Scene, str, Any]:
    """Somebody who may do it, the address, and a valid body."""
    role, mine = may(row)
    for whose in (mine, not mine):
        scene = await Scene.made(world, role, mine=whose)
        try:
            return scene, await filled(scene, row.path), await body_of(scene, row.method, row.path)
        except NothingOwn:
            continue
    raise AssertionError(row.route)


def schema_of(world: World, schema: dict[str, Any]) -> dict[str, Any]:
    """What an object's schema says, wherever it stands."""
    if (name := schema.get("$ref")) is not None:
        found: dict[str, Any] = world.description["components"]["schemas"][name.rpartition("/")[2]]
        return schema_of(world, found)
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return schema_of(world, choices[0]) if choices else schema


def objects_in(
    world: World, schema: dict[str, Any], body: Any, at: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], set[str]]]:
    """Every object of a body whose fields are fixed: where it stands, and what it may hold."""
    schema = schema_of(world, schema)
    if isinstance(body, list):
        for place, one in enumerate(body[:1]):
            yield from objects_in(world, schema.get("items", {}), one, (*at, place))
    if not isinstance(body, dict):
        return
    known = schema.get("properties")
    if known is None:
        return  # its fields are the caller's own
    yield at, set(known)
    for name, one in body.items():
        yield from objects_in(world, known.get(name, {}), one, (*at, name))


def with_fields(body: Any, at: tuple[Any, ...], names: Iterable[str]) -> Any:
    changed = copy.deepcopy(body)
    target = changed
    for step in at:
        target = target[step]
    target.update({name: PLANTED[name] for name in names})
    return changed


def takes_json(world: World, row: Row) -> bool:
    handler = handlers_of(world).get((row.path, row.method))
    return handler is not None and "data" in handler.parsed_fn_signature.parameters


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
async def test_a_field_that_is_not_in_the_contract_is_refused(world: World, row: Row) -> None:
    if not takes_json(world, row):
        return
    scene, target, body = await allowed(world, row)
    described = world.description["paths"][spoken(row.path)][row.method.lower()]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    before = await world.row_of(scene.actor.id) if scene.actor is not None else None
    for at, known in objects_in(world, schema, body):
        # A field that is called like a parameter of the path is answered 404: it finds nothing, and does nothing.
        planted = PLANTED.keys() - known - set(re.findall(r"{(\w+)}", row.path))
        reply = await scene.send(row.method, target, json=with_fields(body, at, planted))
        assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR"), reply.text
        refused = {field.split(".")[-1] for field in reply.json()["details"]}
        assert not planted - refused, f"{row.route} takes {sorted(planted - refused)} in {at or 'its body'}"
    if scene.actor is not None:
        assert await world.row_of(scene.actor.id) == before


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
async def test_a_route_without_a_body_takes_nothing_from_one(world: World, row: Row) -> None:
    """What is sent all the same is refused, or changes nothing about who sent it."""
    handler = handlers_of(world)[row.path, row.method]
    if takes_json(world, row) or "multipart" in handler.opt:
        return
    role, mine = may(row)
    scene = await Scene.made(world, role, mine=mine)
    target = await filled(scene, row.path)
    planted = {name: value for name, value in PLANTED.items() if not name.startswith("__")}
    before = await world.row_of(scene.actor.id) if scene.actor is not None else {}
    reply = await scene.send(row.method, target, json=planted, params={"userId": 1, "role": "admin", "isAdmin": "true"})
    assert reply.status_code < 500, reply.text
    if scene.actor is not None:
        after = await world.row_of(scene.actor.id)
        assert {name: after[name] for name in ("role", "status", "zone_id", "email", "password_hash")} == {
            name: before[name] for name in ("role", "status", "zone_id", "email", "password_hash")
        } or reply.status_code == 204


@pytest.mark.parametrize("name", ["role", "userId", "id", "key", "filename"])
async def test_a_form_takes_its_file_alone(world: World, name: str) -> None:
    user = await world.someone(Role.USER)
    before = await world.row_of(user.id)
    reply = await world.send(
        user,
        "POST",
        "/api/v1/users/me/avatar",
        files={"image": ("../../evil.html", a_picture(), "text/html")},
        data={name: "1"},
    )
    assert reply.status_code == 400, reply.text
    assert await world.row_of(user.id) == before


async def test_the_name_of_a_file_is_nothing_to_go_by(world: World) -> None:
    user = await world.someone(Role.USER)
    reply = await world.send(
        user, "POST", "/api/v1/users/me/avatar", files={"image": ("../../evil.html", a_picture(), "text/html")}
    )
    assert reply.status_code == 200, reply.text
    assert "evil" not in reply.text
    assert reply.json()["image"].endswith(".webp")


@pytest.mark.parametrize(
    "role", ["admin", "location_admin", "ADMIN", "SUPER_ADMIN", "courier", " admin ", "Admin", "", 1, None, ["admin"]]
)
async def test_nobody_registers_as_an_administrator(world: World, role: Any) -> None:
    body = {"email": f"{unique('new')}@example.com", "password": PASSWORD, "name": "Jane Smith", "role": role}
    reply = await world.send(None, "POST", "/api/v1/auth/register", json=body)
    assert reply.status_code == 400, reply.text
    assert await world.value("select count(*) from users where email = $1", body["email"]) == 0


async def test_a_field_that_is_given_twice_is_one_field(world: World) -> None:
    """Whichever of the two counts, it is the one that was checked."""
    email = f"{unique('new')}@example.com"
    for first, second in (("user", "admin"), ("admin", "user")):
        body = f'{{"email":"{email}","password":"{PASSWORD}","name":"Jane Smith","role":"{first}","role":"{second}"}}'
        await world.send(
            None, "POST", "/api/v1/auth/register", content=body, headers={"Content-Type": "application/json"}
        )
        assert await world.value("select role from users where email = $1", email) in (None, "user")


RIGHTS: Final = [
    {"role": "admin"}, {"role": "ADMIN"}, {"role": "seller"}, {"status": "active"}, {"status": "pending"}, {"zone": "{zone}"},
    {"zone": None}, {"role": "admin", "status": "active", "firstName": "Janet"},
]  # fmt: skip


@pytest.mark.parametrize("rights", RIGHTS, ids=str)
@pytest.mark.parametrize("role", [*Role])
async def test_nobody_gives_itself_rights(world: World, role: Role, rights: dict[str, Any]) -> None:
    person = await world.someone(role)
    before = await world.row_of(person.id)
    body = {name: world.theirs.zone if value == "{zone}" else value for name, value in rights.items()}
    own = await world.send(person, "PUT", f"/api/v1/users/{person.id}", json=body)
    me = await world.send(person, "PUT", "/api/v1/users/me", json=body)
    assert (own.status_code, me.status_code) == (403, 400), (own.text, me.text)
    assert await world.row_of(person.id) == before


@pytest.mark.parametrize(
    "body", [{"role": "location_admin", "zones": ["{zone}"]}, {"zones": ["{zone}"]}, {"role": "admin"}]
)
async def test_no_administrator_changes_its_own_rights(world: World, body: dict[str, Any]) -> None:
    admin = await world.someone(Role.ADMIN)
    before = await world.row_of(admin.id)
    body = {name: [world.ours.zone] if value == ["{zone}"] else value for name, value in body.items()}
    reply = await world.send(admin, "PUT", f"/api/v1/admins/{admin.id}", json=body)
    assert reply.status_code == 403, reply.text
    assert (
        await world.send(admin, "PATCH", f"/api/v1/admins/{admin.id}/active", json={"isActive": False})
    ).status_code == 403
    assert await world.row_of(admin.id) == before


@pytest.mark.parametrize("role", [Role.USER, Role.SHOP_OWNER, Role.SELLER, Role.COURIER, Role.LOCATION_ADMIN])
async def test_nobody_but_an_administrator_changes_somebody_else(world: World, role: Role) -> None:
    """Neither in its own zones, nor in its own company."""
    person = await world.someone(role)
    for victim in (
        await world.someone(Role.SHOP_OWNER),
        await world.someone(Role.SELLER),
        await world.someone(Role.ADMIN),
    ):
        before = await world.row_of(victim.id)
        for method, path, body in (
            ("PUT", "/api/v1/users/{}", {"firstName": "Hacked"}),
            ("PUT", "/api/v1/users/{}", {"email": "hacked@example.com"}),
            ("DELETE", "/api/v1/users/{}", None),
            ("PUT", "/api/v1/admins/{}", {"firstName": "Hacked"}),
            ("DELETE", "/api/v1/admins/{}", None),
            ("POST", "/api/v1/admins/{}/reset-password", {"password": "Hacked123"}),
        ):
            reply = await world.send(person, method, path.replace("{}", str(victim.id)), json=body)
            assert reply.status_code == 403, (method, path, reply.text)
        assert await world.row_of(victim.id) == before


async def test_a_seller_sells_for_its_own_company_alone(world: World) -> None:
    seller = await world.someone(Role.SELLER)
    scene = await Scene.made(world, Role.SELLER, mine=False)
    body = await body_of(scene, "POST", "/api/v1/products")
    count = "select count(*) from products where company_id = $1"
    before = await world.value(count, world.theirs.company_id)
    assert (await world.send(seller, "POST", "/api/v1/products", json=body)).status_code == 403
    own = {name: value for name, value in body.items() if name != "companyId"}
    made = await world.send(seller, "POST", "/api/v1/products", json=own)
    assert (made.status_code, made.json()["companyId"]) == (201, world.ours.company_id)
    assert await world.value(count, world.theirs.company_id) == before


async def test_a_guest_who_names_somebody_s_email_gets_nothing_of_theirs(world: World) -> None:
    """An order with another's address as a guest is not bound to that account."""
    victim = await world.someone(Role.SHOP_OWNER, world.ours)
    scene = await Scene.made(world, GUEST, mine=False)
    body = {**await body_of(scene, "POST", "/api/v1/orders"), "email": victim.user.email}
    reply = await scene.send("POST", "/api/v1/orders", json=body)
    assert reply.status_code == 201, reply.text
    assert await world.value("select user_id from orders where number = $1", reply.json()["id"]) is None


async def test_an_order_is_not_paid_with_somebody_else_s_intent(world: World) -> None:
    scene = await Scene.made(world, Role.USER, mine=False)
    victim: Person = await scene.somebody_else(Role.USER)
    amount = 2380
    made = await world.send(victim, "POST", "/api/v1/payments/intents", json={"amount": amount})
    body = {**await body_of(scene, "POST", "/api/v1/orders"), "paymentIntentId": made.json()["id"]}
    reply = await scene.send("POST", "/api/v1/orders", json=body)
    assert reply.status_code == 422, reply.text
    assert await world.value("select order_id from payment_intents where id = $1", made.json()["id"]) is None
