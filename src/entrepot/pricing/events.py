"""Facts that pricing publishes, and which cached replies they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from entrepot.kernel.events import Event

CURRENCIES_TAG: Final = "currencies"
"""On the list of currencies."""

SHIPPING_METHODS_TAG: Final = "shipping_methods"
"""On the list of shipping methods."""


class TaxRatesChanged(Event, frozen=True):
    name: ClassVar[str] = "tax.rates_changed"


class ShippingMethodChanged(Event, frozen=True):
    name: ClassVar[str] = "shipping.method_changed"

    method: str


class ShippingRatesChanged(Event, frozen=True):
    name: ClassVar[str] = "shipping.rates_changed"


class ExchangeRateSet(Event, frozen=True):
    """A currency is worth something else, from now or from a time to come."""

    name: ClassVar[str] = "currency.rate_set"

    currency: str


class PromotionChanged(Event, frozen=True):
    """`company_id`: the seller whose it is, None for the shop's. Its sellers may read this, and all that is told of it."""

    name: ClassVar[str] = "promotion.changed"

    promotion_id: int
    company_id: int | None

    def companies(self) -> Sequence[int]:
        return (self.company_id,) if self.company_id is not None else ()


class PromotionCreated(PromotionChanged, frozen=True):
    name: ClassVar[str] = "promotion.created"


class PromotionDeleted(PromotionChanged, frozen=True):
    name: ClassVar[str] = "promotion.deleted"


class PromotionUsedUp(PromotionChanged, frozen=True):
    """An order has used it for the last time that its limit allows."""

    name: ClassVar[str] = "promotion.used_up"


class PromotionGivenBack(PromotionChanged, frozen=True):
    """It was used up, and can be used again."""

    name: ClassVar[str] = "promotion.given_back"


class CouponsCreated(Event, frozen=True):
    """Codes were made: one, or a batch with the same terms."""

    name: ClassVar[str] = "coupons.created"

    promotion_id: int
    count: int


class CouponChanged(Event, frozen=True):
    name: ClassVar[str] = "coupon.changed"

    coupon_id: int


class CouponDeleted(CouponChanged, frozen=True):
    name: ClassVar[str] = "coupon.deleted"


CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    ExchangeRateSet.name: lambda _: [CURRENCIES_TAG],
    ShippingMethodChanged.name: lambda _: [SHIPPING_METHODS_TAG],
}
