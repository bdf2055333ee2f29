"""Deadlines: how long a request may take, which the edge watches over. A large file is given longer, by its route."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any, Final

DEADLINE: Final = "entrepot.deadline"
"""Where the edge leaves, in the ASGI scope, the time-out that it has set."""


def extend(scope: MutableMapping[str, Any], seconds: float) -> None:
    """Give the request this long, from now on."""
    deadline: asyncio.Timeout | None = scope.get(DEADLINE)
    if deadline is not None and not deadline.expired():
        deadline.reschedule(asyncio.get_running_loop().time() + seconds)
