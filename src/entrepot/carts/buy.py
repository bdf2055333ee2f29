"""What ordering needs of a cart: its lines, and taking out what was bought."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.carts import queries
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.secrets import hash_secret


async def list_wanted(db: Db, actor: Actor) -> list[tuple[int, int]]:
    """(product id, quantity) of each line of the actor's cart."""
    items = await queries.list_items(db, actor.user_id, _token_hash(actor))
    return [(item.product_id, item.quantity) for item in items]


async def remove_bought(tx: Tx, actor: Actor, product_ids: Sequence[int]) -> None:
    """Take products out of the actor's cart, if they are in it."""
    await queries.delete_items(tx, actor.user_id, _token_hash(actor), product_ids)


def _token_hash(actor: Actor) -> bytes | None:
    return hash_secret(actor.cart_token) if actor.is_guest and actor.cart_token else None
