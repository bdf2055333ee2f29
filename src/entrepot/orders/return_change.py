"""What becomes of a return: approved or rejected, received and put back on the shelf, refunded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec

from entrepot import inventory, payments
from entrepot.inventory import Back
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden, Invalid
from entrepot.kernel.events import publish
from entrepot.orders import payment_queries, queries, return_queries, transitions
from entrepot.orders.change_status import set_part_status
from entrepot.orders.events import (
    ReturnApproved,
    ReturnCancelled,
    ReturnReceived,
    ReturnRefunded,
    ReturnRejected,
    ReturnRequested,
)
from entrepot.orders.life_model import By, Party
from entrepot.orders.model import OrderStatus
from entrepot.orders.return_goods import visible_return
from entrepot.orders.return_model import (
    TRANSITIONS,
    MoreReceived,
    NothingReceived,
    Return,
    ReturnIllegalTransition,
    ReturnLine,
    ReturnStatus,
)
from entrepot.orders.return_queries import Arrived
from entrepot.payments import CreditKind, LineCredit


class Came(msgspec.Struct, frozen=True):
    """So many pieces of a product came back, of which some cannot be sold again."""

    product_id: int
    quantity: int
    damaged: int = 0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of a return.

    When it is received: `came`, everything if None; without `restock`, nothing of it can be sold again. When it is refunded:
    `refund_shipping`, which is left to whether all of the part came back if None.
    """

    status: ReturnStatus
    note: str = ""
    came: Sequence[Came] | None = None
    restock: bool = True
    refund_shipping: bool | None = None


async def change_return(tx: Tx, actor: Actor, return_id: int, change: Change) -> Return:
    """Take a return further, once, however many ask for it at once.

    Raises:
        ReturnNotFound: the actor may not know of it.
        ReturnIllegalTransition: naming what it may become.
        Forbidden: others may do that.
        MoreReceived, NothingReceived, Invalid: naming what cannot have come.
    """
    found = await visible_return(tx, actor, return_id)
    await queries.lock_order(tx, found.order_id)
    found = await visible_return(tx, actor, return_id)
    by = By(actor.user_id, acting_party(found, change))
    if await return_queries.claim_status(tx, found.id, found.status, change.status, by, change.note) is None:
        raise ReturnIllegalTransition.of(found.status)
    event, carry_out = CONSEQUENCES[change.status]
    await carry_out(tx, by, found, change)
    await publish(
        tx,
        event(return_id=found.id, order_id=found.order_number, company_id=found.company_id),
        actor_id=actor.user_id,
    )
    return await visible_return(tx, actor, return_id)


def acting_party(found: Return, change: Change) -> Party:
    """As what the reader makes the change. Raises ReturnIllegalTransition or Forbidden."""
    allowed = TRANSITIONS[found.status].get(change.status)
    if allowed is None:
        raise ReturnIllegalTransition.of(found.status)
    parties = found.parties & allowed
    if not parties or (change.refund_shipping is not None and Party.ADMIN not in parties):
        raise Forbidden
    return Party.ADMIN if Party.ADMIN in parties else min(parties)


async def _nothing_more(_tx: Tx, _by: By, _found: Return, _change: Change) -> None:
    """It was approved: the goods may come."""


async def _call_off(tx: Tx, _by: By, found: Return, _change: Change) -> None:
    await return_queries.free_lines(tx, found.id)


async def _receive(tx: Tx, by: By, found: Return, change: Change) -> None:
    arrived = arrivals(found.lines, change)
    await return_queries.set_received(tx, found.id, arrived)
    back = [Back(line.line_id, line.restocked) for line in arrived if line.restocked]
    if back:
        await inventory.take_back(tx, found.order_id, back, actor_id=by.actor_id, note=f"return {found.id}")
    if await return_queries.is_all_back(tx, found.part_id):
        await _take_part(tx, found, OrderStatus.RETURNED, by)


async def _refund(tx: Tx, by: By, found: Return, change: Change) -> None:
    all_back = await return_queries.is_all_back(tx, found.part_id)
    with_shipping = all_back if change.refund_shipping is None else change.refund_shipping
    due = await payment_queries.list_due(tx, [line.line_id for line in found.lines])
    await payments.credit(
        tx,
        found.order_id,
        kind=CreditKind.RETURN,
        reason=found.reason,
        actor_id=by.actor_id,
        lines=to_credit(found.lines, {line.line_id: line.quantity for line in due}),
        shipping_of=[found.part_id] if with_shipping else [],
        return_id=found.id,
    )
    settled = all_back and await return_queries.is_settled(tx, found.part_id)
    if settled or found.part_id in await payment_queries.list_given_back(tx, found.order_id):
        await _take_part(tx, found, OrderStatus.REFUNDED, by)


async def _take_part(tx: Tx, found: Return, status: OrderStatus, by: By) -> None:
    if status in transitions.TRANSITIONS[found.part_status]:
        await set_part_status(tx, found.order_id, [found.part_id], status, by)


CONSEQUENCES: Final[
    Mapping[ReturnStatus, tuple[type[ReturnRequested], Callable[[Tx, By, Return, Change], Awaitable[None]]]]
] = {
    ReturnStatus.APPROVED: (ReturnApproved, _nothing_more),
    ReturnStatus.REJECTED: (ReturnRejected, _call_off),
    ReturnStatus.CANCELLED: (ReturnCancelled, _call_off),
    ReturnStatus.RECEIVED: (ReturnReceived, _receive),
    ReturnStatus.REFUNDED: (ReturnRefunded, _refund),
}
"""What happens with each change, and which event tells of it."""


def arrivals(lines: Sequence[ReturnLine], change: Change) -> list[Arrived]:
    """What came back of each line of a return, products that are not named not at all.

    Raises Invalid, MoreReceived or NothingReceived.
    """
    if change.came is None:
        return [Arrived(line.line_id, line.quantity, line.quantity if change.restock else 0) for line in lines]
    left = {came.product_id: [came.quantity, came.damaged] for came in change.came}
    _refuse_strange_arrivals(lines, change.came)
    arrived = []
    for line in lines:
        quantity, damaged = left.get(line.product_id, [0, 0])
        received = min(quantity, line.quantity)
        spoilt = min(damaged, received) if change.restock else received
        arrived.append(Arrived(line.line_id, received, received - spoilt))
        left[line.product_id] = [quantity - received, damaged - min(damaged, received)]
    if not any(line.received for line in arrived):
        raise NothingReceived
    return arrived


def to_credit(lines: Sequence[ReturnLine], due: Mapping[int, int]) -> list[LineCredit]:
    """What came back, as far as its price is due: nobody gets the price of a piece and keeps it."""
    pieces = {line.line_id: min(line.received or 0, due[line.line_id]) for line in lines}
    return [LineCredit(line_id, quantity) for line_id, quantity in pieces.items() if quantity]


def _refuse_strange_arrivals(lines: Sequence[ReturnLine], came: Sequence[Came]) -> None:
    asked: dict[int, int] = {}
    for line in lines:
        asked[line.product_id] = asked.get(line.product_id, 0) + line.quantity
    faults: dict[str, list[str]] = {}
    too_many: dict[str, list[str]] = {}
    for position, product in enumerate(came):
        if product.product_id not in asked:
            faults[f"lines.{position}.productId"] = ["is not in this return"]
        elif product.product_id in {other.product_id for other in came[:position]}:
            faults[f"lines.{position}.productId"] = ["is named twice"]
        elif product.damaged > product.quantity:
            faults[f"lines.{position}.damaged"] = ["cannot be more than came"]
        elif product.quantity > asked[product.product_id]:
            too_many[f"lines.{position}.quantity"] = [f"at most {asked[product.product_id]} were to come"]
    if faults:
        raise Invalid(faults)
    if too_many:
        raise MoreReceived(details=too_many)
