"""The SQL of carts. A cart is found by its user, or by the hash of a guest's token."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.kernel.db import Db, Tx


class Item(msgspec.Struct, frozen=True):
    product_id: int
    quantity: int


async def list_items(db: Db, user_id: int | None, token_hash: bytes | None) -> list[Item]:
    return await db.many(
        Item,
        """
        select i.product_id, i.quantity from cart_items i join carts c on c.id = i.cart_id
        where c.user_id = $1 or c.token_hash = $2 order by i.added_at, i.product_id
        """,
        user_id,
        token_hash,
    )


async def delete_items(tx: Tx, user_id: int | None, token_hash: bytes | None, product_ids: Sequence[int]) -> int:
    return await tx.run(
        """
        delete from cart_items i using carts c
        where c.id = i.cart_id and (c.user_id = $1 or c.token_hash = $2) and i.product_id = any($3::bigint[])
        """,
        user_id,
        token_hash,
        list(product_ids),
    )
