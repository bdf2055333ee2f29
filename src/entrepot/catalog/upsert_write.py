"""Writing what was planned for many products, by a constant handful of statements, and telling of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from entrepot import inventory
from entrepot.catalog import upsert_write_queries as queries
from entrepot.catalog.events import MOST_AT_ONCE, GroupChanged, ProductsChanged
from entrepot.catalog.uploads import discard, upload_of
from entrepot.catalog.upsert_plan import Plan
from entrepot.catalog.upsert_rows import Columns, Outcome, Row, RowStatus
from entrepot.catalog.upsert_write_queries import ChangedRow, NewRow, Pictures, PriceBefore, SoldIn, Tongue
from entrepot.inventory import FirstStock, Reason, StockChange
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import Event, publish_all


async def write_plans(
    tx: Tx, actor: Actor, rows: Sequence[Row], plans: Sequence[Plan], reason: Reason
) -> list[Outcome]:
    """Carry the plans out, and say of every row what became of it. What the stock or a SKU taken just now forbids fails alone."""
    changes = [plan for plan in plans if plan.row.existing is not None]
    restocked = await _restock(tx, actor, changes, reason)  # first: it may refuse a row, which then changes nothing
    await _insert(tx, actor, [plan for plan in plans if plan.row.existing is None])
    await _change(tx, actor, [plan for plan in changes if plan.row.good and plan.columns_changed])
    written = [plan for plan in plans if plan.row.good]
    await _write_parts(tx, written)
    await _announce(tx, actor, [plan for plan in written if plan.changed])
    by_row = {id(plan.row): plan for plan in plans}
    return [_outcome(row, by_row.get(id(row)), restocked) for row in rows]


async def _insert(tx: Tx, actor: Actor, plans: Sequence[Plan]) -> None:
    if not plans:
        return
    new = [NewRow(place, plan.columns) for place, plan in enumerate(plans)]
    placed = await queries.insert_products(tx, new, actor.user_id)
    for one in placed:
        plans[one.place].product_id = one.id
    for plan in plans:
        if plan.product_id is None:
            plan.row.refuse("sku", "a product with this SKU was made just now: send the row again to change it")
    first = [
        FirstStock(plan.product_id, plan.columns.company_id, plan.stock or 0)
        for plan in plans
        if plan.product_id is not None
    ]
    await inventory.open_stock_many(tx, actor, first)


async def _change(tx: Tx, actor: Actor, plans: Sequence[Plan]) -> None:
    if not plans:
        return
    before = {plan.row.existing.id: plan.row.existing for plan in plans if plan.row.existing is not None}
    changed = [ChangedRow(plan.row.existing.id, plan.columns) for plan in plans if plan.row.existing is not None]
    await queries.set_products(tx, changed)
    repriced = [row.id for row in changed if _price(row.columns) != _price(before[row.id])]
    if repriced:
        await queries.insert_prices(tx, repriced, [_price(before[one]) for one in repriced], actor.user_id)


def _price(columns: Columns) -> PriceBefore:
    return PriceBefore(columns.price_minor, columns.discount_bp, columns.currency)


async def _write_parts(tx: Tx, plans: Sequence[Plan]) -> None:
    """Pictures, translations and zones, of the products where they are others now."""
    pictures = [Pictures(plan.product_id or 0, plan.images or []) for plan in plans if _is_other(plan, plan.images)]
    if pictures:
        await queries.replace_pictures(tx, pictures)
        await discard(tx, sorted({key for plan in plans for one in _removed(plan) if (key := upload_of(one))}))
    translated = [plan for plan in plans if _is_other(plan, plan.translations)]
    if translated:
        tongues = [
            Tongue(plan.product_id or 0, language, one.title, one.description)
            for plan in translated
            for language, one in (plan.translations or {}).items()
        ]
        await queries.replace_translations(tx, [plan.product_id or 0 for plan in translated], tongues)
    sold_in = [SoldIn(plan.product_id or 0, plan.zone_ids or []) for plan in plans if _is_other(plan, plan.zone_ids)]
    if sold_in:
        await queries.replace_zones(tx, sold_in)


def _removed(plan: Plan) -> list[str]:
    """The pictures that the product does not show any more."""
    if plan.images is None or plan.row.existing is None:
        return []
    return [one for one in plan.row.existing.images if one not in plan.images]


def _is_other(plan: Plan, part: Any) -> bool:
    """A new product has nothing yet, so nothing need be written where there is nothing."""
    return part is not None and (plan.row.existing is not None or bool(part))


async def _restock(tx: Tx, actor: Actor, plans: Sequence[Plan], reason: Reason) -> set[int]:
    """Set what can be bought of products that are there; returns those of which it is another number now."""
    stocked = [plan for plan in plans if plan.stock is not None]
    if not stocked:
        return set()
    changes = [StockChange(product_id=plan.product_id or 0, available=plan.stock) for plan in stocked]
    done = await inventory.set_stock_many(tx, actor, changes, reason=reason)
    for plan, one in zip(stocked, done, strict=True):
        if one.refusal is not None:
            plan.row.refuse("stock", one.refusal.message)
    return {one.product_id for one in done if one.refusal is None and one.change}


async def _announce(tx: Tx, actor: Actor, plans: Sequence[Plan]) -> None:
    by_company: dict[int, list[Plan]] = {}
    for plan in plans:
        by_company.setdefault(plan.columns.company_id, []).append(plan)
    for company_id, theirs in sorted(by_company.items()):
        ids = [plan.product_id or 0 for plan in theirs]
        joined = {plan.columns.group_id for plan in theirs if "group" in plan.row.values}
        facts: list[Event] = [
            ProductsChanged(product_ids=ids[start : start + MOST_AT_ONCE], company_id=company_id)
            for start in range(0, len(ids), MOST_AT_ONCE)
        ]
        facts += [GroupChanged(group_id=one, company_id=company_id) for one in joined if one is not None]
        await publish_all(tx, facts, actor_id=actor.user_id)
        if actor.role is not Role.SELLER:
            made = [plan.product_id for plan in theirs if plan.row.existing is None]
            after = {"created": made, "updated": [one for one in ids if one not in set(made)]}
            await record_change(tx, actor, "products.changed", Subject("company", company_id), after=after)


def _outcome(row: Row, plan: Plan | None, restocked: set[int]) -> Outcome:
    product_id = row.existing.id if row.existing is not None else None
    if plan is None or not row.good:
        return Outcome(RowStatus.FAILED, product_id, row.sku, row.faults)
    if row.existing is None:
        return Outcome(RowStatus.CREATED, plan.product_id, plan.columns.sku)
    touched = plan.changed or row.existing.id in restocked
    return Outcome(RowStatus.UPDATED if touched else RowStatus.UNCHANGED, product_id, plan.columns.sku)
