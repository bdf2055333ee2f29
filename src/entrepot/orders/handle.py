"""Handling an order by hand, as who sells a part of it or administers it: confirming, shipping, delivering, cancelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from entrepot import inventory, payments
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.orders import payment_queries
from entrepot.orders.cancel import cancel_parts
from entrepot.orders.change_status import set_part_status
from entrepot.orders.given_back import end_given_back
from entrepot.orders.life_model import (
    By,
    LiveOrder,
    LivePart,
    NotForYou,
    OrderNotPaid,
    PaidAlready,
    Party,
    PaymentUnderWay,
)
from entrepot.orders.look_up import as_handler, lock_for, part_of
from entrepot.orders.model import OrderStatus, PaymentMethod, PaymentStatus
from entrepot.orders.transitions import BY_HAND, IllegalTransition, is_before, refuse_unless_legal

_OWED: Final = frozenset({PaymentStatus.UNPAID, PaymentStatus.FAILED, PaymentStatus.AUTHORIZED})
_PROVIDERS: Final[Mapping[PaymentMethod, Literal["bank_transfer", "cash"]]] = {
    PaymentMethod.INVOICE: "bank_transfer",
    PaymentMethod.CASH_ON_DELIVERY: "cash",
}


class Handling(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done: to a status, for one company's part or all; or noted, that it was paid."""

    status: OrderStatus | None = None
    is_paid: bool = False
    company_id: int | None = None
    note: str = ""
    carrier: str | None = None
    tracking_number: str | None = None


async def handle(tx: Tx, actor: Actor, number: str, asked: Handling) -> None:
    """Take a seller's part, or all parts that are not there yet, to a status; note that an order was paid.

    Raises:
        OrderNotFound, NotYourOrder, NotForYou.
        IllegalTransition: a part may not become this now; says what it may.
        OrderNotPaid: it was to be paid by card before, or was given back.
        OrderCannotCancel: as in `cancel`.
        PaidAlready: nothing is owed, or not in a way that somebody could have taken.
        PaymentUnderWay: a charge of the order is running.
    """
    order = await lock_for(tx, actor, number)
    by = as_handler(order, actor)
    if asked.is_paid:
        await _receive(tx, order, by)
    if asked.status is not None:
        await _take_to(tx, order, asked.status, asked, by)


async def _take_to(tx: Tx, order: LiveOrder, status: OrderStatus, asked: Handling, by: By) -> None:
    parts = _parts_in_hand(order, asked.company_id, by, status)
    for part in parts:
        if status not in BY_HAND:
            raise IllegalTransition.of(part.status, status)
        refuse_unless_legal(part.status, status)
    if status is OrderStatus.CANCELLED:
        await cancel_parts(tx, order, parts, by, asked.note)
        return
    if status is OrderStatus.SHIPPED:
        await _refuse_unless_paid(tx, order, parts)
        await inventory.ship(tx, order.id, actor_id=by.actor_id, line_ids=_lines_of(order, parts))
    became = await set_part_status(
        tx,
        order.id,
        [part.id for part in parts],
        status,
        by,
        note=asked.note,
        carrier=asked.carrier,
        tracking_number=asked.tracking_number,
    )
    cash = order.payment_method is PaymentMethod.CASH_ON_DELIVERY
    if cash and became is OrderStatus.DELIVERED and order.payment_status in _OWED:
        await _take_money(tx, order, "cash", by)
    if status is OrderStatus.DELIVERED:
        await end_given_back(tx, order.id, By(None, Party.SHOP), "refunded before")


def _parts_in_hand(order: LiveOrder, company_id: int | None, by: By, status: OrderStatus) -> Sequence[LivePart]:
    """The one part that is meant, or all that have not come so far, in which those that are further stay; never none."""
    if by.party is Party.SELLER:
        own = next(part for part in order.parts if part.id == order.sold_part_id)
        if company_id not in (None, own.company_id):
            raise NotForYou
        return [own]
    if company_id is not None:
        return [part_of(order, company_id)]
    behind = [part for part in order.going if is_before(part.status, status)]
    if not behind:
        raise IllegalTransition.of(order.status, status)
    return behind


def _lines_of(order: LiveOrder, parts: Sequence[LivePart]) -> list[int]:
    ids = {part.id for part in parts}
    return [line.id for line in order.lines if line.part_id in ids]


async def _receive(tx: Tx, order: LiveOrder, by: By) -> None:
    """Money that came by a way that no provider tells of."""
    if by.party is not Party.ADMIN:
        raise NotForYou("Only an administrator notes down that an order was paid")
    provider = _PROVIDERS.get(order.payment_method)
    if provider is None or order.payment_status not in _OWED or not order.going:
        raise PaidAlready
    await _take_money(tx, order, provider, by)


async def _take_money(tx: Tx, order: LiveOrder, provider: Literal["bank_transfer", "cash"], by: By) -> None:
    try:
        await payments.receive_payment(tx, order.id, provider=provider, actor_id=by.actor_id)
    except payments.AlreadyCharged:
        raise PaymentUnderWay from None


async def _refuse_unless_paid(tx: Tx, order: LiveOrder, parts: Sequence[LivePart]) -> None:
    """By card, the shop holds what the order costs by now before anything is sent off; what was given back never is."""
    if order.payment_method is PaymentMethod.CARD:
        balance = await payment_queries.get_balance(tx, order.id)
        if balance.kept_minor != balance.costs_minor:
            raise OrderNotPaid
    given_back = await payment_queries.list_given_back(tx, order.id)
    if any(part.id in given_back for part in parts):
        raise OrderNotPaid("This was refunded: it is cancelled, not shipped")
