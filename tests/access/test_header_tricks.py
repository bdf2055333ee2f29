"""Headers and paths that are to lead past a guard: no handler is reached but through its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from entrepot import app as composition
from entrepot.kernel import rate_limits
from entrepot.kernel.actors import Guard, Role
from entrepot.kernel.rate_limits import RateLimiter
from tests.access.objects import an_address, filled
from tests.access.raw import Header, RawReply, send_raw
from tests.access.requests import a_picture, handlers_of
from tests.access.table import read_table
from tests.access.world import Scene, World
from tests.builders import unique

GUARDED: Final = [row for row in read_table() if row.statuses("guest") == [401]]
ADMINISTRATION: Final = [row for row in GUARDED if row.statuses(Role.USER) == [403]]


def disguised(path: str) -> Iterator[str]:
    """The path in every spelling that some server somewhere takes for it."""
    last = path.rpartition("/")
    rest = path.removeprefix("/api/v1")
    yield from (path + end for end in (
        "/", "//", "/.", "/./", "/%2e", ";", ";x", ";x=y",
        ";/", ".json", ".html", ".", "..;/", "/..;/", "%20", "%09", "%0a", "%00",
        "%3f", "%23", "?", "?x", "%2f", "/%2f", "%5c", "~", "*", ",", "%c0%af", "%ff", ";.css", "/.css", "%3b.js", "?.css",
    ))  # fmt: skip
    yield from (start + path for start in (
        "/", "//", "/.", "/./", "/%2e", "/x/..", "/health/..", "/api/v1/products/..;", "/..", "/%2e%2e", "/%252e%252e",
        "/;", "/%00",
        "/api/v1", "/health;", "/api/v1/products/../../..", "http://evil.example", "/docs/..%2f..", "/%5c",
    ))  # fmt: skip
    yield from (f"/api/v1{between}{rest}" for between in (
        "/", "//", "/.", "/./.", "/%2e", "/products/..", "/products/%2e%2e", "/products/..;", ";x", "%2f", "%00", "/x/../.",
    ))  # fmt: skip
    yield from (f"{version}{rest}" for version in (
        "/api", "/api/", "/api//v1", "/api/./v1", "/api/V1", "/API/v1", "/Api/V1", "/api/v01", "/api/v1.0", "/api%2fv1",
        "/%61pi/v1",
        "/api/%76%31", "/api/v1/v1", "/api/api/v1", "/api;x/v1", "",
    ))  # fmt: skip
    yield path.upper()
    yield path[:-1] + path[-1].upper()
    yield path.replace("/", "%2f")
    yield path.replace("/", "%2F")
    yield path.replace("/", "\\")
    yield path.replace("/", "%5c")
    yield path.replace("/", "//")
    yield path.replace("/", "/./")
    yield f"{last[0]}%2f{last[2]}"
    yield f"{last[0]}/%{ord(last[2][0]):02x}{last[2][1:]}"
    yield f"{last[0]}/%25{ord(last[2][0]):02x}{last[2][1:]}"
    yield f"{last[0]}/;/{last[2]}"
    yield f"{last[0]}/x/../{last[2]}"


@pytest.mark.parametrize("row", GUARDED, ids=lambda row: row.route)
async def test_no_spelling_of_a_path_leads_past_its_guard(world: World, row: Any) -> None:
    user = await world.someone(Role.USER)
    path = re.sub(r"{\w+}", "4611686018427387904", row.path)
    for target in disguised(path):
        for token in (None, *((user.token,) if row in ADMINISTRATION else ())):
            headers = [("Authorization", f"Bearer {token}")] if token else []
            reply = await send_raw(world.app, row.method, target, headers)
            assert 400 <= reply.status < 500, (target, reply.status, reply.text)


@pytest.mark.parametrize("row", GUARDED, ids=lambda row: row.route)
async def test_no_other_method_leads_past_a_guard(world: World, row: Any) -> None:
    """HEAD is answered as GET; what is not declared is 405, or 401 where it is declared for others."""
    path = re.sub(r"{\w+}", "4611686018427387904", row.path)
    for method in (
        "HEAD",
        "get",
        "Get",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "DEBUG",
        "X",
        "",
    ):
        guard: Guard | None = None
        if (handler := handlers_of(world).get((row.path, "GET" if method == "HEAD" else method))) is not None:
            guard = handler.opt["operation"].guard
        reply = await send_raw(world.app, method, path)
        if guard is None or not guard.guests:
            assert 400 <= reply.status < 500, (method, reply.status, reply.text)


OVERRIDES: Final = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method", "X-Original-Method")


@pytest.mark.parametrize("header", OVERRIDES)
async def test_no_header_changes_the_method(world: World, header: str) -> None:
    scene = await Scene.made(world, Role.USER, mine=True)
    address_id = await an_address(scene)
    target = f"/api/v1/addresses/{address_id}"
    for sent in ("GET", "HEAD"):
        reply = await send_raw(
            world.app,
            sent,
            f"{target}?_method=DELETE",
            [("Authorization", f"Bearer {scene.me.token}"), (header, "DELETE")],
        )
        assert reply.status == 200
    assert await world.value("select count(*) from addresses where id = $1", address_id) == 1


REWRITES: Final = ("X-Original-URL", "X-Rewrite-URL", "X-Original-URI", "X-Forwarded-URI", "X-Forwarded-Path",
                   "X-Forwarded-Prefix",
                   "X-Script-Name", "X-Envoy-Original-Path", "X-Replaced-Path", "X-Proxy-URL", "Destination", "Referer", "Origin",
                   "X-Override-URL", "X-HTTP-DestinationURL", "X-Accel-Redirect", "X-Sendfile", "Base-Url")  # fmt: skip


@pytest.mark.parametrize("header", REWRITES)
async def test_no_header_changes_the_path(world: World, header: str) -> None:
    plain = await send_raw(world.app, "GET", "/health")
    for path in ("/api/v1/users", "/api/v1/admins", "http://shop.test/api/v1/users", "/keys/signing.pem"):
        rewritten = await send_raw(world.app, "GET", "/health", [(header, path)])
        assert (rewritten.status, rewritten.body) == (plain.status, plain.body)
    for path in ("/health", "/api/v1/products", "/"):
        assert (await send_raw(world.app, "GET", "/api/v1/users", [(header, path)])).status == 401
        user = await world.someone(Role.USER)
        headers = [("Authorization", f"Bearer {user.token}"), (header, path)]
        assert (await send_raw(world.app, "GET", "/api/v1/users", headers)).status == 403


HOSTS: Final = ("evil.example", "localhost", "127.0.0.1", "shop.test:99999", "evil.example/path", "a" * 5000, "", " ",
                "evil.example\t",
                "shop.test@evil.example", "[::1]", "169.254.169.254")  # fmt: skip


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host[:30] or "empty")
async def test_the_host_that_a_client_names_changes_nothing(world: World, host: str) -> None:
    user = await world.someone(Role.USER)
    forwarded: list[Header] = [
        ("Host", host), ("X-Forwarded-Host", host), ("X-Host", host), ("Forwarded", f"host={host}"), ("X-Forwarded-Server", host),
        ("X-Forwarded-Proto", "https"),
    ]  # fmt: skip
    assert (await send_raw(world.app, "GET", "/api/v1/users/me", forwarded)).status in (400, 401)
    signed: list[Header] = [*forwarded, ("Authorization", f"Bearer {user.token}")]
    assert (await send_raw(world.app, "GET", "/api/v1/users", signed)).status in (400, 403)
    for path in ("/api/v1/users/me", "/api/v1/products", "/openapi.json", "/api/v1/users/me/export"):
        reply = await send_raw(world.app, "GET", path, signed)
        assert reply.status in (200, 400), reply.text  # 400: what is named is no host
        if len(host) > 9:
            assert host not in reply.text
            assert all(host.encode() not in value for _, value in reply.headers)


async def test_addresses_in_replies_are_the_shop_s_own(world: World) -> None:
    user = await world.someone(Role.USER)
    reply = await world.send(
        user,
        "POST",
        "/api/v1/users/me/avatar",
        files={"image": ("picture.png", a_picture(), "image/png")},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert reply.status_code == 200, reply.text
    assert reply.json()["image"].startswith(world.app.shop.settings.address)


@pytest.fixture(scope="module")
def behind_a_proxy(world: World) -> Any:
    """The shop as the server runs it: what is forwarded is believed of trusted peers alone; limits as in production."""
    settings = world.app.shop.settings
    application = composition.Application(settings, world.app.shop)
    application._asgi._limiter = RateLimiter(
        rate_limits.rules(general_limit=200, general_window_s=60, generous=False), world.app.shop.database
    )
    return ProxyHeadersMiddleware(application, trusted_hosts=settings.trusted_proxies)


def spoofed(address: str) -> list[Header]:
    return [
        (name, address)
        for name in ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Originating-IP",
                     "X-Remote-IP", "X-Remote-Addr", "X-Cluster-Client-IP", "Client-IP")
    ] + [("Forwarded", f"for={address}")]  # fmt: skip


async def sign_in(shop: Any, peer: str, headers: list[Header], target: str = "/api/v1/auth/login") -> RawReply:
    body = f'{{"email":"{unique("nobody")}@example.com","password":"x"}}'.encode()
    return await send_raw(
        shop, "POST", target, [*headers, ("Content-Type", "application/json")], body, client=(peer, 1234)
    )


async def test_who_is_not_trusted_is_limited_by_its_own_address(behind_a_proxy: Any) -> None:
    answers = [
        (await sign_in(behind_a_proxy, "203.0.113.9", spoofed(f"198.51.100.{number}"))).status for number in range(7)
    ]
    assert answers == [400] * 5 + [429] * 2


async def test_a_trusted_proxy_s_word_counts_for_the_last_hop_alone(behind_a_proxy: Any) -> None:
    """What a client put in front of the list is not its address."""
    answers = []
    for number in range(7):
        forwarded = [("X-Forwarded-For", f"198.51.100.{number}, 203.0.113.10")]
        answers.append((await sign_in(behind_a_proxy, "127.0.0.1", forwarded)).status)
    assert answers == [400] * 5 + [429] * 2


SPELLINGS: Final = ("/api/v1/auth/login/", "//api/v1/auth/login", "/api/v1//auth/login", "/api/auth/login",
                    "/api/v1/auth//login//",
                    "/api//auth/login", "/api/v1/auth/%6cogin", "/api/v1/auth/login?x=1")  # fmt: skip


async def test_every_spelling_of_a_path_is_limited_alike(behind_a_proxy: Any) -> None:
    answers = [(await sign_in(behind_a_proxy, "203.0.113.11", [], target)).status for target in SPELLINGS]
    reached = [status for status in answers if status != 404]
    assert reached == [400] * min(5, len(reached)) + [429] * max(0, len(reached) - 5), answers


async def test_no_forwarded_address_is_written_down_for_a_stranger(world: World, behind_a_proxy: Any) -> None:
    person = await world.someone(Role.USER)
    body = f'{{"email":"{person.user.email}","password":"Secret123"}}'.encode()
    headers = [*spoofed("198.51.100.77"), ("Content-Type", "application/json")]
    reply = await send_raw(behind_a_proxy, "POST", "/api/v1/auth/login", headers, body, client=("203.0.113.12", 1))
    assert reply.status == 200, reply.text
    seen = await world.value("select array_agg(address) from sessions where user_id = $1", person.id)
    assert sorted(seen) == ["192.0.2.1", "203.0.113.12"]


@pytest.mark.parametrize(
    "path", ["/api/v1/addresses/{address_id}", "/api/v1/carts/{cart_id}", "/api/v1/orders/{order_id}"]
)
async def test_an_envelope_or_another_language_opens_nothing(world: World, path: str) -> None:
    for query in ("", "?envelope=true", "?lang=ar", "?select=id", "?callback=x", "?debug=true", "?format=json"):
        scene = await Scene.made(world, Role.USER, mine=False)
        target = await filled(scene, path)
        reply = await scene.send("GET", target + query)
        assert reply.status_code in (403, 404), reply.text
