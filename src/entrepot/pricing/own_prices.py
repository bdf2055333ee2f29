"""Which price a buyer pays for so many pieces: the product's own, or the lowest of its price lists'."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.kernel.money import share
from entrepot.pricing.price_lists_model import Tier


class OwnPrice(msgspec.Struct, frozen=True):
    """A price in minor units, the product's discount on it, and the tier that it comes from if it is a list's."""

    price_minor: int
    discount_bp: int
    tier: Tier | None = None


def own_price(price_minor: int, discount_bp: int, quantity: int, tiers: Sequence[Tier]) -> OwnPrice:
    """What each of `quantity` pieces costs a buyer for whom these tiers are.

    A list's price is final: the product's own discount is not taken off it. Of several lists the lowest price counts, and
    where the product's own price with its discount is lower or the same, that does: nobody pays more for having a list.
    """
    reached = [tier for tier in tiers if tier.from_quantity <= quantity]
    best = min(reached, key=lambda tier: (tier.price_minor, tier.price_list_id, tier.from_quantity), default=None)
    total_minor = price_minor * quantity
    if best is None or best.price_minor * quantity >= total_minor - share(total_minor, discount_bp):
        return OwnPrice(price_minor, discount_bp)
    return OwnPrice(best.price_minor, 0, best)


def steps(price_minor: int, discount_bp: int, tiers: Sequence[Tier]) -> list[Tier]:
    """The tiers that make it cheaper than fewer pieces do, by quantity; each is the lowest of all lists there."""
    found: list[Tier] = []
    for tier in sorted(tiers, key=lambda tier: (tier.from_quantity, tier.price_minor, tier.price_list_id)):
        cheaper = not found or tier.price_minor < found[-1].price_minor
        if cheaper and own_price(price_minor, discount_bp, tier.from_quantity, [tier]).tier is not None:
            found.append(tier)
    return found


def smallest_order(minimum: int, pack_size: int) -> int:
    """The least that can be ordered of what is sold from `minimum` pieces on, in packs of `pack_size`."""
    return -(-minimum // pack_size) * pack_size
