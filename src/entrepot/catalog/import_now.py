"""Imports and exports from the command line: a file of this machine, for a company that is named by its slug or id."""

from __future__ import annotations

import asyncio
from pathlib import Path

from entrepot.catalog import imports_queries
from entrepot.catalog.export import export_csv, export_xlsx
from entrepot.catalog.import_run import run_import
from entrepot.catalog.imports import Import, ImportNotFound, LineError
from entrepot.catalog.start_import import company_for, store_file
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.errors import NotFound
from entrepot.shop import Shop

OPERATOR = Actor(role=Role.ADMIN)
"""Whoever may use the command line may do everything."""

SHOWN_ERRORS = 20


async def import_now(
    shop: Shop, path: Path, company: str | None, *, create_categories: bool
) -> tuple[Import, list[LineError]]:
    """Import a file, and wait for it. Returns what became of it, and the first of its errors.

    If this is interrupted, a worker goes on with it.

    Raises:
        NotFound: there is no such company.
        Unreadable
    """
    company_id = await _company(shop, company)
    size_bytes = (await asyncio.to_thread(path.stat)).st_size
    import_id = await store_file(
        shop.database,
        shop.files,
        OPERATOR,
        path,
        path.name,
        size_bytes,
        company_id,
        create_categories=create_categories,
    )
    await run_import(shop, {"importId": import_id})
    done = await imports_queries.find_import(shop.database.reader, import_id, None)
    if done is None:
        raise ImportNotFound
    return done, await imports_queries.list_errors(shop.database.reader, import_id, 0, SHOWN_ERRORS)


async def export_now(shop: Shop, path: Path, company: str | None) -> None:
    """Write a company's products into a file: a spreadsheet if it is called .xlsx, CSV otherwise. Raises NotFound."""
    company_id = await _company(shop, company)
    if path.suffix.lower() == ".xlsx":
        await export_xlsx(shop.database.reader, shop, company_id, path)
        return
    with await asyncio.to_thread(path.open, "wb") as file:
        async for piece in export_csv(shop.database.reader, shop, company_id):
            await asyncio.to_thread(file.write, piece)


async def _company(shop: Shop, named: str | None) -> int:
    if named is None:
        return await company_for(shop.database.reader, OPERATOR, None)
    found = await imports_queries.find_company(shop.database.reader, named)
    if found is None:
        raise NotFound(f"There is no company {named}: name one by its slug or its id")
    return found
