"""Access tokens that must not count: expired, forged, revoked, broken, or sent where none is looked for."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from entrepot.identity.tokens import ISSUER
from entrepot.kernel import clock
from entrepot.kernel.actors import Guard, Identify, Role
from entrepot.kernel.keys import ALGORITHM
from tests.access.raw import RawReply, send_raw
from tests.access.requests import handlers_of
from tests.access.world import Person, World

STRANGER: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def routes_of_every_guard(world: World) -> dict[str, str]:
    """For each guard that reads the token, a route that it guards: a GET of a list where there is one."""
    found: dict[str, str] = {}
    for (path, method), handler in sorted(handlers_of(world).items()):
        guard: Guard = handler.opt["operation"].guard
        if guard.identify is Identify.BY_TOKEN and "{" not in path:
            if method == "GET":
                found[guard.name] = f"{method} {path}"
            found.setdefault(guard.name, f"{method} {path}")
    return found


def claims_of(person: Person, **changes: Any) -> dict[str, Any]:
    now = clock.now().replace(microsecond=0)
    claims = {
        "iss": ISSUER,
        "sub": str(person.id),
        "email": person.user.email,
        "role": person.user.role,
        "sid": person.session_id,
        "iat": now,
        "exp": now + timedelta(minutes=15),
        "jti": "0" * 32,
    } | changes
    return {name: claim for name, claim in claims.items() if claim is not None}


def signed(world: World, claims: dict[str, Any], key: Any = None, **headers: Any) -> str:
    current = world.app.shop.keys.current
    return jwt.encode(claims, key or current.private, algorithm=ALGORITHM, headers={"kid": current.id, **headers})


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(world: World, claims: dict[str, Any], algorithm: str, signature: str = "") -> str:
    plain = {name: int(claim.timestamp()) if hasattr(claim, "timestamp") else claim for name, claim in claims.items()}
    head = {"alg": algorithm, "typ": "JWT", "kid": world.app.shop.keys.current.id}
    return f"{part(head)}.{part(plain)}.{signature}"


def with_public_key_as_secret(world: World, person: Person, algorithm: str, form: serialization.Encoding) -> str:
    """The classic: the public key, which everybody has, taken for the secret of an HMAC."""
    kind = (
        serialization.PublicFormat.PKCS1
        if form is serialization.Encoding.DER
        else serialization.PublicFormat.SubjectPublicKeyInfo
    )
    secret = world.app.shop.keys.current.public.public_bytes(form, kind)
    message = unsigned(world, claims_of(person), algorithm).rstrip(".")
    digest = hmac.digest(secret, message.encode(), f"sha{algorithm[2:]}")
    return f"{message}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def _jwk() -> dict[str, Any]:
    return json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))  # type: ignore[no-any-return]


FORGED: Final[dict[str, Callable[[World, Person], str]]] = {
    "alg none": lambda world, person: unsigned(world, claims_of(person), "none"),
    "alg None": lambda world, person: unsigned(world, claims_of(person), "None"),
    "alg nOnE and a signature": lambda world, person: unsigned(world, claims_of(person), "nOnE", "AAAA"),
    "RS256 without a signature": lambda world, person: unsigned(world, claims_of(person), "RS256"),
    "no alg": lambda world, person: unsigned(world, claims_of(person), ""),
    "HS256, PEM as secret": lambda world, person: with_public_key_as_secret(
        world, person, "HS256", serialization.Encoding.PEM
    ),
    "HS512, PEM as secret": lambda world, person: with_public_key_as_secret(
        world, person, "HS512", serialization.Encoding.PEM
    ),
    "HS256, DER as secret": lambda world, person: with_public_key_as_secret(
        world, person, "HS256", serialization.Encoding.DER
    ),
    "another key, our kid": lambda world, person: signed(world, claims_of(person), STRANGER),
    "another key, its own kid": lambda world, person: signed(world, claims_of(person), STRANGER, kid="stranger"),
    "kid of a file": lambda world, person: signed(world, claims_of(person), STRANGER, kid="../../../../dev/null"),
    "kid of SQL": lambda world, person: signed(world, claims_of(person), STRANGER, kid="' union select 'x' --"),
    "kid of nothing": lambda world, person: signed(world, claims_of(person), STRANGER, kid=""),
    "jku": lambda world, person: signed(
        world, claims_of(person), STRANGER, kid="stranger", jku="https://evil.example/jwks.json"
    ),
    "jku with our kid": lambda world, person: signed(
        world, claims_of(person), STRANGER, jku="https://evil.example/jwks.json"
    ),
    "x5u": lambda world, person: signed(world, claims_of(person), STRANGER, x5u="https://evil.example/cert.pem"),
    "jwk": lambda world, person: signed(world, claims_of(person), STRANGER, jwk=_jwk()),
    "jwk, its own kid": lambda world, person: signed(world, claims_of(person), STRANGER, kid="stranger", jwk=_jwk()),
    "x5c": lambda world, person: signed(world, claims_of(person), STRANGER, x5c=["MIIB"]),
    "crit": lambda world, person: signed(world, claims_of(person), STRANGER, crit=["b64"], b64=False),
}

WRONG: Final[dict[str, Callable[[World, Person], str]]] = {
    "another issuer": lambda world, person: signed(world, claims_of(person, iss="somebody")),
    "no issuer": lambda world, person: signed(world, claims_of(person, iss=None)),
    "never ends": lambda world, person: signed(world, claims_of(person, exp=None)),
    "of nobody": lambda world, person: signed(world, claims_of(person, sub=None)),
    "of no session": lambda world, person: signed(world, claims_of(person, sid=None)),
    "a word for a user": lambda world, person: signed(world, claims_of(person, sub="admin")),
    "a huge user": lambda world, person: signed(world, claims_of(person, sub=str(2**63 - 1))),
    "ends in the far future": lambda world, person: signed(world, claims_of(person, exp=2**62)),
    "not yet": lambda world, person: signed(world, claims_of(person, nbf=clock.now() + timedelta(hours=1))),
    "cut off in the signature": lambda _, person: person.token[:-10],
    "cut off before the signature": lambda _, person: person.token.rpartition(".")[0],
    "cut off with a dot": lambda _, person: person.token.rpartition(".")[0] + ".",
    "the head alone": lambda _, person: person.token.partition(".")[0],
    "one letter changed": lambda _, person: _with_another_letter(person.token),
    "a part too many": lambda _, person: person.token + ".AAAA",
    "claims of another token": lambda world, person: _mixed(world, person),
    "huge": lambda _, person: person.token + "A" * 1_000_000,
    "huge and dotted": lambda *_: "." * 100_000,
    "huge claims": lambda world, person: signed(world, claims_of(person), STRANGER, pad="A" * 500_000),
    "letters": lambda *_: "token",
    "dots": lambda *_: "..",
    "not ASCII": lambda *_: "t\u00f6ken",
    "null": lambda *_: "null",
    "undefined": lambda *_: "undefined",
    "the refresh token": lambda _, person: person.refresh_token,
    "the session's id": lambda _, person: person.session_id,
}


def _with_another_letter(token: str) -> str:
    head, claims, signature = token.split(".")
    return f"{head}.{claims}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}"


def _mixed(world: World, person: Person) -> str:
    other = signed(world, claims_of(person, sub="1"))
    return ".".join([other.split(".")[0], other.split(".")[1], person.token.split(".")[2]])


async def ask(world: World, route: str, *authorization: str, query: str = "", cookie: str = "") -> RawReply:
    method, _, path = route.partition(" ")
    headers = [("Authorization", value) for value in authorization]
    return await send_raw(world.app, method, path + query, [*headers, *([("Cookie", cookie)] if cookie else [])])


async def refused_everywhere(world: World, token: str, code: str = "UNAUTHORIZED") -> None:
    """On a route of each guard the token is refused: also where a guest may call, who is none if a token was sent."""
    routes = routes_of_every_guard(world)
    assert {"signed_in", "guest_or_user", "admin", "zone_admin", "seller_or_zone_admin"} <= routes.keys()
    for route in [*routes.values(), "POST /api/v1/auth/validate"]:
        reply = await ask(world, route, f"Bearer {token}")
        assert reply.status == 401, (route, reply.text)
        assert json.loads(reply.body)["code"] == code, route
        assert "www-authenticate" not in reply.text


async def counts(world: World, token: str) -> bool:
    return (await ask(world, "GET /api/v1/auth/me", f"Bearer {token}")).status == 200


@pytest.mark.parametrize("kind", FORGED)
async def test_a_forged_token_is_refused(world: World, kind: str) -> None:
    admin = await world.someone(Role.ADMIN)
    await refused_everywhere(world, FORGED[kind](world, admin))


@pytest.mark.parametrize("kind", WRONG)
async def test_a_wrong_token_is_refused(world: World, kind: str) -> None:
    admin = await world.someone(Role.ADMIN)
    assert await counts(world, admin.token)
    await refused_everywhere(world, WRONG[kind](world, admin))


async def test_an_expired_token_is_refused_by_its_own_code(world: World) -> None:
    admin = await world.someone(Role.ADMIN)
    ended = clock.now() - timedelta(seconds=1)
    await refused_everywhere(world, signed(world, claims_of(admin, exp=ended)), "TOKEN_EXPIRED")


async def test_a_token_expires_while_it_is_remembered(world: World) -> None:
    admin = await world.someone(Role.ADMIN)
    assert await counts(world, admin.token)
    with clock.moved(world.app.shop.settings.jwt_expires_in + timedelta(seconds=1)):
        await refused_everywhere(world, admin.token, "TOKEN_EXPIRED")


async def test_an_expired_forged_token_is_not_told_that_it_was_right_once(world: World) -> None:
    admin = await world.someone(Role.ADMIN)
    ended = clock.now() - timedelta(hours=1)
    await refused_everywhere(world, signed(world, claims_of(admin, exp=ended), STRANGER))


Ending = Callable[[World, Person], Awaitable[Any]]


async def _log_out(world: World, person: Person) -> None:
    assert (await world.send(person, "POST", "/api/v1/auth/logout")).status_code == 200


async def _revoke(world: World, person: Person) -> None:
    other = await ask_for_another_session(world, person)
    reply = await world.send(other, "DELETE", f"/api/v1/auth/sessions/{person.session_id}")
    assert reply.status_code == 204, reply.text


async def _sign_out_the_others(world: World, person: Person) -> None:
    other = await ask_for_another_session(world, person)
    assert (await world.send(other, "DELETE", "/api/v1/auth/sessions")).status_code == 204


async def _spend_the_refresh_token_twice(world: World, person: Person) -> None:
    for expected in (200, 401):
        reply = await world.send(None, "POST", "/api/v1/auth/refresh", json={"refreshToken": person.refresh_token})
        assert reply.status_code == expected


async def _ask_for_deletion(world: World, person: Person) -> None:
    reply = await world.send(person, "POST", "/api/v1/users/me/delete", json={"password": "Secret123"})
    assert reply.status_code == 200, reply.text


async def _delete(world: World, person: Person) -> None:
    boss = await world.someone(Role.ADMIN)
    assert (await world.send(boss, "DELETE", f"/api/v1/users/{person.id}")).status_code == 204


async def _deactivate(world: World, person: Person) -> None:
    boss = await world.someone(Role.ADMIN)
    reply = await world.send(boss, "PATCH", f"/api/v1/admins/{person.id}/active", json={"isActive": False})
    assert reply.status_code == 200, reply.text


async def _deactivate_in_the_database(world: World, person: Person) -> None:
    await world.value("update users set status = 'deactivated' where id = $1", person.id)


async def _make_wait_in_the_database(world: World, person: Person) -> None:
    await world.value("update users set status = 'pending' where id = $1", person.id)


async def _delete_in_the_database(world: World, person: Person) -> None:
    await world.value("update users set deleted_at = now() where id = $1", person.id)


async def _end_the_session_in_the_database(world: World, person: Person) -> None:
    await world.value("update sessions set expires_at = now() where id = $1::text::uuid", person.session_id)


async def _reset_the_password(world: World, person: Person) -> None:
    boss = await world.someone(Role.ADMIN)
    reply = await world.send(boss, "POST", f"/api/v1/admins/{person.id}/reset-password", json={})
    assert reply.status_code == 200, reply.text


async def _give_the_session_to_somebody_else(world: World, person: Person) -> None:
    other = await world.someone(Role.ADMIN)
    await world.value("update sessions set user_id = $2 where id = $1::text::uuid", person.session_id, other.id)


ENDINGS: Final[dict[str, Ending]] = {
    "signed out": _log_out,
    "signed out from another device": _revoke,
    "all others signed out": _sign_out_the_others,
    "refresh token reused": _spend_the_refresh_token_twice,
    "deletion asked for": _ask_for_deletion,
    "deleted by an administrator": _delete,
    "deactivated by an administrator": _deactivate,
    "password reset by an administrator": _reset_the_password,
    "deactivated": _deactivate_in_the_database,
    "waits for approval": _make_wait_in_the_database,
    "deleted": _delete_in_the_database,
    "session ended": _end_the_session_in_the_database,
    "session of somebody else": _give_the_session_to_somebody_else,
}


async def ask_for_another_session(world: World, person: Person) -> Person:
    reply = await world.send(
        None, "POST", "/api/v1/auth/login", json={"email": person.user.email, "password": "Secret123"}
    )
    assert reply.status_code == 200, reply.text
    return Person(user=person.user, session_id="", token=reply.json()["token"], refresh_token="")


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_token_does_not_outlive_its_session_or_its_user(world: World, ending: str) -> None:
    admin = await world.someone(Role.ADMIN)
    assert await counts(world, admin.token)
    await ENDINGS[ending](world, admin)
    await refused_everywhere(world, admin.token)


async def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    admin = await world.someone(Role.ADMIN)
    other = await ask_for_another_session(world, admin)
    body = {"currentPassword": "Secret123", "newPassword": "Better456"}
    assert (await world.send(other, "POST", "/api/v1/auth/change-password", json=body)).status_code == 200
    await refused_everywhere(world, admin.token)
    assert await counts(world, other.token)


def sample_of(world: World, role: Role) -> dict[str, bool]:
    """A route of each guard, and whether it is open to the role."""
    return {
        route: role in handlers_of(world)[route.split(" ")[1], route.split(" ")[0]].opt["operation"].guard.roles
        for route in routes_of_every_guard(world).values()
    }


@pytest.mark.parametrize("now", Role)
@pytest.mark.parametrize("before", [Role.ADMIN, Role.USER])
async def test_the_role_of_the_database_counts_not_that_of_the_token(world: World, before: Role, now: Role) -> None:
    person = await world.someone(before)
    assert await counts(world, person.token)
    await world.value("update users set role = $2 where id = $1", person.id, now)
    for route, is_open in sample_of(world, now).items():
        reply = await ask(world, route, f"Bearer {person.token}")
        assert (reply.status == 403) is not is_open, (route, reply.status)


async def test_the_zones_and_the_company_of_the_database_count(world: World) -> None:
    admin = await world.someone(Role.LOCATION_ADMIN)
    owner = await world.someone(Role.SHOP_OWNER)
    path = "/api/v1/admins/shop-owners?limit=0"
    assert str(owner.id) in [str(one["id"]) for one in (await world.send(admin, "GET", path)).json()["shopOwners"]]
    await world.value("delete from admin_zones where user_id = $1", admin.id)
    assert (await world.send(admin, "GET", path)).json()["shopOwners"] == []


async def test_zones_and_companies_count_for_their_roles_alone(world: World) -> None:
    """What a person keeps of an earlier role opens nothing."""
    person = await world.a_person(
        Role.COURIER, zone_ids=[world.ours.zone_id], company_id=world.ours.company_id, zone_id=world.ours.zone_id
    )
    buyer = await world.someone(Role.SHOP_OWNER)
    body = {
        "products": [{"id": world.ours.product_id, "quantity": 1}],
        "shippingAddress": {"firstName": "J", "lastName": "D", "address": "1", "city": "X", "country": "USA"},
        "paymentMethod": "card",
    }
    number = (await world.send(buyer, "POST", "/api/v1/orders", json=body)).json()["id"]
    assert (await world.send(person, "GET", f"/api/v1/orders/{number}")).status_code == 403
    assert (await world.send(person, "GET", "/api/v1/orders")).json()["total"] == 0


@pytest.mark.parametrize(
    "name", ["token", "access_token", "accessToken", "authorization", "Authorization", "jwt", "auth"]
)
async def test_a_token_in_the_query_or_a_cookie_is_not_looked_at(world: World, name: str) -> None:
    admin = await world.someone(Role.ADMIN)
    for guard, route in routes_of_every_guard(world).items():
        for value in (admin.token, f"Bearer%20{admin.token}"):
            by_query = await ask(world, route, query=f"?{name}={value}")
            by_cookie = await ask(world, route, cookie=f"{name}={value}")
            if guard == "guest_or_user":
                assert admin.user.email not in by_query.text + by_cookie.text
            else:
                assert (by_query.status, by_cookie.status) == (401, 401), route


SCHEMES: Final = {
    "{}": 401, "Bearer": 401, "Bearer ": 401, "Basic {}": 401, "Token {}": 401, "JWT {}": 401, "Bearer{}": 401, "": 401, " ": 401,
    "Bearer Bearer {}": 401, 'Bearer "{}"': 401, "Bearer {},": 401, "Bearer {}, Bearer {}": 401, "Bearer\t{}": 401,
    "Bearer {}": 200, "bearer {}": 200, "BEARER {}": 200,
}  # fmt: skip


@pytest.mark.parametrize("form", SCHEMES)
async def test_a_token_comes_after_the_word_bearer_in_whatever_case(world: World, form: str) -> None:
    admin = await world.someone(Role.ADMIN)
    for route, is_open in sample_of(world, Role.ADMIN).items():
        reply = await ask(world, route, form.replace("{}", admin.token))
        if SCHEMES[form] == 401:
            assert reply.status == 401, (route, reply.text)
        else:
            assert (reply.status not in (401, 403)) is is_open, (route, reply.text)


async def test_of_several_authorization_headers_none_lets_a_weaker_token_in(world: World) -> None:
    user, admin = await world.someone(Role.USER), await world.someone(Role.ADMIN)
    for first, second in ((user.token, "garbage"), ("garbage", user.token), (user.token, admin.token)):
        reply = await ask(world, "GET /api/v1/users", f"Bearer {first}", f"Bearer {second}")
        assert reply.status in (400, 401, 403), reply.text
    reply = await ask(world, "GET /api/v1/auth/me", "Bearer garbage", f"Bearer {user.token}")
    assert reply.status in (400, 401)


@pytest.mark.parametrize(
    "header",
    [("X-User-Id", "1"), ("X-User-Role", "admin"), ("X-Role", "admin"), ("X-Authenticated-User", "admin"),
     ("X-Remote-User", "admin"), ("Remote-User", "admin"), ("X-Forwarded-User", "admin"), ("X-Auth-Token", "{}"),
     ("X-Access-Token", "{}"), ("Proxy-Authorization", "Bearer {}"), ("X-Authorization", "Bearer {}"),
     ("X-Api-Key", "{}"), ("X-Cart-Token", "{}"), ("X-Internal-Token", "{}")],
    ids=lambda header: header[0],
)  # fmt: skip
async def test_no_other_header_signs_anybody_in(world: World, header: tuple[str, str]) -> None:
    admin = await world.someone(Role.ADMIN)
    name, value = header
    for guard, route in routes_of_every_guard(world).items():
        method, _, path = route.partition(" ")
        reply = await send_raw(world.app, method, path, [(name, value.replace("{}", admin.token))])
        if guard != "guest_or_user":
            assert reply.status == 401, route
