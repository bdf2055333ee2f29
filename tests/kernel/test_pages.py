"""Pages of a list, as the contract counts them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel.errors import Invalid
from entrepot.kernel.pages import (
    ALL_LIMIT,
    MAX_LIMIT,
    Page,
    WrongCursor,
    a_cursor_id,
    decode_cursor,
    encode_cursor,
    page,
)
from tests.builders import Client


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, Page(0, 10)),
        ({"limit": 5}, Page(0, 5)),
        ({"limit": 0}, Page(0, ALL_LIMIT)),
        ({"limit": 100}, Page(0, MAX_LIMIT)),
        ({"limit": 101}, Page(0, MAX_LIMIT)),
        ({"limit": 10**30}, Page(0, MAX_LIMIT)),
        ({"skip": 30}, Page(30, 10)),
        ({"skip": 0, "limit": 3}, Page(0, 3)),
        ({"page_number": 1}, Page(0, 10)),
        ({"page_number": 4, "limit": 25}, Page(75, 25)),
        ({"page_number": 2, "limit": 0}, Page(1000, 1000)),
        ({"page_number": 10_000_000, "limit": 100}, Page(10_000_000, 100)),
    ],
    ids=str,
)
def test_what_is_asked_for(asked: dict[str, Any], expected: Page) -> None:
    assert page(**asked) == expected


@pytest.mark.parametrize(
    "asked",
    [{"skip": 0, "page_number": 1}, {"skip": 1, "cursor": "WzFd"}, {"page_number": 1, "cursor": "WzFd"}],
    ids=str,
)
def test_only_one_way_at_a_time(asked: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        page(**asked)


@given(
    st.lists(
        st.integers(-(2**63), 2**63 - 1)
        | st.text(st.characters(exclude_categories=["Cs"]))
        | st.booleans()
        | st.none(),
        min_size=1,
    )
)
def test_a_cursor_comes_back_as_it_was(key: list[Any]) -> None:
    token = encode_cursor(*key)

    assert decode_cursor(token) == tuple(key)
    assert token.isascii()
    assert not set(token) & set("+/=&?# ")


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused(token: str) -> None:
    with suppress(WrongCursor):
        assert decode_cursor(token)


def test_a_cursor_that_is_none_is_refused_by_its_name() -> None:
    with pytest.raises(WrongCursor) as refused:
        decode_cursor("nonsense")
    assert refused.value.details == {"cursor": ["is not a cursor of this list: start again without it"]}


@pytest.mark.parametrize("value", [True, None, "1", 1.0, 2**63, -(2**63) - 1, [], {}])
def test_what_is_no_id(value: Any) -> None:
    with pytest.raises(Invalid):
        a_cursor_id(value)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=1.5", "limit"), ("limit=", "limit"), ("skip=-1", "skip"),
        ("skip=10000001", "skip"), ("page=0", "page"), ("page=-1", "page"), ("skip=1&page=1", "page"), ("skip=1&cursor=WzFd",
        "page"),
    ],
)  # fmt: skip
async def test_what_is_no_page_is_refused_by_its_name(client: Client, query: str, field: str) -> None:
    reply = await client.get(f"/products?{query}")

    assert (reply.status_code, reply.json()["code"], list(reply.json()["details"])) == (
        400,
        "VALIDATION_ERROR",
        [field],
    )
    assert "Expected" not in reply.text
