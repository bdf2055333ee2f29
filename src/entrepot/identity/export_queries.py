"""The SQL of what the shop holds about a user, whichever module keeps it. Never a hash, a token or a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from entrepot.kernel.db import Db


class HeldLine(msgspec.Struct, frozen=True):
    product_id: int
    sku: str
    title: str
    quantity: int
    discounted_minor: int
    tax_minor: int


class HeldOrder(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    status: str
    payment_status: str
    payment_method: str
    currency: str
    total_minor: int
    shipping_address: dict[str, Any]
    billing_address: dict[str, Any] | None
    lines: list[HeldLine]
    invoices: list[str]
    created_at: datetime
    paid_at: datetime | None


class HeldPayment(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    order_number: str | None
    provider: str
    amount_minor: int
    currency: str
    status: str
    created_at: datetime


class HeldReview(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A review that the user wrote."""

    product_id: int
    rating: int
    comment: str
    reviewer_name: str
    reviewer_email: str
    created_at: datetime


class HeldFavourite(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A product that the user keeps for later."""

    product_id: int
    title: str
    added_at: datetime


class HeldCartItem(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What lies in the user's cart."""

    product_id: int
    title: str
    quantity: int
    added_at: datetime


class HeldSession(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A sign-in, with the device and the network address that it came from."""

    id: str
    device_id: str | None
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class HeldMail(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A link that was mailed: to which address and what for, but not the secret in it."""

    purpose: str
    email: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class HeldIdentity(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Who the user is at a provider that it signs in with."""

    issuer: str
    subject: str
    linked_at: datetime


class HeldMembership(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A company that the user sells for."""

    company_id: int
    company: str
    is_owner: bool
    joined_at: datetime


async def list_orders(db: Db, user_id: int, limit: int) -> list[HeldOrder]:
    return await db.many(
        HeldOrder,
        """
        select o.number, o.status, o.payment_status, o.payment_method, o.currency, o.total_minor, o.shipping_address,
               o.billing_address,
               coalesce((select jsonb_agg(jsonb_build_object(
                   'product_id', l.product_id, 'sku', l.sku, 'title', l.title, 'quantity', l.quantity,
                   'discounted_minor', l.discounted_minor, 'tax_minor', l.tax_minor) order by l.position)
                   from order_lines l where l.order_id = o.id), '[]') as lines,
               array(select i.number from invoices i where i.order_id = o.id order by i.id) as invoices,
               o.created_at, o.paid_at
        from orders o where o.user_id = $1 order by o.id desc limit $2
        """,
        user_id,
        limit,
    )


async def list_payments(db: Db, user_id: int, limit: int) -> list[HeldPayment]:
    return await db.many(
        HeldPayment,
        """
        select i.id, o.number as order_number, i.provider, i.amount_minor, i.currency, i.status, i.created_at
        from payment_intents i left join orders o on o.id = i.order_id
        where i.user_id = $1 order by i.created_at desc, i.id limit $2
        """,
        user_id,
        limit,
    )


async def list_reviews(db: Db, user_id: int, limit: int) -> list[HeldReview]:
    return await db.many(
        HeldReview,
        """
        select product_id, rating, comment, reviewer_name, reviewer_email, created_at
        from reviews where user_id = $1 and deleted_at is null order by id desc limit $2
        """,
        user_id,
        limit,
    )


async def list_favourites(db: Db, user_id: int, limit: int) -> list[HeldFavourite]:
    return await db.many(
        HeldFavourite,
        """
        select f.product_id, p.title, f.added_at from favourites f join products p on p.id = f.product_id
        where f.user_id = $1 order by f.added_at desc, f.product_id desc limit $2
        """,
        user_id,
        limit,
    )


async def list_cart_items(db: Db, user_id: int, limit: int) -> list[HeldCartItem]:
    return await db.many(
        HeldCartItem,
        """
        select i.product_id, p.title, i.quantity, i.added_at
        from carts c join cart_items i on i.cart_id = c.id join products p on p.id = i.product_id
        where c.user_id = $1 order by i.added_at desc, i.product_id limit $2
        """,
        user_id,
        limit,
    )


async def list_sessions(db: Db, user_id: int, limit: int) -> list[HeldSession]:
    return await db.many(
        HeldSession,
        """
        select id::text as id, device_id, user_agent, address, created_at, last_seen_at, expires_at, revoked_at
        from sessions where user_id = $1 order by created_at desc, id limit $2
        """,
        user_id,
        limit,
    )


async def list_mails(db: Db, user_id: int, limit: int) -> list[HeldMail]:
    return await db.many(
        HeldMail,
        """
        select purpose, email, created_at, expires_at, used_at from mailed_tokens
        where user_id = $1 order by created_at desc limit $2
        """,
        user_id,
        limit,
    )


async def list_identities(db: Db, user_id: int) -> list[HeldIdentity]:
    return await db.many(
        HeldIdentity,
        "select issuer, subject, linked_at from oauth_identities where user_id = $1 order by linked_at, issuer, subject",
        user_id,
    )


async def list_memberships(db: Db, user_id: int) -> list[HeldMembership]:
    return await db.many(
        HeldMembership,
        """
        select m.company_id, c.name as company, m.is_owner, m.joined_at
        from company_members m join companies c on c.id = m.company_id where m.user_id = $1
        """,
        user_id,
    )
