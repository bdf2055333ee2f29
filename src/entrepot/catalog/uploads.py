"""Uploads: pictures that people send, made anew and kept with a thumbnail, until a product shows them or a week is over.

A row and its files come and go in this order, so that no file is without a row and no row that is shown without its files:
the row is claimed, the files are written, the row is marked as stored. What is given up leaves a note in `discarded_files`
in the transaction that deletes the row, and a job deletes the files. Wherever a process dies in between, the job goes on.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from entrepot.catalog import uploads_queries
from entrepot.catalog.uploads_queries import UploadFile, UploadRow
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.errors import Conflict, Invalid, NotFound, Unavailable, Unprocessable
from entrepot.kernel.files import PUBLIC, Files
from entrepot.kernel.pictures import webp_with_thumbnail

FIELD: Final = "file"
SIDE: Final = 2_000
THUMBNAIL_SIDE: Final = 400
CONTENT_TYPE: Final = "image/webp"

MAX_IDLE: Final = 200
MAX_IDLE_BYTES: Final = 200_000_000
KEPT_IDLE_FOR: Final = timedelta(days=7)
"""So many pictures, and so long, may somebody keep that no product shows."""

WRITTEN_WITHIN: Final = timedelta(hours=1)
"""Far longer than a request may take: what is not stored by then never will be."""

DELETED_AFTER: Final = timedelta(minutes=1)
"""A write that was given up may still be under way, and would bring a file back that was deleted meanwhile."""

BATCH: Final = 500

KEY: Final = re.compile(r"[0-9a-f]{32}")
_LOCATION: Final = re.compile(rf"{PUBLIC}/uploads/({KEY.pattern})(?:-small)?\.webp")


class TooManyUploads(Unprocessable):
    code = "TOO_MANY_UPLOADS"
    message = (
        f"You have {MAX_IDLE} uploads, or {MAX_IDLE_BYTES // 1_000_000} MB of them, that no product shows: "
        "use them, or delete some"
    )


class UploadNotFound(NotFound):
    code = "UPLOAD_NOT_FOUND"
    message = "You have no upload with this key"


class UploadInUse(Conflict):
    code = "UPLOAD_IN_USE"
    message = "A product shows this picture: take it away there first"


class UnknownUpload(Invalid):
    """Raised by the database: there is no such upload, or no longer."""

    def __init__(self) -> None:
        super().__init__({"images": ["must be uploads that there are: upload the picture with POST /upload first"]})


class UnknownThumbnail(Invalid):
    """As above."""

    def __init__(self) -> None:
        super().__init__({"thumbnail": ["must be an upload that there is: upload the picture with POST /upload first"]})


async def store_upload(database: Database, files: Files, actor: Actor, content: bytes) -> UploadRow:
    """Keep a picture for later.

    Raises:
        NotAPicture, Invalid, Unavailable: see `webp_with_thumbnail`.
        TooManyUploads
        Unavailable: the file storage cannot be reached.
    """
    async with (
        written(database, files, actor, content, field=FIELD, claim=_claim) as upload,
        database.transaction() as tx,
    ):
        await mark_stored(tx, upload)
    return upload


async def _claim(tx: Tx, upload: UploadRow) -> None:
    if upload.owner_id is not None:
        await uploads_queries.lock_owner(tx, upload.owner_id)
    since = upload.created_at - KEPT_IDLE_FOR
    if not await uploads_queries.claim_upload(tx, upload, since, MAX_IDLE, MAX_IDLE_BYTES):
        raise TooManyUploads


@asynccontextmanager
async def written(
    database: Database,
    files: Files,
    actor: Actor,
    content: bytes,
    *,
    field: str,
    claim: Callable[[Tx, UploadRow], Awaitable[None]] = uploads_queries.insert_upload,
) -> AsyncIterator[UploadRow]:
    """Inside the block, the files are there, and `mark_stored` makes them an upload that stays. Otherwise they are given up.

    Making the picture anew and writing the files stand outside of any transaction.

    Raises:
        NotAPicture, Invalid, Unavailable: see `webp_with_thumbnail`.
        Unavailable: the file storage cannot be reached.
    """
    made = await webp_with_thumbnail(content, SIDE, THUMBNAIL_SIDE, field=field)
    upload = UploadRow(
        key=secrets.token_hex(16),
        owner_id=actor.id,
        width=made.width,
        height=made.height,
        size_bytes=len(made.picture),
        created_at=clock.now(),
    )
    async with database.transaction() as tx:
        await claim(tx, upload)
    try:
        location = location_of(upload.key)
        await files.put(thumbnail_of(location), made.thumbnail)
        await files.put(location, made.picture)
        yield upload
    except BaseException:
        async with database.transaction() as tx:
            await discard(tx, [upload.key])
        raise


async def mark_stored(tx: Tx, upload: UploadRow) -> None:
    """Raises Unavailable when the clean-up has given it up: the files took longer than WRITTEN_WITHIN."""
    if not await uploads_queries.claim_stored(tx, upload.key):
        raise Unavailable


async def delete_upload(tx: Tx, actor: Actor, key: str) -> None:
    """Delete one's own upload, or anybody's, for an administrator.

    Raises:
        UploadNotFound: there is none of this key, or it is somebody else's.
        UploadInUse: a product shows it.
    """
    if not KEY.fullmatch(key):
        raise UploadNotFound
    upload = await uploads_queries.lock_upload(tx, key, owner_id=None if actor.is_admin else actor.id)
    if upload is None:
        raise UploadNotFound
    if not await discard(tx, [key]):
        raise UploadInUse
    if upload.owner_id != actor.id:
        await record_change(tx, actor, "upload.deleted", Subject("upload", key), before={"owner": upload.owner_id})


async def discard(tx: Tx, keys: Sequence[str]) -> list[str]:
    """Delete those of these uploads that nothing shows; returns their keys. The clean-up deletes the files."""
    if not keys:
        return []
    await uploads_queries.lock_uploads(tx, keys)
    return await uploads_queries.discard_idle(tx, [file for key in keys for file in files_of(key)])


async def forget_person(tx: Tx, user_id: int) -> None:
    """Somebody is erased: what no product shows of theirs goes, the rest is nobody's."""
    await discard(tx, await uploads_queries.lock_uploads_of(tx, user_id))
    await uploads_queries.forget_owner(tx, user_id)


def location_of(key: str) -> str:
    """Where the picture lies in the file storage."""
    return f"{PUBLIC}/uploads/{key}.webp"


def thumbnail_of(location: str) -> str:
    """The small picture of an upload. Of a picture that lies elsewhere there is none: it is its own."""
    key = upload_of(location)
    return location if key is None else f"{PUBLIC}/uploads/{key}-small.webp"


def upload_of(location: str) -> str | None:
    """The key of the upload that a file belongs to; None if it is no upload's."""
    match = _LOCATION.fullmatch(location)
    return match[1] if match is not None else None


def files_of(key: str) -> list[UploadFile]:
    """The files of an upload, small and large."""
    location = location_of(key)
    return [UploadFile(key, location), UploadFile(key, thumbnail_of(location))]
