"""The SQL of users' pictures."""

from __future__ import annotations

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Tx


class Replaced(msgspec.Struct, frozen=True):
    """The picture that was there before."""

    image: str | None


async def replace_image(tx: Tx, user_id: int, location: str) -> Replaced | None:
    """Of several at once, each gets another one's picture to delete: the row is locked before it is read."""
    return await tx.maybe(
        Replaced,
        """
        with before as (select id, image from users where id = $1 and deleted_at is null for no key update)
        update users u set image = $2, updated_at = $3 from before where u.id = before.id
        returning before.image
        """,
        user_id,
        location,
        clock.now(),
    )
