"""Whose product it is to change: its company's sellers', its zones' administrators'."""

from __future__ import annotations

from entrepot.catalog import favourites_queries, product_queries
from entrepot.catalog.model import ProductNotFound
from entrepot.catalog.product_queries import Managed
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden


async def lock_managed(tx: Tx, actor: Actor, product_id: int) -> Managed:
    """The product, locked against other changes; orders for it go on meanwhile.

    Raises:
        ProductNotFound: there is none that the actor may know of.
        Forbidden: everybody may see it, and this actor may not change it.
    """
    product = await product_queries.lock_managed(tx, actor, product_id)
    if product is not None:
        return product
    if await favourites_queries.is_on_sale(tx, product_id):
        raise Forbidden("You don't have permission to change this product")
    raise ProductNotFound
