"""Creating a product: who may, for which company, and its first stock."""

from __future__ import annotations

import secrets

from entrepot import inventory
from entrepot.catalog import queries
from entrepot.catalog.events import ProductCreated
from entrepot.catalog.model import NoWarehouse
from entrepot.catalog.requests import NewProduct
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden, Invalid
from entrepot.kernel.events import publish
from entrepot.kernel.money import Currency
from entrepot.kernel.slugs import slug_of


async def create_product(tx: Tx, actor: Actor, new: NewProduct, currency: Currency) -> int:
    """Make the product and receive its first stock; returns its id.

    A seller sells for its own company, a location admin for companies that deliver in its zones.

    Raises:
        Forbidden: the actor may not sell for that company, or there is none.
        Invalid: an unknown category, or a price with more digits than the currency.
        SkuExists: decided by the database.
        NoWarehouse: stock was given, but the company has nowhere to put it.
    """
    company_id = await _company_for(tx, actor, new.company_id)
    category = await queries.find_category(tx, new.category)
    if category is None:
        raise Invalid({"category": ["there is no such category: see GET /products/categories"]})
    product_id = await queries.insert_product(
        tx,
        {
            "company_id": company_id,
            "seller_id": actor.id if actor.role is Role.SELLER else None,
            "category_id": category.id,
            "brand_id": await queries.claim_brand(tx, new.brand, slug_of(new.brand)),
            "sku": new.sku or f"{slug_of(new.title)[:20].upper()}-{secrets.token_hex(4).upper()}",
            "title": new.title,
            "description": new.description,
            "price_minor": _price_minor(new, currency),
            "currency": currency.code,
            "discount_bp": int(new.discount_percentage * 100),
            "tags": list(dict.fromkeys(new.tags)),
            "weight_g": round(new.weight * 1000),
            "width_mm": round(new.dimensions.width * 10),
            "height_mm": round(new.dimensions.height * 10),
            "depth_mm": round(new.dimensions.depth * 10),
            "warranty_information": new.warranty_information,
            "shipping_information": new.shipping_information,
            "return_policy": new.return_policy,
            "unit": new.unit,
            "minimum_order_quantity": new.minimum_order_quantity,
            "barcode": new.barcode,
            "thumbnail": new.thumbnail,
            "attributes": new.attributes,
        },
    )
    if new.images:
        await queries.insert_images(tx, product_id, new.images)
    if not await inventory.open_stock(tx, actor, company_id, product_id, new.stock):
        raise NoWarehouse
    if actor.role is not Role.SELLER:
        after = {"company": company_id, "title": new.title, "price": str(new.price), "stock": new.stock}
        await record_change(tx, actor, "product.created", Subject("product", product_id), after=after)
    await publish(tx, ProductCreated(product_id=product_id, company_id=company_id), actor_id=actor.user_id)
    return product_id


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


def _price_minor(new: NewProduct, currency: Currency) -> int:
    try:
        return currency.minor(new.price)
    except ValueError as error:
        raise Invalid({"price": [str(error)]}) from None
