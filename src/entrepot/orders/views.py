"""How orders are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from entrepot.orders.carriers import tracking_url
from entrepot.orders.model import Order, OrderLine, OrderPart, OrderStatus, OrderSummary, PaymentMethod, PaymentStatus
from entrepot.orders.transitions import status_of
from entrepot.shop import Shop


class OrderDiscount(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What a promotion, or with a `couponCode` the coupon, took off."""

    promotion_id: int
    name: str
    amount: int | float
    coupon_code: str | None = None


class LineView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A bought line; `id` is the product's. `total` is price x quantity, `discountedTotal` what was charged before tax.

    `discounts` are its shares of what promotions and the coupon took off, where there were some; `taxIncluded` is the tax that
    its price contains, besides `tax` on top. `cancelledQuantity` pieces of it were cancelled, if there are some.
    """

    id: int
    title: str
    price: int | float
    quantity: int
    total: int | float
    discount_percentage: float
    discounted_total: int | float
    tax: int | float
    thumbnail: str
    sku: str
    unit: str
    company_id: int
    tax_included: int | float = 0
    discounts: list[OrderDiscount] = []
    cancelled_quantity: int = 0


class PartView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What one company sells and delivers of the order."""

    id: int
    company_id: int
    company: str
    status: OrderStatus
    subtotal: int | float
    discount: int | float
    tax: int | float
    shipping: int | float
    total: int | float
    carrier: str | None
    tracking_number: str | None
    tax_included: int | float = 0
    tracking_url: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


class OrderRefundView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What goes back to the buyer; `pending` until the provider has sent it."""

    id: str
    amount: int | float
    status: str
    created_at: datetime


class OrderView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """An order in major units of its currency; totals and status are those of the parts shown.

    `discounts` are the promotions and the coupon that lowered them. `exchangeRate` is what a unit of the shop's own currency
    was worth, where the order is in another.
    """

    id: str
    user_id: int | None
    products: list[LineView]
    parts: list[PartView]
    subtotal: int | float
    discount: int | float
    tax: int | float
    shipping: int | float
    total: int | float
    currency: str
    status: OrderStatus
    payment_status: PaymentStatus
    payment_method: PaymentMethod
    shipping_address: dict[str, Any]
    billing_address: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    payment_intent_id: str | None = None
    email: str | None = None
    paid_at: datetime | None = None
    expires_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    tax_included: int | float = 0
    discounts: list[OrderDiscount] = []
    coupon_code: str | None = None
    shipping_method: str
    exchange_rate: float | None = None
    refunds: list[OrderRefundView] = []
    amount_refunded: int | float = 0
    token: str | None = None

    @classmethod
    def of(cls, order: Order, shop: Shop, token: str | None = None) -> OrderView:
        """`token` is shown to a guest once, when the order is placed."""
        major = shop.currency_of(order.currency).major
        return cls(
            id=order.number,
            user_id=order.user_id,
            products=[_line(line, order, shop) for line in order.lines],
            parts=[_part(part, order.currency, shop) for part in order.parts],
            subtotal=major(sum(part.subtotal_minor for part in order.parts)),
            discount=major(sum(part.discount_minor for part in order.parts)),
            tax=major(sum(part.tax_minor for part in order.parts)),
            shipping=major(sum(part.shipping_minor for part in order.parts)),
            total=major(sum(part.total_minor for part in order.parts)),
            currency=order.currency,
            status=status_of(part.status for part in order.parts) if order.partial and order.parts else order.status,
            payment_status=order.payment_status,
            payment_method=order.payment_method,
            shipping_address=order.shipping_address,
            billing_address=order.billing_address,
            created_at=order.created_at,
            updated_at=order.updated_at,
            payment_intent_id=order.payment_intent_id,
            email=order.guest_email,
            paid_at=order.paid_at,
            expires_at=order.expires_at,
            cancelled_at=order.cancelled_at,
            cancel_reason=order.cancel_reason,
            tax_included=major(sum(part.tax_included_minor for part in order.parts)),
            discounts=_discounts(order, shop),
            coupon_code=order.coupon_code if not order.partial else None,
            shipping_method=order.shipping_method,
            exchange_rate=_rate(order, shop),
            refunds=[
                OrderRefundView(
                    id=refund.id,
                    amount=major(refund.amount_minor),
                    status=refund.status,
                    created_at=refund.created_at,
                )
                for refund in order.refunds
            ],
            amount_refunded=major(sum(refund.amount_minor for refund in order.refunds)),
            token=token,
        )


def _rate(order: Order, shop: Shop) -> float | None:
    other = order.currency != shop.settings.currency
    return float(order.exchange_rate) if other and order.exchange_rate is not None else None


def _discounts(order: Order, shop: Shop) -> list[OrderDiscount]:
    """Of the lines that are shown: a seller does not see what was taken off the goods of others."""
    major = shop.currency_of(order.currency).major
    amounts: dict[int, int] = {}
    for line in order.lines:
        for saving in line.savings:
            amounts[saving.promotion_id] = amounts.get(saving.promotion_id, 0) + saving.amount_minor
    return [
        OrderDiscount(
            promotion_id=saving.promotion_id,
            name=saving.name,
            amount=major(amounts[saving.promotion_id]),
            coupon_code=saving.coupon_code if not order.partial else None,
        )
        for saving in order.savings
        if saving.promotion_id in amounts
    ]


def _line(line: OrderLine, order: Order, shop: Shop) -> LineView:
    major = shop.currency_of(order.currency).major
    names = {saving.promotion_id: saving.name for saving in order.savings}
    return LineView(
        id=line.product_id,
        title=line.title,
        price=major(line.price_minor),
        quantity=line.quantity,
        total=major(line.total_minor),
        discount_percentage=line.discount_bp / 100,
        discounted_total=major(line.discounted_minor),
        tax=major(line.tax_minor),
        thumbnail=shop.files.url(line.thumbnail),
        sku=line.sku,
        unit=line.unit,
        company_id=line.company_id,
        tax_included=major(line.tax_included_minor),
        discounts=[
            OrderDiscount(
                promotion_id=saving.promotion_id,
                name=names.get(saving.promotion_id, ""),
                amount=major(saving.amount_minor),
                coupon_code=saving.coupon_code if not order.partial else None,
            )
            for saving in line.savings
        ],
        cancelled_quantity=line.cancelled_quantity,
    )


def _part(part: OrderPart, currency: str, shop: Shop) -> PartView:
    major = shop.currency_of(currency).major
    return PartView(
        id=part.id,
        company_id=part.company_id,
        company=part.company,
        status=part.status,
        subtotal=major(part.subtotal_minor),
        discount=major(part.discount_minor),
        tax=major(part.tax_minor),
        shipping=major(part.shipping_minor),
        total=major(part.total_minor),
        carrier=part.carrier,
        tracking_number=part.tracking_number,
        tax_included=major(part.tax_included_minor),
        tracking_url=tracking_url(part.carrier, part.tracking_number),
        shipped_at=part.shipped_at,
        delivered_at=part.delivered_at,
    )


class SummaryView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An order in a list."""

    id: str
    user_id: int | None
    status: OrderStatus
    payment_status: PaymentStatus
    payment_method: PaymentMethod
    total: int | float
    currency: str
    total_quantity: int
    created_at: datetime
    updated_at: datetime


class OrderPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of orders, newest first. `products` and `orders` are the same list: older clients read the first."""

    products: list[SummaryView]
    orders: list[SummaryView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


def summaries(orders: Sequence[OrderSummary], shop: Shop) -> list[SummaryView]:
    return [
        SummaryView(
            id=order.number,
            user_id=order.user_id,
            status=order.status,
            payment_status=order.payment_status,
            payment_method=order.payment_method,
            total=shop.currency_of(order.currency).major(order.total_minor),
            currency=order.currency,
            total_quantity=order.quantity,
            created_at=order.created_at,
            updated_at=order.updated_at,
        )
        for order in orders
    ]
