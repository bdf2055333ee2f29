"""Files in a bucket of S3, or of whatever speaks its protocol (MinIO, R2, Ceph, ...)."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from entrepot.kernel.errors import Unavailable
from entrepot.kernel.files import PUBLIC, Content, FileMissing

if TYPE_CHECKING:
    from obstore.store import S3Config

log = logging.getLogger("entrepot.files")

CONNECT_TIMEOUT_S: Final = 3
ATTEMPT_TIMEOUT_S: Final = 10
RETRIES: Final = 2
TIMEOUT_S: Final = 20
"""For a small file, all attempts together: well below the time that a request may take."""

PART_BYTES: Final = 8_000_000
PARTS_AT_ONCE: Final = 2
"""A large file is sent and read in parts, so that it is never in memory as a whole."""

PUBLIC_MAX_AGE_S: Final = 86_400
"""How long a CDN in front of the bucket may keep a file."""


class StorageUnavailable(Unavailable):
    message = "The file storage cannot be reached: try again shortly"


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Where the bucket is, and how to get in. Without a key, the machine's own role counts (EC2, ECS, ...)."""

    name: str
    region: str
    endpoint: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


class BucketStore:
    """Files as objects of a bucket. Time and attempts are bounded; what then has not worked is StorageUnavailable."""

    def __init__(self, bucket: Bucket) -> None:
        config: S3Config = {
            "region": bucket.region,
            "disable_bulk_delete": True,  # not everybody who speaks S3 can do it
        }
        if bucket.endpoint is not None:
            config["endpoint"] = bucket.endpoint
        if bucket.access_key_id is not None and bucket.secret_access_key is not None:
            config["access_key_id"] = bucket.access_key_id
            config["secret_access_key"] = bucket.secret_access_key
        self._store = S3Store(
            bucket.name,
            config=config,
            client_options={
                "allow_http": bucket.endpoint is not None and bucket.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=CONNECT_TIMEOUT_S),
                "timeout": timedelta(seconds=ATTEMPT_TIMEOUT_S),
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=TIMEOUT_S)},
        )

    async def put(self, key: str, content: bytes) -> None:
        with _spoken(key, writing=True):
            async with asyncio.timeout(TIMEOUT_S):
                await obstore.put_async(self._store, key, content, attributes=_attributes(key), use_multipart=False)

    async def put_path(self, key: str, path: Path) -> None:
        with _spoken(key, writing=True):
            await obstore.put_async(
                self._store,
                key,
                path,
                attributes=_attributes(key),
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    async def get(self, key: str) -> bytes:
        with _spoken(key):
            async with asyncio.timeout(TIMEOUT_S):
                return bytes(await (await obstore.get_async(self._store, key)).bytes_async())

    async def open(self, key: str) -> Content:
        with _spoken(key):
            async with asyncio.timeout(TIMEOUT_S):
                meta = await obstore.head_async(self._store, key)
        return Content(meta["size"], self._parts(key, meta["size"], meta["e_tag"]))

    async def _parts(self, key: str, size_bytes: int, e_tag: str | None) -> AsyncIterator[bytes]:
        """Part after part of the same version: a file that is replaced meanwhile is not patched together."""
        for start in range(0, size_bytes, PART_BYTES):
            with _spoken(key):
                async with asyncio.timeout(TIMEOUT_S):
                    part = await obstore.get_async(
                        self._store,
                        key,
                        options={"range": (start, min(start + PART_BYTES, size_bytes)), "if_match": e_tag},
                    )
                    content = bytes(await part.bytes_async())
            yield content

    async def delete(self, key: str) -> None:
        with _spoken(key, writing=True):
            async with asyncio.timeout(TIMEOUT_S):
                await obstore.delete_async(self._store, key)


def _attributes(key: str) -> dict[str, str]:
    """What a CDN needs that serves the bucket by itself. Nobody but the shop serves what is not public."""
    kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
    public = key.startswith(f"{PUBLIC}/")
    return {
        "Content-Type": kind,
        "Cache-Control": f"public, max-age={PUBLIC_MAX_AGE_S}" if public else "private, no-store",
    }


@contextmanager
def _spoken(key: str, *, writing: bool = False) -> Iterator[None]:
    """What goes wrong, as the shop says it. A bucket that there is not is no missing file, though S3 answers 404 as well."""
    try:
        yield
    except FileNotFoundError as error:
        if writing or "NoSuchBucket" in str(error):
            raise _unavailable(key, error) from error
        raise FileMissing(key) from None
    except (BaseError, OSError, TimeoutError, ValueError) as error:
        raise _unavailable(key, error) from error


def _unavailable(key: str, error: Exception) -> StorageUnavailable:
    log.error("the bucket refused %s: %s: %.500s", key, type(error).__name__, error)
    return StorageUnavailable()
