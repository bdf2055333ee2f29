"""Using promotions and codes: counted when an order is placed, given back when it is cancelled or expires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from entrepot.identity import UserErased
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish_all
from entrepot.pricing import uses_queries as queries
from entrepot.pricing.coupons import CouponOver
from entrepot.pricing.events import PromotionGivenBack, PromotionUsedUp
from entrepot.pricing.promotions import PromotionOver
from entrepot.pricing.uses_queries import Claim


class OpenedPromotion(msgspec.Struct, frozen=True):
    """The code that a buyer gave, and the promotion that it opens."""

    promotion_id: int
    coupon_id: int
    code: str


async def claim_uses(
    tx: Tx,
    *,
    order_id: int,
    user_id: int | None,
    discounts: Mapping[int, int],
    coupon: OpenedPromotion | None = None,
) -> None:
    """Count what an order uses: what each promotion took off, by its id; the coupon's among them, if it counted.

    All of it or nothing: whoever is refused rolls the order back. A limit is never overstepped, whatever happens at once.
    For guests, who cannot be told apart, promotions that are limited for each user do not count.

    Raises:
        PromotionOver: one is used up, for all or for this user, or was ended or deleted meanwhile.
        CouponOver: as above, of the coupon.
    """
    if not discounts:
        return
    claims = _claims(discounts, coupon)
    claimed = await queries.claim_uses(tx, order_id, user_id, claims)
    missing = discounts.keys() - {one.promotion_id for one in claimed}
    if coupon is not None and coupon.promotion_id in missing:
        raise CouponOver(details={"code": coupon.code})
    if missing:
        raise PromotionOver(details={"promotionIds": sorted(missing)})
    used_up = [
        PromotionUsedUp(promotion_id=one.promotion_id, company_id=one.company_id) for one in claimed if one.used_up
    ]
    if used_up:
        await publish_all(tx, used_up)


def _claims(discounts: Mapping[int, int], coupon: OpenedPromotion | None) -> Sequence[Claim]:
    return [
        Claim(
            promotion_id=promotion_id,
            coupon_id=coupon.coupon_id if coupon is not None and coupon.promotion_id == promotion_id else None,
            discount_minor=discounts[promotion_id],
        )
        for promotion_id in sorted(discounts)
    ]


async def release_uses(tx: Tx, order_id: int) -> None:
    """Give back what a cancelled or expired order has used. May be called again."""
    released = await queries.release_uses(tx, order_id)
    given_back = [
        PromotionGivenBack(promotion_id=one.promotion_id, company_id=one.company_id)
        for one in released
        if one.was_used_up
    ]
    if given_back:
        await publish_all(tx, given_back)


async def forget_buyer(tx: Tx, erased: UserErased) -> None:
    """In the transaction that erases the person."""
    await queries.forget_buyer(tx, erased.user_id)
