"""Looking at stock: levels, what is low, what is out, and the history, within what one may see."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.inventory import list_queries
from entrepot.inventory.list_queries import Movement, SoldOut, StockLevel
from entrepot.inventory.model import Reason
from entrepot.inventory.warehouse_queries import IN_REACH, list_ids_in_reach
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid
from entrepot.kernel.filters import Filters
from entrepot.kernel.pages import Page, WrongCursor, a_cursor_id, id_after

Following = tuple[object, ...] | None
"""The cursor of the next page, if there is one."""


class StockFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which levels are wanted. `zone` is a slug; `q` is looked for in SKU and title; `low`: only few, or none."""

    product: int | None = None
    warehouse: int | None = None
    company: int | None = None
    zone: str | None = None
    q: str | None = None


class HistoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; `order` is an order's number, `since` is included, `until` is not."""

    product: int | None = None
    warehouse: int | None = None
    reason: Reason | None = None
    actor: int | None = None
    order: str | None = None
    transfer: int | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_stock(
    db: Db, actor: Actor, wanted: StockFilter, at: datetime | None, page: Page
) -> tuple[list[StockLevel], int, Following]:
    """Levels by product and warehouse, how many there are, and the next page; now, or as they were at a moment.

    Raises Invalid for the cursor of another list.
    """
    filters = await _levels(db, actor, wanted)
    total = await list_queries.count_levels(db, filters)
    if page.after is not None:
        product_id, warehouse_id = _ids(page.after, 2)
        filters.add("(l.product_id, l.warehouse_id) > ({}::bigint, {}::bigint)", product_id, warehouse_id)
    if at is None:
        levels = await list_queries.list_levels(db, filters, page.skip, page.limit)
    else:
        levels = await list_queries.list_levels_at(db, filters, at, page.skip, page.limit)
    last = levels[-1] if len(levels) == page.limit and levels else None
    return levels, total, (last.product_id, last.warehouse_id) if last else None


async def list_low_stock(
    db: Db, actor: Actor, wanted: StockFilter, page: Page
) -> tuple[list[StockLevel], int, Following]:
    """Levels of which there are as few as their threshold says, but some; the fewest first."""
    filters = await _levels(db, actor, wanted)
    filters.add("l.on_hand - l.reserved between 1 and l.low_stock_threshold and p.deleted_at is null")
    total = await list_queries.count_levels(db, filters)
    if page.after is not None:
        available, product_id, warehouse_id = _ids(page.after, 3)
        filters.add(
            "(l.on_hand - l.reserved, l.product_id, l.warehouse_id) > ({}::bigint, {}::bigint, {}::bigint)",
            available,
            product_id,
            warehouse_id,
        )
    levels = await list_queries.list_low(db, filters, page.skip, page.limit)
    last = levels[-1] if len(levels) == page.limit and levels else None
    return levels, total, (last.on_hand - last.reserved, last.product_id, last.warehouse_id) if last else None


async def list_sold_out(db: Db, actor: Actor, wanted: StockFilter, page: Page) -> tuple[list[SoldOut], int, Following]:
    """Products of which nothing can be bought, of companies with a warehouse that the actor works with."""
    filters = in_reach_of_products(actor, "s.available = 0", "p.deleted_at is null")
    if wanted.product is not None:
        filters.add("p.id = {}", wanted.product)
    if wanted.company is not None:
        filters.add("p.company_id = {}", wanted.company)
    if wanted.warehouse is not None:
        filters.add(
            "exists (select from stock_levels l where l.product_id = p.id and l.warehouse_id = {})", wanted.warehouse
        )
    if wanted.zone is not None:
        filters.add(
            """exists (select from warehouses o join zones z on z.id = o.zone_id
                       where o.company_id = p.company_id and o.deleted_at is null and z.slug = {})""",
            wanted.zone,
        )
    _search(filters, wanted.q)
    total = await list_queries.count_sold_out(db, filters)
    if (after_id := id_after(page)) is not None:
        filters.add("p.id > {}", after_id)
    products = await list_queries.list_sold_out(db, filters, page.skip, page.limit)
    return products, total, (products[-1].product_id,) if products and len(products) == page.limit else None


async def list_history(
    db: Db, actor: Actor, wanted: HistoryFilter, page: Page
) -> tuple[list[Movement], int, Following]:
    """Entries of the history, the newest first. Raises Invalid when `until` comes before `since`."""
    if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
        raise Invalid({"until": ["must be later than since"]})
    filters = Filters()
    await _keep_in_reach(db, actor, filters, "m.warehouse_id")
    for condition, value in (
        ("m.product_id = {}", wanted.product),
        ("m.warehouse_id = {}", wanted.warehouse),
        ("m.reason = {}", wanted.reason),
        ("m.actor_id = {}", wanted.actor),
        ("m.order_id = (select id from orders where number = {})", wanted.order),
        ("m.transfer_id = {}", wanted.transfer),
        ("m.occurred_at >= {}", wanted.since),
        ("m.occurred_at < {}", wanted.until),
    ):
        if value is not None:
            filters.add(condition, value)
    total = await list_queries.count_movements(db, filters)
    if (before_id := id_after(page)) is not None:
        filters.add("m.id < {}", before_id)
    movements = await list_queries.list_movements(db, filters, page.skip, page.limit)
    return movements, total, (movements[-1].id,) if movements and len(movements) == page.limit else None


def in_reach_of_products(actor: Actor, *always: str) -> Filters:
    """Products, called `p`, of companies that have a warehouse within the actor's reach."""
    within = f"""
        ($1 or exists (select from warehouses w where w.company_id = p.company_id and w.deleted_at is null and {IN_REACH}))
        """
    filters = Filters(within, *always)
    filters.args.extend(actor.reach)
    return filters


async def _levels(db: Db, actor: Actor, wanted: StockFilter) -> Filters:
    filters = Filters("w.deleted_at is null")
    await _keep_in_reach(db, actor, filters, "l.warehouse_id")
    if wanted.product is not None:
        filters.add("l.product_id = {}", wanted.product)
    if wanted.warehouse is not None:
        filters.add("l.warehouse_id = {}", wanted.warehouse)
    if wanted.company is not None:
        filters.add("w.company_id = {}", wanted.company)
    if wanted.zone is not None:
        filters.add("z.slug = {}", wanted.zone)
    _search(filters, wanted.q)
    return filters


async def _keep_in_reach(db: Db, actor: Actor, filters: Filters, column: str) -> None:
    """Only warehouses that the actor works with, by their ids: for an administrator no condition, for others one that has an
    index. Asked together, they would be planned as neither."""
    if not actor.reach[0]:
        filters.add(f"{column} = any({{}}::bigint[])", await list_ids_in_reach(db, actor))


def _search(filters: Filters, q: str | None) -> None:
    if q:
        filters.add("strpos(lower(p.sku || ' ' || p.title), {}) > 0", q.lower())


def _ids(cursor: tuple[object, ...], count: int) -> tuple[int, ...]:
    if len(cursor) != count:
        raise WrongCursor
    return tuple(a_cursor_id(value) for value in cursor)
