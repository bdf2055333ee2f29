"""The SQL of price histories."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from entrepot.catalog.queries import SOLD
from entrepot.kernel.db import Db


class PriceChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a product cost from a time on: its price before the discount, and the discount."""

    id: int
    price_minor: int
    discount_bp: int
    currency: str
    changed_at: datetime


class PricedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """What a product costs now."""

    company_id: int
    price_minor: int
    discount_bp: int
    currency: str
    created_at: datetime


async def find_priced(db: Db, product_id: int) -> PricedProduct | None:
    """A product that is sold."""
    return await db.maybe(
        PricedProduct,
        f"""
        select p.company_id, p.price_minor, p.discount_bp, p.currency, p.created_at
        from products p where p.id = $1 and p.deleted_at is null and {SOLD}
        """,
        product_id,
    )


async def list_changes(db: Db, product_id: int, before_id: int | None, skip: int, limit: int) -> list[PriceChange]:
    """The newest first; with `before_id`, those that came before that one."""
    return await db.many(
        PriceChange,
        """
        select id, price_minor, discount_bp, currency, changed_at from price_changes
        where product_id = $1 and ($2::bigint is null or id < $2) order by id desc offset $3 limit $4
        """,
        product_id,
        before_id,
        skip,
        limit,
    )


async def count_changes(db: Db, product_id: int) -> int:
    total: int = await db.value("select count(*) from price_changes where product_id = $1", product_id)
    return total


async def find_lowest(db: Db, product_id: int, window: timedelta, now: datetime) -> PriceChange | None:
    """The lowest price that counted at some time in the window before the discount that runs now began.

    Without a discount now, in the window that ends now. A discount that becomes another one without a pause is one
    discount. None when there was no price before it.
    """
    return await db.maybe(
        PriceChange,
        """
        with changes as (
            select id, price_minor, discount_bp, currency, changed_at,
                   lead(changed_at, 1, 'infinity') over (order by id) as until
            from price_changes where product_id = $1
        ), discount as (
            select min(id) as began_id, min(changed_at) as began_at from changes
            where id > coalesce((select max(id) from changes where discount_bp = 0), 0)
        )
        select c.id, c.price_minor, c.discount_bp, c.currency, c.changed_at from changes c, discount d
        where (d.began_id is null or c.id < d.began_id) and c.until > coalesce(d.began_at, $3) - $2::interval
        order by c.price_minor::numeric * (10000 - c.discount_bp), c.id limit 1
        """,
        product_id,
        window,
        now,
    )
