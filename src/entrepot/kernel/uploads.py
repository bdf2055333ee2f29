"""Uploads: the one file of a multipart form, in memory, its size bounded by a setting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile

from entrepot.kernel.errors import Invalid, Malformed, PayloadTooLarge

FORM_BYTES: Final = 4_096
"""What a form adds to the file that it carries: boundaries, names, types."""


class Upload(msgspec.Struct, frozen=True):
    """A file as it was sent. Neither its name nor its type is to be believed."""

    filename: str
    content: bytes


async def upload(request: Request[Any, Any, Any]) -> Upload:
    """The file in the form field that the route declares with `multipart`.

    Raises:
        Invalid, Malformed: see `sent_file`.
        PayloadTooLarge: a file that is larger than the route allows; a body that is, is not even read to its end.
    """
    await request.body()  # kept, for whoever reads it after the form
    async with sent_file(request) as file:
        content = await file.read()
        if len(content) > (request.route_handler.resolve_request_max_body_size() or 0) - FORM_BYTES:
            raise PayloadTooLarge
        return Upload(file.filename, content)


@asynccontextmanager
async def sent_file(request: Request[Any, Any, Any]) -> AsyncIterator[UploadFile]:
    """The one file of the form, to be read inside the block.

    Raises:
        Invalid: no file there, more than one, or fields that the route does not know.
        Malformed: a form that cannot be read.
    """
    field: str = request.route_handler.opt["multipart"]
    try:
        form = await request.form()
    except (UnicodeDecodeError, LookupError):
        raise Malformed("The form contains text in an encoding that it does not declare") from None
    try:
        if unknown := sorted(form.keys() - {field}):
            raise Invalid({name: [f"is not known: send only {field}"] for name in unknown[:10]})
        files = form.getall(field, [])
        if len(files) != 1 or not isinstance(files[0], UploadFile):
            raise Invalid({field: ["is required: send one file"]})
        yield files[0]
    finally:
        await form.close()
