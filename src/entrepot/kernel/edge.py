"""The edge: what every request passes on its way in and every reply on its way out.

An ASGI application around the shop's own. In: address alias, request id, rate limit, cached reply. Out: own prices, envelope,
ETag, compression, security and CORS headers, log line, metrics.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping
from typing import Any, Final

import msgspec

from entrepot.kernel import clock, compression
from entrepot.kernel.card_numbers import without_card_numbers
from entrepot.kernel.cors import Cors
from entrepot.kernel.deadlines import DEADLINE
from entrepot.kernel.error_replies import REQUEST_ID, answer_at_edge
from entrepot.kernel.errors import Invalid, NotFound, RateLimited, Unavailable
from entrepot.kernel.languages import FALLBACK, preferred_language
from entrepot.kernel.metrics import Metrics
from entrepot.kernel.rate_limits import RateLimiter
from entrepot.kernel.reply_cache import Entry, Fill, ReplyCache, etag_of
from entrepot.kernel.routes import CACHE_TAGS
from entrepot.kernel.security_headers import security_headers

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[dict[str, Any]], Any]
App = Callable[[Scope, Receive, Send], Any]
Header = tuple[bytes, bytes]
OwnPage = Callable[[Mapping[str, Any], bytes, bytes], Awaitable[bytes | None]]
"""Scope, `Authorization` header and body of a reply that is the same for everybody; what its sender sees instead, if so."""

log = logging.getLogger("entrepot.requests")

_SANE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_JSON: Final = b"application/json"
_ENVELOPE_PROFILE: Final = re.compile(rb"profile\s*=\s*\"?envelope")
_ENVELOPE_QUERY: Final = re.compile(rb"(^|&)envelope=(true|1)(&|$)")
PUBLIC_CACHE_CONTROL: Final = b"public, max-age=1, must-revalidate"
PRIVATE_CACHE_CONTROL: Final = b"private, no-cache"


class Edge:
    """Wraps the shop's ASGI application."""

    def __init__(
        self,
        app: App,
        *,
        cache: ReplyCache,
        cached_route: Callable[[str], str | None],
        priced_routes: Container[str | None],
        own_page: OwnPage,
        limiter: RateLimiter | None,
        cors: Cors,
        metrics: Metrics,
        timeout_s: float,
    ) -> None:
        self._app = app
        self._cache = cache
        self._cached_route = cached_route
        self._priced_routes = priced_routes
        self._own_page = own_page
        self._limiter = limiter
        self._cors = cors
        self._metrics = metrics
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, _Exchange(self, scope, send))
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        try:
            if exchange.method == "OPTIONS" and exchange.header(b"access-control-request-method"):
                await exchange.finish(204, self._cors.preflight(), b"")
                return
            exchange.refuse_null_characters()
            await self._limit(exchange)
            route = self._cached_route(scope["path"]) if scope["method"] == "GET" else None
            if route is None:
                await self._run(scope, receive, exchange)
            else:
                await self._serve_cached(route, scope, receive, exchange)
        except Exception as error:
            if exchange.started:
                raise
            await exchange.refuse(error)
        finally:
            exchange.record()

    async def _limit(self, exchange: _Exchange) -> None:
        if self._limiter is None:
            return
        rule = self._limiter.rule_for(exchange.scope["path"])
        if rule is None:
            return
        verdict = await self._limiter.hit(rule, f"address:{exchange.address}")
        exchange.extra = [(name.lower().encode(), value.encode()) for name, value in verdict.headers.items()]
        if not verdict.allowed:
            raise RateLimited(verdict.reset_s)

    async def _serve_cached(self, route: str, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        exchange.route = route
        key = exchange.cache_key()
        entry = self._cache.get(key)
        if entry is None and (filling := self._cache.filling(key)) is not None:
            entry = await asyncio.shield(filling)
        if entry is not None:
            await exchange.send_entry(entry)
            return
        fill = self._cache.start(key) if self._cache.filling(key) is None else None
        exchange.fill = fill
        try:
            await self._run(scope, receive, exchange)
        finally:
            if fill is not None:
                fill.end()

    async def _run(self, scope: Scope, receive: Receive, exchange: _Exchange) -> None:
        try:
            async with asyncio.timeout(self._timeout_s) as deadline:
                scope[DEADLINE] = deadline
                await self._app(scope, receive, exchange.take)
        except TimeoutError:
            if not exchange.started:
                raise Unavailable("The request took too long and was given up: look before you try it again") from None
            raise


class _Exchange:
    """One request and its reply."""

    def __init__(self, edge: Edge, scope: Scope, send: Send) -> None:
        self.edge = edge
        self.scope = scope
        self.started = False
        self.extra: list[Header] = []
        self.fill: Fill | None = None
        self.route: str | None = None
        self.method: str = scope["method"]
        self._send = send
        self._began = time.perf_counter()
        self._headers = dict(scope["headers"])
        self._status = 0
        self._held: dict[str, Any] | None = None
        self._streaming = False
        self._rewrite()

    def _rewrite(self) -> None:
        """/api/products is /api/v1/products; HEAD is answered as GET, without the body."""
        path: str = self.scope["path"]
        if path.startswith("/api/") and not path.startswith("/api/v1/") and path != "/api/v1":
            self.scope["path"] = "/api/v1" + path[4:]
            self.scope["raw_path"] = self.scope["path"].encode()
        if self.method == "HEAD":
            self.scope["method"] = "GET"
        sent = self.header(b"x-request-id")
        self.request_id = sent.decode() if sent and _SANE_ID.fullmatch(sent) else secrets.token_hex(12)
        self.scope[REQUEST_ID] = self.request_id

    def header(self, name: bytes) -> bytes | None:
        value: bytes | None = self._headers.get(name)
        return value

    @property
    def origin(self) -> bytes | None:
        return self.header(b"origin")

    @property
    def address(self) -> str:
        client = self.scope.get("client")
        return client[0] if client else ""

    def refuse_null_characters(self) -> None:
        """PostgreSQL has no null character: a path with one names nothing, and no parameter can have one.

        Raises:
            NotFound, Invalid
        """
        if "\0" in self.scope["path"]:
            raise NotFound
        if b"%00" in self.scope["query_string"] or b"\0" in self.scope["query_string"]:
            raise Invalid({"query": ["must not contain a null character (%00)"]})

    def cache_key(self) -> str:
        header = (self.header(b"accept-language") or b"").decode("latin-1")
        language = preferred_language(header) or FALLBACK
        return f"{self.scope['path']}?{self.scope['query_string'].decode('latin-1')}#{language}"

    def _wants_envelope(self) -> bool:
        accept = self.header(b"accept") or b""
        return bool(_ENVELOPE_QUERY.search(self.scope["query_string"]) or _ENVELOPE_PROFILE.search(accept))

    async def take(self, message: dict[str, Any]) -> None:
        """The shop's side of `send`: holds the start back until the whole body is here, unless it comes in parts."""
        if self._streaming:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._held = message
        elif message.get("more_body"):
            await self._stream(message)
        elif message["type"] == "http.response.body":
            assert self._held is not None  # noqa: S101  ASGI: a start comes before a body
            await self._complete(self._held["status"], self._held["headers"], message.get("body", b""))
        else:
            await self._send(message)

    async def _stream(self, message: dict[str, Any]) -> None:
        assert self._held is not None  # noqa: S101  ASGI: a start comes before a body
        self._streaming = self.started = True
        self._status = self._held["status"]
        headers = [*self._held["headers"], *self._own_headers(self._held["headers"])]
        await self._send({**self._held, "headers": headers})
        await self._send(message)

    async def _complete(self, status: int, headers: Iterable[Header], body: bytes) -> None:
        """A whole reply from the shop: keep it if it may be kept, then send it."""
        tags = self.scope.get(CACHE_TAGS)
        plain = [header for header in headers if header[0].lower() != b"content-length"]
        if tags is None or status != 200:
            await self.finish(status, plain, body)
            return
        entry = None if self.fill is None else self.fill.keep(body, *tags)
        await self._send_public(body, etag_of(body) if entry is None else entry.etag, entry)

    async def send_entry(self, entry: Entry) -> None:
        """A reply from the cache."""
        await self._send_public(entry.body, entry.etag, entry)

    async def _send_public(self, body: bytes, etag: bytes, entry: Entry | None) -> None:
        varies, cache_control = b"Accept, Accept-Encoding, Accept-Language", PUBLIC_CACHE_CONTROL
        if self.route in self.edge._priced_routes:
            varies += b", Authorization"
            if (own := await self._own_page(body)) is not None:
                body, etag, entry, cache_control = own, etag_of(own), None, PRIVATE_CACHE_CONTROL
        headers = [
            (b"etag", etag),
            (b"cache-control", cache_control),
            (b"content-type", _JSON),
            (b"vary", varies),
        ]
        if not self._wants_envelope() and _matches(self.header(b"if-none-match"), etag):
            await self.finish(304, headers, b"")
        else:
            await self.finish(200, headers, body, entry)

    async def _own_page(self, body: bytes) -> bytes | None:
        token = self.header(b"authorization")
        if token is None:
            return None
        try:
            async with asyncio.timeout(self.edge._timeout_s):
                return await self.edge._own_page(self.scope, token, body)
        except TimeoutError:
            raise Unavailable from None

    async def refuse(self, error: Exception) -> None:
        """The reply for what went wrong outside any route."""
        reply, extra = answer_at_edge(error, self.request_id)
        headers = [(name.lower().encode(), value.encode()) for name, value in extra.items()]
        headers += [(b"content-type", _JSON), (b"cache-control", b"no-store")]
        await self.finish(reply.status, headers, msgspec.json.encode(reply))

    async def finish(self, status: int, headers: list[Header], body: bytes, entry: Entry | None = None) -> None:
        """Send a whole reply, in its envelope if asked for, compressed if worth it."""
        content_type = next((value for name, value in headers if name == b"content-type"), b"")
        if 200 <= status < 300 and content_type.startswith(_JSON) and self._wants_envelope():
            body, entry, status = self._in_envelope(status, body), None, status
        body, encoding = await self._compressed(content_type, body, entry)
        out = [*headers, *self._own_headers(headers), (b"content-length", str(len(body)).encode())]
        if encoding is not None:
            out.append((b"content-encoding", encoding.encode()))
            if b"etag" not in (name for name, _ in headers):
                out.append((b"vary", b"Accept-Encoding"))
        if status in (204, 304):
            out = [header for header in out if header[0] not in (b"content-length", b"content-type")]
            body = b""
        self.started = True
        self._status = status
        await self._send({"type": "http.response.start", "status": status, "headers": out})
        await self._send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else body})

    def _own_headers(self, headers: Iterable[Header]) -> list[Header]:
        own = frozenset(name for name, _ in headers)
        added = [(b"x-request-id", self.request_id.encode()), *self.extra, *self.edge._cors.headers(self.origin)]
        if b"cache-control" not in own:
            added.append((b"cache-control", b"no-store"))
        return [*added, *security_headers(self.scope.get("scheme", "http"), own)]

    def _in_envelope(self, status: int, body: bytes) -> bytes:
        meta = msgspec.json.encode({"requestId": self.request_id, "timestamp": clock.iso(clock.now())})
        message = b"Created" if status == 201 else b"Success"
        return b'{"data":%s,"status":%d,"message":"%s","meta":%s}' % (body or b"null", status, message, meta)

    async def _compressed(self, content_type: bytes, body: bytes, entry: Entry | None) -> tuple[bytes, str | None]:
        if len(body) < compression.MIN_BYTES or not compression.is_compressible(content_type):
            return body, None
        encoding = compression.choose(self.header(b"accept-encoding") or b"")
        if encoding is None:
            return body, None
        if entry is not None and encoding in entry.compressed:
            return entry.compressed[encoding], encoding
        if len(body) >= compression.OFF_LOOP_BYTES:
            packed = await asyncio.to_thread(compression.compress, body, encoding)
        else:
            packed = compression.compress(body, encoding)
        if entry is not None and encoding not in entry.compressed:  # another request may have packed it meanwhile
            entry.compressed[encoding] = packed
            self.edge._cache.grew(entry, len(packed))
        return packed, encoding

    def record(self) -> None:
        """The log line and the metrics of this exchange."""
        duration_s = time.perf_counter() - self._began
        route = self.route or self.scope.get("path_template") or "(none)"
        self.edge._metrics.observe(self.method, route, self._status, duration_s)
        if log.isEnabledFor(logging.INFO):
            actor = self.scope.get("state", {}).get("entrepot.actor")
            log.info(
                "%s %s",
                self.method,
                without_card_numbers(self.scope["path"]),
                extra={
                    "request_id": self.request_id,
                    "status": self._status,
                    "duration_ms": round(duration_s * 1000, 2),
                    "user_id": actor.user_id if actor is not None else None,
                    "client_version": _short(self.header(b"x-client-version")),
                    "device_id": _short(self.header(b"x-device-id")),
                },
            )


def _matches(if_none_match: bytes | None, etag: bytes) -> bool:
    """Compared weakly, as RFC 9110 has it: proxies that compress make a strong ETag weak, and the other way round."""
    if if_none_match is None:
        return False
    tags = [part.strip().removeprefix(b"W/") for part in if_none_match.split(b",")]
    return tags == [b"*"] or etag.removeprefix(b"W/") in tags


def _short(value: bytes | None) -> str | None:
    return without_card_numbers(value.decode("latin-1")[:100]) if value else None
