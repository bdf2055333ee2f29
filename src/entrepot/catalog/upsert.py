"""Writing many products at once: those that are there are changed, the others made, by a constant handful of statements."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from entrepot.catalog import upsert_queries as queries
from entrepot.catalog.requests import NewProduct, ProductChange
from entrepot.catalog.upsert_plan import plans_for
from entrepot.catalog.upsert_rows import Given, Outcome, Row, check, refuse_repeated, row_of
from entrepot.catalog.upsert_write import write_plans
from entrepot.inventory import Reason
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from entrepot.shop import Shop


class Rules(msgspec.Struct, frozen=True):
    """What the fields of a row must be like: of one that makes a product, and of one that changes one."""

    new: type[NewProduct] = NewProduct
    change: type[ProductChange] = ProductChange


AS_REQUESTED: Final = Rules()


async def upsert_products(
    tx: Tx,
    shop: Shop,
    actor: Actor,
    given: Sequence[Given],
    *,
    rules: Rules = AS_REQUESTED,
    reason: Reason = Reason.COUNT,
) -> list[Outcome]:
    """Make or change a product for each row, and say of each row what became of it; at most MOST_ROWS.

    A row means the product with its `id`, or else that of its company with its `sku`; where there is none, it makes one. A
    seller writes its own company's, a location admin those of companies that deliver in its zones; others look to them as
    if they were not there. A row with faults changes nothing, and tells all of them; rows that say what is so already
    write nothing. Prices are remembered, ProductsChanged is published for each company.

    Nobody else writes many products of the same companies until the transaction ends.
    """
    rows = [row_of(one) for one in given]
    await _find_companies(tx, actor, rows)
    await _find_products(tx, actor, rows)
    refuse_repeated(rows)
    await asyncio.to_thread(check, rows, rules.new, rules.change)
    plans = await plans_for(tx, shop, actor, rows)
    return await write_plans(tx, actor, rows, plans, reason)


async def _find_companies(tx: Tx, actor: Actor, rows: Sequence[Row]) -> None:
    wanted = {row.company_id for row in rows if row.company_id is not None}
    companies = await queries.list_companies_for(tx, actor, sorted(wanted))
    own = actor.company_id if actor.role is Role.SELLER else next((one.id for one in companies if one.is_house), None)
    allowed = {one.id for one in companies}
    for row in rows:
        if row.product_id is not None or "companyId" in row.faults:
            continue
        if row.company_id is None:
            row.company_id = own
        if row.company_id not in allowed:
            row.refuse("companyId", "you don't have permission to sell for this company")


async def _find_products(tx: Tx, actor: Actor, rows: Sequence[Row]) -> None:
    """Lock the products that the rows are about."""
    by_id = [row for row in rows if row.product_id is not None]
    by_sku = [row for row in rows if row.product_id is None and row.sku is not None and "companyId" not in row.faults]
    await queries.take_turns(tx, sorted({row.company_id for row in by_sku if row.company_id is not None}))
    locked = await queries.lock_products(
        tx,
        actor,
        sorted({row.product_id for row in by_id if row.product_id is not None}),
        [row.company_id for row in by_sku if row.company_id is not None],
        [row.sku for row in by_sku if row.sku is not None],
    )
    existing = await queries.list_existing(tx, locked) if locked else []
    ids = {product.id: product for product in existing}
    skus = {(product.company_id, product.sku): product for product in existing}
    for row in by_sku:
        row.existing = skus.get((row.company_id or 0, row.sku or ""))
    for row in by_id:
        row.existing = ids.get(row.product_id or 0)
        if row.existing is None:
            row.refuse("id", "there is no such product, or you don't have permission to change it")
        elif row.company_id not in (None, row.existing.company_id):
            row.refuse("companyId", "a product stays with its company")
        else:
            row.company_id = row.existing.company_id
