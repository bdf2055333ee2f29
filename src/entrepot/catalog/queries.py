"""The SQL of the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from entrepot.catalog.groups import VARIANTS_SHOWN
from entrepot.catalog.model import REVIEWS_SHOWN, ListedRow, PageRow
from entrepot.kernel import clock
from entrepot.kernel.db import Db

_DEEPEST: Final = 50
"""Levels of categories that a product is looked for in: whatever the tree, the look ends."""

_SHOWN: Final = f"""
    select p.id, p.company_id, p.seller_id, p.category_id, p.brand_id, p.group_id, p.options, p.attributes, p.sku,
           coalesce(t.title, p.title) as title, p.title as original_title,
           coalesce(nullif(t.description, ''), p.description) as description,
           c.slug as category, b.name as brand, p.price_minor, p.currency, p.discount_bp, p.rating,
           coalesce(s.available, 0) as stock, p.tags, p.weight_g, p.width_mm, p.height_mm, p.depth_mm,
           p.warranty_information, p.shipping_information, p.return_policy, p.unit, p.minimum_order_quantity,
           p.pack_size, p.barcode, p.qr_code, p.thumbnail,
           array(select location from product_images i where i.product_id = p.id order by i.position) as images,
           array(select z.slug from product_zones pz join zones z on z.id = pz.zone_id
                 where pz.product_id = p.id order by z.slug) as zones,
           array(select l.language from product_translations l where l.product_id = p.id order by l.language) as languages,
           coalesce((select jsonb_agg(to_jsonb(r)) from (
               select id, rating, comment, created_at as date, reviewer_name, reviewer_email from reviews
               where product_id = p.id and deleted_at is null order by created_at desc, id desc limit {REVIEWS_SHOWN}
           ) r), '[]') as reviews,
           p.created_at, p.updated_at
    """

_TRANSLATED: Final = """
    left join lateral (
        select title, description from product_translations
        where product_id = p.id and language = any({languages}) order by array_position({languages}, language) limit 1
    ) t on true
    """


# Companies that do not sell are few, and looked up once for each statement: no join that would change how lists are read.
SOLD: Final = """
    p.company_id <> all(array(
        select c.id from companies c where (c.status <> 'active' or c.deleted_at is not null)
        and exists (select from products o where o.company_id = c.id and o.deleted_at is null)))
    """


async def find_product(db: Db, product_id: int, languages: Sequence[str], hidden_too: bool = False) -> PageRow | None:
    """A product that is sold, with its group; with `hidden_too`, also one of a company that does not sell now."""
    return await db.maybe(
        PageRow,
        f"""
        {_SHOWN}, case when p.group_id is not null then (
            select jsonb_build_object('id', g.id, 'key', g.key, 'title', g.title, 'variants', coalesce((
                select jsonb_agg(to_jsonb(v)) from (
                    select o.id, coalesce(t.title, o.title) as title, o.sku, o.options, o.price_minor, o.discount_bp, o.currency,
                           coalesce(s.available, 0) as stock, o.thumbnail
                    from products o
                    left join product_stock s on s.product_id = o.id
                    left join lateral (
                        select title from product_translations where product_id = o.id and language = any($2::text[])
                        order by array_position($2::text[], language) limit 1
                    ) t on true
                    where o.group_id = g.id and o.id <> p.id and o.deleted_at is null
                    order by o.id limit {VARIANTS_SHOWN}
                ) v), '[]'))
            from product_groups g where g.id = p.group_id) end as "group"
        from products p
        join categories c on c.id = p.category_id
        left join brands b on b.id = p.brand_id
        left join product_stock s on s.product_id = p.id
        {_TRANSLATED.format(languages="$2::text[]")}
        where p.id = $1 and p.deleted_at is null and ($3 or {SOLD})
        """,
        product_id,
        list(languages),
        hidden_too,
    )


async def list_in_order(db: Db, product_ids: Sequence[int], languages: Sequence[str], grouped: bool) -> list[ListedRow]:
    """These products in the order of their ids; with `grouped`, each of a group with what is told of the group."""
    return await db.many(
        ListedRow,
        f"""
        {_SHOWN}, g.told as "group"
        from unnest($1::bigint[]) with ordinality as listed (id, place)
        join products p on p.id = listed.id
        join categories c on c.id = p.category_id
        left join brands b on b.id = p.brand_id
        left join product_stock s on s.product_id = p.id
        {_TRANSLATED.format(languages="$2::text[]")}
        left join lateral (
            select jsonb_build_object('id', g.id, 'title', g.title, 'members', m.ids, 'min_price_minor', m.lowest,
                                      'max_price_minor', m.highest, 'options', coalesce(o.options, '{{}}')) as told
            from product_groups g
            cross join lateral (
                select jsonb_agg(id) as ids, min(price_minor) as lowest, max(price_minor) as highest
                from products where group_id = g.id and deleted_at is null
            ) m
            cross join lateral (
                select jsonb_object_agg(name, choices) as options from (
                    select name, jsonb_agg(distinct choice order by choice) as choices
                    from products cross join jsonb_each(options) as one (name, choice)
                    where group_id = g.id and deleted_at is null group by name
                ) each
            ) o
            where $3 and g.id = p.group_id
        ) g on true
        where p.deleted_at is null
        order by listed.place
        """,
        list(product_ids),
        list(languages),
        grouped,
    )


async def list_category_slugs(db: Db) -> list[str]:
    """In the order of the tree: a parent before its children."""
    return await db.values(
        """
        with recursive tree as (
            select id, slug, array[position::bigint, id] as place from categories
            where parent_id is null and deleted_at is null
            union all
            select c.id, c.slug, tree.place || array[c.position::bigint, c.id]
            from categories c join tree on c.parent_id = tree.id where c.deleted_at is null
        )
        select slug from tree order by place
        """
    )


async def is_selling(db: Db, company_id: int) -> bool:
    selling: bool = await db.value(
        "select exists (select from companies where id = $1 and status = 'active' and deleted_at is null)", company_id
    )
    return selling


async def find_company_for(
    db: Db, company_id: int | None, only_company_id: int | None, only_zone_ids: Sequence[int] | None
) -> int | None:
    """The company to sell for: the one named, or else the house company; None when the actor may not, or there is none."""
    found: int | None = await db.value(
        """
        select c.id from companies c
        where c.deleted_at is null and case when $1::bigint is null and $2::bigint is null then c.is_house
              else c.id = coalesce($1, $2) end
          and ($2::bigint is null or c.id = $2)
          and ($3::bigint[] is null or exists (
              select from company_zones z where z.company_id = c.id and z.zone_id = any($3)))
        """,
        company_id,
        only_company_id,
        list(only_zone_ids) if only_zone_ids is not None else None,
    )
    return found


class ForSale(msgspec.Struct, frozen=True, kw_only=True):
    """What a cart or an order needs of a product: its live price, and who sells it on which terms.

    `category_path` is its own category, then the ancestors upwards. `delivery_fee_minor` is None where the company names none.
    """

    id: int
    company_id: int
    sku: str
    title: str
    thumbnail: str
    unit: str
    price_minor: int
    currency: str
    discount_bp: int
    minimum_order_quantity: int
    pack_size: int
    available: int
    commission_bp: int
    delivers: bool
    delivery_fee_minor: int | None
    free_delivery_from_minor: int | None
    rating: Decimal
    brand_id: int | None
    group_id: int | None
    weight_g: int
    category_path: list[int]


async def list_for_sale(
    db: Db, product_ids: Sequence[int], zone_id: int | None, languages: Sequence[str], buyer_id: int | None = None
) -> list[ForSale]:
    """The live terms of these products, in one statement. Deleted ones, and those of inactive companies, are left out.

    What is held for the buyer, who waited for it, is available to it.
    """
    return await db.many(
        ForSale,
        f"""
        select p.id, p.company_id, p.sku, coalesce(t.title, p.title) as title, p.thumbnail, p.unit, p.price_minor,
               p.currency, p.discount_bp, p.minimum_order_quantity, p.pack_size,
               (coalesce(s.available, 0) + coalesce((
                   select sum(o.quantity) from stock_waiters o
                   where o.product_id = p.id and o.user_id = $5 and o.status = 'offered'), 0))::bigint as available,
               p.rating, p.brand_id, p.group_id, p.weight_g,
               array(with recursive path as (
                         select id, parent_id, 1 as depth from categories where id = p.category_id
                         union all
                         select c.id, c.parent_id, depth + 1 from categories c join path on c.id = path.parent_id
                         where depth < {_DEEPEST}
                     ) select id from path order by depth) as category_path,
               coalesce((select rate_bp from company_commissions m where m.company_id = p.company_id and m.valid_from <= $4
                         order by m.valid_from desc limit 1), 0) as commission_bp,
               $2::bigint is null or (z.zone_id is not null and (
                   not exists (select from product_zones where product_id = p.id)
                   or exists (select from product_zones where product_id = p.id and zone_id = $2))) as delivers,
               z.delivery_fee_minor, z.free_delivery_from_minor
        from products p
        join companies c on c.id = p.company_id and c.status = 'active' and c.deleted_at is null
        left join product_stock s on s.product_id = p.id
        left join company_zones z on z.company_id = p.company_id and z.zone_id = $2
        {_TRANSLATED.format(languages="$3::text[]")}
        where p.id = any($1::bigint[]) and p.deleted_at is null
        order by p.id
        """,
        list(product_ids),
        zone_id,
        list(languages),
        clock.now(),
        buyer_id,
    )
