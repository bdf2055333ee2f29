"""Requests exactly as they come over the wire: no client tidies their path or headers up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from entrepot.app import Application

Header = tuple[str, str]


class RawReply(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


async def send_raw(
    app: Any,
    method: str,
    target: str,
    headers: Sequence[Header] = (),
    body: bytes = b"",
    client: tuple[str, int] = ("127.0.0.1", 1234),
) -> RawReply:
    """Send a request to an ASGI application as uvicorn hands it over, its path percent-decoded and otherwise untouched."""
    raw_path, _, query = target.partition("?")
    messages: list[dict[str, Any]] = []
    incoming = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(incoming, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 3000),
        "client": client,
        "scheme": "http",
        "method": method,
        "root_path": "",
        "path": unquote_to_bytes(raw_path).decode("utf-8", errors="replace"),
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "headers": [
            *([] if any(name.lower() == "host" for name, _ in headers) else [(b"host", b"shop.test")]),
            *((name.lower().encode(), value.encode("latin-1")) for name, value in headers),
        ],
        "state": {},
    }
    await app(scope, receive, send)
    start = next(message for message in messages if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
    return RawReply(start["status"], list(start["headers"]), content)


async def send_json(app: Application, method: str, target: str, token: str | None, body: Any) -> RawReply:
    """Send a JSON body, or none, signed in with a token, or as a guest."""
    headers = [("Authorization", f"Bearer {token}")] if token is not None else []
    if body is None:
        return await send_raw(app, method, target, headers)
    return await send_raw(
        app, method, target, [*headers, ("Content-Type", "application/json")], msgspec.json.encode(body)
    )
