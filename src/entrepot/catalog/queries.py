"""The SQL of the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrepot.catalog.model import ProductRow
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters, Sort, SortKey

SORT_KEYS: Final = {
    "price": SortKey("p.price_minor", "bigint"),
    "rating": SortKey("p.rating", "numeric"),
    "title": SortKey("p.title", "text"),
    "name": SortKey("p.title", "text"),
    "date": SortKey("p.created_at", "timestamptz"),
    "createdAt": SortKey("p.created_at", "timestamptz"),
    "stock": SortKey("coalesce(s.available, 0)", "integer"),
    "id": SortKey("p.id", "bigint"),
}
BY_ID: Final = Sort(SORT_KEYS["id"], descending=False, id_column="p.id")

_SHOWN: Final = """
    select p.id, p.company_id, p.seller_id, p.group_id, p.options, p.attributes, p.sku,
           coalesce(t.title, p.title) as title, p.title as original_title,
           coalesce(t.description, p.description) as description,
           c.slug as category, b.name as brand, p.price_minor, p.currency, p.discount_bp, p.rating,
           coalesce(s.available, 0) as stock, p.tags, p.weight_g, p.width_mm, p.height_mm, p.depth_mm,
           p.warranty_information, p.shipping_information, p.return_policy, p.unit, p.minimum_order_quantity,
           p.barcode, p.qr_code, p.thumbnail,
           array(select location from product_images i where i.product_id = p.id order by i.position) as images,
           array(select z.slug from product_zones pz join zones z on z.id = pz.zone_id
                 where pz.product_id = p.id order by z.slug) as zones,
           array(select l.language from product_translations l where l.product_id = p.id order by l.language) as languages,
           coalesce((select jsonb_agg(to_jsonb(r)) from (
               select id, rating, comment, created_at as date, reviewer_name, reviewer_email from reviews
               where product_id = p.id and deleted_at is null order by created_at desc, id desc limit 3
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


class Listed(msgspec.Struct, frozen=True):
    """A page of products, and how many there are in all."""

    products: list[ProductRow]
    total: int


class CategoryRow(msgspec.Struct, frozen=True):
    id: int
    slug: str


async def find_product(
    db: Db, product_id: int, languages: Sequence[str], hidden_too: bool = False
) -> ProductRow | None:
    """A product that is sold; with `hidden_too`, also one of a company that does not sell now."""
    return await db.maybe(
        ProductRow,
        f"""
        {_SHOWN}
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


async def list_products(
    db: Db, filters: Filters, sort: Sort, skip: int, limit: int, languages: Sequence[str]
) -> list[ProductRow]:
    """A page of products. The page is cut first, so that only its rows are looked up in full."""
    args = [*filters.args, skip, limit, list(languages)]
    skip_arg, limit_arg, languages_arg = (f"${len(args) - 2}", f"${len(args) - 1}", f"${len(args)}::text[]")
    return await db.many(
        ProductRow,
        f"""
        with page as materialized (
            select p.id, row_number() over (order by {sort.order_by}) as place
            from products p left join product_stock s on s.product_id = p.id
            where {filters.sql}
            order by {sort.order_by} offset {skip_arg} limit {limit_arg}
        )
        {_SHOWN}
        from page
        join products p on p.id = page.id
        join categories c on c.id = p.category_id
        left join brands b on b.id = p.brand_id
        left join product_stock s on s.product_id = p.id
        {_TRANSLATED.format(languages=languages_arg)}
        order by page.place
        """,
        *args,
    )


async def count_products(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"select count(*) from products p left join product_stock s on s.product_id = p.id where {filters.sql}",
        *filters.args,
    )
    return total


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


async def find_category(db: Db, slug: str) -> CategoryRow | None:
    return await db.maybe(CategoryRow, "select id, slug from categories where slug = $1 and deleted_at is null", slug)


async def claim_brand(tx: Tx, name: str, slug: str) -> int:
    """The brand's id; made when there is none of this slug."""
    brand_id: int = await tx.value(
        """
        insert into brands (name, slug, created_at) values ($1, $2, $3)
        on conflict (slug) do update set slug = excluded.slug returning id
        """,
        name,
        slug,
        clock.now(),
    )
    return brand_id


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


async def insert_product(tx: Tx, values: dict[str, Any]) -> int:
    """`values` holds every column of the statement by name; returns the new id."""
    now = clock.now()
    product_id: int = await tx.value(
        """
        insert into products (
            company_id, seller_id, category_id, brand_id, sku, title, description, price_minor, currency, discount_bp,
            tags, weight_g, width_mm, height_mm, depth_mm, warranty_information, shipping_information, return_policy,
            unit, minimum_order_quantity, barcode, thumbnail, attributes, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
                $24, $24)
        returning id
        """,
        values["company_id"],
        values["seller_id"],
        values["category_id"],
        values["brand_id"],
        values["sku"],
        values["title"],
        values["description"],
        values["price_minor"],
        values["currency"],
        values["discount_bp"],
        values["tags"],
        values["weight_g"],
        values["width_mm"],
        values["height_mm"],
        values["depth_mm"],
        values["warranty_information"],
        values["shipping_information"],
        values["return_policy"],
        values["unit"],
        values["minimum_order_quantity"],
        values["barcode"],
        values["thumbnail"],
        values["attributes"],
        now,
    )
    return product_id


async def insert_images(tx: Tx, product_id: int, locations: Sequence[str]) -> None:
    await tx.run(
        """
        insert into product_images (product_id, position, location)
        select $1, place - 1, location from unnest($2::text[]) with ordinality as images (location, place)
        """,
        product_id,
        list(locations),
    )


class ForSale(msgspec.Struct, frozen=True, kw_only=True):
    """What a cart or an order needs of a product: its live price, and who sells it on which terms."""

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
    available: int
    commission_bp: int
    delivers: bool
    delivery_fee_minor: int
    free_delivery_from_minor: int | None
    rating: Decimal


async def list_for_sale(
    db: Db, product_ids: Sequence[int], zone_id: int | None, languages: Sequence[str]
) -> list[ForSale]:
    """The live terms of these products, in one statement. Deleted ones, and those of inactive companies, are left out."""
    return await db.many(
        ForSale,
        f"""
        select p.id, p.company_id, p.sku, coalesce(t.title, p.title) as title, p.thumbnail, p.unit, p.price_minor,
               p.currency, p.discount_bp, p.minimum_order_quantity, coalesce(s.available, 0) as available, p.rating,
               coalesce((select rate_bp from company_commissions m where m.company_id = p.company_id and m.valid_from <= $4
                         order by m.valid_from desc limit 1), 0) as commission_bp,
               $2::bigint is null or (z.zone_id is not null and (
                   not exists (select from product_zones where product_id = p.id)
                   or exists (select from product_zones where product_id = p.id and zone_id = $2))) as delivers,
               coalesce(z.delivery_fee_minor, 0) as delivery_fee_minor, z.free_delivery_from_minor
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
    )
