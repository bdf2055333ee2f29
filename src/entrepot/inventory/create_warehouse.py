"""Making warehouses: a company that delivers somewhere begins with one."""

from __future__ import annotations

from typing import Final

from entrepot.companies import CompanyCreated
from entrepot.inventory import queries
from entrepot.kernel.db import Tx

FIRST_CODE: Final = "MAIN"


async def create_warehouse(tx: Tx, company_id: int, zone_id: int, code: str, name: str) -> int:
    """A warehouse of a company, in a zone; returns its id. Its code is the company's own, such as `MAIN`."""
    return await queries.insert_warehouse(tx, company_id, zone_id, code, name)


async def open_first_warehouse(tx: Tx, event: CompanyCreated) -> None:
    """Give a new company a warehouse in the first zone it delivers to, so that it can have stock."""
    if event.zone_ids:
        await create_warehouse(tx, event.company_id, event.zone_ids[0], FIRST_CODE, "Main warehouse")
