"""The SQL of needed items."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters


class NeededStatus(StrEnum):
    OPEN = "open"
    IN_REVIEW = "in_review"
    SOURCING = "sourcing"
    AVAILABLE = "available"
    DECLINED = "declined"


class NeededItem(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody asks for; `zone` is a slug, `product_id` what it turned out to be."""

    id: int
    user_id: int | None
    name: str
    zone_id: int | None
    zone: str | None
    title: str
    description: str
    quantity: int | None
    status: NeededStatus
    answer: str
    product_id: int | None
    created_at: datetime
    updated_at: datetime


_ITEM: Final = """
    select n.id, n.user_id, coalesce(trim(u.first_name || ' ' || u.last_name), '') as name, n.zone_id, z.slug as zone,
           n.title, n.description, n.quantity, n.status, n.answer, n.product_id, n.created_at, n.updated_at
    from needed_items n left join users u on u.id = n.user_id left join zones z on z.id = n.zone_id
    """
# $1: who asks; $2: administers all; $3: administers these zones.
_ADMINISTERED: Final = "($2 or coalesce(n.zone_id = any($3::bigint[]), false))"
_VISIBLE: Final = f"(n.user_id = $1::bigint or {_ADMINISTERED})"


def _sight(actor: Actor) -> tuple[int | None, bool, list[int]]:
    return (
        actor.user_id,
        actor.is_admin,
        list(actor.zone_ids) if actor.role is Role.LOCATION_ADMIN else [],
    )


def visible_to(actor: Actor) -> Filters:
    """The conditions that every list of needed items begins with: one's own, and those of one's zones."""
    filters = Filters(_VISIBLE)
    filters.args.extend(_sight(actor))
    return filters


async def claim_item(
    tx: Tx, user_id: int, zone_id: int | None, title: str, description: str, quantity: int | None, limit: int
) -> int | None:
    """None when so many of this user's are open already."""
    item_id: int | None = await tx.value(
        """
        insert into needed_items (user_id, zone_id, title, description, quantity, created_at, updated_at)
        select $1, $2, $3, $4, $5, $7, $7
        where (select count(*) from needed_items where user_id = $1 and status not in ('available', 'declined')) < $6
        returning id
        """,
        user_id,
        zone_id,
        title,
        description,
        quantity,
        limit,
        clock.now(),
    )
    return item_id


async def find_item(db: Db, actor: Actor, item_id: int) -> NeededItem | None:
    return await db.maybe(NeededItem, f"{_ITEM} where {_VISIBLE} and n.id = $4", *_sight(actor), item_id)


async def lock_item(tx: Tx, actor: Actor, item_id: int) -> NeededItem | None:
    """One that the actor administers."""
    return await tx.maybe(
        NeededItem,
        f"{_ITEM} where $1::bigint is not null and {_ADMINISTERED} and n.id = $4 for update of n",
        *_sight(actor),
        item_id,
    )


async def list_items(db: Db, filters: Filters, skip: int, limit: int) -> list[NeededItem]:
    """The newest first."""
    return await db.many(
        NeededItem,
        f"""
        {_ITEM} where {filters.sql} order by n.id desc
        offset ${len(filters.args) + 1} limit ${len(filters.args) + 2}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_items(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"select count(*) from needed_items n left join zones z on z.id = n.zone_id where {filters.sql}", *filters.args
    )
    return total


async def is_product(db: Db, product_id: int) -> bool:
    found: bool = await db.value(
        "select exists (select from products where id = $1 and deleted_at is null)", product_id
    )
    return found


async def set_answer(
    tx: Tx, item_id: int, status: NeededStatus, text: str | None, product_id: int | None, answered_by: int
) -> None:
    """What is None stays as it is."""
    await tx.run(
        """
        update needed_items set status = $2, answer = coalesce($3, answer), product_id = coalesce($4, product_id),
               answered_by = $5, updated_at = $6
        where id = $1
        """,
        item_id,
        status,
        text,
        product_id,
        answered_by,
        clock.now(),
    )
