"""The SQL of suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from entrepot.kernel.db import Db


class Named(msgspec.Struct, frozen=True):
    """A category or brand, with its names by language."""

    slug: str
    name: str
    names: dict[str, str]


class SuggestedRow(msgspec.Struct, frozen=True):
    id: int
    title: str
    thumbnail: str
    price_minor: int
    currency: str


MOST_BRANDS: Final = 20_000
MOST_CATEGORIES: Final = 20_000


async def list_named_categories(db: Db) -> list[Named]:
    return await db.many(
        Named,
        """
        select c.slug, c.name, coalesce(
                   (select jsonb_object_agg(language, t.name) from category_translations t where t.category_id = c.id),
                   '{}') as names
        from categories c where c.deleted_at is null order by c.name, c.id limit $1
        """,
        MOST_CATEGORIES,
    )


async def list_named_brands(db: Db) -> list[Named]:
    """Brands that there is a product of."""
    return await db.many(
        Named,
        """
        select b.slug, b.name, '{}'::jsonb as names from brands b
        where exists (select from products p where p.brand_id = b.id and p.deleted_at is null)
        order by b.name, b.id limit $1
        """,
        MOST_BRANDS,
    )


async def list_suggested(db: Db, product_ids: Sequence[int], languages: Sequence[str]) -> list[SuggestedRow]:
    """In the order of the ids."""
    return await db.many(
        SuggestedRow,
        """
        select p.id, coalesce(t.title, p.title) as title, p.thumbnail, p.price_minor, p.currency
        from unnest($1::bigint[]) with ordinality as wanted (id, place)
        join products p on p.id = wanted.id and p.deleted_at is null
        left join lateral (
            select title from product_translations
            where product_id = p.id and language = any($2::text[]) order by array_position($2, language) limit 1
        ) t on true
        order by wanted.place
        """,
        list(product_ids),
        list(languages),
    )
