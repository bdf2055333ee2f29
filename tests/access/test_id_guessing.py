"""Ids that were guessed: of a neighbour, of another kind of thing, or of nothing at all."""

from __future__ import annotations

import re
from typing import Final

import httpx
import pytest

from entrepot.kernel.actors import Role
from tests.access.objects import OBJECTS, filled
from tests.access.requests import a_picture, body_of, handlers_of
from tests.access.raw import send_json
from tests.access.table import Row, read_table
from tests.access.world import GUEST, ROLES, SECRET, NothingOwn, Scene, World, new_uuid

NUMBERED: Final = [row for row in read_table() if "{" in row.path]
OWNED: Final = [row for row in NUMBERED if any(len(row.cells[role].split()) == 2 for role in ROLES)]

HUGE: Final = str(2**63 - 1)
STRANGE: Final = (
    "0", "-1", "-0", "1.0", "1e3", "0x10", "1_0", "+7", "%207", "7%20", "%D9%A3", "%EF%BC%97", "00000000007", HUGE, str(2**63),
    "9" * 40, "9" * 5000, "abc", "null", "undefined", "NaN", "Infinity", "true", "[]", "{}", "*", "%25", "%00", "7%00",
    "7%27%20or%201=1--", "7;drop", "7,8", "7|8", "7..8", "%F0%9F%98%80", "%ff", "me", "self", "admin", "$1", "%s", "${7}", "~",
)  # fmt: skip
"""As they stand in the path."""


@pytest.mark.parametrize("row", NUMBERED, ids=lambda row: row.route)
async def test_an_id_that_is_none_finds_nothing(world: World, row: Row) -> None:
    """Whoever may call the route is told 404, or 400; nobody is told more, and nothing breaks."""
    for role in (Role.ADMIN, Role.USER):
        scene = await Scene.made(world, role, mine=False)
        body = await body_of(scene, row.method, row.path)
        for strange in STRANGE:
            target = re.sub(r"{\w+}", lambda _, strange=strange: strange, row.path)  # type: ignore[misc]
            if row.path.startswith("/docs/") or "{slug}" in row.path:
                continue
            reply = await send_json(world.app, row.method, target, scene.me.token, body)
            finds = row.path.startswith(("/api/v1/cart/", "/api/v1/users/favorites/", "/api/v1/wishlist/"))
            assert reply.status < 500, (target, reply.text)
            if not finds or not strange.lstrip("+0").isdigit():
                assert reply.status >= 400 or _is_another_route(world, row, strange), (target, reply.status, reply.text)


def _is_another_route(world: World, row: Row, word: str) -> bool:
    """`/users/me` is no user called me."""
    return (re.sub(r"{\w+}", word, row.path), row.method) in handlers_of(world)


@pytest.mark.parametrize("row", NUMBERED, ids=lambda row: row.route)
async def test_what_there_is_not_is_404_for_whoever_may_ask(world: World, row: Row) -> None:
    """And told apart from what is another's only where the table says so, and 403 says no more than 404."""
    scene = await Scene.made(world, Role.ADMIN, mine=False)
    nothing = {"slug": "no-such-slug", "order_id": "ORD-1999010101", "intent_id": "pi_0123456789abcdef"}
    target = re.sub(
        r"{(\w+)}",
        lambda found: new_uuid() if found[1] == "session_id" else nothing.get(found[1], "4611686018427387904"),
        row.path,
    )
    guard = handlers_of(world)[row.path, row.method].opt["operation"].guard
    role = next(role for role in (Role.ADMIN, *Role) if role in guard.roles)
    scene = await Scene.made(world, role, mine=False)
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
            theirs = Scene(world, role, mine=False, actor=mine.actor, cart_token=None)
            targets = [await filled(scene, row.path) for scene in (theirs, mine)]
        except NothingOwn:
            continue
        own, foreign = row.statuses(role)
        assert [(await mine.send("GET", target)).status_code for target in targets] == [foreign, own], role


@pytest.mark.parametrize("row", OWNED, ids=lambda row: row.route)
async def test_an_id_of_another_kind_opens_nothing(world: World, row: Row) -> None:
    """Somebody who has nothing tries the id of everything else there is."""
    found: set[str] = set()
    for key, maker in OBJECTS.items():
        scene = await Scene.made(world, Role.USER, mine=False)
        if key not in ("/docs/{asset}", "/media/{key}"):
            found.add(str(await maker(scene)))
    for role in (Role.USER, Role.COURIER):
        if any(status < 400 for status in row.statuses(role)[1:]) or len(row.statuses(role)) == 1:
            continue
        actor = await world.a_person(role)
        scene = Scene(world, role, mine=False, actor=actor, cart_token=None)
        body = await body_of(scene, row.method, row.path)
        for one in sorted(found):
            reply = await world.send(actor, row.method, re.sub(r"{\w+}", one, row.path), json=body)
            assert reply.status_code in (400, 403, 404), (role, one, reply.status_code, reply.text)
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
