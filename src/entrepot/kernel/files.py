"""File storage: put, get and delete by key. A local folder; other stores come behind the same functions."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,50}(/[A-Za-z0-9][A-Za-z0-9._-]{0,199}){1,6}")
PUBLIC = "public"
PRIVATE = "private"


class FileMissing(LookupError):
    """No file has this key."""


class Files:
    """Files by key, such as `public/products/12/1.webp`. What is not below `public/` is never served by address."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self._folder = folder
        self._base_url = base_url.rstrip("/")

    async def put(self, key: str, content: bytes) -> None:
        """Store a file; a reader sees the old or the new one, never a part."""
        await asyncio.to_thread(self._write, self._path(key), content, key.startswith(f"{PUBLIC}/"))

    async def get(self, key: str) -> bytes:
        """The content. Raises FileMissing."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise FileMissing(key) from None

    async def delete(self, key: str) -> None:
        """Remove a file; nothing happens when there is none."""
        await asyncio.to_thread(lambda: self._path(key).unlink(missing_ok=True))

    def url(self, location: str) -> str:
        """The address of a public file: a key becomes one below the media address, anything else stays as it is."""
        if location.startswith(f"{PUBLIC}/"):
            return f"{self._base_url}/{location.removeprefix(f'{PUBLIC}/')}"
        return location

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise FileMissing(key)
        return self._folder / key

    @staticmethod
    def _write(path: Path, content: bytes, public: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644 if public else 0o600)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
