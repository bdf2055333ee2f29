"""Finding an order that somebody is about to change, locked, and as what they may."""

from __future__ import annotations

from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Unauthorized
from entrepot.orders import life_queries as queries
from entrepot.orders.life_model import By, LiveOrder, LivePart, NotForYou, Party
from entrepot.orders.model import NotYourOrder, OrderNotFound


async def lock_for(tx: Tx, actor: Actor, number: str) -> LiveOrder:
    """The order with this number, if the actor may see it; others that change it wait.

    Raises:
        Unauthorized: a guest without an order's token.
        OrderNotFound, NotYourOrder.
    """
    if actor.is_guest and actor.order_token is None:
        raise Unauthorized
    order_id = await queries.lock_number(tx, number)
    if order_id is None:
        raise OrderNotFound
    order = await queries.get_live(tx, actor, order_id)
    if not (order.own or order.managed or order.sold_part_id is not None):
        raise NotYourOrder
    return order


def as_buyer(order: LiveOrder, actor: Actor) -> By:
    """As who bought the order, or else administers it. Raises NotForYou for others."""
    if not (order.own or order.managed):
        raise NotForYou
    return By(actor.user_id, Party.BUYER if order.own else Party.ADMIN)


def as_handler(order: LiveOrder, actor: Actor) -> By:
    """As who administers the order, or else sells a part of it. Raises NotForYou for others."""
    if order.managed:
        return By(actor.user_id, Party.ADMIN)
    if order.sold_part_id is None:
        raise NotForYou
    return By(actor.user_id, Party.SELLER)


def part_of(order: LiveOrder, company_id: int) -> LivePart:
    """The part that this company sells. Raises OrderNotFound where it sells none."""
    part = next((part for part in order.parts if part.company_id == company_id), None)
    if part is None:
        raise OrderNotFound("This company sells nothing of the order")
    return part
