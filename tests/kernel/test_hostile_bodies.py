"""Bodies that no honest client sends: each is refused with its 4xx, by every route that changes something."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import Client
from tests.kernel.hostile import JSON, allowed, callers, refusal, routes_with_body, unsafe_routes

MALFORMED = {
    "truncated object": b'{"a": ',
    "truncated text": b'{"a": "b',
    "not JSON": b"hello",
    "two values": b"{}{}",
    "trailing comma": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "comment": b"{} // done",
    "form": b"a=1&b=2",
    "NaN": b'{"quantity": NaN}',
    "Infinity": b'{"price": Infinity}',
    "-Infinity": b'{"price": -Infinity}',
    "number beyond a double": b'{"price": 1e999}',
    "number of 5,000 digits": b'{"quantity": 1' + b"0" * 5000 + b"}",
    "leading zero": b'{"quantity": 01}',
    "100,000 brackets": b"[" * 100_000 + b"]" * 100_000,
    "100,000 open brackets": b"[" * 100_000,
    "20,000 open braces": b'{"a":' * 20_000,
    "400 levels": b'{"a":' * 400 + b"1" + b"}" * 400,
    "900 levels": b'{"metadata":' + b"[" * 900 + b"]" * 900 + b"}",
    "960 levels": b'{"attributes":' + b'{"a":' * 960 + b"1" + b"}" * 961,
    "raw null character": b'{"title": "a\x00b"}',
    "escaped null character": b'{"title": "a\\u0000b"}',
    "escaped null character after a backslash": b'{"title": "a\\\\\\u0000b"}',
    "null character in a name": b'{"ti\\u0000tle": "a"}',
    "raw control character": b'{"title": "a\x01b"}',
    "high surrogate alone": b'{"title": "\\ud800"}',
    "low surrogate alone": b'{"title": "\\udc00x"}',
    "not UTF-8": b'{"title": "\xff\xfe"}',
    "surrogate in UTF-8": b'{"title": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"title": "\xc0\xaf"}',
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "only spaces": b"   ",
}

WRONG_SHAPES: dict[str, Any] = {
    "null": None,
    "array": [],
    "array of objects": [{}],
    "text": "x",
    "empty text": "",
    "number": 1,
    "true": True,
    "unknown field": {"thereIsNoSuchField": 1},
    "unknown field with a long name": {"x" * 10_000: 1},
    "unknown field in many languages": {"名前": "Ä", "имя": "Ω"},
    "prototype": {"__proto__": {"role": "admin"}, "constructor": {"prototype": {}}},
}

WRONG_VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "empty text": "",
    "space": "   ",
    "text": "x",
    "direction marks": "\u202e\u2066",
    "long text": "a" * 20_000,
    "astral": "\U0001f600" * 300,
    "quote": "'; drop table users; --",
    "template": "{{7*7}} ${7*7} %s %n {0}",
    "negative": -1,
    "fraction": 0.1,
    "tiny": 5e-324,
    "largest double": 1.7976931348623157e308,
    "beyond 32 bits": 2**31,
    "beyond 63 bits": 2**63,
    "10^30": 10**30,
    "number as text": "1e400",
    "array": [],
    "array in arrays": [[[[]]]],
    "array of null": [None],
    "long array": list(range(5_000)),
    "object": {},
    "object with an empty name": {"": {"": ""}},
    "array of huge ids": [{"id": 10**30, "quantity": 10**30}],
}


@pytest.fixture(scope="module")
async def company(module_client: Client) -> dict[Any, Client]:
    return await callers(module_client)


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_not_sane_json_is_refused_by_every_route(
    module_client: Client, company: dict[Any, Client], content: bytes
) -> None:
    for route in unsafe_routes(module_client):
        reply = await allowed(company, route).request(route.method, route.path, content=content, headers=JSON)

        assert refusal(reply, 400)["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("value", WRONG_SHAPES.values(), ids=WRONG_SHAPES.keys())
async def test_json_of_the_wrong_shape_is_refused(
    module_client: Client, company: dict[Any, Client], value: Any
) -> None:
    for route in routes_with_body(module_client):
        if value is None and route.optional:
            continue
        reply = await allowed(company, route).request(route.method, route.path, json=value)

        assert refusal(reply, 400)["code"] == "VALIDATION_ERROR"
        assert reply.json()["details"]


async def test_an_unknown_field_is_named(module_client: Client, company: dict[Any, Client]) -> None:
    for route in routes_with_body(module_client):
        reply = await allowed(company, route).request(route.method, route.path, json={"thereIsNoSuchField": 1})

        assert "thereIsNoSuchField" in refusal(reply, 400)["details"]


async def test_a_missing_body_is_refused(module_client: Client, company: dict[Any, Client]) -> None:
    for route in [route for route in routes_with_body(module_client) if not route.optional]:
        for headers in ({}, JSON):
            reply = await allowed(company, route).request(route.method, route.path, headers=headers)

            assert "body" in refusal(reply, 400)["details"]


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
     "application/jsonp", "json", "application/json, text/plain", "*/*", "\u00e4/\u00f6"],
)  # fmt: skip
async def test_another_content_type_is_refused(
    module_client: Client, company: dict[Any, Client], content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type.encode("latin-1")}
    for route in unsafe_routes(module_client):
        reply = await allowed(company, route).request(route.method, route.path, content=b"{}", headers=headers)

        assert refusal(reply, 415)["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize("declared", [True, False], ids=["with its length", "in chunks"])
async def test_a_body_of_2_mb_is_refused(module_client: Client, company: dict[Any, Client], declared: bool) -> None:
    body = json.dumps({"title": "x" * 2_000_000}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    for route in routes_with_body(module_client):
        if (route.method, route.path) == ("POST", "/products/bulk"):
            continue  # takes 5 MB
        content = body if declared else chunks()
        reply = await allowed(company, route).request(route.method, route.path, content=content, headers=JSON)

        assert refusal(reply, 413)["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("value", WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
async def test_wrong_values_in_all_fields_at_once_never_break_a_route(
    module_client: Client, company: dict[Any, Client], value: Any
) -> None:
    for route in routes_with_body(module_client):
        assert route.body is not None
        body = {field.alias or name: value for name, field in route.body.model_fields.items()}
        reply = await allowed(company, route).request(route.method, route.path, json=body)

        if reply.status_code >= 400:
            refused = refusal(reply)
            assert refused["code"] != "VALIDATION_ERROR" or refused["details"]


async def test_each_wrong_value_alone_never_breaks_a_route(module_client: Client, company: dict[Any, Client]) -> None:
    for route in routes_with_body(module_client):
        assert route.body is not None
        for name, field in route.body.model_fields.items():
            for value in (None, 2**63, "\u202e", {"a": {"b": [1, {"c": None}]}}, [{"id": 2**63}]):
                body = {field.alias or name: value}
                reply = await allowed(company, route).request(route.method, route.path, json=body)

                if reply.status_code >= 400:
                    refusal(reply)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_no_json_at_all_breaks_a_route(
    module_client: Client, company: dict[Any, Client], data: st.DataObject
) -> None:
    route = data.draw(st.sampled_from(routes_with_body(module_client)))
    assert route.body is not None
    fields = {field.alias or name: JSON_VALUES for name, field in route.body.model_fields.items()}
    body = data.draw(st.fixed_dictionaries({}, optional=fields) | JSON_VALUES, label=route.path)
    reply = await allowed(company, route).request(
        route.method, route.path, content=json.dumps(body).encode("utf-8", "surrogatepass"), headers=JSON
    )

    if reply.status_code >= 400:
        refusal(reply)
    else:
        assert reply.status_code < 300
