"""Cross-origin requests: which browser clients may call, and with what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Header = tuple[bytes, bytes]

METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
REQUEST_HEADERS: Final = (
    b"Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Cart-Token, "
    b"X-Client-Version, X-Device-Id, X-Order-Token, X-Request-ID"
)
EXPOSED: Final = (
    b"ETag, Idempotency-Replayed, Location, Retry-After, X-Cart-Token, X-RateLimit-Limit, X-RateLimit-Remaining, "
    b"X-RateLimit-Reset, X-Request-ID"
)
MAX_AGE_S: Final = b"86400"


class Cors:
    """The headers for an origin. With `*` any origin may read, but without cookies.

    Replies to no origin at all say that they depend on it, too, so that a shared cache does not give them to a browser.
    """

    def __init__(self, origins: Sequence[str]) -> None:
        self._any = "*" in origins
        self._origins = {origin.encode() for origin in origins}

    def headers(self, origin: bytes | None) -> list[Header]:
        if not (self._any or self._origins):
            return []
        if origin in self._origins:
            allowed = [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]
        elif self._any and origin is not None:
            allowed = [(b"access-control-allow-origin", b"*")]
        else:
            return [(b"vary", b"Origin")]
        return [*allowed, (b"access-control-expose-headers", EXPOSED), (b"vary", b"Origin")]

    def preflight(self) -> list[Header]:
        """What a preflight says beyond the headers of every reply."""
        return [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-max-age", MAX_AGE_S),
        ]
