"""How Stripe's library reaches Stripe: over the HTTP client that the shop uses everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Mapping
from typing import Any

import httpx2
from stripe import APIConnectionError, HTTPClient

from entrepot.payments.provider_model import TIMEOUT_S

CONNECTIONS = 20


class StripeHttp(HTTPClient):
    """Stripe's own clients need libraries that are not here. A time-out or a broken connection may be tried again."""

    name = "httpx2"

    def __init__(self) -> None:
        super().__init__()
        self._http = httpx2.AsyncClient(
            timeout=TIMEOUT_S / 2, limits=httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=30)
        )

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            reply = await self._http.request(method, url, headers=dict(headers), content=post_data or None)
        except httpx2.HTTPError as error:
            raise APIConnectionError(type(error).__name__, should_retry=True) from None  # type: ignore[no-untyped-call]
        return reply.content, reply.status_code, reply.headers

    async def request_stream_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[AsyncIterable[bytes], int, Mapping[str, str]]:
        raise NotImplementedError("nothing that the shop asks of Stripe is streamed")

    def sleep_async(self, secs: float) -> Awaitable[None]:
        return asyncio.sleep(secs)

    async def close_async(self) -> None:
        await self._http.aclose()
