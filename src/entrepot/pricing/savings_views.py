"""How it is told what promotions take off a cart, what they do not, and what is missing for more; in major units."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import msgspec

from entrepot.kernel.money import Currency
from entrepot.pricing.priced import Applied, Missing, NotApplied, NotAppliedReason, PricedLine
from entrepot.pricing.quote import Quote
from entrepot.shop import Shop


class AppliedView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A promotion that counts: what it takes off, and which products it takes it off. With a code, a coupon."""

    promotion_id: int
    name: str
    amount: int | float
    product_ids: list[int]
    coupon_code: str | None = None

    @classmethod
    def of(cls, applied: Applied, currency: Currency) -> Self:
        return cls(
            promotion_id=applied.promotion_id,
            name=applied.name,
            amount=currency.major(applied.amount_minor),
            product_ids=list(applied.product_ids),
            coupon_code=applied.coupon_code,
        )


class MissingProduct(msgspec.Struct, frozen=True, rename="camel"):
    product_id: int
    quantity: int


class MissingView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What would have to be put in: goods worth so much, so many pieces that it is about, so many of those that it gives, or
    these products."""

    spend: int | float | None = None
    quantity: int | None = None
    reward_quantity: int | None = None
    products: list[MissingProduct] | None = None

    @classmethod
    def of(cls, missing: Missing, currency: Currency) -> Self:
        return cls(
            spend=currency.major(missing.spend_minor) if missing.spend_minor else None,
            quantity=missing.quantity or None,
            reward_quantity=missing.reward_quantity or None,
            products=[MissingProduct(one.product_id, one.quantity) for one in missing.products] or None,
        )


class NotAppliedView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A promotion about goods in the cart that takes nothing off, why, and what is missing if only something is."""

    promotion_id: int
    name: str
    reason: NotAppliedReason
    missing: MissingView | None = None
    coupon_code: str | None = None

    @classmethod
    def of(cls, refused: NotApplied, currency: Currency) -> Self:
        return cls(
            promotion_id=refused.promotion_id,
            name=refused.name,
            reason=refused.reason,
            missing=MissingView.of(refused.missing, currency) if refused.missing is not None else None,
            coupon_code=refused.coupon_code,
        )


def not_applied_views(refused: Iterable[NotApplied], currency: Currency) -> list[NotAppliedView]:
    return [NotAppliedView.of(one, currency) for one in refused]


class LineSavings(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A line of the cart: `total` is price x quantity, `lineDiscount` what its own discount takes off, `promotionDiscount`
    and `couponDiscount` what else does, `discountedTotal` what remains, before tax."""

    id: int
    title: str
    quantity: int
    price: int | float
    total: int | float
    line_discount: int | float
    promotion_discount: int | float
    coupon_discount: int | float
    discounted_total: int | float

    @classmethod
    def of(cls, line: PricedLine, title: str, currency: Currency) -> Self:
        return cls(
            id=line.product_id,
            title=title,
            quantity=line.quantity,
            price=currency.major(line.price_minor),
            total=currency.major(line.total_minor),
            line_discount=currency.major(line.line_discount_minor),
            promotion_discount=currency.major(line.promotion_minor),
            coupon_discount=currency.major(line.coupon_minor),
            discounted_total=currency.major(line.discounted_minor),
        )


class SavingsView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What promotions and the coupon would take off the cart: the same that an order would.

    `almost` are those of `notApplied` that lack only something in the cart.
    """

    applied: list[AppliedView]
    almost: list[NotAppliedView]
    not_applied: list[NotAppliedView]
    savings: int | float
    currency: str

    @classmethod
    def of(cls, quoted: Quote, shop: Shop) -> Self:
        currency, basket = shop.currency_of(quoted.currency), quoted.basket
        return cls(
            applied=[AppliedView.of(applied, currency) for applied in basket.applied],
            almost=not_applied_views(basket.almost, currency),
            not_applied=not_applied_views(basket.not_applied, currency),
            savings=currency.major(sum(applied.amount_minor for applied in basket.applied)),
            currency=currency.code,
        )


class DiscountedCartView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The cart with promotions and the coupon applied: exactly what an order would charge, in major units.

    `discount` is all that is taken off: the lines' own discounts, promotions and the coupon. `total` is `subtotal` + `tax` +
    `shipping`. Products that are not sold any more, or in another currency, are left out.
    """

    products: list[LineSavings]
    applied: list[AppliedView]
    not_applied: list[NotAppliedView]
    almost: list[NotAppliedView]
    coupon: str | None
    subtotal: int | float
    discount: int | float
    tax: int | float
    shipping: int | float
    total: int | float
    currency: str

    @classmethod
    def of(cls, quoted: Quote, shop: Shop) -> Self:
        currency, basket = shop.currency_of(quoted.currency), quoted.basket
        lines = [line for part in basket.parts for line in part.lines]
        return cls(
            products=[LineSavings.of(line, quoted.terms[line.product_id].title, currency) for line in lines],
            applied=[AppliedView.of(applied, currency) for applied in basket.applied],
            not_applied=not_applied_views(basket.not_applied, currency),
            almost=not_applied_views(basket.almost, currency),
            coupon=quoted.coupon.coupon_code if quoted.coupon is not None else None,
            subtotal=currency.major(basket.subtotal_minor),
            discount=currency.major(basket.discount_minor),
            tax=currency.major(basket.tax_minor),
            shipping=currency.major(basket.shipping_minor),
            total=currency.major(basket.total_minor),
            currency=currency.code,
        )
