"""Large uploads: the one file of a multipart form, on disk, never whole in memory.

A controller that takes such files provides them under the injected name `upload`, and its routes declare `large=True`.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, MutableMapping
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile

from entrepot.kernel.deadlines import extend
from entrepot.kernel.idempotency import BODY_DIGEST
from entrepot.kernel.uploads import sent_file

TIME_TO_ARRIVE_S: Final = 1_800
CHUNK_BYTES: Final = 1_000_000


class LargeUpload(msgspec.Struct, frozen=True):
    """A file as it was sent, as long as the request lasts. Neither its name nor its type is to be believed."""

    filename: str
    path: Path
    size_bytes: int


async def large_upload(request: Request[Any, Any, Any]) -> AsyncIterator[LargeUpload]:
    """The file in the form field that the route declares with `multipart`.

    Raises:
        Invalid, Malformed: see `sent_file`.
        PayloadTooLarge: a body that is larger than the route allows is not even read to its end.
    """
    scope = cast("MutableMapping[str, Any]", request.scope)
    extend(scope, TIME_TO_ARRIVE_S)
    with tempfile.NamedTemporaryFile(prefix="entrepot-") as named:
        path = Path(named.name)
        async with sent_file(request) as file:
            filename = file.filename
            size_bytes, digest = await asyncio.to_thread(_copy, file, path)
        scope[BODY_DIGEST] = digest
        yield LargeUpload(filename, path, size_bytes)


def _copy(source: UploadFile, target: Path) -> tuple[int, bytes]:
    """The size of the file, and the hash of its content."""
    digest, size_bytes = hashlib.sha256(), 0
    with target.open("wb") as file:
        while chunk := source.file.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
            size_bytes += len(chunk)
    return size_bytes, digest.digest()
