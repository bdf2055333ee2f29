"""The SQL of favourites."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class Kept(msgspec.Struct, frozen=True, rename="camel"):
    """A product that a user keeps for later."""

    product_id: int
    added_at: datetime


# What is deleted, or sold by nobody any more, is not shown; it comes back with its seller.
_ON_SALE: Final = """
    p.deleted_at is null
    and exists (select from companies c where c.id = p.company_id and c.status = 'active' and c.deleted_at is null)
    """


async def list_kept(db: Db, user_id: int, skip: int, limit: int, after: Kept | None) -> list[Kept]:
    """Those that are on sale, the last added first."""
    return await db.many(
        Kept,
        f"""
        select f.product_id, f.added_at from favourites f join products p on p.id = f.product_id
        where f.user_id = $1 and {_ON_SALE}
          and ($4::timestamptz is null or (f.added_at, f.product_id) < ($4, $5::bigint))
        order by f.added_at desc, f.product_id desc offset $2 limit $3
        """,
        user_id,
        skip,
        limit,
        after.added_at if after is not None else None,
        after.product_id if after is not None else None,
    )


async def count_kept(db: Db, user_id: int) -> int:
    total: int = await db.value(
        f"select count(*) from favourites f join products p on p.id = f.product_id where f.user_id = $1 and {_ON_SALE}",
        user_id,
    )
    return total


async def claim_favourite(tx: Tx, user_id: int, product_id: int, limit: int) -> Kept | None:
    """Keep a product that is on sale; one that is kept already stays as it is. None when there is no such product, or
    `limit` others are kept."""
    return await tx.maybe(
        Kept,
        f"""
        insert into favourites as f (user_id, product_id, added_at)
        select $1, p.id, $4 from products p
        where p.id = $2 and {_ON_SALE}
          and (select count(*) from favourites where user_id = $1 and product_id <> $2) < $3
        on conflict (user_id, product_id) do update set added_at = f.added_at
        returning product_id, added_at
        """,
        user_id,
        product_id,
        limit,
        clock.now(),
    )


async def is_on_sale(db: Db, product_id: int) -> bool:
    on_sale: bool = await db.value(f"select exists (select from products p where p.id = $1 and {_ON_SALE})", product_id)
    return on_sale


async def delete_favourite(tx: Tx, user_id: int, product_id: int) -> int:
    return await tx.run("delete from favourites where user_id = $1 and product_id = $2", user_id, product_id)


class Reviewed(msgspec.Struct, frozen=True):
    """A product that a person has reviewed."""

    product_id: int
    company_id: int


async def erase_person(tx: Tx, user_id: int) -> list[Reviewed]:
    """Delete what a person kept, and take its name off its reviews; returns what they are of."""
    return await tx.many(
        Reviewed,
        """
        with kept as (delete from favourites where user_id = $1)
        update reviews r set reviewer_name = 'Deleted user', reviewer_email = '', updated_at = $2
        from products p where p.id = r.product_id and r.user_id = $1
        returning p.id as product_id, p.company_id
        """,
        user_id,
        clock.now(),
    )
