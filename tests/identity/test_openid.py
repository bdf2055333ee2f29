"""Signing in at an OpenID provider, from the first redirect to the session, and everything that could be slipped in."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from entrepot.kernel import clock
from entrepot.kernel.openid import OpenIdProvider
from entrepot.settings import SettingsError, load_settings
from tests.builders import PASSWORD, Client, unique
from tests.identity.openid_provider import Claims, Provider, a_provider
from tests.identity.post import mail_to, tables_that_hold, token_in

pytestmark = pytest.mark.filterwarnings("ignore")  # of the provider's libraries, which run in this process

CLIENT_ID, CLIENT_SECRET = "shop", "client-secret-of-the-shop"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with a_provider() as provider:
        yield provider


@pytest.fixture(autouse=True)
def _configured(client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(client, provider, monkeypatch)


def trust(client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider.sign, provider.broken = provider.signed, None
    known = OpenIdProvider(provider.url, CLIENT_ID, CLIENT_SECRET)
    monkeypatch.setattr(client.app.shop, "openid", {"test": known})


@pytest.fixture
async def other_browser(client: Client) -> AsyncIterator[Client]:
    transport = httpx.ASGITransport(app=client.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1") as http:
        yield Client(http, client.app)


async def begin(browser: Client) -> str:
    reply = await browser.get("/auth/oauth/test")
    assert reply.status_code == 302, reply.text
    return str(reply.headers["location"])


async def come_back(browser: Client, parameters: dict[str, str]) -> httpx.Response:
    return await browser.get(f"/auth/oauth/test/callback?{urlencode(parameters)}")


async def go_there(browser: Client, provider: Provider, subject: str) -> dict[str, str]:
    url = await begin(browser)
    return await asyncio.to_thread(provider.sign_in, url, subject)


async def sign_in(browser: Client, provider: Provider, subject: str) -> httpx.Response:
    return await come_back(browser, await go_there(browser, provider, subject))


def code_of(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json().get("code", "")


def somebody(provider: Provider, **claims: Any) -> tuple[str, str]:
    """Subject and address of somebody whom the provider knows, with a verified address unless `claims` say otherwise."""
    subject = unique("subject")
    email = claims.pop("email", f"{subject}@example.com")
    given = {"email": email, "email_verified": True, "given_name": "Ada", "family_name": "Lovelace", **claims}
    provider.knows(subject, **{name: value for name, value in given.items() if value is not None})
    return subject, email


# ---- new accounts ----


async def test_the_first_sign_in_makes_an_account_and_the_next_finds_it(client: Client, provider: Provider) -> None:
    subject, email = somebody(provider)

    first = await sign_in(client, provider, subject)

    assert first.status_code == 200, first.text
    made = first.json()
    assert (made["email"], made["firstName"], made["lastName"], made["role"]) == (email, "Ada", "Lovelace", "user")
    assert made.keys() >= {"token", "accessToken", "refreshToken", "expiresAt", "user"}
    me = Client(client.http, client.app, made["token"])
    assert (await me.get("/auth/me")).json()["id"] == made["id"]
    assert await client.value("select email_verified_at is not null from users where id = $1", made["id"])
    provider.knows(subject, email=f"new-{email}", email_verified=True)
    again = (await sign_in(client, provider, subject)).json()
    assert again["id"] == made["id"], "whatever the address is by now, the subject is the same"


async def test_the_request_to_the_provider_is_as_it_should_be(client: Client, provider: Provider) -> None:
    url = await begin(client)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{provider.url}/oauth2/authorize?")
    assert asked["redirect_uri"] == f"{client.app.shop.settings.address}/api/v1/auth/oauth/test/callback"
    assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid email profile")
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert await tables_that_hold(client, asked["state"]) == []
    assert await tables_that_hold(client, asked["nonce"]) == []


async def test_the_cookie_is_for_the_way_back_only(client: Client) -> None:
    reply = await client.get("/auth/oauth/test")
    cookie = reply.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=lax", "path=/api", "max-age=600"):
        assert part in cookie
    assert "secure" not in cookie, "the shop of the tests is not behind TLS"
    assert reply.headers["cache-control"] == "no-store"


async def test_a_page_may_ask_for_the_address_instead(client: Client, provider: Provider) -> None:
    subject, email = somebody(provider)
    reply = await client.get("/auth/oauth/test?redirect=false")
    assert reply.status_code == 200
    back = await asyncio.to_thread(provider.sign_in, reply.json()["authorizationUrl"], subject)
    assert (await come_back(client, back)).json()["email"] == email


async def test_an_address_that_the_provider_has_not_verified_is_verified_by_mail(
    client: Client, provider: Provider
) -> None:
    subject, email = somebody(provider, email_verified=False)
    made = (await sign_in(client, provider, subject)).json()
    is_verified = "select email_verified_at is not null from users where id = $1"
    assert not await client.value(is_verified, made["id"])
    token = token_in(await mail_to(client, email))
    assert (await client.post("/auth/verify-email", {"token": token})).status_code == 200
    assert await client.value(is_verified, made["id"])


async def test_who_came_from_a_provider_may_set_a_password(client: Client, provider: Provider) -> None:
    subject, email = somebody(provider)
    await sign_in(client, provider, subject)
    assert (await client.post("/auth/login", {"email": email, "password": PASSWORD})).status_code == 400
    await client.post("/auth/forgot-password", {"email": email})
    token = token_in(await mail_to(client, email))
    assert (await client.post("/auth/reset-password", {"token": token, "newPassword": PASSWORD})).status_code == 200
    assert (await client.post("/auth/login", {"email": email, "password": PASSWORD})).status_code == 200


@pytest.mark.parametrize("email", [None, "", "no address", "a@b.example, c@d.example"])
async def test_without_an_address_there_is_no_account(client: Client, provider: Provider, email: str | None) -> None:
    subject, _ = somebody(provider, email=email)
    assert code_of(await sign_in(client, provider, subject)) == (400, "OAUTH_EMAIL_MISSING")


async def test_many_first_sign_ins_at_once_make_one_account(client: Client, provider: Provider) -> None:
    subject, email = somebody(provider)
    ways_back = [await go_there(client, provider, subject) for _ in range(4)]
    replies = await asyncio.gather(*(come_back(client, back) for back in ways_back))
    assert {reply.status_code for reply in replies} <= {200, 409}
    assert [reply.status_code for reply in replies].count(200) >= 1
    assert await client.value("select count(*) from users where email = $1", email) == 1
    assert (await sign_in(client, provider, subject)).status_code == 200


# ---- accounts that are there already ----


async def test_an_account_is_linked_when_both_sides_have_verified_the_address(
    client: Client, provider: Provider
) -> None:
    user = await client.signed_in()
    await client.value("update users set email_verified_at = now() where id = $1", user.user["id"])
    subject, _ = somebody(provider, email=user.user["email"].upper())

    assert (await sign_in(client, provider, subject)).json()["id"] == user.user["id"]

    log = (await user.get("/auth/activity")).json()["activity"]
    assert [entry["action"] for entry in log][:2] == ["signed_in", "identity_linked"]


@pytest.mark.parametrize(("here", "there"), [(False, True), (True, False), (False, False), (True, None), (True, "yes")])
async def test_an_account_is_not_linked_otherwise(client: Client, provider: Provider, here: bool, there: Any) -> None:
    user = await client.signed_in()
    if here:
        await client.value("update users set email_verified_at = now() where id = $1", user.user["id"])
    subject, _ = somebody(provider, email=user.user["email"], email_verified=there)
    for _ in range(2):
        assert code_of(await sign_in(client, provider, subject)) == (409, "OAUTH_LINK_REQUIRED")
    assert await client.value("select count(*) from oauth_identities where user_id = $1", user.user["id"]) == 0


async def test_who_was_deactivated_is_not_signed_in(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    made = (await sign_in(client, provider, subject)).json()
    await client.value("update users set status = 'deactivated' where id = $1", made["id"])
    assert code_of(await sign_in(client, provider, subject)) == (400, "OAUTH_FAILED")


# ---- what could be slipped in ----


async def test_a_sign_in_is_finished_once(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    back = await go_there(client, provider, subject)
    assert (await come_back(client, back)).status_code == 200
    assert code_of(await come_back(client, back)) == (400, "OAUTH_STATE_INVALID")


async def test_of_many_who_finish_it_at_once_one_does(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    back = await go_there(client, provider, subject)
    replies = await asyncio.gather(*(come_back(client, back) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [200] + [400] * 5


async def test_a_sign_in_is_finished_where_it_was_begun(
    client: Client, other_browser: Client, provider: Provider
) -> None:
    """Somebody who sends his own way back to others would sign them in to his account."""
    subject, _ = somebody(provider)
    back = await go_there(client, provider, subject)
    assert code_of(await come_back(other_browser, back)) == (400, "OAUTH_STATE_INVALID")
    await begin(other_browser)
    assert code_of(await come_back(other_browser, back)) == (400, "OAUTH_STATE_INVALID")
    assert (await come_back(client, back)).status_code == 200, "nobody else can spend it"


async def test_a_wrong_state_is_refused_before_the_provider_is_asked(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    back = await go_there(client, provider, subject)
    before = len(provider.asked)
    for state in ("", "wrong", back["state"][:-1] + ("A" if back["state"][-1] != "A" else "B")):
        assert code_of(await come_back(client, {**back, "state": state})) == (400, "OAUTH_STATE_INVALID")
    assert code_of(await come_back(client, {"code": back["code"]})) == (400, "OAUTH_STATE_INVALID")
    assert len(provider.asked) == before


async def test_a_sign_in_takes_ten_minutes_at_most(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    back = await go_there(client, provider, subject)
    with clock.moved(timedelta(minutes=10, seconds=1)):
        assert code_of(await come_back(client, back)) == (400, "OAUTH_STATE_INVALID")


async def test_two_sign_ins_may_be_under_way_in_one_browser(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    first, second = await go_there(client, provider, subject), await go_there(client, provider, subject)
    assert (await come_back(client, first)).status_code == 200
    assert (await come_back(client, second)).status_code == 200


async def test_a_code_of_another_sign_in_is_refused(client: Client, other_browser: Client, provider: Provider) -> None:
    """PKCE: a code that was stolen on its way is of no use in another sign-in."""
    subject, _ = somebody(provider)
    stolen = await go_there(client, provider, subject)
    own = await go_there(other_browser, provider, subject)
    mixed = {"state": own["state"], "code": stolen["code"]}
    assert code_of(await come_back(other_browser, mixed)) == (400, "OAUTH_FAILED")


async def test_a_wrong_nonce_is_refused(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    url = re.sub(r"nonce=[^&]+", "nonce=another", await begin(client))
    back = await asyncio.to_thread(provider.sign_in, url, subject)
    assert code_of(await come_back(client, back)) == (400, "OAUTH_FAILED")


async def test_who_changes_its_mind_is_not_signed_in(client: Client, provider: Provider) -> None:
    url = await begin(client)
    back = await asyncio.to_thread(provider.deny, url)
    state = parse_qs(urlsplit(url).query)["state"][0]
    assert code_of(await come_back(client, {**back, "state": state})) == (400, "OAUTH_DENIED")


async def test_a_code_that_the_provider_does_not_know_is_refused(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    back = await go_there(client, provider, subject)
    assert code_of(await come_back(client, {**back, "code": "made-up"})) == (400, "OAUTH_FAILED")


_SOMEBODY_ELSE = RSAKey.generate_key(2048)
_RS256 = {"alg": "RS256"}
FORGED: Mapping[str, Callable[[Provider, Claims], str | None]] = {
    "another key": lambda _, claims: jwt.encode(_RS256, claims, _SOMEBODY_ELSE),
    "another issuer": lambda provider, claims: provider.signed({**claims, "iss": "https://accounts.example.com"}),
    "another audience": lambda provider, claims: provider.signed({**claims, "aud": "another-shop"}),
    "no nonce": lambda provider, claims: provider.signed({k: v for k, v in claims.items() if k != "nonce"}),
    "expired": lambda provider, claims: provider.signed({**claims, "exp": int(clock.now().timestamp()) - 120}),
    "never expires": lambda provider, claims: provider.signed({k: v for k, v in claims.items() if k != "exp"}),
    "shared secret": lambda _, claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET)),
    "no signature": lambda provider, claims: f"eyJhbGciOiJub25lIn0.{provider.signed(claims).split('.')[1]}.",
    "nothing": lambda _, __: None,
}


@pytest.mark.parametrize("forged", FORGED)
async def test_a_forged_token_proves_nothing(client: Client, provider: Provider, forged: str) -> None:
    subject, _ = somebody(provider)
    provider.sign = functools.partial(FORGED[forged], provider)
    assert code_of(await sign_in(client, provider, subject)) == (400, "OAUTH_FAILED")


async def test_a_provider_may_change_its_keys(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    assert (await sign_in(client, provider, subject)).status_code == 200
    provider.key = RSAKey.generate_key(2048, {"kid": "second", "use": "sig", "alg": "RS256"})
    assert (await sign_in(client, provider, subject)).status_code == 200


# ---- a provider that is away ----


async def test_an_unknown_provider_is_a_404(client: Client) -> None:
    for path in ("/auth/oauth/nobody", "/auth/oauth/nobody/callback?state=a&code=b"):
        assert code_of(await client.get(path)) == (404, "OAUTH_PROVIDER_NOT_FOUND")


async def test_a_provider_that_is_away_is_a_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    away = OpenIdProvider("http://localhost:9", CLIENT_ID, CLIENT_SECRET)
    monkeypatch.setattr(client.app.shop, "openid", {"test": away})
    reply = await client.get("/auth/oauth/test")
    assert code_of(reply) == (503, "SERVICE_UNAVAILABLE")
    assert "retry-after" in reply.headers


@pytest.mark.parametrize("broken", ["/oauth2/token", "/jwks", "/.well-known"])
async def test_a_provider_that_breaks_on_the_way_is_a_503(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    subject, _ = somebody(provider)
    back = await go_there(client, provider, subject)
    trust(client, provider, monkeypatch)  # knows nothing yet, and has to ask
    provider.broken = broken
    assert code_of(await come_back(client, back)) == (503, "SERVICE_UNAVAILABLE")


async def test_a_description_of_somebody_else_is_not_believed(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    deceived = OpenIdProvider(provider.url.replace("localhost", "127.0.0.1") + "/other", CLIENT_ID, CLIENT_SECRET)
    monkeypatch.setattr(client.app.shop, "openid", {"test": deceived})
    assert (await client.get("/auth/oauth/test")).status_code == 503


async def test_the_description_is_kept(client: Client, provider: Provider) -> None:
    subject, _ = somebody(provider)
    await sign_in(client, provider, subject)
    provider.asked.clear()
    await sign_in(client, provider, subject)
    assert not {"/jwks", "/.well-known/openid-configuration"} & set(provider.asked)


# ---- the page to come back to ----


async def test_a_browser_comes_back_to_the_page_with_a_token_to_spend_at_once(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = client.app.shop.settings.model_copy(update={"oidc_success_url": "https://shop.example/signed-in"})
    monkeypatch.setattr(client.app.shop, "settings", settings)
    subject, email = somebody(provider)

    reply = await sign_in(client, provider, subject)

    assert (reply.status_code, reply.content) == (302, b"")
    page, _, fragment = reply.headers["location"].partition("#")
    assert (page, fragment.startswith("refreshToken=")) == ("https://shop.example/signed-in", True)
    token = fragment.removeprefix("refreshToken=")
    tokens = (await client.post("/auth/refresh", {"refreshToken": token})).json()
    me = Client(client.http, client.app, tokens["token"])
    assert (await me.get("/auth/me")).json()["email"] == email
    assert (await client.post("/auth/refresh", {"refreshToken": token})).status_code == 401
    assert (await me.get("/auth/me")).status_code == 401, "somebody has found it in the history"

    failed = await come_back(client, {"state": "wrong", "code": "x"})
    assert failed.headers["location"] == "https://shop.example/signed-in#error=OAUTH_STATE_INVALID"


@pytest.mark.parametrize(
    "providers",
    [
        '{"google": {"issuer": "http://accounts.example.com", "clientId": "a", "clientSecret": "b"}}',
        '{"google": {"issuer": "https://accounts.example.com", "clientId": "a"}}',
        '{"Goo/gle": {"issuer": "https://accounts.example.com", "clientId": "a", "clientSecret": "b"}}',
    ],
)
def test_wrong_settings_are_refused_at_start(providers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_PROVIDERS", providers)
    with pytest.raises(SettingsError, match="OIDC_PROVIDERS"):
        load_settings(_env_file=None)


def test_providers_are_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    google = '{"google": {"issuer": "https://accounts.google.com", "clientId": "a", "clientSecret": "b"}}'
    monkeypatch.setenv("OIDC_PROVIDERS", google)
    settings = load_settings(_env_file=None)
    assert settings.oidc_providers["google"].client_id == "a"
    assert "b" not in repr(settings.oidc_providers["google"].client_secret)
