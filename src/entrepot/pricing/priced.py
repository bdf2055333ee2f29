"""What comes out of a price: money line by line, and what was taken off by which promotion, and why not by others."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Saving(msgspec.Struct, frozen=True):
    """What one promotion takes off one line; with a `coupon_code`, a coupon."""

    promotion_id: int
    amount_minor: int
    coupon_code: str | None = None


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the basket with what it costs, in minor units.

    `total_minor` is price x quantity; `line_discount_minor` what its own discount takes off; `savings` what promotions and
    the coupon take off, in this order; `discounted_minor` what remains, and what is given back for a return.
    `tax_minor` comes on top; `tax_included_minor` is contained in what remains. `list_price_minor` is what one piece costs
    those who have no price of their own.
    """

    product_id: int
    quantity: int
    price_minor: int
    list_price_minor: int
    discount_bp: int
    total_minor: int
    line_discount_minor: int
    savings: tuple[Saving, ...]
    discounted_minor: int
    tax_bp: int
    tax_minor: int
    tax_included_minor: int

    @property
    def promotion_minor(self) -> int:
        """What promotions take off, without the coupon."""
        return sum(saving.amount_minor for saving in self.savings if saving.coupon_code is None)

    @property
    def coupon_minor(self) -> int:
        return sum(saving.amount_minor for saving in self.savings if saving.coupon_code is not None)


class PricedPart(msgspec.Struct, frozen=True, kw_only=True):
    """What one company sells and delivers of the basket; its lines in the basket's order.

    `subtotal_minor` is what remains of the lines, `discount_minor` what was taken off them by all discounts.
    """

    company_id: int
    lines: tuple[PricedLine, ...]
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    tax_included_minor: int
    shipping_minor: int
    commission_bp: int
    commission_minor: int

    @property
    def total_minor(self) -> int:
        return self.subtotal_minor + self.tax_minor + self.shipping_minor


class NotAppliedReason(StrEnum):
    """Why a promotion takes nothing off, though it is about goods in the basket."""

    OTHER_CURRENCY = "other_currency"
    NOT_YET = "not_yet"
    OVER = "over"
    OTHER_ZONE = "other_zone"
    OTHER_ROLE = "other_role"
    SIGN_IN = "sign_in"
    FIRST_ORDER_ONLY = "first_order_only"
    USED_UP = "used_up"
    USED_BY_YOU = "used_by_you"
    OTHER_GOODS = "other_goods"
    BELOW_MINIMUM = "below_minimum"
    INCOMPLETE = "incomplete"
    BETTER_WITHOUT = "better_without"
    NOTHING_TO_SAVE = "nothing_to_save"


class Pieces(msgspec.Struct, frozen=True):
    product_id: int
    quantity: int


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """What would have to be put in: goods worth so much, so many pieces that it is about, so many to be had for less, or
    these products."""

    spend_minor: int = 0
    quantity: int = 0
    reward_quantity: int = 0
    products: tuple[Pieces, ...] = ()


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion that lowers the price, by how much, and on which products."""

    promotion_id: int
    name: str
    amount_minor: int
    product_ids: tuple[int, ...]
    coupon_code: str | None = None


class NotApplied(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion that is about goods in the basket (or the coupon), and why it lowers nothing."""

    promotion_id: int
    name: str
    reason: NotAppliedReason
    missing: Missing | None = None
    coupon_code: str | None = None


class PricedBasket(msgspec.Struct, frozen=True):
    """The parts, in the order of their companies; every total is the sum over them.

    `undelivered` are the companies that do not offer the shipping method for their part: its shipping counts as 0, and
    the basket must not be ordered.
    """

    parts: tuple[PricedPart, ...]
    applied: tuple[Applied, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()
    undelivered: tuple[int, ...] = ()

    @property
    def almost(self) -> tuple[NotApplied, ...]:
        """Promotions that lack only something in the basket."""
        return tuple(refused for refused in self.not_applied if refused.missing is not None)

    @property
    def subtotal_minor(self) -> int:
        return sum(part.subtotal_minor for part in self.parts)

    @property
    def discount_minor(self) -> int:
        return sum(part.discount_minor for part in self.parts)

    @property
    def tax_minor(self) -> int:
        return sum(part.tax_minor for part in self.parts)

    @property
    def tax_included_minor(self) -> int:
        return sum(part.tax_included_minor for part in self.parts)

    @property
    def shipping_minor(self) -> int:
        return sum(part.shipping_minor for part in self.parts)

    @property
    def total_minor(self) -> int:
        return sum(part.total_minor for part in self.parts)
