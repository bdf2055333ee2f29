"""A guest who signs in brings its cart along."""

from __future__ import annotations

from entrepot.carts import queries
from entrepot.identity import UserSignedIn
from entrepot.kernel.db import Tx


async def merge_guest_cart(tx: Tx, signed_in: UserSignedIn) -> None:
    """Put the guest's lines into the user's cart, in the transaction that opens the session; the guest's cart is gone.

    Quantities add up, to `MAX_QUANTITY` at most. Nobody is kept from signing in by a full cart: of the guest's lines, the
    newest come along as far as there is room.
    """
    if signed_in.cart_token_hash is None:
        return
    pair = await queries.lock_pair(tx, signed_in.cart_token_hash, signed_in.user_id)
    if pair is not None:
        await queries.move_lines(tx, pair)
