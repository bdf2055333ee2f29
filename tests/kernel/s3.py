"""A real S3 server on this machine (moto's), and servers that behave badly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
from moto.server import ThreadedMotoServer

from entrepot.kernel.buckets import Bucket, BucketStore
from entrepot.settings import Settings, load_settings
from tests.builders import unique

KEY_ID: Final = "AKIATEST"
SECRET: Final = "secret-of-the-bucket"


class S3(msgspec.Struct, frozen=True):
    """The server's address."""

    endpoint: str

    def a_bucket(self) -> str:
        """A new bucket of its own."""
        name = unique("bucket")
        httpx.put(f"{self.endpoint}/{name}").raise_for_status()
        return name

    def objects(self, bucket: str) -> set[str]:
        """The keys in a bucket."""
        listed = httpx.get(f"{self.endpoint}/{bucket}?list-type=2").text
        return {part.partition("</Key>")[0] for part in listed.split("<Key>")[1:]}

    def settings(self, bucket: str, home: Path, **overrides: object) -> Settings:
        """Of a shop that keeps its files there."""
        return load_settings(
            _env_file=None,
            home=home,
            rate_limit_enabled=False,
            log_level="error",
            **{
                "aws_s3_bucket": bucket,
                "aws_endpoint_url": self.endpoint,
                "aws_access_key_id": KEY_ID,
                "aws_secret_access_key": SECRET,
                **overrides,
            },
        )

    @contextmanager
    def strict(self) -> Iterator[None]:
        """Inside the block, only keys that the server knows are let in; it knows none."""
        httpx.post(f"{self.endpoint}/moto-api/reset-auth", content=b"0").raise_for_status()
        try:
            yield
        finally:
            httpx.post(f"{self.endpoint}/moto-api/reset-auth", content=b"inf").raise_for_status()


@contextmanager
def s3_server() -> Iterator[S3]:
    """A server on a free port, for as long as the block lasts."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()


def a_store(bucket: str, endpoint: str) -> BucketStore:
    return BucketStore(
        Bucket(name=bucket, region="us-east-1", endpoint=endpoint, access_key_id=KEY_ID, secret_access_key=SECRET)
    )


@asynccontextmanager
async def answering(reply: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """The address of a server that answers every request with the same bytes, or never, and what it was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
            if reply is None:
                await reader.read()
            writer.write(reply or b"")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()
