"""Taking parts of an order from one status to the next, in one place: their history, the order's own status, the event."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.orders import life_queries as queries
from entrepot.orders.events import MOVES, OrderShipped
from entrepot.orders.life_model import By
from entrepot.orders.model import OrderStatus
from entrepot.orders.transitions import refuse_unless_legal, status_of


async def set_part_status(
    tx: Tx,
    order_id: int,
    part_ids: Collection[int],
    status: OrderStatus,
    by: By,
    *,
    note: str = "",
    carrier: str | None = None,
    tracking_number: str | None = None,
) -> OrderStatus:
    """Take these parts to a status, and the order to what follows from all its parts; returns that.

    The caller holds the order's lock, and does what the step means for stock and money.

    Raises:
        IllegalTransition: one of the parts may not become this; nothing is changed.
    """
    parts = await queries.list_parts(tx, order_id)
    moving = [part for part in parts if part.id in part_ids]
    for part in moving:
        refuse_unless_legal(part.status, status)
    order_status = status_of(status if part.id in part_ids else part.status for part in parts)
    moved = await queries.move_parts(
        tx,
        order_id,
        [part.id for part in moving],
        status,
        order_status,
        by,
        note=note,
        carrier=carrier,
        tracking_number=tracking_number,
    )
    fact: dict[str, Any] = {
        "order_id": moved.number,
        "user_id": moved.user_id,
        "company_ids": [part.company_id for part in moving],
        "part_ids": [part.id for part in moving],
        "status": order_status,
    }
    if status is OrderStatus.SHIPPED:
        await publish(tx, OrderShipped(**fact, carrier=carrier, tracking_number=tracking_number), actor_id=by.actor_id)
    else:
        await publish(tx, MOVES[status](**fact), actor_id=by.actor_id)
    return order_status
