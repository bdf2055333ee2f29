"""Creating a category."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.catalog import categories_queries as queries
from entrepot.catalog.categories import CategoryFields, inserted_at, refuse_unless_fits
from entrepot.catalog.events import CategoriesChanged
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish


async def create_category(tx: Tx, actor: Actor, fields: CategoryFields, translations: Mapping[str, str]) -> int:
    """A new category, with its names by language; returns its id.

    Raises:
        Invalid: there is no such parent.
        CategoryTooDeep, TooManyCategories
        CategoryExists: the slug is taken, decided by the database.
    """
    await queries.lock_tree(tx)
    place = await queries.get_place(tx, fields.parent_id, None)
    if place.level is None:
        raise NoSuchParent
    refuse_unless_fits(place, levels=1, new=1)

    category_id = await queries.insert_category(tx, fields)
    siblings = await queries.list_children_ids(tx, fields.parent_id)
    await queries.set_positions(tx, inserted_at(siblings, category_id, fields.position))
    await queries.set_translations(tx, category_id, dict(translations))
    after = {
        "slug": fields.slug,
        "name": fields.name,
        "parent_id": fields.parent_id,
        "translations": dict(translations),
    }
    await record_change(tx, actor, "category.created", Subject("category", category_id), after=after)
    await publish(tx, CategoriesChanged(), actor_id=actor.user_id)
    return category_id


class NoSuchParent(Invalid):
    def __init__(self) -> None:
        super().__init__({"parentId": ["there is no such category: see GET /categories?view=flat"]})
