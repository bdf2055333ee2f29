"""Listing the warehouses that one may see."""

from __future__ import annotations

import msgspec

from entrepot.inventory import warehouse_queries
from entrepot.inventory.warehouse_queries import Warehouse
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.kernel.pages import Page, id_after


class WarehouseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which warehouses are wanted. `zone` is a slug, `q` is looked for in code and name, whatever its case."""

    company: int | None = None
    zone: str | None = None
    q: str | None = None


async def list_warehouses(db: Db, actor: Actor, wanted: WarehouseFilter, page: Page) -> tuple[list[Warehouse], int]:
    """A page of warehouses, the oldest first, and how many there are. Raises Invalid for the cursor of another list."""
    filters = warehouse_queries.in_reach_of(actor, "w.deleted_at is null")
    if wanted.company is not None:
        filters.add("w.company_id = {}", wanted.company)
    if wanted.zone is not None:
        filters.add("z.slug = {}", wanted.zone)
    if wanted.q:
        filters.add("strpos(lower(w.code || ' ' || w.name), {}) > 0", wanted.q.lower())
    total = await warehouse_queries.count_warehouses(db, filters)
    if (after_id := id_after(page)) is not None:
        filters.add("w.id > {}", after_id)
    return await warehouse_queries.list_warehouses(db, filters, page.skip, page.limit), total
