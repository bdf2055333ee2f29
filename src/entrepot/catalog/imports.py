"""Imports: a file of products, what is known of it, and how far it has been read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel.actors import Role
from entrepot.kernel.errors import NotFound

MOST_ERRORS: Final = 1_000
"""So many are kept of an import; all are counted."""

MAX_FILE_NAME: Final = 255
JOB: Final = "catalog.import_products"


class ImportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ImportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was sent, and what is to be done with it."""

    name: str
    key: str
    size_bytes: int
    create_categories: bool


class LineError(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a line of the file, in which column, and what stands there."""

    line: int | None
    column: str | None
    value: str | None
    message: str


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """An import, as whoever waits for it sees it. `errors`: how many are kept."""

    id: int
    company_id: int
    file_name: str
    format: str | None
    status: ImportStatus
    message: str | None
    rows_total: int | None
    rows_done: int
    created: int
    updated: int
    unchanged: int
    failed: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    errors: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An import that is under way, for whoever carries it on."""

    id: int
    company_id: int
    actor_id: int | None
    actor_role: Role
    file_key: str
    create_categories: bool
    rows_done: int


class ImportActor(msgspec.Struct, frozen=True, kw_only=True):
    """Who imports, with the rights of now."""

    role: Role
    company_id: int | None
    zone_ids: list[int]


class ImportNotFound(NotFound):
    code = "IMPORT_NOT_FOUND"
    message = "You have no import with this id"
