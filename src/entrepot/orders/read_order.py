"""Finding an order that somebody wants to look at."""

from __future__ import annotations

from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Unauthorized
from entrepot.orders import queries
from entrepot.orders.model import NotYourOrder, Order, OrderNotFound


async def visible_order(db: Db, actor: Actor, number: str) -> Order:
    """The order with this number, with those of its parts that the actor may see.

    Raises:
        Unauthorized: a guest without an order's token.
        OrderNotFound, NotYourOrder.
    """
    if actor.is_guest and actor.order_token is None:
        raise Unauthorized
    order = await queries.find_order(db, actor, number)
    if order is None:
        raise OrderNotFound
    if not order.visible:
        raise NotYourOrder
    return order
