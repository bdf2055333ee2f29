"""The SQL that fills the columns: products in chunks, each column as one run of bytes, and the small tables around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entrepot.catalog.columns_chunk import ProductChunk
from entrepot.catalog.columns_dimensions import BrandName, CategoryNode, SellingCompany, ZoneSlug
from entrepot.kernel.db import Db

# One statement, hence one snapshot: a product's numbers, terms and title fit together.
_CHUNK: Final = """
    with page as materialized (
        select row_number() over (order by p.id) - 1 as place, p.id, p.price_minor, p.rating, p.created_at, p.category_id,
               p.brand_id, p.company_id, p.seller_id, p.group_id, p.title, p.tags, p.attributes,
               coalesce(s.available, 0) as stock
        from products p left join product_stock s on s.product_id = p.id
        where {chosen}
    ),
    tagged as materialized (select place, tag from page, unnest(tags) as tag),
    different_tags as materialized (select tag, row_number() over () - 1 as code from (select distinct tag from tagged) t),
    attributed as materialized (
        select place, name, value #>> '{{}}' as value
        from page, jsonb_each(case when jsonb_typeof(attributes) = 'object' then attributes end) as one (name, value)
        where jsonb_typeof(value) in ('string', 'number', 'boolean')
    ),
    different_attributes as materialized (
        select name, value, row_number() over () - 1 as code from (select distinct name, value from attributed) a
    )
    select columns.*,
           coalesce((select array_agg(tag order by code) from different_tags), '{{}}') as tags,
           coalesce((select string_agg(int4send(place::integer) || int4send(code::integer), ''::bytea)
                     from tagged join different_tags using (tag)), '') as tag_pairs,
           coalesce((select array_agg(name order by code) from different_attributes), '{{}}') as attribute_names,
           coalesce((select array_agg(value order by code) from different_attributes), '{{}}') as attribute_values,
           coalesce((select string_agg(int4send(place::integer) || int4send(code::integer), ''::bytea)
                     from attributed join different_attributes using (name, value)), '') as attribute_pairs,
           coalesce((select string_agg(int8send(place) || int8send(l.warehouse_id), ''::bytea)
                     from page join stock_levels l on l.product_id = page.id and l.on_hand > l.reserved), '')
               as warehouse_pairs,
           coalesce((select string_agg(int8send(place) || int8send(z.zone_id), ''::bytea)
                     from page join product_zones z on z.product_id = page.id), '') as zone_pairs
    from (
        select coalesce(string_agg(int8send(id), ''::bytea), '') as ids,
               coalesce(string_agg(int8send(price_minor), ''::bytea), '') as prices,
               coalesce(string_agg(int8send((rating * 100)::bigint), ''::bytea), '') as ratings_hundredths,
               coalesce(string_agg(int8send((extract(epoch from created_at) * 1000000)::bigint), ''::bytea), '')
                   as created_at_us,
               coalesce(string_agg(int8send(stock), ''::bytea), '') as stocks,
               coalesce(string_agg(int8send(category_id), ''::bytea), '') as category_ids,
               coalesce(string_agg(int8send(coalesce(brand_id, 0)), ''::bytea), '') as brand_ids,
               coalesce(string_agg(int8send(company_id), ''::bytea), '') as company_ids,
               coalesce(string_agg(int8send(coalesce(seller_id, 0)), ''::bytea), '') as seller_ids,
               coalesce(string_agg(int8send(coalesce(group_id, 0)), ''::bytea), '') as group_ids,
               coalesce(string_agg(int8send(octet_length(title)), ''::bytea), '') as title_lengths,
               coalesce(string_agg(convert_to(title, 'UTF8'), ''::bytea), '') as titles
        from (select * from page order by place) ordered
    ) columns
    """


async def next_chunk(db: Db, after_id: int, limit: int) -> ProductChunk:
    """The next products in order of id; deleted ones left out."""
    chosen = "p.id > $1 and p.deleted_at is null order by p.id limit $2"
    return await db.one(ProductChunk, _CHUNK.format(chosen=chosen), after_id, limit)


async def chunk_of(db: Db, product_ids: Sequence[int]) -> ProductChunk:
    """These products in order of id; what is deleted, or was never there, is left out."""
    chosen = "p.id = any($1::bigint[]) and p.deleted_at is null"
    return await db.one(ProductChunk, _CHUNK.format(chosen=chosen), list(product_ids))


async def count_live_products(db: Db) -> int:
    count: int = await db.value("select count(*) from products where deleted_at is null")
    return count


async def list_nodes(db: Db) -> list[CategoryNode]:
    """All categories that are not deleted, siblings in their order."""
    return await db.many(
        CategoryNode, "select id, parent_id, slug, name from categories where deleted_at is null order by position, id"
    )


async def list_zone_slugs(db: Db) -> list[ZoneSlug]:
    return await db.many(ZoneSlug, "select id, slug from zones where deleted_at is null")


async def list_companies(db: Db, company_ids: Sequence[int] | None) -> list[SellingCompany]:
    """These companies, or all: whether they sell, and the zones where they deliver."""
    return await db.many(
        SellingCompany,
        """
        select c.id, c.status = 'active' and c.deleted_at is null as sells,
               array(select z.zone_id from company_zones z where z.company_id = c.id) as zone_ids
        from companies c where $1::bigint[] is null or c.id = any($1)
        """,
        None if company_ids is None else list(company_ids),
    )


async def list_brand_names(db: Db, brand_ids: Sequence[int] | None) -> list[BrandName]:
    """These brands, or all."""
    return await db.many(
        BrandName,
        "select id, slug, name from brands where $1::bigint[] is null or id = any($1)",
        None if brand_ids is None else list(brand_ids),
    )
