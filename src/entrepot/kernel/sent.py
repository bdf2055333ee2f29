"""A request as it was sent, for whoever has to check what was signed."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request


class Sent(msgspec.Struct, frozen=True):
    """Header names in lower case, and the body to the byte."""

    headers: dict[str, str]
    body: bytes


async def sent(request: Request[Any, Any, Any]) -> Sent:
    return Sent({name.lower(): value for name, value in request.headers.items()}, await request.body())
