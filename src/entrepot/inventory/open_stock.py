"""The first stock of new products."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.inventory import queries
from entrepot.inventory.model import FirstStock, NoWarehouse
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx


async def open_stock(tx: Tx, actor: Actor, company_id: int, product_id: int, quantity: int) -> None:
    """Receive the first pieces into the company's first warehouse. Raises NoWarehouse when there is none for them."""
    if await open_stock_many(tx, actor, [FirstStock(product_id, company_id, quantity)]):
        raise NoWarehouse


async def open_stock_many(tx: Tx, actor: Actor, first: Sequence[FirstStock]) -> list[int]:
    """As `open_stock`, for products that were made in this transaction, each named once.

    Returns the products whose pieces found no warehouse: there is nothing of them. Publishes nothing: who makes products
    says so.
    """
    return await queries.insert_first_stock(tx, first, actor.user_id)
