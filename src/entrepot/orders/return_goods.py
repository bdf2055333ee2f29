"""Asking to give goods back: by line and quantity, within the window, never more than was bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid, Unauthorized
from entrepot.kernel.events import publish_all
from entrepot.orders import queries, return_queries
from entrepot.orders.events import ReturnRequested
from entrepot.orders.model import NotYourOrder, OrderNotFound
from entrepot.orders.return_model import (
    BoughtLine,
    NotDelivered,
    Return,
    ReturnNotFound,
    ReturnReason,
    ReturnWindowOver,
    TooManyReturned,
)


async def request_return(
    tx: Tx,
    actor: Actor,
    number: str,
    asked: Sequence[tuple[int, int]],
    reason: ReturnReason,
    note: str,
    window: timedelta,
) -> list[Return]:
    """Ask to give pieces of products back: (product id, quantity) pairs. Makes a return for each company that sold some.

    Raises:
        OrderNotFound, NotYourOrder: it is not the actor's.
        Invalid: naming products that are not in the order, or are named twice.
        NotDelivered, ReturnWindowOver, TooManyReturned: naming the lines that cannot come back.
    """
    if actor.is_guest and actor.order_token is None:
        raise Unauthorized
    order = await return_queries.find_bought(tx, actor, number)
    if order is None:
        raise OrderNotFound
    if not order.own:
        raise NotYourOrder
    await queries.lock_order(tx, order.id)
    bought = await return_queries.list_bought(tx, order.id)
    by_part = pieces_by_part(bought, asked, clock.now() - window)
    return_ids = [
        await return_queries.insert_return(tx, part_id, pieces, reason, note, actor.user_id)
        for part_id, pieces in by_part.items()
    ]
    made = [await visible_return(tx, actor, return_id) for return_id in return_ids]
    await publish_all(
        tx,
        [ReturnRequested(return_id=one.id, order_id=order.number, company_id=one.company_id) for one in made],
        actor_id=actor.user_id,
    )
    return made


async def visible_return(tx: Tx, actor: Actor, return_id: int) -> Return:
    """Raises ReturnNotFound for one that the actor may not know of."""
    found = await return_queries.find_return(tx, actor, return_id)
    if found is None:
        raise ReturnNotFound
    return found


def pieces_by_part(
    bought: Sequence[BoughtLine], asked: Sequence[tuple[int, int]], delivered_since: datetime
) -> Mapping[int, list[tuple[int, int]]]:
    """The pieces, as (line id, quantity), that are to come back of each part. A product that stands on several lines is
    taken from the first of them that have some left.

    Raises Invalid, NotDelivered, ReturnWindowOver or TooManyReturned, naming all lines that cannot come back.
    """
    lines: dict[int, list[BoughtLine]] = {}
    for line in bought:
        lines.setdefault(line.product_id, []).append(line)
    _refuse_strangers(lines, asked)
    _refuse_undelivered(lines, asked, delivered_since)
    by_part: dict[int, list[tuple[int, int]]] = {}
    too_many: dict[str, list[str]] = {}
    for position, (product_id, quantity) in enumerate(asked):
        left = sum(line.left for line in lines[product_id])
        if quantity > left:
            too_many[f"lines.{position}.quantity"] = [f"at most {left} can still be returned"]
        for line in lines[product_id]:
            if pieces := min(quantity, line.left):
                by_part.setdefault(line.part_id, []).append((line.id, pieces))
                quantity -= pieces
    if too_many:
        raise TooManyReturned(details=too_many)
    return by_part


def _refuse_strangers(lines: Mapping[int, list[BoughtLine]], asked: Sequence[tuple[int, int]]) -> None:
    seen: set[int] = set()
    faults: dict[str, list[str]] = {}
    for position, (product_id, _) in enumerate(asked):
        if product_id not in lines:
            faults[f"lines.{position}.productId"] = ["is not in this order"]
        elif product_id in seen:
            faults[f"lines.{position}.productId"] = ["is named twice"]
        seen.add(product_id)
    if faults:
        raise Invalid(faults)


def _refuse_undelivered(
    lines: Mapping[int, list[BoughtLine]], asked: Sequence[tuple[int, int]], delivered_since: datetime
) -> None:
    undelivered: dict[str, list[str]] = {}
    late: dict[str, list[str]] = {}
    for position, (product_id, _) in enumerate(asked):
        line = lines[product_id][0]
        if line.part_status != "delivered" or line.delivered_at is None:
            undelivered[f"lines.{position}.productId"] = [f"is {line.part_status}"]
        elif line.delivered_at < delivered_since:
            late[f"lines.{position}.productId"] = [f"was delivered on {line.delivered_at.date()}"]
    if undelivered:
        raise NotDelivered(details=undelivered)
    if late:
        raise ReturnWindowOver(details=late)
