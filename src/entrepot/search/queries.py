"""The SQL of the index: products as they are put into it, and what happened since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from entrepot.kernel.db import Db


class ProductTexts(msgspec.Struct, frozen=True, kw_only=True):
    """What the index keeps of a product, besides the path to its category."""

    id: int
    company_id: int
    seller_id: int | None
    category_id: int
    group_id: int | None
    group_title: str | None
    sku: str
    barcode: str
    title: str
    description: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    brand_id: int | None
    brand: str | None
    brand_slug: str | None
    tags: list[str]
    attributes: dict[str, Any]
    options: dict[str, Any]
    price_minor: int


class CategoryNames(msgspec.Struct, frozen=True, kw_only=True):
    """A category, with its names by language."""

    id: int
    parent_id: int | None
    slug: str
    name: str
    names: dict[str, str]


class Now(msgspec.Struct, frozen=True):
    """A moment of the database: which transactions are visible, and the newest event."""

    snapshot: str
    event_id: int


class Happened(msgspec.Struct, frozen=True):
    """An event that an index does not know yet."""

    xid: int
    id: int
    name: str
    data: dict[str, Any]


class Totals(msgspec.Struct, frozen=True):
    """How many products there are, and the sum of their ids: two catalogs that agree in both are the same."""

    count: int
    sum: int


_TEXTS: Final = """
    select p.id, p.company_id, p.seller_id, p.category_id, p.group_id, g.title as group_title, p.sku, p.barcode, p.title,
           p.description, coalesce(t.titles, '{}') as titles, coalesce(t.descriptions, '{}') as descriptions,
           p.brand_id, b.name as brand, b.slug as brand_slug, p.tags, p.attributes, p.options, p.price_minor
    from products p
    left join brands b on b.id = p.brand_id
    left join product_groups g on g.id = p.group_id
    left join lateral (
        select jsonb_object_agg(language, title) as titles, jsonb_object_agg(language, description) as descriptions
        from product_translations where product_id = p.id
    ) t on true
    """


async def list_texts(db: Db, product_ids: Sequence[int]) -> list[ProductTexts]:
    """Those of these products that there are."""
    return await db.many(
        ProductTexts,
        f"{_TEXTS} where p.id = any($1::bigint[]) and p.deleted_at is null",
        list(product_ids),
    )


async def list_texts_after(db: Db, after_id: int, limit: int) -> list[ProductTexts]:
    """The next products by id."""
    return await db.many(
        ProductTexts,
        f"{_TEXTS} where p.id > $1 and p.deleted_at is null order by p.id limit $2",
        after_id,
        limit,
    )


async def list_categories(db: Db) -> list[CategoryNames]:
    return await db.many(
        CategoryNames,
        """
        select c.id, c.parent_id, c.slug, c.name, coalesce(
                   (select jsonb_object_agg(language, t.name) from category_translations t where t.category_id = c.id),
                   '{}') as names
        from categories c where c.deleted_at is null order by c.id
        """,
    )


async def list_ids_in_categories(db: Db, category_ids: Sequence[int], after_id: int, limit: int) -> list[int]:
    """The next products, by id, that belong to one of these categories themselves."""
    return await db.values(
        """
        select id from products where category_id = any($1::bigint[]) and id > $2 and deleted_at is null
        order by id limit $3
        """,
        list(category_ids),
        after_id,
        limit,
    )


async def get_totals(db: Db) -> Totals:
    return await db.one(
        Totals,
        "select count(*) as count, coalesce(sum(id), 0)::bigint as sum from products where deleted_at is null",
    )


async def get_now(db: Db) -> Now:
    """One statement, hence one snapshot."""
    return await db.one(
        Now,
        """
        select pg_current_snapshot()::text as snapshot,
               coalesce((select id from events order by id desc limit 1), 0) as event_id
        """,
    )


async def is_known_past(db: Db, snapshot: str, event_id: int) -> bool:
    """Whether the database has been at this moment, and still has every event since.

    It has not, when it was put back to an earlier one; and events may be gone when all of that time are.
    """
    known: bool = await db.value(
        """
        select pg_snapshot_xmax($1::text::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
           and $2::bigint <= coalesce((select id from events order by id desc limit 1), 0)
           and ($2::bigint = 0 or exists (select from events where id <= $2))
        """,
        snapshot,
        event_id,
    )
    return known


async def list_happened(
    db: Db, since: str, until: str, names: Sequence[str], after_xid: int, after_id: int, limit: int
) -> list[Happened]:
    """What is visible in the snapshot `until` and was not in `since`, after the row named, in the order of the feed."""
    return await db.many(
        Happened,
        """
        select xid::text::bigint as xid, id, name, data from events
        where xid >= pg_snapshot_xmin($1::text::pg_snapshot)
          and not pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
          and pg_visible_in_snapshot(xid, $2::text::pg_snapshot)
          and name = any($3::text[])
          and (xid, id) > ($4::bigint::text::xid8, $5)
        order by xid, id limit $6
        """,
        since,
        until,
        list(names),
        after_xid,
        after_id,
        limit,
    )


async def get_database_name(db: Db) -> str:
    """Names this database among all there are: a copy in another server, or beside it, is another one."""
    name: str = await db.value(
        """
        select (select system_identifier from pg_control_system())::text || '-' || oid::text
        from pg_database where datname = current_database()
        """
    )
    return name
