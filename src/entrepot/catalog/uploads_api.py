"""The HTTP surface of uploads."""

from __future__ import annotations

import msgspec
from litestar import Controller

from entrepot.catalog.uploads import (
    CONTENT_TYPE,
    FIELD,
    TooManyUploads,
    UploadInUse,
    UploadNotFound,
    delete_upload,
    location_of,
    store_upload,
    thumbnail_of,
)
from entrepot.catalog.uploads_queries import UploadRow
from entrepot.kernel.actors import Actor, signed_in
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.files import Files
from entrepot.kernel.pictures import NotAPicture
from entrepot.kernel.routes import delete, post
from entrepot.kernel.uploads import Upload
from entrepot.shop import Shop


class UploadView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A picture that was uploaded. `url` goes into a product's `images` or `thumbnail`; `key` deletes it."""

    key: str
    url: str
    thumbnail_url: str
    width: int
    height: int
    size_bytes: int
    content_type: str

    @classmethod
    def of(cls, upload: UploadRow, files: Files) -> UploadView:
        location = location_of(upload.key)
        return cls(
            key=upload.key,
            url=files.url(location),
            thumbnail_url=files.url(thumbnail_of(location)),
            width=upload.width,
            height=upload.height,
            size_bytes=upload.size_bytes,
            content_type=CONTENT_TYPE,
        )


class UploadController(Controller):
    path = "/upload"
    tags = ["Catalog"]

    @post("/", guard=signed_in, multipart=FIELD, refuses=(TooManyUploads, NotAPicture, Unavailable))
    async def upload(self, actor: Actor, shop: Shop, upload: Upload) -> UploadView:
        """Upload a picture: JPEG, PNG or WebP, by default up to 5 MB.

        It is made anew with at most 2,000 pixels on the longer side, and gets a thumbnail of 400; nothing else that the file
        tells is published. What no product shows within a week is deleted; up to 200 such pictures are kept.
        """
        return UploadView.of(await store_upload(shop.database, shop.files, actor, upload.content), shop.files)

    @delete("/{key:str}", guard=signed_in, refuses=(UploadNotFound, UploadInUse))
    async def delete_upload(self, tx: Tx, actor: Actor, key: str) -> None:
        """Delete one's own upload. The files are gone a few minutes later. Refused while a product shows it."""
        await delete_upload(tx, actor, key)
