"""The SQL of writing a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx


class Managed(msgspec.Struct, frozen=True):
    """A product that the actor may change, locked against other changes."""

    id: int
    company_id: int
    title: str
    currency: str


class ProductFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed of a product, in the words of its body; for the admin log."""

    title: str
    description: str
    category: str
    brand: str | None
    price_minor: int
    discount_bp: int
    sku: str
    tags: list[str]
    attributes: dict[str, Any]
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
    thumbnail: str
    images: list[str]
    zones: list[str]
    translations: dict[str, Any]
    group: str | None
    options: dict[str, Any]


async def lock_managed(tx: Tx, actor: Actor, product_id: int) -> Managed | None:
    """The product, if it is the actor's to change: its company's, for a seller; of a company that delivers in its zones,
    for a location admin."""
    return await tx.maybe(
        Managed,
        """
        select p.id, p.company_id, p.title, p.currency from products p
        where p.id = $1 and p.deleted_at is null
          and exists (select from companies c where c.id = p.company_id and c.deleted_at is null)
          and ($2 or p.company_id = $3 or exists (
              select from company_zones z where z.company_id = p.company_id and z.zone_id = any($4::bigint[])))
        for no key update
        """,
        product_id,
        actor.is_admin,
        actor.company_id if actor.role is Role.SELLER else None,
        list(actor.zone_ids) if actor.role is Role.LOCATION_ADMIN else [],
    )


async def claim_brand(tx: Tx, name: str, slug: str) -> int:
    """The brand's id; made when there is none of this slug. One that is there is not locked: many products name it."""
    brand_id: int = await tx.value(
        """
        with made as (
            insert into brands (name, slug, created_at)
            select $1, $2, $3 where not exists (select from brands where slug = $2)
            on conflict (slug) do update set slug = excluded.slug returning id
        )
        select id from made union all select id from brands where slug = $2 limit 1
        """,
        name,
        slug,
        clock.now(),
    )
    return brand_id


async def get_facts(db: Db, product_id: int) -> ProductFacts:
    return await db.one(
        ProductFacts,
        """
        select p.title, p.description, c.slug as category, b.name as brand, p.price_minor, p.discount_bp, p.sku, p.tags,
               p.attributes, p.weight_g, p.width_mm, p.height_mm, p.depth_mm, p.warranty_information,
               p.shipping_information, p.return_policy, p.minimum_order_quantity, p.pack_size, p.unit, p.barcode, p.thumbnail,
               array(select location from product_images where product_id = p.id order by position) as images,
               array(select z.slug from product_zones pz join zones z on z.id = pz.zone_id
                     where pz.product_id = p.id order by z.slug) as zones,
               coalesce((select jsonb_object_agg(language, title) from product_translations where product_id = p.id), '{}')
                   as translations,
               g.key as "group", p.options
        from products p
        join categories c on c.id = p.category_id
        left join brands b on b.id = p.brand_id
        left join product_groups g on g.id = p.group_id
        where p.id = $1
        """,
        product_id,
    )


async def insert_product(tx: Tx, values: Mapping[str, Any], actor_id: int | None) -> int:
    """A product with its first price; `values` holds columns by name. Returns the new id."""
    product_id: int = await tx.value(
        """
        with product as (
            insert into products (
                company_id, seller_id, category_id, brand_id, group_id, options, sku, title, description, price_minor, currency,
                discount_bp, tags, weight_g, width_mm, height_mm, depth_mm, warranty_information, shipping_information,
                return_policy, unit, minimum_order_quantity, barcode, thumbnail, attributes, created_at, updated_at,
                pack_size)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                    $24, $25, $26, $26, $28)
            returning id, price_minor, discount_bp, currency, created_at
        ), first_price as (
            insert into price_changes (product_id, price_minor, discount_bp, currency, actor_id, changed_at)
            select id, price_minor, discount_bp, currency, $27::bigint, created_at from product
        )
        select id from product
        """,
        values["company_id"],
        values["seller_id"],
        values["category_id"],
        values["brand_id"],
        values.get("group_id"),
        values["options"],
        values["sku"],
        values["title"],
        values["description"],
        values["price_minor"],
        values["currency"],
        values["discount_bp"],
        values["tags"],
        values["weight_g"],
        values.get("width_mm", 0),
        values.get("height_mm", 0),
        values.get("depth_mm", 0),
        values["warranty_information"],
        values["shipping_information"],
        values["return_policy"],
        values["unit"],
        values["minimum_order_quantity"],
        values["barcode"],
        values["thumbnail"],
        values["attributes"],
        clock.now(),
        actor_id,
        values.get("pack_size", 1),
    )
    return product_id


async def set_product(tx: Tx, product_id: int, changes: Mapping[str, Any], actor_id: int | None) -> None:
    """Change the columns that are named in `changes` of a locked product; the others stay as they are.

    Another price or discount is noted in `price_changes`. A product that has no row there has not changed its price yet:
    what it has cost so far is noted first.
    """
    await tx.run(
        """
        with before as (
            select id, price_minor, discount_bp, currency, created_at from products where id = $1
        ), after as (
            update products p set (
                title, description, category_id, brand_id, group_id, options, sku, price_minor, discount_bp, tags, attributes,
                weight_g, width_mm, height_mm, depth_mm, warranty_information, shipping_information, return_policy, unit,
                minimum_order_quantity, pack_size, barcode, thumbnail, updated_at) = (
                select n.title, n.description, n.category_id, n.brand_id, n.group_id, n.options, n.sku, n.price_minor,
                       n.discount_bp, n.tags, n.attributes, n.weight_g, n.width_mm, n.height_mm, n.depth_mm,
                       n.warranty_information, n.shipping_information, n.return_policy, n.unit, n.minimum_order_quantity,
                       n.pack_size, n.barcode, n.thumbnail, $3::timestamptz
                from jsonb_populate_record(p, $2::jsonb) n)
            where p.id = $1
            returning id, price_minor, discount_bp, currency
        ), differing as (
            select b.id, b.created_at, b.currency, b.price_minor as old_price, b.discount_bp as old_discount,
                   a.price_minor as new_price, a.discount_bp as new_discount
            from before b join after a on a.id = b.id
            where (a.price_minor, a.discount_bp) <> (b.price_minor, b.discount_bp)
        )
        insert into price_changes (product_id, price_minor, discount_bp, currency, actor_id, changed_at)
        select id, old_price, old_discount, currency, null::bigint, created_at from differing
        where not exists (select from price_changes where product_id = $1)
        union all
        select id, new_price, new_discount, currency, $4::bigint, $3 from differing
        """,
        product_id,
        dict(changes),
        clock.now(),
        actor_id,
    )


async def set_deleted(tx: Tx, product_id: int) -> datetime:
    """Delete a locked product; returns when that was."""
    deleted_at: datetime = await tx.value(
        "update products set deleted_at = $2, updated_at = $2 where id = $1 returning deleted_at",
        product_id,
        clock.now(),
    )
    return deleted_at


async def list_zone_ids(db: Db, product_id: int) -> list[int]:
    """The zones that the product names; none: wherever its company delivers."""
    return await db.values("select zone_id from product_zones where product_id = $1 order by zone_id", product_id)


async def list_delivered_zone_ids(db: Db, company_id: int) -> list[int]:
    """The zones that a company delivers to."""
    return await db.values("select zone_id from company_zones where company_id = $1 order by zone_id", company_id)


async def set_zones(tx: Tx, product_id: int, zone_ids: Sequence[int]) -> None:
    """Sell a locked product in these zones alone; in all that its company delivers to if there are none."""
    await tx.run(
        """
        with ended as (
            delete from product_zones where product_id = $1 and zone_id <> all($2::bigint[])
        )
        insert into product_zones (product_id, zone_id) select $1, unnest($2::bigint[]) on conflict do nothing
        """,
        product_id,
        list(zone_ids),
    )


class Translated(msgspec.Struct, frozen=True):
    """A product's words in a language; of a title that is None, none any more."""

    language: str
    title: str | None
    description: str


async def set_translations(tx: Tx, product_id: int, translations: Sequence[Translated]) -> None:
    """Set or take away the languages that are named, of a locked product; the others stay."""
    await tx.run(
        """
        with given as (
            select * from unnest($2::text[], $3::text[], $4::text[]) as g (language, title, description)
        ), removed as (
            delete from product_translations
            where product_id = $1 and language in (select language from given where title is null)
        )
        insert into product_translations (product_id, language, title, description)
        select $1, language, title, description from given where title is not null
        on conflict (product_id, language) do update set title = excluded.title, description = excluded.description
        """,
        product_id,
        [one.language for one in translations],
        [one.title for one in translations],
        [one.description for one in translations],
    )


async def count_languages(db: Db, product_id: int) -> int:
    count: int = await db.value("select count(*) from product_translations where product_id = $1", product_id)
    return count
