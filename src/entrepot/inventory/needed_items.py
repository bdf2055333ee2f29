"""What people ask for that the catalog lacks: asking, and the answer of who administers their zone."""

from __future__ import annotations

from typing import Final

from entrepot.inventory import needed_queries
from entrepot.inventory.events import NeededItemAnswered, NeededItemAsked
from entrepot.inventory.model import NeededItemNotFound, TooManyNeededItems
from entrepot.inventory.needed_queries import NeededItem, NeededStatus
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish

MOST_OPEN: Final = 50
"""That one may have open at a time."""


async def ask_for(tx: Tx, actor: Actor, title: str, description: str, quantity: int | None) -> NeededItem:
    """Ask for something. Raises TooManyNeededItems."""
    item_id = await needed_queries.claim_item(tx, actor.id, actor.home_zone_id, title, description, quantity, MOST_OPEN)
    item = await needed_queries.find_item(tx, actor, item_id) if item_id is not None else None
    if item is None:
        raise TooManyNeededItems
    await publish(tx, NeededItemAsked(item_id=item.id, zone_id=item.zone_id), actor_id=actor.id)
    return item


async def answer(
    tx: Tx, actor: Actor, item_id: int, status: NeededStatus, text: str | None, product_id: int | None
) -> NeededItem:
    """Set the status of what somebody asks for, answer it, and link the product once there is one.

    Raises:
        NeededItemNotFound: none that the actor administers.
        Invalid: there is no such product.
    """
    before = await needed_queries.lock_item(tx, actor, item_id)
    if before is None:
        raise NeededItemNotFound
    if product_id is not None and not await needed_queries.is_product(tx, product_id):
        raise Invalid({"productId": ["there is no such product"]})
    await needed_queries.set_answer(tx, item_id, status, text, product_id, actor.id)
    after = await needed_queries.find_item(tx, actor, item_id)
    if after is None:
        raise NeededItemNotFound
    await record_change(tx, actor, "needed_item.answered", Subject("needed_item", item_id), before, after)
    event = NeededItemAnswered(item_id=item_id, user_id=after.user_id, status=status)
    await publish(tx, event, actor_id=actor.id)
    return after
