"""Searching in tests: the index follows within a second, so what is looked for is waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.builders import Client
from tests.search.keeping import until

FRESH_S = 5.0
"""The promise is one second; a machine that runs other things as well gets more."""


async def search(client: Client, text: str, **query: Any) -> dict[str, Any]:
    """The reply to a search."""
    reply = await client.get("/products/search", params={"q": text, "limit": 50, **query})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def ids_of(found: dict[str, Any]) -> list[int]:
    return [product["id"] for product in found["products"]]


async def found_when(
    client: Client, text: str, condition: Callable[[dict[str, Any]], bool], **query: Any
) -> dict[str, Any]:
    """Search until the reply is as it should be."""
    last: dict[str, Any] = {}

    async def is_so() -> bool:
        nonlocal last
        client.app.cache.clear()  # what is looked at is the index, not the cache's second
        last = await search(client, text, **query)
        return condition(last)

    try:
        await until(is_so, FRESH_S)
    except AssertionError:
        raise AssertionError(f"{quote(text)} {query}: {last}") from None
    return last


async def indexed(client: Client, text: str, *product_ids: int, **query: Any) -> dict[str, Any]:
    """Search until all these products are found, and no others."""
    return await found_when(client, text, lambda found: sorted(ids_of(found)) == sorted(product_ids), **query)
