"""Changing a category: what it is called, and where in the tree it lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from entrepot.catalog import categories_queries as queries
from entrepot.catalog.categories import Category, CategoryFields, inserted_at, refuse_unless_fits
from entrepot.catalog.create_category import NoSuchParent
from entrepot.catalog.events import CategoriesChanged
from entrepot.catalog.model import CategoryNotFound
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish


async def change_category(
    tx: Tx, actor: Actor, named: int | str, changes: Mapping[str, Any], translations: Mapping[str, str | None]
) -> int:
    """Set the fields of `CategoryFields` that are given; a translation of None is taken away. Returns its id.

    A category takes all below it along. Changes of the tree take turns: what is checked here still holds when it is done,
    so that no two moves can make a loop together.

    Raises:
        CategoryNotFound
        Invalid: there is no such parent.
        CategoryLoop, CategoryTooDeep, TooManyCategories
        CategoryExists: the slug is taken, decided by the database.
    """
    await queries.lock_tree(tx)
    before = await queries.find_category(tx, named)
    if before is None:
        raise CategoryNotFound
    names_before = await queries.list_translations(tx, before.id)

    await _set(tx, before, changes)
    await queries.set_translations(tx, before.id, translations)
    names = {one.language: one.name for one in names_before}
    kept = {language: name for language, name in {**names, **translations}.items() if name is not None}
    await record_change(
        tx,
        actor,
        "category.changed",
        Subject("category", before.id),
        {**_facts(before), "translations": names},
        {**_facts(before), **changes, "translations": kept},
    )
    await publish(tx, CategoriesChanged(), actor_id=actor.user_id)
    return before.id


async def _set(tx: Tx, before: Category, changes: Mapping[str, Any]) -> None:
    fields = CategoryFields(**{"slug": before.slug, "name": before.name, "parent_id": before.parent_id, **changes})
    moves = fields.parent_id != before.parent_id
    if moves:
        place = await queries.get_place(tx, fields.parent_id, before.id)
        if place.level is None:
            raise NoSuchParent
        refuse_unless_fits(place, levels=place.height)
    await queries.set_category(tx, before.id, fields)
    if moves or fields.position is not None:
        siblings = await queries.list_children_ids(tx, fields.parent_id)
        await queries.set_positions(tx, inserted_at(siblings, before.id, fields.position))


def _facts(category: Category) -> dict[str, Any]:
    return {
        name: value
        for name, value in msgspec.structs.asdict(category).items()
        if name not in ("id", "created_at", "updated_at")
    }
