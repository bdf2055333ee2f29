"""The SQL of exports."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.kernel.db import Db


class ExportRow(msgspec.Struct, frozen=True, kw_only=True):
    """A product with all that an import can bring back."""

    id: int
    sku: str
    title: str
    description: str
    price_minor: int
    currency: str
    discount_bp: int
    category: str
    brand: str | None
    stock: int
    tags: list[str]
    images: list[str]
    thumbnail: str
    weight_g: int
    width_mm: int
    height_mm: int
    depth_mm: int
    warranty_information: str
    shipping_information: str
    return_policy: str
    minimum_order_quantity: int
    pack_size: int
    unit: str
    barcode: str
    zones: list[str]
    group_key: str | None
    group_title: str | None
    options: dict[str, Any]
    attributes: dict[str, Any]
    translations: dict[str, Any]


async def list_page(db: Db, company_id: int, after_id: int, limit: int) -> list[ExportRow]:
    """The next products of a company, by their ids."""
    return await db.many(
        ExportRow,
        """
        select p.id, p.sku, p.title, p.description, p.price_minor, p.currency, p.discount_bp, c.slug as category,
               b.name as brand, coalesce(s.available, 0) as stock, p.tags,
               array(select location from product_images i where i.product_id = p.id order by i.position) as images,
               p.thumbnail, p.weight_g, p.width_mm, p.height_mm, p.depth_mm, p.warranty_information,
               p.shipping_information, p.return_policy, p.minimum_order_quantity, p.pack_size, p.unit, p.barcode,
               array(select z.slug from product_zones pz join zones z on z.id = pz.zone_id
                     where pz.product_id = p.id and z.deleted_at is null order by z.slug) as zones,
               g.key as group_key, g.title as group_title, p.options, p.attributes,
               coalesce((
                   select jsonb_object_agg(language, jsonb_build_object('title', t.title, 'description', t.description))
                   from product_translations t where t.product_id = p.id), '{}') as translations
        from products p
        join categories c on c.id = p.category_id
        left join brands b on b.id = p.brand_id
        left join product_groups g on g.id = p.group_id
        left join product_stock s on s.product_id = p.id
        where p.company_id = $1 and p.deleted_at is null and p.id > $2
        order by p.id limit $3
        """,
        company_id,
        after_id,
        limit,
    )
