"""Whoever sends a coupon along with an order means it: the order is refused where the coupon takes nothing off."""

from __future__ import annotations

from typing import Final

from entrepot.kernel.errors import Refused
from entrepot.pricing.coupons import REFUSALS, CouponNotApplicable, CouponNotFound
from entrepot.pricing.coupons_apply import refuse
from entrepot.pricing.quote import Quote

COUPON_REFUSALS: Final[tuple[type[Refused], ...]] = (
    CouponNotFound,
    CouponNotApplicable,
    *dict.fromkeys(REFUSALS.values()),
)
"""What a coupon that is sent along can be refused with."""


def coupon_refusal(quoted: Quote) -> Refused | None:
    """Why the coupon that was sent along takes nothing off; None where it does, or where there is nothing to order."""
    if not quoted.basket.parts:
        return None
    try:
        refuse_unless_coupon_counts(quoted)
    except COUPON_REFUSALS as refusal:
        return refusal
    return None


def refuse_unless_coupon_counts(quoted: Quote) -> None:
    """Raises one of `COUPON_REFUSALS`."""
    if quoted.coupon is None:
        raise CouponNotFound
    refused = next((one for one in quoted.basket.not_applied if one.coupon_code is not None), None)
    if refused is not None:
        refuse(refused, quoted.money)
