"""The SQL of looking up, many at once, what rows of products name: companies, products, categories, brands, groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from entrepot.catalog.upsert_rows import Existing
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx


class SellingCompany(msgspec.Struct, frozen=True):
    id: int
    is_house: bool


class Named(msgspec.Struct, frozen=True):
    """Something that is known by a name, such as a slug."""

    id: int
    name: str


class Delivered(msgspec.Struct, frozen=True):
    company_id: int
    zone_id: int


class Keyed(msgspec.Struct, frozen=True):
    """Something that is known by a key within its company: a product by its SKU, a group by its key."""

    id: int
    company_id: int
    key: str


class Variant(msgspec.Struct, frozen=True):
    """A member of a group."""

    id: int
    group_id: int
    options: dict[str, Any]


async def list_companies_for(db: Db, actor: Actor, company_ids: Sequence[int]) -> list[SellingCompany]:
    """Those of these companies, and the house company, that the actor may sell for."""
    return await db.many(
        SellingCompany,
        """
        select c.id, c.is_house from companies c
        where (c.id = any($1::bigint[]) or c.is_house or c.id = $2) and c.deleted_at is null
          and ($2::bigint is null or c.id = $2)
          and ($3::bigint[] is null or exists (
              select from company_zones z where z.company_id = c.id and z.zone_id = any($3)))
        """,
        list(company_ids),
        *_scope(actor),
    )


def _scope(actor: Actor) -> tuple[int | None, list[int] | None]:
    """A seller's company, or a location admin's zones: outside of them nothing is written."""
    return (
        (actor.company_id or 0) if actor.role is Role.SELLER else None,
        list(actor.zone_ids) if actor.role is Role.LOCATION_ADMIN else None,
    )


async def take_turns(tx: Tx, company_ids: Sequence[int]) -> None:
    """Until the transaction ends, nobody else writes many products of these companies.

    Two files with the same products would otherwise wait for each other in a circle, whichever order each is in.
    """
    await tx.values(
        """
        select pg_advisory_xact_lock(hashtextextended('entrepot.catalog.upsert', company_id))::text
        from (select unnest($1::bigint[]) as company_id order by 1) as ordered
        """,
        list(company_ids),
    )


async def lock_products(
    tx: Tx, actor: Actor, product_ids: Sequence[int], company_ids: Sequence[int], skus: Sequence[str]
) -> list[int]:
    """Lock the products of these ids and of these SKUs (each in its company), as far as the actor may change them."""
    # One by one, by the index, in the order of `w`, which everybody who locks many of them keeps.
    return await tx.values(
        """
        with wanted as (
            select id from unnest($1::bigint[]) as given (id)
            union
            select o.id from unnest($2::bigint[], $3::text[]) as given (company_id, sku)
            cross join lateral (
                select id from products
                where company_id = given.company_id and sku = given.sku and deleted_at is null limit 1
            ) o
        )
        select p.id from (select id from wanted order by id) w
        cross join lateral (
            select o.id from products o
            where o.id = w.id and o.deleted_at is null and ($4::bigint is null or o.company_id = $4)
              and (select c.deleted_at is null from companies c where c.id = o.company_id)
              and ($5::bigint[] is null or exists (
                  select from company_zones z where z.company_id = o.company_id and z.zone_id = any($5)))
            for no key update of o
        ) p
        """,
        list(product_ids),
        list(company_ids),
        list(skus),
        *_scope(actor),
    )


async def list_existing(db: Db, product_ids: Sequence[int]) -> list[Existing]:
    """These products as they are; asked after they were locked, so that nothing changes any more."""
    return await db.many(
        Existing,
        """
        select p.id, p.company_id, p.seller_id, p.category_id, p.brand_id, p.group_id, p.options, p.attributes, p.sku,
               p.title, p.description, p.price_minor, p.currency, p.discount_bp, p.tags, p.weight_g, p.width_mm,
               p.height_mm, p.depth_mm, p.warranty_information, p.shipping_information, p.return_policy, p.unit,
               p.minimum_order_quantity, p.pack_size, p.barcode, p.thumbnail,
               array(select location from product_images i where i.product_id = p.id order by i.position) as images,
               array(select zone_id from product_zones z where z.product_id = p.id order by zone_id) as zone_ids,
               coalesce((
                   select jsonb_object_agg(language, jsonb_build_object('title', title, 'description', t.description))
                   from product_translations t where t.product_id = p.id), '{}') as translations,
               coalesce(s.available, 0) as stock
        from products p left join product_stock s on s.product_id = p.id
        where p.id = any($1::bigint[])
        """,
        list(product_ids),
    )


async def list_taken_skus(db: Db, company_ids: Sequence[int], skus: Sequence[str]) -> list[Keyed]:
    """Who has these SKUs, each in its company."""
    return await db.many(
        Keyed,
        """
        select p.id, p.company_id, p.sku as key from unnest($1::bigint[], $2::text[]) as given (company_id, sku)
        cross join lateral (
            select id, company_id, sku from products
            where company_id = given.company_id and sku = given.sku and deleted_at is null limit 1
        ) p
        """,
        list(company_ids),
        list(skus),
    )


async def list_categories(db: Db, slugs: Sequence[str]) -> list[Named]:
    return await db.many(
        Named,
        "select id, slug as name from categories where slug = any($1::text[]) and deleted_at is null",
        list(slugs),
    )


async def list_zones(db: Db, slugs: Sequence[str]) -> list[Named]:
    return await db.many(
        Named, "select id, slug as name from zones where slug = any($1::text[]) and deleted_at is null", list(slugs)
    )


async def list_delivered(db: Db, company_ids: Sequence[int]) -> list[Delivered]:
    """The zones that these companies deliver to."""
    return await db.many(
        Delivered,
        "select company_id, zone_id from company_zones where company_id = any($1::bigint[])",
        list(company_ids),
    )


async def list_uploads(db: Db, keys: Sequence[str]) -> list[str]:
    """Those of these uploads that there are."""
    return await db.values("select key from uploads where key = any($1::text[]) and stored_at is not null", list(keys))


async def list_companies_without_warehouse(db: Db, company_ids: Sequence[int]) -> list[int]:
    return await db.values(
        """
        select id from unnest($1::bigint[]) as c (id) where not exists (
            select from warehouses w where w.company_id = c.id and w.deleted_at is null)
        """,
        list(company_ids),
    )


async def claim_brands(tx: Tx, slugs: Sequence[str], names: Sequence[str]) -> list[Named]:
    """The ids of these brands by slug; those that are missing are made."""
    await tx.run(
        """
        insert into brands (slug, name, created_at)
        select slug, name, $3 from unnest($1::text[], $2::text[]) as given (slug, name)
        where not exists (select from brands b where b.slug = given.slug) order by slug
        on conflict (slug) do nothing
        """,
        list(slugs),
        list(names),
        clock.now(),
    )
    return await tx.many(Named, "select id, slug as name from brands where slug = any($1::text[])", list(slugs))


async def claim_groups(
    tx: Tx, company_ids: Sequence[int], keys: Sequence[str], titles: Sequence[str | None], fallbacks: Sequence[str]
) -> list[Keyed]:
    """The ids of these groups; those that are missing are made. A title that is given becomes the group's."""
    await tx.run(
        """
        insert into product_groups as g (company_id, key, title, created_at)
        select company_id, key, coalesce(title, fallback), $5
        from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as given (company_id, key, title, fallback)
        where not exists (select from product_groups o where o.company_id = given.company_id and o.key = given.key
                          and o.title = coalesce(given.title, o.title))
        order by company_id, key
        on conflict (company_id, key) do update set title = excluded.title
        """,
        list(company_ids),
        list(keys),
        list(titles),
        list(fallbacks),
        clock.now(),
    )
    return await tx.many(
        Keyed,
        """
        select g.id, g.company_id, g.key from unnest($1::bigint[], $2::text[]) as given (company_id, key)
        cross join lateral (
            select id, company_id, key from product_groups where company_id = given.company_id and key = given.key limit 1
        ) g
        """,
        list(company_ids),
        list(keys),
    )


async def list_variants(db: Db, group_ids: Sequence[int]) -> list[Variant]:
    """The members of these groups, with their options."""
    return await db.many(
        Variant,
        """
        select id, group_id, options from products where group_id = any($1::bigint[]) and deleted_at is null
        """,
        list(group_ids),
    )
