"""One keep-alive connection that sends a request and waits for its reply, at as little cost as can be.

The load shares the machine with what it measures: a full HTTP client would take more time than the server.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import msgspec

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END_OF_HEAD: Final = b"\r\n\r\n"

TIMEOUT_S: Final = 60


class Reply(msgspec.Struct, frozen=True):
    """What came back; `head` is the status line and the headers."""

    status: int
    head: bytes
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    def header(self, name: str) -> str | None:
        found = re.search(rb"\r\n" + name.encode() + rb": *([^\r]*)", self.head, re.IGNORECASE)
        return None if found is None else found[1].decode()


class Connection(asyncio.Protocol):
    """Asks one thing after the other."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._length = -1
        self._answered: asyncio.Future[Reply] | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(lambda: cls(host), host, port)
        return connection

    async def ask(self, request: bytes) -> Reply:
        """Send a whole request. Raises ConnectionError when the server hangs up, TimeoutError after a minute."""
        if self._transport is None:
            raise ConnectionError("not connected")
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answered = answered
        self._transport.write(request)
        give_up = asyncio.get_running_loop().call_later(TIMEOUT_S, _fail, answered, TimeoutError())
        try:
            return await answered
        finally:
            give_up.cancel()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a TCP transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answered is not None:
            _fail(self._answered, exc or ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._length < 0:
            end = self._received.find(_END_OF_HEAD)
            if end < 0:
                return
            stated = _LENGTH.search(self._received, 0, end + 2)
            self._length = end + len(_END_OF_HEAD) + (int(stated[1]) if stated is not None else 0)
        if len(self._received) >= self._length:
            self._answer()

    def _answer(self) -> None:
        whole = bytes(self._received[: self._length])
        del self._received[: self._length]
        self._length = -1
        head, _, body = whole.partition(_END_OF_HEAD)
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(Reply(int(head[9:12]), head, body))


def _fail(answered: asyncio.Future[Reply], error: Exception) -> None:
    if not answered.done():
        answered.set_exception(error)


def request_bytes(host: str, method: str, path: str, headers: dict[str, str], body: bytes | None) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + _END_OF_HEAD + (body or b"")
