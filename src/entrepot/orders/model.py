"""What an order is, which way it may go, and what it can be refused with."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from entrepot.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    REFUNDED = "refunded"


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class PaymentMethod(StrEnum):
    CARD = "card"
    CASH_ON_DELIVERY = "cash_on_delivery"
    INVOICE = "invoice"


class LineSaving(msgspec.Struct, frozen=True, kw_only=True):
    """What a promotion, or with a code the coupon, took off one line."""

    promotion_id: int
    amount_minor: int
    coupon_code: str | None = None


class OrderSaving(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion or coupon that lowered the order, as it was called."""

    promotion_id: int
    name: str
    amount_minor: int
    coupon_code: str | None = None


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """A bought line, as it was when it was bought."""

    product_id: int
    company_id: int
    sku: str
    title: str
    thumbnail: str
    unit: str
    quantity: int
    price_minor: int
    discount_bp: int
    total_minor: int
    discounted_minor: int
    tax_bp: int
    tax_minor: int
    tax_included_minor: int = 0
    savings: list[LineSaving] = []
    cancelled_quantity: int = 0


class OrderPart(msgspec.Struct, frozen=True, kw_only=True):
    """What one company sells and delivers of an order."""

    id: int
    company_id: int
    company: str
    status: OrderStatus
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    shipping_minor: int
    total_minor: int
    carrier: str | None
    tracking_number: str | None
    tax_included_minor: int = 0
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


class OrderRefund(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back to the buyer: `pending` until the provider has sent it."""

    id: str
    amount_minor: int
    status: str
    created_at: datetime


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order with those of its parts and lines that the reader may see.

    `visible`: it may see some; `partial`: it is a seller who sees its company's part only; `managed`: it administers the
    order's zone, or all. `exchange_rate` is what a unit of
    the shop's own currency was worth in the order's.
    """

    id: int
    number: str
    user_id: int | None
    guest_email: str | None
    email: str | None
    language: str
    currency: str
    status: OrderStatus
    payment_status: PaymentStatus
    payment_method: PaymentMethod
    payment_intent_id: str | None
    shipping_address: dict[str, Any]
    billing_address: dict[str, Any] | None
    cancel_reason: str | None
    cancelled_at: datetime | None
    paid_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    visible: bool
    partial: bool
    managed: bool
    parts: list[OrderPart]
    lines: list[OrderLine]
    shipping_method: str = "standard"
    coupon_code: str | None = None
    exchange_rate: Decimal | None = None
    savings: list[OrderSaving] = []
    refunds: list[OrderRefund] = []


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a list of orders; total and status are those of the parts that the reader may see."""

    id: int
    number: str
    user_id: int | None
    currency: str
    status: OrderStatus
    payment_status: PaymentStatus
    payment_method: PaymentMethod
    total_minor: int
    quantity: int
    created_at: datetime
    updated_at: datetime


class OrderNotFound(NotFound):
    code = "ORDER_NOT_FOUND"
    message = "Order not found"


class NotYourOrder(Forbidden):
    message = "You don't have permission to view this order"


class BelowMinimum(Unprocessable):
    code = "BELOW_MINIMUM_QUANTITY"
    message = "Some products are sold in larger quantities only"


class BrokenPacks(Unprocessable):
    code = "NOT_WHOLE_PACKS"
    message = "Some products are sold in whole packs only"


class ShippingNotOffered(Unprocessable):
    code = "SHIPPING_METHOD_NOT_OFFERED"
    message = "Not everything in this order can be brought in this way: choose another shipping method"


class QuoteChanged(Conflict):
    code = "QUOTE_CHANGED"
    message = "The order does not cost what was expected: see what changed, and ask for a new quote"


class ZoneNotServed(Unprocessable):
    code = "ZONE_NOT_SERVED"
    message = "Some products are not delivered to this zone"


class ProductsUnavailable(Unprocessable):
    code = "PRODUCTS_UNAVAILABLE"
    message = "Some products are not sold any more: remove them"


class MixedCurrencies(Unprocessable):
    code = "MIXED_CURRENCIES"
    message = "These products are sold in different currencies: order them separately"


class InvoiceNotReady(Unprocessable):
    code = "INVOICE_NOT_READY"
    message = "There is no invoice: the order was cancelled, or is still to be paid"


class GuestCheckoutOff(Forbidden):
    code = "GUEST_CHECKOUT_OFF"
    message = "Sign in to order: this shop does not take orders from guests"


class OrderTooLarge(Unprocessable):
    code = "ORDER_TOO_LARGE"
    message = "This order is worth more than the shop can take at once: split it"


class EmptyOrder(Unprocessable):
    code = "EMPTY_ORDER"
    message = "There is nothing to order: give products, or fill the cart"
