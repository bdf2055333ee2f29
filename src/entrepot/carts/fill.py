"""Filling a cart: one product, a client's whole cart, or somebody's cart by its id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from entrepot.carts import queries
from entrepot.carts.appraise import appraise, appraise_own
from entrepot.carts.change import lock_for, refuse_unless_allowed
from entrepot.carts.model import (
    MAX_LINES,
    MAX_QUANTITY,
    Appraisal,
    Cart,
    CartFull,
    Combining,
    Owner,
    UserNotFound,
)
from entrepot.catalog import ProductNotFound
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.settings import Settings


class Filled(msgspec.Struct, frozen=True):
    """The cart after the change; `token` opens it where it is a guest's, `left_out` is not sold and was not put in."""

    appraisal: Appraisal
    token: str | None = None
    left_out: tuple[int, ...] = ()


async def add(tx: Tx, actor: Actor, product_id: int, quantity: int, settings: Settings) -> Filled:
    """Put pieces of a product into the actor's cart, on top of those that are in it.

    More than there are may be put in: the notices tell, and an order is refused.

    Raises:
        ProductNotFound: it is not sold.
        CartFull: it would be one line too many.
    """
    token: str | None
    if Owner.of(actor) == Owner(None, None):
        new_token = new_secret()
        made = await queries.insert_guest_cart(tx, hash_secret(new_token), product_id, quantity)
        appraisal, token = await appraise(tx, actor, made, settings), new_token
    else:
        cart, token = await _claim(tx, actor)
        appraisal = await _put(tx, actor, cart, {product_id: quantity}, Combining.SUM, settings)
    refuse_what_is_not_sold(appraisal, [product_id])
    return Filled(appraisal, token)


async def sync(tx: Tx, actor: Actor, quantities: Mapping[int, int], settings: Settings) -> Filled:
    """Merge the cart that a client kept by itself into the actor's.

    Of each product the larger quantity counts, so that to sync again changes nothing. A product that is not sold is left
    out rather than refused: what a client kept may be old. Nothing kept makes no cart.

    Raises:
        CartFull: both together have too many lines.
    """
    if not quantities:
        return Filled(await appraise_own(tx, actor, settings))
    cart, token = await _claim(tx, actor)
    appraisal = await _put(tx, actor, cart, quantities, Combining.LARGER, settings)
    there = {line.product_id for line in appraisal.cart.lines}
    return Filled(appraisal, token, tuple(product_id for product_id in quantities if product_id not in there))


async def add_for_user(
    tx: Tx, actor: Actor, user_id: int, quantities: Mapping[int, int], settings: Settings
) -> Appraisal:
    """Put products into a user's cart, on top of what is in it. An administrator may fill anybody's.

    Raises:
        NotYourCart, UserNotFound, ProductNotFound, CartFull.
    """
    refuse_unless_allowed(actor, user_id)
    cart = await _claim_for_user(tx, user_id)
    appraisal = await _put(tx, actor, cart, quantities, Combining.SUM, settings)
    refuse_what_is_not_sold(appraisal, quantities)
    return appraisal


async def update(
    tx: Tx, actor: Actor, cart_id: int, quantities: Mapping[int, int], *, merge: bool, settings: Settings
) -> Appraisal:
    """Set the quantities of these products in a cart; what else is in it stays if `merge`, and is removed otherwise.

    Raises:
        CartNotFound, NotYourCart, ProductNotFound, CartFull.
    """
    cart = await lock_for(tx, actor, cart_id)
    if not merge:
        await queries.delete_other_lines(tx, cart.id, list(quantities))
    appraisal = await _put(tx, actor, cart, quantities, Combining.REPLACE, settings)
    refuse_what_is_not_sold(appraisal, quantities)
    return appraisal


def summed(lines: Iterable[tuple[int, int]]) -> dict[int, int]:
    """How many of each product; one that is named twice makes one line."""
    quantities: dict[int, int] = {}
    for product_id, quantity in lines:
        quantities[product_id] = min(quantities.get(product_id, 0) + quantity, MAX_QUANTITY)
    return quantities


async def _claim(tx: Tx, actor: Actor) -> tuple[queries.Locked, str | None]:
    """The actor's cart, locked; for a guest with its token, which is the server's own and never one that a client chose."""
    if actor.user_id is not None:
        return await _claim_for_user(tx, actor.user_id), None
    new_token = new_secret()
    claimed = await queries.claim_guest_cart(tx, Owner.of(actor).token_hash, hash_secret(new_token))
    return queries.Locked(claimed.id, None), new_token if claimed.made else actor.cart_token


async def _claim_for_user(tx: Tx, user_id: int) -> queries.Locked:
    cart = await queries.claim_user_cart(tx, user_id)
    if cart is None:
        raise UserNotFound
    return cart


async def _put(
    tx: Tx,
    actor: Actor,
    cart: queries.Locked,
    quantities: Mapping[int, int],
    combining: Combining,
    settings: Settings,
) -> Appraisal:
    # The cart's row is locked, so that nobody else adds a line between this statement and the commit.
    lines = await queries.put_lines(tx, cart.id, quantities, combining)
    if len(lines) > MAX_LINES:
        raise CartFull
    return await appraise(tx, actor, Cart(id=cart.id, user_id=cart.user_id, lines=lines), settings)


def refuse_what_is_not_sold(appraisal: Appraisal, product_ids: Iterable[int]) -> None:
    sold = {appraised.line.product_id for appraised in appraisal.lines if appraised.term is not None}
    if missing := [product_id for product_id in product_ids if product_id not in sold]:
        raise ProductNotFound(details={f"products.{product_id}": ["is not sold"] for product_id in missing})
