"""Starting an import: the file is looked at, stored, and read by a job."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Final

from entrepot.catalog import imports_queries
from entrepot.catalog.import_sources import check_beginning
from entrepot.catalog.imports import JOB, MAX_FILE_NAME, Import, ImportedFile, ImportNotFound
from entrepot.catalog.queries import find_company_for
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Database, Db
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.files import PRIVATE, Files
from entrepot.kernel.jobs import enqueue

FOLDER: Final = f"{PRIVATE}/imports"


async def start_import(
    database: Database,
    files: Files,
    actor: Actor,
    path: Path,
    file_name: str,
    size_bytes: int,
    *,
    company_id: int | None,
    create_categories: bool = False,
) -> Import:
    """Store the file and have it imported; the import is what there is to know of it.

    The row comes first and the job last: wherever this ends in between, no file lies about that nothing tells of.

    Raises:
        Forbidden: the actor may not sell for that company, or there is none; or may not make categories.
        Unreadable: it can be told already that the file is no table of products.
        Unavailable: the file storage cannot be reached.
    """
    if create_categories and not actor.is_admin:
        raise Forbidden("Only administrators make categories: leave createCategories out")
    company = await company_for(database.reader, actor, company_id)
    import_id = await store_file(
        database, files, actor, path, file_name, size_bytes, company, create_categories=create_categories
    )
    async with database.transaction() as tx:
        await enqueue(tx, JOB, [{"importId": import_id}])
    found = await imports_queries.find_import(database.reader, import_id, None)
    if found is None:
        raise ImportNotFound
    return found


async def store_file(
    database: Database,
    files: Files,
    actor: Actor,
    path: Path,
    file_name: str,
    size_bytes: int,
    company_id: int,
    *,
    create_categories: bool,
) -> int:
    """Look at the file and keep it, with an import that waits; returns its id. Raises Unreadable, Unavailable."""
    await asyncio.to_thread(check_beginning, path)
    file = ImportedFile(
        name=_plain(file_name),
        key=f"{FOLDER}/{secrets.token_hex(16)}",
        size_bytes=size_bytes,
        create_categories=create_categories,
    )
    async with database.transaction() as tx:
        import_id = await imports_queries.insert_import(tx, actor, company_id, file)
    await files.put_path(file.key, path)
    return import_id


async def company_for(db: Db, actor: Actor, company_id: int | None) -> int:
    """The company that the actor means: a seller's own, the house company if none is named. Raises Forbidden."""
    found = await find_company_for(
        db,
        company_id,
        only_company_id=(actor.company_id or 0) if actor.role is Role.SELLER else None,
        only_zone_ids=actor.zone_ids if actor.role is Role.LOCATION_ADMIN else None,
    )
    if found is None:
        raise Forbidden("You don't have permission to sell for this company")
    return found


def _plain(name: str) -> str:
    """A file's name, for people to see."""
    return "".join(one for one in name if one.isprintable())[-MAX_FILE_NAME:]
