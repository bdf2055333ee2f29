"""The SQL of transfers between warehouses."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.inventory.stock_queries import Place
from entrepot.inventory.warehouse_queries import IN_REACH
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx


class Transfer(msgspec.Struct, frozen=True):
    """Pieces that were moved; which, its entries of the history say."""

    id: int
    from_warehouse_id: int
    to_warehouse_id: int
    actor_id: int | None
    note: str
    created_at: datetime


async def hold_both(tx: Tx, actor: Actor, one_id: int, other_id: int) -> list[Place]:
    """Those of the two warehouses that the actor works with; none is deleted meanwhile."""
    return await tx.many(
        Place,
        f"""
        select w.id, w.company_id from warehouses w
        where w.id in ($4, $5) and w.deleted_at is null and {IN_REACH} order by w.id for key share
        """,
        *actor.reach,
        one_id,
        other_id,
    )


async def insert_transfer(tx: Tx, from_id: int, to_id: int, actor_id: int | None, note: str) -> Transfer:
    return await tx.one(
        Transfer,
        """
        insert into stock_transfers (from_warehouse_id, to_warehouse_id, actor_id, note, created_at)
        values ($1, $2, $3, $4, $5)
        returning id, from_warehouse_id, to_warehouse_id, actor_id, note, created_at
        """,
        from_id,
        to_id,
        actor_id,
        note,
        clock.now(),
    )
