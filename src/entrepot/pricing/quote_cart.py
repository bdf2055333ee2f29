"""Quoting what is in a user's cart, for those who lie below the carts."""

from __future__ import annotations

from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.pricing import quote_queries
from entrepot.pricing.destination import destination_of
from entrepot.pricing.quote import Asked, Quote, quote
from entrepot.settings import Settings


async def quote_cart(
    db: Db, actor: Actor, settings: Settings, *, zone: str | None = None, coupon_code: str | None = None
) -> Quote:
    """What the signed-in actor's cart costs, delivered to this zone (a slug), or else to the default address.

    Raises:
        Invalid: an unknown zone.
    """
    lines = await quote_queries.list_in_cart(db, actor.id)
    asked = Asked(
        quantities={line.product_id: line.quantity for line in lines},
        to=await destination_of(db, actor, zone),
        coupon_code=coupon_code,
    )
    return await quote(db, actor, asked, settings)
