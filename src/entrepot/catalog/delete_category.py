"""Deleting a category, once nothing lies in it, or with everything in it put into another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from entrepot.catalog import categories_queries as queries
from entrepot.catalog.categories import Category, CategoryInUse, CategoryUses, refuse_unless_fits
from entrepot.catalog.categories_queries import Moved
from entrepot.catalog.events import MOST_AT_ONCE, CategoriesChanged, ProductsChanged
from entrepot.catalog.model import CategoryNotFound
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid, Unprocessable
from entrepot.kernel.events import publish, publish_all

MOST_MOVED: Final = 100_000
"""Products that are moved with one request: more would take longer than it may."""


class CategoryTooLarge(Unprocessable):
    code = "CATEGORY_TOO_LARGE"
    message = f"More than {MOST_MOVED:,} products lie in the category: move some of them first"


async def delete_category(tx: Tx, actor: Actor, named: int | str, move_to: int | None) -> None:
    """Delete a category; with `move_to`, its products and its children go there first.

    It is locked before its uses are counted: a product that comes into it meanwhile either is counted, or waits and is
    refused, because the category is gone.

    Raises:
        CategoryNotFound
        CategoryInUse: something lies in it, and `move_to` is not given; `details` says how much.
        Invalid: there is no such category to move to.
        CategoryLoop: that one lies below this one.
        CategoryTooDeep, TooManyCategories, CategoryTooLarge: not everything can be moved there.
    """
    await queries.lock_tree(tx)
    category = await queries.lock_category(tx, named)
    if category is None:
        raise CategoryNotFound
    uses = await queries.get_uses(tx, category.id)
    if move_to is not None:
        await _empty(tx, actor, category, uses, move_to)
    elif uses != CategoryUses(0, 0):
        raise CategoryInUse.of(uses)

    await queries.set_deleted(tx, category.id)
    before = {**msgspec.structs.asdict(category), "moved_to": move_to, "products": uses.products}
    await record_change(tx, actor, "category.deleted", Subject("category", category.id), before=before)
    await publish(tx, CategoriesChanged(), actor_id=actor.user_id)


async def _empty(tx: Tx, actor: Actor, category: Category, uses: CategoryUses, move_to: int) -> None:
    place = await queries.get_place(tx, move_to, category.id)
    if place.level is None or move_to == category.id:
        raise Invalid({"moveTo": ["must be the id of another category"]})
    refuse_unless_fits(place, new_children=uses.children, levels=place.height - 1)
    if uses.products > MOST_MOVED:
        raise CategoryTooLarge
    await _move_children(tx, category.id, move_to)
    if moved := await _move_products(tx, category.id, move_to):
        await publish_all(tx, changes_of(moved), actor_id=actor.user_id)


async def _move_children(tx: Tx, category_id: int, move_to: int) -> None:
    """Behind those that lie there, in their own order."""
    children = await queries.list_children_ids(tx, category_id)
    if children:
        order = [one for one in await queries.list_children_ids(tx, move_to) if one != category_id]
        await queries.set_parent(tx, children, move_to)
        await queries.set_positions(tx, [*order, *children])


async def _move_products(tx: Tx, category_id: int, move_to: int) -> list[Moved]:
    moved: list[Moved] = []
    after_id = 0
    while some := await queries.move_products(tx, category_id, move_to, after_id, MOST_AT_ONCE):
        after_id = max(product.id for product in some)
        moved += some
    return moved


def changes_of(moved: Iterable[Moved]) -> Sequence[ProductsChanged]:
    """Who has to look again at which products: by company, and no more at once than one event may name."""
    by_company: dict[int, list[int]] = {}
    for product in moved:
        by_company.setdefault(product.company_id, []).append(product.id)
    return [
        ProductsChanged(product_ids=ids[start : start + MOST_AT_ONCE], company_id=company_id)
        for company_id, ids in by_company.items()
        for start in range(0, len(ids), MOST_AT_ONCE)
    ]
