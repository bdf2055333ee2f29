"""Cancelling an order, a company's part of it, or some of its pieces: stock and money are given back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from entrepot import inventory, payments, pricing
from entrepot.inventory import StockChanged
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish, publish_all
from entrepot.orders import life_queries as queries
from entrepot.orders import payment_queries
from entrepot.orders.change_status import set_part_status
from entrepot.orders.events import OrderReduced
from entrepot.orders.life_model import By, LiveLine, LiveOrder, LivePart, OrderCannotCancel
from entrepot.orders.look_up import as_buyer, lock_for, part_of
from entrepot.orders.model import OrderStatus
from entrepot.orders.transitions import CANCELLABLE
from entrepot.payments import CreditKind, LineCredit


class Cancellation(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be cancelled: everything, a company's part, or pieces by product (None: all that are left of it)."""

    reason: str = ""
    company_id: int | None = None
    quantities: Mapping[int, int | None] | None = None


async def cancel(tx: Tx, actor: Actor, number: str, asked: Cancellation) -> None:
    """Cancel what was not shipped, as who bought the order or administers it.

    Stock is released, what was paid for it is given back, and the coupon when the whole order is cancelled.

    Raises:
        Unauthorized, OrderNotFound, NotYourOrder, NotForYou.
        OrderCannotCancel: it was shipped or cancelled, or so many pieces are not left.
        Invalid: a product that is not in the order.
    """
    order = await lock_for(tx, actor, number)
    by = as_buyer(order, actor)
    parts = order.going if asked.company_id is None else [part_of(order, asked.company_id)]
    if asked.quantities is None:
        await cancel_parts(tx, order, parts, by, asked.reason)
    else:
        await _cancel_pieces(tx, order, parts, asked.quantities, by, asked.reason)


async def cancel_parts(tx: Tx, order: LiveOrder, parts: Sequence[LivePart], by: By, reason: str) -> None:
    """Cancel these parts of a locked order. Raises OrderCannotCancel when one of them, or all, cannot be."""
    for part in parts:
        refuse_unless_cancellable(part)
    if not parts:
        raise OrderCannotCancel.of(OrderStatus.CANCELLED)
    ids = {part.id for part in parts}
    pieces = {line.id: line.left for line in order.lines if line.part_id in ids and line.left}
    await _give_back(tx, order, pieces, parts, by, reason)


async def _cancel_pieces(
    tx: Tx, order: LiveOrder, parts: Sequence[LivePart], quantities: Mapping[int, int | None], by: By, reason: str
) -> None:
    pieces = pieces_of(order, parts, quantities)
    left = {line.id: line.left - pieces.get(line.id, 0) for line in order.lines}
    touched = {line.part_id for line in order.lines if line.id in pieces}
    ended = [
        part
        for part in parts
        if part.id in touched and not any(left[line.id] for line in order.lines if line.part_id == part.id)
    ]
    await _give_back(tx, order, pieces, ended, by, reason)


async def _give_back(
    tx: Tx, order: LiveOrder, pieces: Mapping[int, int], ended: Sequence[LivePart], by: By, reason: str
) -> None:
    """Promotions, then stock, then money: in the order in which everybody locks them. Pieces are by line."""
    ended_ids = [part.id for part in ended]
    whole = all(part.id in ended_ids for part in order.going)
    await let_go(tx, order.id, pieces, by, whole=whole)
    if ended_ids:
        await set_part_status(tx, order.id, ended_ids, OrderStatus.CANCELLED, by, note=reason)
        await payments.credit_rest(
            tx,
            order.id,
            kind=CreditKind.CANCELLATION,
            reason=reason,
            actor_id=by.actor_id,
            part_ids=None if whole else ended_ids,
        )
    if fewer := [line for line in order.lines if line.id in pieces and line.part_id not in ended_ids]:
        await payments.credit(
            tx,
            order.id,
            kind=CreditKind.CANCELLATION,
            reason=reason,
            actor_id=by.actor_id,
            lines=await _due(tx, [LineCredit(line.id, pieces[line.id]) for line in fewer]),
        )
        await _tell_of_fewer(tx, order, fewer, pieces, by, reason)


async def let_go(tx: Tx, order_id: int, pieces: Mapping[int, int], by: By, *, whole: bool) -> None:
    """Give back what these pieces of lines hold, and with the whole order what it used of promotions; count them as
    cancelled. The order is locked."""
    if whole:
        await pricing.release_uses(tx, order_id)
    product_ids = await inventory.release(tx, order_id, actor_id=by.actor_id, pieces=pieces)
    await queries.add_cancelled(tx, order_id, list(pieces), list(pieces.values()))
    await publish(tx, StockChanged(product_ids=product_ids, reason="release"), actor_id=by.actor_id)


async def _due(tx: Tx, cancelled: Sequence[LineCredit]) -> list[LineCredit]:
    """The pieces that were cancelled now, without those that a refund has paid for before."""
    due = {
        line.line_id: line.quantity for line in await payment_queries.list_due(tx, [one.line_id for one in cancelled])
    }
    pieces = [LineCredit(one.line_id, min(one.quantity, due[one.line_id])) for one in cancelled]
    return [one for one in pieces if one.quantity]


async def _tell_of_fewer(
    tx: Tx, order: LiveOrder, fewer: Sequence[LiveLine], pieces: Mapping[int, int], by: By, reason: str
) -> None:
    """The history says it of each part, whose status stays."""
    notes: dict[int, str] = {}
    for line in fewer:
        said = f"cancelled {pieces[line.id]} x {line.sku}"
        notes[line.part_id] = f"{notes[line.part_id]}, {said}" if line.part_id in notes else said
    if reason:
        notes = {part_id: f"{note}: {reason}" for part_id, note in notes.items()}
    await queries.note_pieces(tx, order.id, list(notes), list(notes.values()), by)
    await publish_all(
        tx,
        [
            OrderReduced(
                order_id=order.number,
                user_id=order.user_id,
                company_ids=[part.company_id for part in order.parts if part.id in notes],
                product_ids=sorted({line.product_id for line in fewer}),
            )
        ],
        actor_id=by.actor_id,
    )


def pieces_of(order: LiveOrder, parts: Sequence[LivePart], quantities: Mapping[int, int | None]) -> dict[int, int]:
    """How many pieces of which line are to be cancelled.

    Raises:
        Invalid: naming products that these parts do not have.
        OrderCannotCancel: naming products of which fewer are left, or that are on their way.
    """
    by_id = {part.id: part for part in order.parts}
    ids = {part.id for part in parts}
    lines = {line.product_id: line for line in order.lines}
    if missing := [id_ for id_ in quantities if id_ not in lines or (ids and lines[id_].part_id not in ids)]:
        if not any(id_ not in lines for id_ in missing) and not parts:
            raise OrderCannotCancel.of(OrderStatus.CANCELLED)
        raise Invalid({f"lines.{id_}": ["is not in this order"] for id_ in missing})
    for id_ in quantities:
        refuse_unless_cancellable(by_id[lines[id_].part_id])
    wanted = {id_: lines[id_].left if many is None else many for id_, many in quantities.items()}
    if short := {id_: lines[id_].left for id_, many in wanted.items() if not 0 < many <= lines[id_].left}:
        raise OrderCannotCancel(
            "Cannot cancel more pieces than are left",
            details={f"lines.{id_}": [f"at most {left} can be cancelled"] for id_, left in short.items()},
        )
    return {lines[id_].id: many for id_, many in wanted.items()}


def refuse_unless_cancellable(part: LivePart) -> None:
    """Raise OrderCannotCancel for what is on its way, or has ended."""
    if part.status not in CANCELLABLE:
        raise OrderCannotCancel.of(part.status)
