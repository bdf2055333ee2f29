"""Everything that the shop holds about a user, for that user to take along."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from entrepot.identity import (
    address_queries,
    export_order_queries,
    export_queries,
    preferences_queries,
    security_queries,
    user_queries,
)
from entrepot.identity.address_queries import Address
from entrepot.identity.export_order_queries import HeldCredit, HeldNote, HeldRefund, HeldReturn, HeldSellerReview
from entrepot.identity.export_queries import (
    HeldCartItem,
    HeldFavourite,
    HeldIdentity,
    HeldMail,
    HeldMembership,
    HeldOrder,
    HeldPayment,
    HeldReview,
    HeldSession,
)
from entrepot.identity.model import UserNotFound
from entrepot.identity.preferences_queries import Preferences
from entrepot.identity.security_queries import LogEntry
from entrepot.identity.user_views import ProfileView
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.shop import Shop

MAX_ROWS: Final = 10_000
"""Of each kind, the newest."""


class ExportedLine(msgspec.Struct, frozen=True, rename="camel"):
    """A bought line; amounts in major units, `total` after discounts and before tax."""

    product_id: int
    sku: str
    title: str
    quantity: int
    total: int | float
    tax: int | float


class ExportedOrder(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An order with the addresses it was made for, and the numbers of its invoices."""

    id: str
    status: str
    payment_status: str
    payment_method: str
    currency: str
    total: int | float
    products: list[ExportedLine]
    shipping_address: dict[str, Any]
    billing_address: dict[str, Any] | None
    invoices: list[str]
    created_at: datetime
    paid_at: datetime | None


class ExportedPayment(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A payment that was begun; the amount in major units."""

    id: str
    order_id: str | None
    provider: str
    amount: int | float
    currency: str
    status: str
    created_at: datetime


class ExportedCredit(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What was taken off an order; the amount in major units, with tax and delivery."""

    order_id: str
    kind: str
    reason: str
    total: int | float
    currency: str
    created_at: datetime


class ExportedRefund(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Money that was given back, or is on its way; the amount in major units."""

    id: str
    order_id: str | None
    reason: str
    amount: int | float
    currency: str
    status: str
    created_at: datetime


class ExportView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Everything held about a user. `incomplete` names the lists of which only the newest 10,000 entries are here."""

    exported_at: datetime
    profile: ProfileView
    preferences: Preferences
    addresses: list[Address]
    orders: list[ExportedOrder]
    payments: list[ExportedPayment]
    order_notes: list[HeldNote]
    returns: list[HeldReturn]
    seller_reviews: list[HeldSellerReview]
    credits: list[ExportedCredit]
    refunds: list[ExportedRefund]
    cart: list[HeldCartItem]
    favourites: list[HeldFavourite]
    reviews: list[HeldReview]
    companies: list[HeldMembership]
    identities: list[HeldIdentity]
    sessions: list[HeldSession]
    mails: list[HeldMail]
    security_log: list[LogEntry]
    incomplete: list[str]


async def export(db: Db, actor: Actor, shop: Shop, *, max_rows: int = MAX_ROWS) -> ExportView:
    """What is held about the actor, at most `max_rows` of each kind. No hashes, tokens or secrets."""
    profile = await user_queries.find_profile(db, actor, actor.id)
    if profile is None:
        raise UserNotFound
    view = ExportView(
        exported_at=clock.now(),
        profile=ProfileView.shown(profile, shop.files),
        preferences=await preferences_queries.get_preferences(db, actor.id, shop.settings.currency),
        addresses=await address_queries.list_addresses(db, actor.id),
        orders=[_order(order, shop) for order in await export_queries.list_orders(db, actor.id, max_rows)],
        payments=[_payment(payment, shop) for payment in await export_queries.list_payments(db, actor.id, max_rows)],
        order_notes=await export_order_queries.list_notes(db, actor.id, max_rows),
        returns=await export_order_queries.list_returns(db, actor.id, max_rows),
        seller_reviews=await export_order_queries.list_seller_reviews(db, actor.id, max_rows),
        credits=[_credit(credit, shop) for credit in await export_order_queries.list_credits(db, actor.id, max_rows)],
        refunds=[_refund(refund, shop) for refund in await export_order_queries.list_refunds(db, actor.id, max_rows)],
        cart=await export_queries.list_cart_items(db, actor.id, max_rows),
        favourites=await export_queries.list_favourites(db, actor.id, max_rows),
        reviews=await export_queries.list_reviews(db, actor.id, max_rows),
        companies=await export_queries.list_memberships(db, actor.id),
        identities=await export_queries.list_identities(db, actor.id),
        sessions=await export_queries.list_sessions(db, actor.id, max_rows),
        mails=await export_queries.list_mails(db, actor.id, max_rows),
        security_log=await security_queries.list_entries(db, actor.id, 0, max_rows, None),
        incomplete=[],
    )
    return msgspec.structs.replace(view, incomplete=_full_lists(view, max_rows))


def _full_lists(view: ExportView, max_rows: int) -> list[str]:
    return [
        field.encode_name
        for field in msgspec.structs.fields(view)
        if isinstance(rows := getattr(view, field.name), list) and len(rows) >= max_rows
    ]


def _order(order: HeldOrder, shop: Shop) -> ExportedOrder:
    major = shop.currency_of(order.currency).major
    return ExportedOrder(
        id=order.number,
        status=order.status,
        payment_status=order.payment_status,
        payment_method=order.payment_method,
        currency=order.currency,
        total=major(order.total_minor),
        products=[
            ExportedLine(
                line.product_id,
                line.sku,
                line.title,
                line.quantity,
                major(line.discounted_minor),
                major(line.tax_minor),
            )
            for line in order.lines
        ],
        shipping_address=order.shipping_address,
        billing_address=order.billing_address,
        invoices=order.invoices,
        created_at=order.created_at,
        paid_at=order.paid_at,
    )


def _payment(payment: HeldPayment, shop: Shop) -> ExportedPayment:
    return ExportedPayment(
        id=payment.id,
        order_id=payment.order_number,
        provider=payment.provider,
        amount=shop.currency_of(payment.currency).major(payment.amount_minor),
        currency=payment.currency,
        status=payment.status,
        created_at=payment.created_at,
    )


def _credit(credit: HeldCredit, shop: Shop) -> ExportedCredit:
    return ExportedCredit(
        order_id=credit.order_number,
        kind=credit.kind,
        reason=credit.reason,
        total=shop.currency_of(credit.currency).major(credit.total_minor),
        currency=credit.currency,
        created_at=credit.created_at,
    )


def _refund(refund: HeldRefund, shop: Shop) -> ExportedRefund:
    return ExportedRefund(
        id=refund.id,
        order_id=refund.order_number,
        reason=refund.reason,
        amount=shop.currency_of(refund.currency).major(refund.amount_minor),
        currency=refund.currency,
        status=refund.status,
        created_at=refund.created_at,
    )
