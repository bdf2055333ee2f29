"""What it means when the database refuses to change a price list, a promotion or a coupon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from entrepot.kernel.errors import Refused
from entrepot.pricing import price_lists_model
from entrepot.pricing.coupons import COUPON_CONSTRAINTS
from entrepot.pricing.promotions import PROMOTION_CONSTRAINTS

CONSTRAINTS: Final[Mapping[str, type[Refused]]] = {
    **COUPON_CONSTRAINTS,
    **price_lists_model.CONSTRAINTS,
    **PROMOTION_CONSTRAINTS,
}
