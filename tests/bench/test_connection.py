"""The benchmark's connection reads replies whole, however they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from entrepot.bench.connection import Connection, request_bytes

REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Cart-Token: abc\r\n\r\nhello"


@asynccontextmanager
async def a_server(pieces: Sequence[bytes], *, hangs_up: bool = False) -> AsyncIterator[int]:
    """Answers each request with the pieces, one at a time; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if hangs_up:
                    break
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    "pieces",
    [[REPLY], [REPLY[:20], REPLY[20:]], [REPLY[n : n + 1] for n in range(len(REPLY))], [REPLY[:-1], REPLY[-1:]]],
)
async def test_a_reply_is_read_whole(pieces: list[bytes]) -> None:
    async with a_server(pieces) as port:
        connection = await Connection.open("127.0.0.1", port)
        for _ in range(3):
            reply = await connection.ask(request_bytes("shop.test", "GET", "/", {}, None))
            assert (reply.status, reply.body, reply.header("x-cart-token")) == (200, b"hello", "abc")
        connection.close()


async def test_a_reply_without_a_body_is_read_too() -> None:
    async with a_server([b"HTTP/1.1 204 No Content\r\n\r\n"]) as port:
        connection = await Connection.open("127.0.0.1", port)
        assert (await connection.ask(request_bytes("shop.test", "DELETE", "/", {}, None))).status == 204
        connection.close()


async def test_a_server_that_hangs_up_is_noticed() -> None:
    async with a_server([REPLY[:30]], hangs_up=True) as port:
        connection = await Connection.open("127.0.0.1", port)
        with pytest.raises(ConnectionError):
            await connection.ask(request_bytes("shop.test", "GET", "/", {}, None))


def test_a_request_is_written_as_http_wants_it() -> None:
    written = request_bytes("shop.test", "POST", "/cart", {"X-Cart-Token": "abc"}, b"{}")
    assert written == (
        b"POST /cart HTTP/1.1\r\nHost: shop.test\r\nX-Cart-Token: abc\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
