"""Changing what is in a cart, emptying it, and deleting it."""

from __future__ import annotations

from entrepot.carts import queries
from entrepot.carts.appraise import appraise
from entrepot.carts.model import Appraisal, Cart, CartItemNotFound, CartNotFound, NotYourCart, Owner
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.settings import Settings


async def change(tx: Tx, actor: Actor, product_id: int, quantity: int, settings: Settings) -> Appraisal:
    """Set the quantity of a product that is in the actor's cart; 0 removes it.

    Raises:
        CartItemNotFound: it is not in the cart.
    """
    cart = await queries.lock_cart(tx, Owner.of(actor))
    if cart is None:
        raise CartItemNotFound
    if quantity == 0:
        found = await queries.delete_line(tx, cart.id, product_id) > 0
        lines = await queries.list_lines(tx, cart.id)
    else:
        lines = await queries.set_quantity(tx, cart.id, product_id, quantity)
        found = any(line.product_id == product_id for line in lines)
    if not found:
        raise CartItemNotFound
    changed = Cart(id=cart.id, user_id=cart.user_id, lines=lines)
    return await appraise(tx, actor, changed, settings)


async def remove(tx: Tx, actor: Actor, product_id: int) -> None:
    """Take a product out of the actor's cart.

    Raises:
        CartItemNotFound: it is not in the cart.
    """
    if not await queries.delete_items(tx, Owner.of(actor), [product_id]):
        raise CartItemNotFound


async def clear(tx: Tx, actor: Actor) -> None:
    """Empty the actor's cart. A guest's token stays good."""
    await queries.delete_items(tx, Owner.of(actor), None)


async def discard(tx: Tx, actor: Actor, cart_id: int, settings: Settings) -> Appraisal:
    """Delete a cart; returns it as it was.

    Raises:
        CartNotFound.
    """
    locked = await lock_for(tx, actor, cart_id)
    cart = Cart(id=locked.id, user_id=locked.user_id, lines=await queries.list_lines(tx, cart_id))
    await queries.delete_cart(tx, cart_id)
    return await appraise(tx, actor, cart, settings)


async def lock_for(tx: Tx, actor: Actor, cart_id: int) -> queries.Locked:
    """The cart with this id, locked, if the actor may change it.

    Raises:
        CartNotFound: there is none that the actor may know of.
    """
    cart = await queries.lock_cart_by_id(tx, cart_id)
    if cart is None or not is_allowed(actor, cart.user_id):
        raise CartNotFound
    return cart


def refuse_unless_allowed(actor: Actor, user_id: int | None) -> None:
    """Raise NotYourCart for what another user's cart is asked of by that user's id."""
    if not is_allowed(actor, user_id):
        raise NotYourCart


def is_allowed(actor: Actor, user_id: int | None) -> bool:
    """By its id, a cart is open to its user and to administrators."""
    return actor.is_admin or user_id == actor.id
