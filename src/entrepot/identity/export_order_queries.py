"""The SQL of what the shop holds about what became of a user's orders: notes, returns, reviews of sellers, money given back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.kernel.db import Db


class HeldNote(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A note at an order of the user's that it may read; `by`: buyer, seller or admin."""

    order_id: str
    by: str
    note: str
    written_at: datetime


class HeldReturnLine(msgspec.Struct, frozen=True, rename="camel"):
    """Pieces that were to come back; `received`: that came, none before that."""

    sku: str
    title: str
    quantity: int
    received: int | None


class HeldReturn(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Goods that the user gave back, or wanted to."""

    id: int
    order_id: str
    company: str
    status: str
    reason: str
    note: str
    products: list[HeldReturnLine]
    created_at: datetime
    updated_at: datetime


class HeldSellerReview(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What the user says of a seller, each from 1 to 5."""

    order_id: str
    company: str
    overall: int
    communication: int
    timeliness: int
    comment: str
    written_at: datetime


class HeldCredit(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken off an order: cancelled, given back or given in."""

    order_number: str
    kind: str
    reason: str
    total_minor: int
    currency: str
    created_at: datetime


class HeldRefund(msgspec.Struct, frozen=True, kw_only=True):
    """Money that was given back, or is on its way."""

    id: str
    order_number: str | None
    reason: str
    amount_minor: int
    currency: str
    status: str
    created_at: datetime


async def list_notes(db: Db, user_id: int, limit: int) -> list[HeldNote]:
    return await db.many(
        HeldNote,
        """
        select o.number as order_id, n.party as by, n.note, n.written_at
        from order_notes n join orders o on o.id = n.order_id
        where o.user_id = $1 and not n.is_internal order by n.id desc limit $2
        """,
        user_id,
        limit,
    )


async def list_returns(db: Db, user_id: int, limit: int) -> list[HeldReturn]:
    return await db.many(
        HeldReturn,
        """
        select r.id, o.number as order_id, c.name as company, r.status, r.reason, r.note,
               coalesce((select jsonb_agg(jsonb_build_object(
                   'sku', l.sku, 'title', l.title, 'quantity', b.quantity, 'received', b.received) order by l.position)
                   from return_lines b join order_lines l on l.id = b.line_id where b.return_id = r.id), '[]') as products,
               r.created_at, r.updated_at
        from returns r join orders o on o.id = r.order_id join companies c on c.id = r.company_id
        where o.user_id = $1 order by r.id desc limit $2
        """,
        user_id,
        limit,
    )


async def list_seller_reviews(db: Db, user_id: int, limit: int) -> list[HeldSellerReview]:
    return await db.many(
        HeldSellerReview,
        """
        select o.number as order_id, c.name as company, s.overall, s.communication, s.timeliness, s.comment, s.written_at
        from seller_reviews s join orders o on o.id = s.order_id join companies c on c.id = s.company_id
        where s.user_id = $1 order by s.part_id desc limit $2
        """,
        user_id,
        limit,
    )


async def list_credits(db: Db, user_id: int, limit: int) -> list[HeldCredit]:
    return await db.many(
        HeldCredit,
        """
        select o.number as order_number, k.kind, k.reason, k.total_minor, k.currency, k.created_at
        from credits k join orders o on o.id = k.order_id where o.user_id = $1 order by k.id desc limit $2
        """,
        user_id,
        limit,
    )


async def list_refunds(db: Db, user_id: int, limit: int) -> list[HeldRefund]:
    return await db.many(
        HeldRefund,
        """
        with own as (
            select id from refunds where order_id in (select id from orders where user_id = $1)
            union select id from refunds where payment_intent_id in (select id from payment_intents where user_id = $1)
        )
        select r.id, o.number as order_number, r.reason, r.amount_minor, r.currency, r.status, r.created_at
        from own join refunds r on r.id = own.id left join orders o on o.id = r.order_id
        order by r.created_at desc, r.id limit $2
        """,
        user_id,
        limit,
    )
