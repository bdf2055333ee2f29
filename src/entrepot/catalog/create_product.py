"""Creating a product: who may, for which company, and its first stock."""

from __future__ import annotations

import secrets

from entrepot import inventory
from entrepot.catalog import groups_queries, product_queries, queries
from entrepot.catalog.events import GroupChanged, ProductCreated
from entrepot.catalog.images import set_images
from entrepot.catalog.product_entry import entry_of
from entrepot.catalog.requests import NewProduct
from entrepot.catalog.translations import set_translations
from entrepot.catalog.zones_of_sale import set_first_zones
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.events import Event, publish_all
from entrepot.kernel.slugs import slug_of
from entrepot.shop import Shop


async def create_product(tx: Tx, shop: Shop, actor: Actor, new: NewProduct) -> int:
    """Make the product and receive its first stock; returns its id.

    A seller sells for its own company, a location admin for companies that deliver in its zones.

    Raises:
        Forbidden: the actor may not sell for that company, or there is none; zones of sale are not the actor's.
        Invalid: an unknown category or zone, or a price with more digits than the currency.
        SkuExists, VariantExists, UnknownUpload: decided by the database.
        NoWarehouse: stock was given, but the company has nowhere to put it.
    """
    company_id = await _company_for(tx, actor, new.company_id)
    entry = await entry_of(tx, new.given, shop.currency, shop.files)
    product_id = await product_queries.insert_product(
        tx,
        {
            **entry.columns,
            "company_id": company_id,
            "seller_id": actor.id if actor.role is Role.SELLER else None,
            "sku": new.sku or f"{slug_of(new.title)[:20].upper()}-{secrets.token_hex(4).upper()}",
            "currency": shop.currency.code,
            "group_id": (group_id := await _group_id(tx, company_id, new)),
        },
        actor.user_id,
    )
    if new.images:
        await set_images(tx, shop.files, product_id, new.images)
    await set_first_zones(tx, actor, product_id, entry.zone_ids or ())
    await set_translations(tx, product_id, new.translations)
    await inventory.open_stock(tx, actor, company_id, product_id, new.stock)
    if actor.role is not Role.SELLER:
        after = {"company": company_id, "title": new.title, "price": str(new.price), "stock": new.stock}
        await record_change(tx, actor, "product.created", Subject("product", product_id), after=after)
    facts: list[Event] = [ProductCreated(product_id=product_id, company_id=company_id)]
    if group_id is not None:
        facts.append(GroupChanged(group_id=group_id, company_id=company_id))
    await publish_all(tx, facts, actor_id=actor.user_id)
    return product_id


async def _group_id(tx: Tx, company_id: int, new: NewProduct) -> int | None:
    if new.group is None:
        return None
    return await groups_queries.claim_group(tx, company_id, new.group.key, new.group.title, new.title)


async def _company_for(tx: Tx, actor: Actor, company_id: int | None) -> int:
    found = await queries.find_company_for(
        tx,
        company_id,
        only_company_id=(actor.company_id or 0) if actor.role is Role.SELLER else None,
        only_zone_ids=actor.zone_ids if actor.role is Role.LOCATION_ADMIN else None,
    )
    if found is None:
        raise Forbidden("You don't have permission to sell for this company")
    return found
