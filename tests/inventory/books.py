"""What must be true of stock at every moment, asked of the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.builders import Client

_FAULTS = """
    select format('product %s warehouse %s: %s', l.product_id, l.warehouse_id, fault)
    from stock_levels l
    cross join lateral (
        select coalesce(sum(on_hand_change), 0) as on_hand, coalesce(sum(reserved_change), 0) as reserved
        from stock_movements m where m.product_id = l.product_id and m.warehouse_id = l.warehouse_id
    ) history
    cross join lateral (
        select coalesce((select sum(quantity) from stock_reservations r
                         where r.product_id = l.product_id and r.warehouse_id = l.warehouse_id and r.status = 'held'), 0)
             + coalesce((select sum(quantity) from stock_waiters o
                         where o.product_id = l.product_id and o.warehouse_id = l.warehouse_id and o.status = 'offered'), 0)
             as quantity
    ) held
    cross join lateral (
        select on_hand_after, reserved_after from stock_movements m
        where m.product_id = l.product_id and m.warehouse_id = l.warehouse_id order by id desc limit 1
    ) last
    cross join lateral (values
        (case when l.on_hand < l.reserved or l.reserved < 0 then 'oversold' end),
        (case when l.on_hand <> history.on_hand then 'on hand is not the sum of its history' end),
        (case when l.reserved <> history.reserved then 'reserved is not the sum of its history' end),
        (case when l.reserved <> held.quantity then 'reserved is not the sum of open reservations' end),
        (case when (l.on_hand, l.reserved) <> (last.on_hand_after, last.reserved_after) then 'the last entry differs' end)
    ) as faults (fault)
    where l.product_id = any($1::bigint[]) and fault is not null
    union all
    select format('product %s: the total differs', p.product_id)
    from product_stock p
    where p.product_id = any($1::bigint[]) and p.available <>
        (select coalesce(sum(on_hand - reserved), 0) from stock_levels l where l.product_id = p.product_id)
    """


async def assert_books_balance(client: Client, product_ids: Sequence[int]) -> None:
    """Stock of these products is never negative, the sum of its history, and held for exactly the open reservations."""
    faults = await client.app.shop.database.pool.fetch(_FAULTS, list(product_ids))
    assert not faults, [fault[0] for fault in faults]


async def rewrite(client: Client, sql: str, *args: Any) -> None:
    """What only a damaged database or a meddling administrator does: change what is never changed, the history."""
    async with client.app.shop.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")  # no trigger fires
        await connection.execute(sql, *args)
