"""The SQL of tax rates. An empty country or state, or no category, stands for any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class TaxRateRow(msgspec.Struct, frozen=True):
    """What is to stand for a place and a category."""

    country: str
    state: str
    category_id: int | None
    rate_bp: int
    inclusive: bool
    name: str


class TaxRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `tax_rates`; `category` is its slug."""

    id: int
    country: str
    state: str
    category_id: int | None
    category: str | None
    rate_bp: int
    inclusive: bool
    name: str
    updated_at: datetime


class LoadedRate(msgspec.Struct, frozen=True):
    """What a basket needs to know of a row."""

    country: str
    state: str
    category_id: int | None
    rate_bp: int
    inclusive: bool


class CategoryRef(msgspec.Struct, frozen=True):
    id: int
    slug: str


_RATE: Final = """
    select r.id, r.country, r.state, r.category_id, c.slug as category, r.rate_bp, r.inclusive, r.name, r.updated_at
    from tax_rates r left join categories c on c.id = r.category_id
    """


async def list_rates(db: Db, country: str | None, skip: int, limit: int, after_id: int | None) -> list[TaxRow]:
    """The oldest first; of one country, or of all."""
    return await db.many(
        TaxRow,
        f"""
        {_RATE} where ($1::text is null or r.country = $1) and ($4::bigint is null or r.id > $4)
        order by r.id offset $2 limit $3
        """,
        country,
        skip,
        limit,
        after_id,
    )


async def count_rates(db: Db, country: str | None) -> int:
    total: int = await db.value("select count(*) from tax_rates where ($1::text is null or country = $1)", country)
    return total


async def list_rates_for(db: Db, rows: Sequence[TaxRateRow]) -> list[TaxRow]:
    """What stands for exactly these places and categories."""
    return await db.many(
        TaxRow,
        f"""
        {_RATE} join unnest($1::text[], $2::text[], $3::bigint[]) as n (country, state, category_id)
            on n.country = r.country and n.state = r.state and n.category_id is not distinct from r.category_id
        order by r.id
        """,
        [row.country for row in rows],
        [row.state for row in rows],
        [row.category_id for row in rows],
    )


async def list_categories(db: Db, slugs: Sequence[str]) -> list[CategoryRef]:
    return await db.many(
        CategoryRef,
        "select id, slug from categories where slug = any($1::text[]) and deleted_at is null",
        list(slugs),
    )


async def lock_rates(tx: Tx) -> None:
    """Who sets rates takes turns; baskets are priced meanwhile."""
    await tx.run("lock table tax_rates in share row exclusive mode")


async def delete_rates(tx: Tx, rows: Sequence[TaxRateRow]) -> None:
    """Nothing stands for these places and categories any more."""
    await tx.run(
        """
        delete from tax_rates r using unnest($1::text[], $2::text[], $3::bigint[]) as n (country, state, category_id)
        where n.country = r.country and n.state = r.state and n.category_id is not distinct from r.category_id
        """,
        [row.country for row in rows],
        [row.state for row in rows],
        [row.category_id for row in rows],
    )


async def set_rates(tx: Tx, rows: Sequence[TaxRateRow]) -> None:
    """Put these in place of what stood for the same places and categories."""
    await tx.run(
        """
        insert into tax_rates (country, state, category_id, rate_bp, inclusive, name, created_at, updated_at)
        select n.country, n.state, n.category_id, n.rate_bp, n.inclusive, n.name, $7, $7
        from unnest($1::text[], $2::text[], $3::bigint[], $4::integer[], $5::boolean[], $6::text[])
            with ordinality as n (country, state, category_id, rate_bp, inclusive, name, place)
        order by n.place
        on conflict (country, state, category_id) do update set
            rate_bp = excluded.rate_bp, inclusive = excluded.inclusive, name = excluded.name, updated_at = excluded.updated_at
        """,
        [row.country for row in rows],
        [row.state for row in rows],
        [row.category_id for row in rows],
        [row.rate_bp for row in rows],
        [row.inclusive for row in rows],
        [row.name for row in rows],
        clock.now(),
    )
