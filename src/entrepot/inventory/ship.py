"""Shipping what an order holds: the pieces leave their warehouses."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.inventory import queries, ship_queries
from entrepot.inventory.model import Taken
from entrepot.kernel.db import Tx


async def ship(tx: Tx, order_id: int, *, actor_id: int | None, line_ids: Sequence[int] | None = None) -> list[Taken]:
    """Take what these lines of the order hold out of the warehouses, or what all of them hold.

    What can be bought stays the same: it was held before. Returns what was taken from where, and why from there; nothing,
    where nothing is held (any more).
    """
    product_ids = await queries.list_held_products(tx, order_id, line_ids)
    if not product_ids:
        return []
    await queries.lock_shelves(tx, product_ids, None)
    return await ship_queries.send_off(tx, order_id, line_ids, actor_id)
