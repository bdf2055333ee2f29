"""Deleting a product: it is not shown or sold any more; orders, carts and history that name it stay."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.catalog import product_queries
from entrepot.catalog.events import ProductDeleted
from entrepot.catalog.managed_product import lock_managed
from entrepot.catalog.model import PageRow
from entrepot.catalog.show_product import show_product
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish


class Deleted(msgspec.Struct, frozen=True):
    """A product as it was, and when it was deleted."""

    shown: PageRow
    at: datetime


async def delete_product(tx: Tx, actor: Actor, product_id: int) -> Deleted:
    """Delete it, and give it as it was. Its SKU and its options in its group are free again.

    Raises:
        ProductNotFound: there is none, or it was deleted before.
        Forbidden: it is not the actor's to delete.
    """
    product = await lock_managed(tx, actor, product_id)
    shown = await show_product(tx, product_id, hidden_too=True)
    deleted_at = await product_queries.set_deleted(tx, product_id)
    if actor.role is not Role.SELLER:
        before = {"company": product.company_id, "title": product.title, "sku": shown.sku}
        await record_change(tx, actor, "product.deleted", Subject("product", product_id), before=before)
    fact = ProductDeleted(product_id=product_id, company_id=product.company_id)
    await publish(tx, fact, actor_id=actor.user_id)
    return Deleted(shown, deleted_at)
