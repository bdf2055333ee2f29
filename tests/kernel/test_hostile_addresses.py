"""Paths, query strings and headers that no honest client sends."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import Client
from tests.kernel.hostile import refusal

HUGE = "9" * 30
PATHS = [
    "/products/%00", "/products/1%00", "/products/0", "/products/-1", "/products/1.5", "/products/1e3",
    "/products/%31%00", f"/products/{HUGE}", "/products/" + "9" * 6000, "/products/9223372036854775808",
    "/products/category/%00", "/products/category/%ff", "/products/category/..%2f..%2fetc", "/products/category/" + "a" * 10_000,
    "/orders/%00", "/orders/ORD-%00", "/orders/%ff%fe", "/orders/%ed%a0%80", "/orders/..%2f..%2fetc%2fpasswd", "/orders/%2e%2e",
    "/orders/%0a%0d", "/orders/%1b[31m", "/orders/" + "a" * 60_000, "/orders/%F0%9F%98%80", "/orders/%27%3B--",
    "/orders/%00/invoice", "/orders/nothing/invoice", "/payments/intents/%00/status", "/payments/intents/pi_%00/status",
    "/payments/intents/" + "p" * 10_000 + "/status", "/nothing", "/nothing/%00", "/%00", "/\u202e", "/auth/me/%00",
]  # fmt: skip
OUTSIDE = [
    "/media/%00", "/media/..%2f..%2fetc/passwd", "/media/%2e%2e/%2e%2e/etc/passwd", "/media/....//etc/passwd",
    "/media//etc/passwd", "/media/%2fetc%2fpasswd", "/media/" + "a" * 300, "/media/a/" + "b/" * 3000, "/media/a%00.png",
    "/media/private/invoices/a.pdf", "/media/..%2fprivate/invoices/a.pdf", "/media/a/../../keys/signing.pem", "/media/c:%5c",
    "/docs/%00", "/docs/..%2f..%2fsecret", "/docs/" + "x" * 10_000, "/.env", "/.git/config", "/api", "/api/", "/api/v1",
    "/api/v2",
    "/api/v1x/products", "/health/%00", "/.well-known/%00",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
async def test_a_strange_path_is_not_found(client: Client, path: str) -> None:
    admin = await client.signed_in("admin")
    refusal(await admin.get(path), 404)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path[:40])
async def test_a_strange_path_outside_the_api_is_not_found(client: Client, path: str) -> None:
    refusal(await client.get(f"http://shop.test{path}"), 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_a_method_that_an_address_does_not_take(client: Client, method: str) -> None:
    assert refusal(await client.request(method, "/products/categories"), 405)["code"] == "METHOD_NOT_ALLOWED"


def cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


CURSORS = [
    "", "x", "%00", "\u00e4", "=" * 10, "a" * 500, "a" * 10_000, cursor(None), cursor([]), cursor({}), cursor([1]),
    cursor([None, 1]), cursor(["x", 1]), cursor([1, "x"]), cursor([1, None]), cursor([2**70, 1]), cursor([1, 2**70]),
    cursor([True, True]), cursor(["\x00", 1]), cursor([[], {}]), cursor([1, 1, 1]), cursor([0, "2020-13-45", 1]),
    cursor([0, 2**70, 1]), cursor([1.5, 1]), cursor(["Infinity", 1]), cursor([0, "NaN", 1]),
]  # fmt: skip


@pytest.mark.parametrize("sort", [None, "id", "price", "rating", "title", "date", "stock"])
@pytest.mark.parametrize("token", CURSORS, ids=lambda token: token[:30])
async def test_a_cursor_that_is_not_ours_is_refused(client: Client, token: str, sort: str | None) -> None:
    params = {"cursor": token} | ({"sortBy": sort} if sort else {})

    assert "cursor" in refusal(await client.get("/products", params=params), 400)["details"]


@pytest.mark.parametrize("token", [*CURSORS, cursor(["x"]), cursor([2**70]), cursor([True]), cursor([1.5])])
async def test_a_cursor_of_no_order_list_is_refused(client: Client, token: str) -> None:
    buyer = await client.signed_in()
    reply = await buyer.get("/orders", params={"cursor": token})

    assert "cursor" in refusal(reply, 400)["details"]


NUMBERS = ["skip", "limit", "page"]
FILTERS = ["minPrice", "maxPrice", "seller", "company", "warehouse", "inStock", "sortBy", "order"]


@pytest.mark.parametrize("name", NUMBERS + FILTERS)
@pytest.mark.parametrize("value", ["x", "-1", "1.5.5", "%00", "NaN", "1e999", "\u0663x", "[]", "1,2"])
async def test_a_query_value_of_the_wrong_kind_is_refused_by_name(client: Client, name: str, value: str) -> None:
    faults = refusal(await client.get(f"/products?{name}={value}"), 400)["details"]

    assert name in faults or "query" in faults


@pytest.mark.parametrize("name", ["seller", "company", "warehouse", "skip", "page"])
@pytest.mark.parametrize("value", [str(2**63), HUGE, HUGE * 200], ids=len)
async def test_a_number_that_no_column_holds_is_refused(client: Client, name: str, value: str) -> None:
    assert name in refusal(await client.get(f"/products?{name}={value}"), 400)["details"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=1&limit=2", "skip=1&page=1", "a=%", "%", "=&=&", "%00=1", "brand=%00", "tag=%00", "category=%00", "zone=%00",
        "lang=%00", "select=%00", "brand=%ff", "lang=xx-yy-zz-aa-bb", "lang=%27", "select=nothing", "a[b][c]=1",
        "brand=%ed%a0%80",
        "brand=a&brand=b", "cursor=a&cursor=b", "tag=" + "x" * 51, "envelope=perhaps&limit=x", "&" * 5000, "x=" + "y" * 60_000,
        "&".join(f"k{number}=1" for number in range(5_000)),
    ],
    ids=lambda query: query[:30],
)  # fmt: skip
async def test_a_strange_query_string_never_breaks_the_list(client: Client, query: str) -> None:
    reply = await client.get(f"/products?{query}")

    if reply.status_code != 200:
        refusal(reply)


@pytest.mark.parametrize("path", ["/products", "/products/categories", "/orders", "/auth/me", "/nothing"])
async def test_a_null_character_in_the_query_is_refused_everywhere(client: Client, path: str) -> None:
    buyer = await client.signed_in()

    refusal(await buyer.get(f"{path}?brand=a%00b"), 400)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from(
            [*NUMBERS, *FILTERS, "brand", "category", "zone", "tag", "lang", "select", "cursor", "envelope"]
        ),
        st.text(max_size=30)
        | st.integers().map(str)
        | st.floats().map(str)
        | st.sampled_from(["price", "stock", "desc", "id,title", "ar", "true"]),
        max_size=5,
    )
)
async def test_no_query_at_all_breaks_the_list(client: Client, query: dict[str, str]) -> None:
    text = "&".join(f"{name}={quote(value, safe='', errors='replace')}" for name, value in query.items())
    reply = await client.get(f"/products?{text}")

    if reply.status_code != 200:
        refusal(reply)


HEADERS = {
    "Accept": ["\u00e4", "x" * 20_000, "application/json;profile=", "*/*;q=nan", "text/html"],
    "Accept-Language": [
        "\u00e4",
        "x" * 20_000,
        "en;q=inf",
        "en;q=nan",
        "en;q=-1",
        "*",
        ";;;",
        ",,,",
        "a-" * 5000,
        "%00",
    ],
    "Accept-Encoding": [
        "\u00e4",
        "gzip;q=x",
        "gzip;q=nan",
        "*;q=inf",
        ";",
        "br;q=1e999",
        "identity;q=0, *;q=0",
        "," * 10_000,
    ],
    "Authorization": [
        "",
        "Bearer",
        "Bearer ",
        "Bearer \u00e4",
        "Basic eDp5",
        "Bearer a.b.c",
        "Bearer " + "a" * 100_000,
    ],
    "Cookie": ["cart_token=\u00e4", "=", ";" * 1000, "cart_token=" + "x" * 10_000, 'cart_token="'],
    "If-None-Match": ["\u00e4", "*", 'W/"', "," * 10_000],
    "Origin": ["null", "\u00e4", "https://shop.example.evil", "x" * 10_000],
    "X-Cart-Token": ["\u00e4", "x" * 10_000, ""],
    "X-Request-ID": ["\u00e4", "a b", "x" * 10_000, ""],
    "Content-Length": ["0"],
    "Content-Type": ["\u00e4", ";", "application/json; charset=\u00e4"],
    "User-Agent": ["\u00e4\u00ff" * 500],
    "X-Device-Id": ["\u00e4" * 5000],
    "X-Forwarded-For": ["\u00e4, 1.2.3.4"],
    "Range": ["bytes=0-1"],
    "Expect": ["nonsense"],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in HEADERS.items() for value in values],
    ids=lambda text: text[:20],
)
async def test_a_strange_header_never_breaks_a_route(client: Client, name: str, value: str) -> None:
    for path in ("/products", "/auth/me", "/orders"):
        reply = await client.get(path, headers={name: value.encode("latin-1")})

        if reply.status_code not in (200, 304):
            refusal(reply)
    reply = await client.post(
        "/auth/login", {"email": "a@example.com", "password": "x"}, headers={name: value.encode("latin-1")}
    )
    refusal(reply)


@pytest.mark.parametrize("key", [b"", b"x" * 256, b"\xe4", b"a\tb", b"\x7f"])
async def test_an_idempotency_key_of_the_wrong_form_is_refused(client: Client, key: bytes) -> None:
    reply = await client.post(
        "/auth/login", {"email": "a@example.com", "password": "x"}, headers={"Idempotency-Key": key}
    )

    assert "Idempotency-Key" in refusal(reply, 400)["details"]
