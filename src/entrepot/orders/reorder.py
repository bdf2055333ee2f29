"""Ordering the same again: what is still sold goes into the buyer's cart."""

from __future__ import annotations

import msgspec

from entrepot import carts
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.orders import queries
from entrepot.orders.life_model import NotForYou
from entrepot.orders.model import NotYourOrder, Order, OrderLine, OrderNotFound
from entrepot.shop import Shop


class LeftOut(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A product that was bought, and is not sold any more."""

    id: int
    title: str
    quantity: int
    reason: str


class Reordered(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The cart, with what was put in: `added` are ids of products. Its `notices` say what could not be ordered as it stands."""

    cart: carts.CartView
    added: list[int]
    unavailable: list[LeftOut]


async def reorder(tx: Tx, actor: Actor, number: str, shop: Shop) -> Reordered:
    """Put what was bought into the cart; of what is in it already, the larger quantity counts, so that twice is once.

    Raises:
        OrderNotFound, NotYourOrder, NotForYou: the actor has not bought it.
        CartFull: the cart would have too many lines.
    """
    order = await _bought(tx, actor, number)
    filled = await carts.sync(tx, actor, {line.product_id: line.quantity for line in order.lines}, shop.settings)
    sold = {appraised.line.product_id for appraised in filled.appraisal.lines if appraised.term is not None}
    return Reordered(
        cart=carts.CartView.of(filled.appraisal, shop, filled.left_out),
        added=[line.product_id for line in order.lines if line.product_id in sold],
        unavailable=[_left_out(line) for line in order.lines if line.product_id not in sold],
    )


async def _bought(tx: Tx, actor: Actor, number: str) -> Order:
    order = await queries.find_order(tx, actor, number)
    if order is None:
        raise OrderNotFound
    if not order.visible:
        raise NotYourOrder
    if order.user_id != actor.user_id:
        raise NotForYou
    return order


def _left_out(line: OrderLine) -> LeftOut:
    return LeftOut(id=line.product_id, title=line.title, quantity=line.quantity, reason="is not sold any more")
