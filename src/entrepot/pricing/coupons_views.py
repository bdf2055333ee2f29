"""How coupons are shown."""

from __future__ import annotations

from typing import Any, Self

import msgspec

from entrepot.pricing.coupons import StoredCoupon
from entrepot.pricing.promotions_views import PromotionView
from entrepot.shop import Shop


class CouponView(PromotionView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A code, and what it does, as a promotion's. `totalLimit` and `used` are the code's own.

    `promotionId` is the same for codes that share their terms; `codes` says how many do.
    """

    code: str
    promotion_id: int
    codes: int

    @classmethod
    def shown(cls, coupon: StoredCoupon, shop: Shop, **more: Any) -> Self:
        own = {
            "id": coupon.id,
            "code": coupon.code,
            "codes": coupon.codes,
            "promotion_id": coupon.promotion.id,
            "total_limit": coupon.total_limit,
            "used": coupon.used,
            "created_at": coupon.created_at,
            "updated_at": coupon.updated_at,
        }
        counted = msgspec.structs.replace(coupon.promotion, total_limit=coupon.total_limit, used=coupon.used)
        fields = msgspec.structs.asdict(PromotionView.of(counted, shop))
        return cls(**{**fields, **own, **more})


class MadeCouponsView(CouponView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A coupon that was made; of a batch the first one, and `batch`: all its codes."""

    batch: list[str] | None = None


class CouponPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of coupons. `limit` is how many are on it, `total` how many there are."""

    coupons: list[CouponView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
