"""What a coupon is, and what it can refuse with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel.errors import Conflict, NotFound, Refused, Unprocessable
from entrepot.pricing.priced import NotAppliedReason
from entrepot.pricing.promotions import LimitBelowUses, StoredPromotion

MAX_BATCH: Final = 10_000
"""Codes that are made in one request."""

ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that are mistaken for each other."""

GROUPS: Final = 3
GROUP_LENGTH: Final = 4


class StoredCoupon(msgspec.Struct, frozen=True, kw_only=True):
    """A code, with the promotion that it opens; `codes` says how many codes open the same one.

    `total_limit` and `used` are the code's own; what the promotion limits, it limits for all its codes together.
    """

    id: int
    code: str
    codes: int
    total_limit: int | None
    used: int
    created_at: datetime
    updated_at: datetime
    promotion: StoredPromotion


class AppliedCoupon(msgspec.Struct, frozen=True):
    """The code in a user's cart."""

    coupon_id: int
    code: str


def new_code(prefix: str = "") -> str:
    """A code that nobody guesses, 60 random bits: `PREFIX-XXXX-XXXX-XXXX`."""
    groups = ["".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS)]
    return "-".join([prefix, *groups] if prefix else groups)


class CouponNotFound(NotFound):
    code = "COUPON_NOT_FOUND"
    message = "There is no coupon with this code"


class CouponExists(Conflict):
    code = "COUPON_EXISTS"
    message = "There is a coupon with this code already"


class CouponOver(Conflict):
    code = "COUPON_USED_UP"
    message = "The coupon has been used meanwhile, or has ended: take it out and order again"


class CouponUsedUp(Unprocessable):
    code = "COUPON_USED_UP"
    message = "This coupon has been used as often as it may be"


class CouponUsedByYou(Unprocessable):
    code = "COUPON_ALREADY_USED"
    message = "You have used this coupon as often as you may"


class CouponExpired(Unprocessable):
    code = "COUPON_EXPIRED"
    message = "This coupon has expired"


class CouponNotStarted(Unprocessable):
    code = "COUPON_NOT_STARTED"
    message = "This coupon cannot be used yet"


class CouponNotForYou(Unprocessable):
    code = "COUPON_NOT_FOR_YOU"
    message = "This coupon is for other buyers: for other places, other kinds of customers, or first orders"


class CouponNotApplicable(Unprocessable):
    code = "COUPON_NOT_APPLICABLE"
    message = "This coupon takes nothing off what is in the cart"


REFUSALS: Final[Mapping[NotAppliedReason, type[Refused]]] = {
    NotAppliedReason.NOT_YET: CouponNotStarted,
    NotAppliedReason.OVER: CouponExpired,
    NotAppliedReason.OTHER_ZONE: CouponNotForYou,
    NotAppliedReason.OTHER_ROLE: CouponNotForYou,
    NotAppliedReason.SIGN_IN: CouponNotForYou,
    NotAppliedReason.FIRST_ORDER_ONLY: CouponNotForYou,
    NotAppliedReason.USED_UP: CouponUsedUp,
    NotAppliedReason.USED_BY_YOU: CouponUsedByYou,
}
"""What a coupon is refused with that takes nothing off; anything else lies in the cart."""

COUPON_CONSTRAINTS: Final[Mapping[str, type[Refused]]] = {
    "coupons_code_key": CouponExists,
    "coupons_within_limit": LimitBelowUses,
}
