"""Rate limits at the strength of production."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from entrepot import app as composition
from entrepot.kernel import clock, rate_limits
from entrepot.kernel.rate_limits import RateLimiter
from entrepot.settings import Settings
from tests.builders import unique
from tests.conftest import running

RULES = rate_limits.rules(general_limit=200, general_window_s=60, generous=False)


@asynccontextmanager
async def limited(settings: Settings, dsn: str) -> AsyncIterator[composition.Application]:
    """The shop, as strict as in production."""
    async with running(settings, dsn) as application:
        application._asgi._limiter = RateLimiter(RULES, application.shop.database)
        yield application


@pytest.fixture
async def strict(settings: Settings, dsn: str) -> AsyncIterator[composition.Application]:
    async with limited(settings, dsn) as application:
        yield application


def from_address(application: composition.Application, address: str | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=application, client=(address or unique("address"), 1234))
    return httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1")


async def sign_in(http: httpx.AsyncClient, url: str = "/auth/login") -> httpx.Response:
    """A sign-in that fails, each time with another name, so that no account is locked."""
    return await http.post(url, json={"email": f"{unique('nobody')}@example.com", "password": "x"})


async def test_beyond_the_limit_one_is_told_when_to_come_back(strict: composition.Application) -> None:
    async with from_address(strict) as http:
        replies = [await sign_in(http) for _ in range(7)]

    assert [reply.status_code for reply in replies] == [400] * 5 + [429] * 2
    assert [reply.headers["x-ratelimit-remaining"] for reply in replies] == ["4", "3", "2", "1", "0", "0", "0"]
    last = replies[-1]
    assert last.json()["code"] == "RATE_LIMITED"
    assert last.headers["x-ratelimit-limit"] == "5"
    wait_s = last.json()["details"]["retryAfter"]
    assert str(wait_s) == last.headers["retry-after"] == last.headers["x-ratelimit-reset"]
    assert 890 < wait_s <= 900
    assert last.json()["message"] == f"Rate limit exceeded. Try again in {wait_s} seconds."
    assert last.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/auth/login/",
        "//auth/login",
        "/auth//login//",
        "http://shop.test/api/auth/login",
        "/auth/login?a=1",
        "/%61uth/login",
    ],
)
async def test_another_spelling_of_the_address_is_no_way_around(strict: composition.Application, path: str) -> None:
    async with from_address(strict) as http:
        for _ in range(5):
            await sign_in(http)
        reply = await sign_in(http, path if path.startswith("http:") else f"http://shop.test/api/v1{path}")

    assert reply.status_code in (429, 404), reply.text


async def test_many_at_once_are_counted_one_by_one(strict: composition.Application) -> None:
    async with from_address(strict) as http:
        replies = await asyncio.gather(*(sign_in(http) for _ in range(30)))

    assert Counter(reply.status_code for reply in replies) == {400: 5, 429: 25}


async def test_addresses_are_counted_apart(strict: composition.Application) -> None:
    async with from_address(strict) as one, from_address(strict) as other:
        for _ in range(6):
            last = await sign_in(one)

        assert last.status_code == 429
        assert (await sign_in(other)).status_code == 400


async def test_limits_that_guard_secrets_hold_over_all_processes(
    strict: composition.Application, settings: Settings, dsn: str
) -> None:
    address = unique("address")
    async with (
        limited(settings, dsn) as second,
        from_address(strict, address) as one,
        from_address(second, address) as two,
    ):
        statuses = [(await sign_in(http)).status_code for http in (one, two) * 4]

    assert statuses == [400] * 5 + [429] * 3


async def test_a_window_ends(strict: composition.Application) -> None:
    async with from_address(strict) as http:
        for _ in range(6):
            last = await sign_in(http)
        assert last.status_code == 429
        with clock.moved(timedelta(minutes=14)):
            assert (await sign_in(http)).status_code == 429
        with clock.moved(timedelta(minutes=16)):
            assert (await sign_in(http)).status_code == 400


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/products", 100),
        ("/products/1", 100),
        ("/orders", 30),
        ("/payments/intents/pi_a/status", 10),
        ("/nothing", 200),
    ],
)
async def test_every_group_of_routes_has_its_limit(strict: composition.Application, path: str, limit: int) -> None:
    async with from_address(strict) as http:
        replies = [await http.get(path) for _ in range(limit + 1)]

    assert [reply.status_code == 429 for reply in replies] == [False] * limit + [True]
    assert replies[0].headers["x-ratelimit-limit"] == str(limit)


async def test_health_and_media_are_not_counted(strict: composition.Application) -> None:
    async with from_address(strict) as http:
        assert "x-ratelimit-limit" not in (await http.get("http://shop.test/health")).headers


async def test_the_last_windows_are_forgotten_when_there_are_too_many(
    strict: composition.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_BUCKETS", 50)
    limiter = RateLimiter(RULES, strict.shop.database)
    rule = limiter.rule_for("/api/v1/products")
    assert rule is not None
    for n in range(200):
        await limiter.hit(rule, f"address:{n}")

    assert len(limiter._windows) == 50


def test_development_is_a_hundred_times_as_generous() -> None:
    strict, generous = [
        {rule.name: rule.limit for rule in rate_limits.rules(general_limit=1, general_window_s=1, generous=generous)}
        for generous in (False, True)
    ]
    assert {name: generous[name] / strict[name] for name in strict if name != "general"} == dict.fromkeys(
        strict.keys() - {"general"}, 100
    )
