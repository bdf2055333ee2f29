"""The SQL of quotes: what a user has in the cart, and where it lives."""

from __future__ import annotations

import msgspec

from entrepot.kernel.db import Db
from entrepot.zones import Latitude, Longitude


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an address as is known, as people write it; where it lies is in degrees."""

    country: str | None = None
    state: str = ""
    city: str = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class Wanted(msgspec.Struct, frozen=True):
    """So many pieces of a product."""

    product_id: int
    quantity: int


async def find_default_place(db: Db, user_id: int) -> Place | None:
    return await db.maybe(
        Place,
        """
        select country, state, city, latitude, longitude from addresses
        where user_id = $1 and is_default and deleted_at is null
        """,
        user_id,
    )


async def list_in_cart(db: Db, user_id: int) -> list[Wanted]:
    """In the order in which they were put in."""
    return await db.many(
        Wanted,
        """
        select i.product_id, i.quantity from cart_items i join carts c on c.id = i.cart_id
        where c.user_id = $1 order by i.added_at, i.product_id
        """,
        user_id,
    )
