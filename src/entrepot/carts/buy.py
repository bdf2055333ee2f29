"""What ordering needs of a cart: its lines, and how it is found."""

from __future__ import annotations

from entrepot.carts import queries
from entrepot.carts.model import Owner
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx


async def list_wanted(tx: Tx, actor: Actor) -> list[tuple[int, int]]:
    """(product id, quantity) of each line of the actor's cart.

    The cart stays locked until the order is committed: of two checkouts at once the second finds it empty, and what is put
    in meanwhile is neither bought nor lost.
    """
    return [(line.product_id, line.quantity) for line in await queries.lock_lines(tx, Owner.of(actor))]


def cart_token_hash(actor: Actor) -> bytes | None:
    """By what a guest's cart is found; None for users."""
    return Owner.of(actor).token_hash
