"""Ids that were guessed: of a neighbour, of another kind of thing, or of nothing at all."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

import httpx
import pytest

from entrepot.kernel.actors import Role
from tests.access.objects import filled
from tests.access.raw import send_json
from tests.access.requests import a_picture, body_of, handlers_of
from tests.access.table import Row, read_table
from tests.access.world import GUEST, ROLES, SECRET, NothingOwn, Scene, World, new_uuid

NUMBERED: Final = [row for row in read_table() if "{" in row.path]
OWNED: Final = [row for row in NUMBERED if any(len(row.cells[role].split()) == 2 for role in ROLES)]

HUGE: Final = str(2**63 - 1)
STRANGE: Final = (
    "0", "-1", "-0", "-7", "1.0", "1e3", "0x10", HUGE, str(2**63), "9" * 40, "9" * 5000, "abc", "null", "undefined", "NaN",
    "Infinity", "true", "[]", "{}", "*", "%25", "%00", "7%00", "7%27%20or%201=1--", "7;drop", "7,8", "7|8", "7..8",
    "%F0%9F%98%80", "%ff", "me", "self", "$1", "%s", "~", "%2e%2e", "..%2f7",
)  # fmt: skip
"""As they stand in the path."""


def let_in(world: World, row: Row) -> Role:
    """The mightiest role that the route is open to."""
    guard = handlers_of(world)[row.path, row.method].opt["operation"].guard
    return next(role for role in reversed(Role) if role in guard.roles)


@pytest.mark.parametrize("row", NUMBERED, ids=lambda row: row.route)
async def test_an_id_that_is_none_finds_nothing(world: World, row: Row) -> None:
    """Whoever may call the route is told 404, or 400; nobody is told more, and nothing breaks."""
    scene = await Scene.made(world, let_in(world, row), mine=False)
    body = await body_of(scene, row.method, row.path)
    harmless = row.method == "DELETE" and row.path.startswith(("/api/v1/users/favorites/", "/api/v1/wishlist/"))
    for strange in STRANGE:
        target = re.sub(r"{\w+}", strange.replace("\\", ""), row.path)
        reply = await send_json(world.app, row.method, target, scene.me.token, body)
        assert reply.status < 500, (target, reply.text)
        if not _is_another_route(world, row, strange) and not (harmless and strange.isdigit()):
            assert reply.status >= 400, (target, reply.status, reply.text)


ALIASES: Final = ("+{}", "0{}", "{}%20", "%20{}", "%09{}", "{}_0", "{}%0a")


@pytest.mark.parametrize("alias", [*ALIASES, "arabic"])
async def test_an_id_is_written_in_one_way(world: World, alias: str) -> None:
    """Whoever looks at addresses (caches, proxies, logs) sees one name of a thing."""
    user = await world.someone(Role.USER)
    arabic = quote(str(user.id).translate({ord(str(digit)): chr(0x660 + digit) for digit in range(10)}))
    target = arabic if alias == "arabic" else alias.replace("{}", str(user.id))
    if alias == "{}_0":  # there is such a user, with an id that no sequence reaches
        far = 5_000_000_000 + user.id
        await world.value(
            "insert into users (id, email, role, first_name, last_name, created_at, updated_at) "
            "values ($1, $2, 'user', 'Test', 'Person', now(), now())",
            far * 10,
            f"{new_uuid()}@example.com",
        )
        target = f"{far}_0"
    assert (await send_json(world.app, "GET", f"/api/v1/users/{target}", user.token, None)).status == 404


def _is_another_route(world: World, row: Row, word: str) -> bool:
    """`/users/me` is no user called me."""
    return (re.sub(r"{\w+}", word, row.path), row.method) in handlers_of(world)


@pytest.mark.parametrize("row", NUMBERED, ids=lambda row: row.route)
async def test_what_there_is_not_is_404_for_whoever_may_ask(world: World, row: Row) -> None:
    """And told apart from what is another's only where the table says so, and 403 says no more than 404."""
    nothing = {"slug": "no-such-slug", "order_id": "ORD-1999010101", "intent_id": "pi_0123456789abcdef"}
    target = re.sub(
        r"{(\w+)}",
        lambda found: new_uuid() if found[1] == "session_id" else nothing.get(found[1], "4611686018427387904"),
        row.path,
    )
    scene = await Scene.made(world, let_in(world, row), mine=False)
    handler = handlers_of(world)[row.path, row.method]
    if (field := handler.opt.get("multipart")) is not None:
        reply = await scene.send(row.method, target, files={field: ("picture.png", a_picture(), "image/png")})
    else:
        reply = await scene.send(row.method, target, json=await body_of(scene, row.method, row.path))
    harmless = row.method == "DELETE" and ("favorites" in row.path or "wishlist" in row.path)
    assert reply.status_code == (204 if harmless else 404), reply.text


async def _about_theirs(world: World, row: Row, role: str) -> tuple[Scene, httpx.Response]:
    scene = await Scene.made(world, role, mine=False)
    target = await filled(scene, row.path)
    handler = handlers_of(world)[row.path, row.method]
    if (field := handler.opt.get("multipart")) is not None:
        return scene, await scene.send(row.method, target, files={field: ("picture.png", a_picture(), "image/png")})
    return scene, await scene.send(row.method, target, json=await body_of(scene, row.method, row.path))


@pytest.mark.parametrize("row", NUMBERED, ids=lambda row: row.route)
async def test_nobody_reads_what_is_another_s(world: World, row: Row) -> None:
    """Whatever is answered about an object of the other side, nothing of it stands in the reply; an administrator may."""
    for role in ROLES:
        if role == Role.ADMIN:
            continue
        scene, reply = await _about_theirs(world, row, role)
        assert SECRET not in reply.text, (role, reply.text)
        assert all(SECRET not in value for value in reply.headers.values()), role
        if scene.other is not None:
            assert scene.other.user.email not in reply.text, role


@pytest.mark.parametrize("row", OWNED, ids=lambda row: row.route)
async def test_neighbouring_ids_are_as_closed_as_any(world: World, row: Row) -> None:
    """Objects made one after the other: ours, theirs, ours. What is answered about theirs is what the table says."""
    if not row.path.endswith("_id}") or row.method != "GET":
        return
    for role in (Role.USER, Role.SHOP_OWNER, Role.SELLER, Role.LOCATION_ADMIN):
        if len(row.statuses(role)) < 2:
            continue
        try:
            mine = await Scene.made(world, role, mine=True)
            theirs = Scene(world, role, mine=False, actor=mine.actor)
            targets = [await filled(scene, row.path) for scene in (theirs, mine)]
        except NothingOwn:
            continue
        own, foreign = row.statuses(role)
        assert [(await mine.send("GET", target)).status_code for target in targets] == [foreign, own], role


@pytest.fixture(scope="session")
async def ids_of_every_kind(world: World) -> list[str]:
    """One of everything there is, all of the other side."""
    ids = set()
    for path in sorted({row.path for row in NUMBERED}):
        scene = await Scene.made(world, Role.USER, mine=False)
        target = await filled(scene, path)
        ids |= set(target.split("/")) - set(path.split("/"))
    return sorted(ids)


@pytest.mark.parametrize("row", OWNED, ids=lambda row: row.route)
async def test_an_id_of_another_kind_opens_nothing(world: World, row: Row, ids_of_every_kind: list[str]) -> None:
    """Somebody who has nothing tries the id of everything else there is."""
    if any(status < 400 for status in row.statuses(Role.USER)[1:]) or len(row.statuses(Role.USER)) == 1:
        return
    actor = await world.a_person(Role.USER)
    body = await body_of(Scene(world, Role.USER, mine=False, actor=actor), row.method, row.path)
    for one in ids_of_every_kind:
        if int(one) == actor.id if one.isdigit() else False:
            continue
        reply = await world.send(actor, row.method, re.sub(r"{\w+}", one, row.path), json=body)
        assert reply.status_code in (400, 403, 404), (one, reply.status_code, reply.text)
        assert SECRET not in reply.text


@pytest.mark.parametrize("role", [role for role in ROLES if role != Role.ADMIN])
async def test_an_address_that_is_another_s_is_as_unknown_as_none(world: World, role: str) -> None:
    """403 would tell that it is there."""
    if role == GUEST:
        return
    scene = await Scene.made(world, role, mine=False)
    for path in ("/api/v1/addresses/{address_id}", "/api/v1/auth/sessions/{session_id}"):
        method = "GET" if "addresses" in path else "DELETE"
        theirs = await scene.send(method, await filled(scene, path))
        nothing = await scene.send(method, path.replace("{address_id}", HUGE).replace("{session_id}", new_uuid()))
        assert theirs.status_code == nothing.status_code == 404
        assert {**theirs.json(), "requestId": ""} == {**nothing.json(), "requestId": ""}
