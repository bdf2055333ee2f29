"""The SQL of stock counts: which product a SKU means, and which warehouse a code."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.inventory.warehouse_queries import IN_REACH
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db


class CalledProduct(msgspec.Struct, frozen=True):
    """A product, and what its company calls it."""

    id: int
    sku: str


class CalledPlace(msgspec.Struct, frozen=True):
    """A warehouse of a product's company, and what that calls it."""

    product_id: int
    code: str
    warehouse_id: int


async def list_products_called(
    db: Db, actor: Actor, company_id: int | None, skus: Sequence[str]
) -> list[CalledProduct]:
    """Of this company, or else of all that have a warehouse within the actor's reach."""
    return await db.many(
        CalledProduct,
        f"""
        select p.id, p.sku from products p
        where p.sku = any($5::text[]) and p.deleted_at is null and ($4::bigint is null or p.company_id = $4)
          and p.company_id in (select w.company_id from warehouses w where w.deleted_at is null and {IN_REACH})
        order by p.id
        """,
        *actor.reach,
        company_id,
        list(skus),
    )


async def list_places_called(
    db: Db, actor: Actor, codes: Sequence[str], product_ids: Sequence[int]
) -> list[CalledPlace]:
    return await db.many(
        CalledPlace,
        f"""
        select p.id as product_id, w.code, w.id as warehouse_id
        from products p join warehouses w on w.company_id = p.company_id
        where p.id = any($5::bigint[]) and w.code = any($4::text[]) and w.deleted_at is null and {IN_REACH}
        """,
        *actor.reach,
        list(codes),
        list(product_ids),
    )
