"""The first stock of a new product."""

from __future__ import annotations

from entrepot.inventory import queries
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx


async def open_stock(tx: Tx, actor: Actor, company_id: int, product_id: int, quantity: int) -> bool:
    """Receive the first pieces into the company's first warehouse; False when there is none and pieces were given."""
    warehouse_id = await queries.find_first_warehouse(tx, company_id)
    if warehouse_id is not None:
        await queries.insert_stock(tx, product_id, warehouse_id, quantity, actor.user_id)
        return True
    await queries.insert_no_stock(tx, product_id)
    return quantity == 0
