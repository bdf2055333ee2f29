"""Changing a product: what is given, by who may, with its price remembered."""

from __future__ import annotations

from entrepot import inventory
from entrepot.catalog import groups_queries, product_queries
from entrepot.catalog.events import GroupChanged, ProductChanged
from entrepot.catalog.images import set_images
from entrepot.catalog.managed_product import lock_managed
from entrepot.catalog.product_entry import entry_of
from entrepot.catalog.product_queries import Managed
from entrepot.catalog.requests import GroupBody, ProductChange
from entrepot.catalog.translations import set_translations
from entrepot.catalog.zones_of_sale import set_zones
from entrepot.inventory import Reason, StockChange
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import Event, publish_all
from entrepot.shop import Shop


async def update_product(tx: Tx, shop: Shop, actor: Actor, product_id: int, change: ProductChange) -> None:
    """Change the fields that are given; the others stay, whoever changes them at the same time.

    Raises:
        ProductNotFound, Forbidden: there is none, or it is not the actor's to change; zones of sale that are not.
        Invalid: an unknown category or zone, a price with more digits than the currency, too many languages.
        SkuExists, VariantExists, UnknownUpload: decided by the database.
        NoWarehouse, StockReserved, TooMuchStock: the stock cannot be what it is to be.
    """
    product = await lock_managed(tx, actor, product_id)
    before = await product_queries.get_facts(tx, product_id) if actor.role is not Role.SELLER else None
    if change.given.keys() - {"stock"}:
        await _describe(tx, shop, actor, product, change)
    if change.stock is not None:
        stock = StockChange(product_id=product_id, available=change.stock)
        await inventory.set_stock(tx, actor, stock, reason=Reason.COUNT)
    if before is not None:
        after = await product_queries.get_facts(tx, product_id)
        await record_change(tx, actor, "product.changed", Subject("product", product_id), before, after)


async def _describe(tx: Tx, shop: Shop, actor: Actor, product: Managed, change: ProductChange) -> None:
    """All but the stock, which is kept elsewhere and tells of itself."""
    entry = await entry_of(tx, change.given, shop.currency_of(product.currency), shop.files)
    columns = dict(entry.columns)
    if "group" in change.given:
        columns["group_id"] = await _group_id(tx, product, change.group, change.title)
    await product_queries.set_product(tx, product.id, columns, actor.user_id)
    if change.images is not None:
        await set_images(tx, shop.files, product.id, change.images)
    if entry.zone_ids is not None:
        await set_zones(tx, actor, product.id, product.company_id, entry.zone_ids)
    if change.translations is not None:
        await set_translations(tx, product.id, change.translations)
    await publish_all(tx, _facts(product, columns), actor_id=actor.user_id)


async def _group_id(tx: Tx, product: Managed, group: GroupBody | None, title: str | None) -> int | None:
    if group is None:
        return None
    return await groups_queries.claim_group(tx, product.company_id, group.key, group.title, title or product.title)


def _facts(product: Managed, columns: dict[str, object]) -> list[Event]:
    """A product that leaves its group is on the pages of the others, which know it by its own tag; a new one is not."""
    facts: list[Event] = [ProductChanged(product_id=product.id, company_id=product.company_id)]
    if isinstance(group_id := columns.get("group_id"), int):
        facts.append(GroupChanged(group_id=group_id, company_id=product.company_id))
    return facts
