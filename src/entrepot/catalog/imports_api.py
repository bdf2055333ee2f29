"""The HTTP surface of imports and exports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller
from litestar.di import Provide
from litestar.params import QueryParameter

from entrepot.catalog import imports_queries
from entrepot.catalog.import_table import Unreadable
from entrepot.catalog.imports import Import, ImportNotFound, ImportStatus, LineError
from entrepot.catalog.start_import import start_import
from entrepot.kernel.actors import Actor, seller_or_zone_admin, signed_in
from entrepot.kernel.db import Db
from entrepot.kernel.large_uploads import LargeUpload, large_upload
from entrepot.kernel.pages import Page
from entrepot.kernel.routes import get, post
from entrepot.kernel.types import MAX_ID, Id
from entrepot.shop import Shop

FIELD = "file"


class LineErrorView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with a line of the file. `line` is the one where the row begins, `value` what stands in the column."""

    message: str
    line: int | None = None
    column: str | None = None
    value: str | None = None

    @classmethod
    def of(cls, error: LineError) -> LineErrorView:
        return cls(error.message, error.line, error.column, error.value)


class ImportView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An import and how far it has come.

    `rowsTotal` is known as soon as the file has been looked through. `message` says why it `failed` or was `cancelled` as a
    whole. `errors` is a page of what is wrong with lines, `total` how many of these are kept, at most 1,000.
    """

    id: int
    status: ImportStatus
    format: str | None
    file_name: str
    company_id: int
    rows_total: int | None
    rows_done: int
    created: int
    updated: int
    unchanged: int
    failed: int
    message: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    errors: list[LineErrorView]
    total: int
    skip: int
    limit: int

    @classmethod
    def of(cls, found: Import, errors: list[LineError], skip: int) -> ImportView:
        return cls(
            id=found.id,
            status=found.status,
            format=found.format,
            file_name=found.file_name,
            company_id=found.company_id,
            rows_total=found.rows_total,
            rows_done=found.rows_done,
            created=found.created,
            updated=found.updated,
            unchanged=found.unchanged,
            failed=found.failed,
            message=found.message,
            created_at=found.created_at,
            started_at=found.started_at,
            finished_at=found.finished_at,
            errors=[LineErrorView.of(error) for error in errors],
            total=found.errors,
            skip=skip,
            limit=len(errors),
        )


class ImportsController(Controller):
    path = "/products/import"
    tags = ["Catalog"]
    dependencies = {"upload": Provide(large_upload)}

    @post(
        "/",
        guard=seller_or_zone_admin,
        status=202,
        multipart=FIELD,
        large=True,
        refuses=(Unreadable,),
        success="Queued",
    )
    async def start_import(
        self,
        shop: Shop,
        actor: Actor,
        upload: LargeUpload,
        company: Annotated[
            int | None,
            QueryParameter(ge=1, le=MAX_ID, description="For administrators; the house company if not given."),
        ] = None,
        create_categories: Annotated[
            bool,
            QueryParameter(
                name="createCategories", description="For administrators: make categories that are missing."
            ),
        ] = False,
    ) -> ImportView:
        """Import products from a file: CSV, XLSX, or Shopify's export of products, by default up to 200 MB.

        The file is read by a job; `GET /products/import/{id}` tells how far it has come. Products are found by their SKU
        within the company: those that are there are changed where they differ, the others made. So a file can be imported
        again. The first line names the columns, as in `GET /products/export`; columns that are left out change nothing, and
        an empty cell empties its field, except `title`, `price`, `category`, `thumbnail` and `stock`, which stay.
        """
        started = await start_import(
            shop.database,
            shop.files,
            actor,
            upload.path,
            upload.filename,
            upload.size_bytes,
            company_id=company,
            create_categories=create_categories,
        )
        return ImportView.of(started, [], 0)

    @get("/{import_id:int}", guard=signed_in, refuses=(ImportNotFound,))
    async def get_import(self, db: Db, actor: Actor, import_id: Id, page: Page) -> ImportView:
        """An import of one's own, or anybody's for an administrator, with a page of its errors by `skip` and `limit`."""
        found = await imports_queries.find_import(db, import_id, None if actor.is_admin else actor.id)
        if found is None:
            raise ImportNotFound
        return ImportView.of(found, await imports_queries.list_errors(db, import_id, page.skip, page.limit), page.skip)
