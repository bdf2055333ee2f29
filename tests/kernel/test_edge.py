"""What every reply has, whatever it says: request id, security and CORS headers, the envelope where it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from entrepot.kernel.clock import iso
from entrepot.settings import Settings
from tests.builders import Client, an_order
from tests.conftest import running

# ---- envelope ----

ASKED = [
    {"params": {"envelope": "true"}},
    {"params": {"envelope": "1"}},
    {"headers": {"Accept": "application/json;profile=envelope"}},
    {"headers": {"Accept": 'text/html, application/json; profile="envelope"'}},
]


@pytest.mark.parametrize("options", ASKED, ids=str)
async def test_a_reply_in_its_envelope(client: Client, options: dict[str, dict[str, str]]) -> None:
    product = await client.a_product()
    path = f"/products/{product['id']}"

    for _ in range(2):  # the second time from the cache
        reply = await client.get(path, **options)
        body = reply.json()

        assert body.keys() == {"data", "status", "message", "meta"}
        assert (body["status"], body["message"], body["data"]) == (200, "Success", (await client.get(path)).json())
        assert body["meta"]["requestId"] == reply.headers["x-request-id"]
        assert body["meta"]["timestamp"].endswith("Z")


async def test_what_was_made_says_so_in_its_envelope(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    body = (await buyer.post("/orders?envelope=true", an_order((product["id"], 1)))).json()

    assert (body["status"], body["message"], body["data"]["status"]) == (201, "Created", "pending")


@pytest.mark.parametrize("options", [{}, {"params": {"envelope": "false"}}, {"params": {"xenvelope": "true"}}], ids=str)
async def test_without_being_asked_a_reply_is_bare(client: Client, options: dict[str, dict[str, str]]) -> None:
    assert isinstance((await client.get("/products/categories", **options)).json(), list)


@pytest.mark.parametrize("options", ASKED, ids=str)
async def test_errors_are_never_in_an_envelope(client: Client, options: dict[str, dict[str, str]]) -> None:
    for path in ("/products/4611686018427387904", "/auth/me", "/nothing"):
        assert {"code", "message", "status", "requestId"} <= (await client.get(path, **options)).json().keys()


# ---- request id ----


@pytest.mark.parametrize("sent", ["abc", "a.b_c-1", "x" * 64, "0123456789abcdef"])
async def test_a_sane_request_id_is_taken_over(client: Client, sent: str) -> None:
    for path in ("/products/categories", "/auth/me", "/nothing"):
        reply = await client.get(path, headers={"X-Request-ID": sent})

        assert reply.headers["x-request-id"] == sent
        if reply.status_code != 200:
            assert reply.json()["requestId"] == sent


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "<script>", "ä", "a\tb", "a;b"])
async def test_another_one_is_replaced(client: Client, sent: str) -> None:
    reply = await client.get("/nothing", headers={"X-Request-ID": sent.encode("latin-1")})

    assert reply.headers["x-request-id"] == reply.json()["requestId"] != sent
    assert len(reply.headers["x-request-id"]) == 24


async def test_every_request_gets_its_own(client: Client) -> None:
    replies = await asyncio.gather(*(client.get("/products/categories") for _ in range(20)))

    assert len({reply.headers["x-request-id"] for reply in replies}) == 20


# ---- security headers ----

SECURITY = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "cross-origin",
    "origin-agent-cluster": "?1",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "x-download-options": "noopen",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
    "x-xss-protection": "0",
}


async def test_every_reply_has_the_security_headers(client: Client) -> None:
    await client.app.shop.files.put("public/pictures/a.png", b"not really")
    replies = [
        await client.get("/products/categories"),
        await client.get("/auth/me"),
        await client.get("/nothing"),
        await client.post("/auth/login", {}),
        await client.get("http://shop.test/media/pictures/a.png"),
        await client.get("http://shop.test/media/nothing.png"),
        await client.get("http://shop.test/health"),
        await client.get("http://shop.test/openapi.json"),
        await client.request("OPTIONS", "/products"),
        await client.request("DELETE", "/products/categories"),
    ]

    for reply in replies:
        assert {name: reply.headers.get(name) for name in SECURITY} == SECURITY, reply.request.url
        assert "strict-transport-security" not in reply.headers
        assert "server" not in reply.headers
        assert "x-powered-by" not in reply.headers
    assert replies[4].status_code == 200


async def test_a_page_of_ours_has_its_own_policy_and_the_rest(client: Client) -> None:
    headers = (await client.get("http://shop.test/docs")).headers

    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers.get_list("content-security-policy") == [headers["content-security-policy"]]
    assert headers["x-frame-options"] == "DENY"


async def test_behind_tls_browsers_are_told_to_stay_there(client: Client) -> None:
    reply = await client.get("https://shop.test/api/v1/products/categories")

    assert reply.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


# ---- CORS ----


async def test_an_allowed_origin_may_read_with_its_cookies(client: Client) -> None:
    for path in ("/products/categories", "/auth/me"):
        headers = (await client.get(path, headers={"Origin": "https://shop.example"})).headers

        assert headers["access-control-allow-origin"] == "https://shop.example"
        assert headers["access-control-allow-credentials"] == "true"
        assert "X-Request-ID" in headers["access-control-expose-headers"]
        assert "Origin" in headers["vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example.evil", "null", "http://shop.example"])
async def test_another_origin_may_not(client: Client, origin: str) -> None:
    for method, path in (("GET", "/products/categories"), ("OPTIONS", "/orders")):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        reply = await client.request(method, path, headers=headers)

        assert "access-control-allow-origin" not in reply.headers
        assert "access-control-allow-credentials" not in reply.headers


async def test_shared_caches_keep_origins_apart(client: Client) -> None:
    """A reply to nobody's origin, kept by a shared cache, would otherwise be given to a browser that needs the headers."""
    assert "Origin" in (await client.get("/products/categories")).headers["vary"]


async def test_a_preflight_says_what_may_be_sent(client: Client) -> None:
    reply = await client.request(
        "OPTIONS",
        "/orders",
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, idempotency-key",
        },
    )

    assert (reply.status_code, reply.content) == (204, b"")
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert {"Authorization", "Idempotency-Key"} <= set(reply.headers["access-control-allow-headers"].split(", "))
    assert reply.headers["access-control-allow-origin"] == "https://shop.example"
    assert reply.headers["access-control-max-age"] == "86400"


@pytest.fixture
async def open_to_all(settings: Settings, dsn: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings.model_copy(update={"cors_origins": ("*",)}), dsn) as application:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test/api/v1") as http:
            yield http


async def test_open_to_all_origins_but_not_to_their_cookies(open_to_all: httpx.AsyncClient) -> None:
    headers = (await open_to_all.get("/products/categories", headers={"Origin": "https://any.example"})).headers

    assert headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in headers


# ---- addresses and caching ----


async def test_the_address_without_a_version_answers_alike(client: Client) -> None:
    assert (await client.get("http://shop.test/api/products/categories")).json() == (
        await client.get("/products/categories")
    ).json()


async def test_what_is_somebodys_own_is_never_kept_by_caches(client: Client) -> None:
    buyer = await client.signed_in()
    for reply in (await buyer.get("/auth/me"), await buyer.get("/orders"), await client.get("/nothing")):
        assert reply.headers["cache-control"] == "no-store"


async def test_times_are_in_utc(client: Client) -> None:
    product = await client.a_product()

    assert product["createdAt"].endswith("Z")
    assert (
        iso(__import__("datetime").datetime.fromisoformat("2026-01-02T03:04:05.678901+02:00"))
        == "2026-01-02T01:04:05.678Z"
    )
