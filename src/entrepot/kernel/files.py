"""File storage: put, get and delete by key. A local folder here; a bucket in `buckets.py`, behind the same functions."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO, Final, Protocol

import msgspec

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,50}(/[A-Za-z0-9][A-Za-z0-9._-]{0,199}){1,6}")
PUBLIC = "public"
PRIVATE = "private"

CHUNK_BYTES: Final = 1_000_000
"""Of a large file, this much is in memory at a time."""


class FileMissing(LookupError):
    """No file has this key."""


class Content(msgspec.Struct, frozen=True):
    """A file that is read piece by piece, as it was when it was opened. Read it to its end, or close `chunks`."""

    size_bytes: int
    chunks: AsyncIterator[bytes]


class Store(Protocol):
    """Where files are kept. Keys were checked before."""

    async def put(self, key: str, content: bytes) -> None: ...
    async def put_path(self, key: str, path: Path) -> None: ...
    async def get(self, key: str) -> bytes: ...
    async def open(self, key: str) -> Content: ...
    async def delete(self, key: str) -> None: ...


class Files:
    """Files by key, such as `public/products/12/1.webp`. What is not below `public/` is never served by address.

    A store that is reached over a network and does not answer raises Unavailable, whatever is asked of it.
    """

    def __init__(self, store: Store, base_url: str) -> None:
        self._store = store
        self._base_url = base_url.rstrip("/")

    async def put(self, key: str, content: bytes) -> None:
        """Store a file; a reader sees the old or the new one, never a part."""
        await self._store.put(_checked(key), content)

    async def put_path(self, key: str, path: Path) -> None:
        """Store a copy of a local file of any size, a piece at a time."""
        await self._store.put_path(_checked(key), path)

    async def get(self, key: str) -> bytes:
        """The content. Raises FileMissing."""
        return await self._store.get(_checked(key))

    async def open(self, key: str) -> Content:
        """The content of a large file, in pieces. Raises FileMissing, before there are any."""
        return await self._store.open(_checked(key))

    async def delete(self, key: str) -> None:
        """Remove a file; nothing happens when there is none."""
        await self._store.delete(_checked(key))

    def url(self, location: str) -> str:
        """The address of a public file: a key becomes one below the media address, anything else stays as it is."""
        if location.startswith(f"{PUBLIC}/"):
            return f"{self._base_url}/{location.removeprefix(f'{PUBLIC}/')}"
        return location

    def location(self, address: str) -> str:
        """The other way round: an address of ours, which clients send back as they read it, becomes its key again.

        What is stored is the key, so that an address may change with the CDN, and so that a file is known to be in use.
        """
        if address.startswith(f"{self._base_url}/"):
            key = f"{PUBLIC}/{address.removeprefix(f'{self._base_url}/')}"
            return key if KEY.fullmatch(key) else address
        return address


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise FileMissing(key)
    return key


class FolderStore:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, content: bytes) -> None:
        await self._write(key, lambda file: file.write(content))

    async def put_path(self, key: str, path: Path) -> None:
        def copy(file: IO[bytes]) -> None:
            with path.open("rb") as source:
                shutil.copyfileobj(source, file, CHUNK_BYTES)

        await self._write(key, copy)

    async def get(self, key: str) -> bytes:
        try:
            return await asyncio.to_thread((self._folder / key).read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise FileMissing(key) from None

    async def open(self, key: str) -> Content:
        try:
            file = await asyncio.to_thread((self._folder / key).open, "rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise FileMissing(key) from None
        return Content(os.fstat(file.fileno()).st_size, _chunks(file))

    async def delete(self, key: str) -> None:
        try:
            await asyncio.to_thread((self._folder / key).unlink, missing_ok=True)
        except NotADirectoryError:
            return

    async def _write(self, key: str, write: Callable[[IO[bytes]], object]) -> None:
        await asyncio.to_thread(_replace, self._folder / key, write, key.startswith(f"{PUBLIC}/"))


def _replace(path: Path, write: Callable[[IO[bytes]], object], public: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644 if public else 0o600)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
