"""Putting the categories in one, or at the top, into another order."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.catalog import categories_queries as queries
from entrepot.catalog.create_category import NoSuchParent
from entrepot.catalog.events import CategoriesChanged
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Conflict, Invalid
from entrepot.kernel.events import publish


class OtherSiblings(Conflict):
    code = "CATEGORY_ORDER_INCOMPLETE"
    message = "`ids` must name every category that lies there, and no other: ask for them again"


async def reorder_categories(tx: Tx, actor: Actor, parent_id: int | None, ids: Sequence[int]) -> None:
    """Give the children of a category, or those at the top, this order.

    Raises:
        Invalid: there is no such parent, or an id is named twice.
        OtherSiblings: one is missing, or lies elsewhere; `details` says which.
    """
    if len(set(ids)) < len(ids):
        raise Invalid({"ids": ["must name each category once"]})
    await queries.lock_tree(tx)
    if parent_id is not None and await queries.find_category(tx, parent_id) is None:
        raise NoSuchParent
    before = await queries.list_children_ids(tx, parent_id)
    missing, unknown = sorted(set(before) - set(ids)), sorted(set(ids) - set(before))
    if missing or unknown:
        raise OtherSiblings(
            details={name: found for name, found in (("missing", missing), ("unknown", unknown)) if found}
        )

    await queries.set_positions(tx, ids)
    subject = Subject("category", parent_id if parent_id is not None else "top")
    await record_change(tx, actor, "category.reordered", subject, {"order": before}, {"order": list(ids)})
    await publish(tx, CategoriesChanged(), actor_id=actor.user_id)
