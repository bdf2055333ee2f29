"""A shopper: somebody with a connection who asks for things, and remembers how long each took."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from entrepot.bench.connection import Connection, Reply, request_bytes

API: Final = "/api/v1"


class Goods(msgspec.Struct, frozen=True):
    """What a shop has to be asked for."""

    total: int
    """Entries of the whole list."""

    ids: Sequence[int]
    """Products that are there, from all over the list."""

    filters: Sequence[Mapping[str, Any]]
    """Query parameters with values that products have."""

    words: Sequence[str]
    """Of titles."""

    buyable: Sequence[int]
    """Products of which there is more than anybody can buy."""


class Notes:
    """Seconds by step, and what went wrong by kind, of all shoppers of a scenario."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.journeys: list[float] = []
        self.errors: Counter[str] = Counter()

    def took(self, step: str, seconds: float) -> None:
        self.seconds.setdefault(step, []).append(seconds)


class Shopper:
    """Asks over one connection. `token` is a signed-in buyer's."""

    def __init__(
        self, connection: Connection, goods: Goods, chance: random.Random, notes: Notes, token: str | None
    ) -> None:
        self.connection = connection
        self.goods = goods
        self.chance = chance
        self.notes = notes
        self.headers: dict[str, str] = {} if token is None else {"Authorization": f"Bearer {token}"}

    async def get(self, step: str, path: str) -> Reply:
        return await self._ask(step, "GET", path, None)

    async def post(self, step: str, path: str, body: Any, **headers: str) -> Reply:
        return await self._ask(step, "POST", path, body, **headers)

    async def put(self, step: str, path: str, body: Any) -> Reply:
        return await self._ask(step, "PUT", path, body)

    async def delete(self, step: str, path: str) -> Reply:
        return await self._ask(step, "DELETE", path, None)

    async def _ask(self, step: str, method: str, path: str, body: Any, **headers: str) -> Reply:
        encoded = None if body is None else msgspec.json.encode(body)
        request = request_bytes(self.connection.host, method, API + path, {**self.headers, **headers}, encoded)
        began = time.perf_counter()
        reply = await self.connection.ask(request)
        self.notes.took(step, time.perf_counter() - began)
        if reply.status >= 400:
            self.notes.errors[f"{step}: {kind_of(reply)}"] += 1
            raise Refusal
        return reply


class Refusal(Exception):
    """The shop did not do what was asked for; the journey is over."""


def kind_of(reply: Reply) -> str:
    """Status and code of an error: `409 INSUFFICIENT_STOCK`."""
    code = re.search(rb'"code": ?"([A-Z_]+)"', reply.body)
    return f"{reply.status} {code[1].decode() if code is not None else ''}".strip()
