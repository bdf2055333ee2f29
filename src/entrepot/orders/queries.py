"""The SQL of orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrepot.carts import removal_of_bought
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.orders.model import Order, PaymentMethod, PaymentStatus
from entrepot.payments import BOOKING_OF_SALE


class Placed(msgspec.Struct, frozen=True):
    """A new order's ids; `line_ids` in the order of the lines that were given, `part_ids` and `companies` by company."""

    id: int
    number: str
    part_ids: list[int]
    line_ids: list[int]
    companies: list[str]


class NewOrderRow(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in `orders` at first."""

    user_id: int | None
    guest_email: str | None
    guest_token_hash: bytes | None
    zone_id: int | None
    language: str
    currency: str
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    shipping_minor: int
    total_minor: int
    payment_method: PaymentMethod
    payment_status: PaymentStatus
    shipping_address: dict[str, Any]
    billing_address: dict[str, Any] | None
    expires_at: datetime | None
    created_at: datetime
    shipping_method: str
    coupon_code: str | None
    exchange_rate: Decimal | None
    tax_included_minor: int
    savings: list[dict[str, Any]]
    cart_token_hash: bytes | None


async def insert_order(
    tx: Tx, order: NewOrderRow, parts: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]]
) -> Placed:
    """An order with its parts, lines, first history and entries in the ledger, in one statement, whatever their number;
    what was bought is taken out of the cart.

    `parts` and `lines` are rows with the columns of their tables; a line names its part by `company_id`.
    """
    return await tx.one(
        Placed,
        f"""
        with numbered as (
            select nextval('order_numbers') as n
        ), new_order as (
            insert into orders (number, user_id, guest_email, guest_token_hash, zone_id, language, currency, subtotal_minor,
                                discount_minor, tax_minor, shipping_minor, total_minor, status, payment_status,
                                payment_method, shipping_address, billing_address, expires_at, created_at, updated_at,
                                shipping_method, coupon_code, exchange_rate, tax_included_minor, savings)
            select 'ORD-' || to_char($17 at time zone 'UTC', 'YYYYMMDD') || case when n < 10 then '0' else '' end || n,
                   $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'pending', $12, $13, $14, $15, $16, $17, $17,
                   $20, $21, $22, $23, $24
            from numbered
            returning id, number, user_id, currency, created_at
        ), new_parts as (
            insert into order_parts (order_id, company_id, status, subtotal_minor, discount_minor, tax_minor,
                                     shipping_minor, total_minor, commission_bp, commission_minor, tax_included_minor,
                                     updated_at)
            select o.id, p.company_id, 'pending', p.subtotal_minor, p.discount_minor, p.tax_minor, p.shipping_minor,
                   p.total_minor, p.commission_bp, p.commission_minor, p.tax_included_minor, $17
            from new_order o, jsonb_to_recordset($18::jsonb) as p (
                company_id bigint, subtotal_minor bigint, discount_minor bigint, tax_minor bigint, shipping_minor bigint,
                total_minor bigint, commission_bp integer, commission_minor bigint, tax_included_minor bigint)
            returning *
        ), new_lines as (
            insert into order_lines (order_id, part_id, position, product_id, sku, title, thumbnail, unit, quantity,
                                     price_minor, discount_bp, total_minor, discounted_minor, tax_bp, tax_minor,
                                     list_price_minor, tax_included_minor, savings)
            select o.id, p.id, l.position, l.product_id, l.sku, l.title, l.thumbnail, l.unit, l.quantity, l.price_minor,
                   l.discount_bp, l.total_minor, l.discounted_minor, l.tax_bp, l.tax_minor, l.list_price_minor,
                   l.tax_included_minor, l.savings
            from new_order o, jsonb_to_recordset($19::jsonb) as l (
                company_id bigint, position integer, product_id bigint, sku text, title text, thumbnail text, unit text,
                quantity integer, price_minor bigint, discount_bp integer, total_minor bigint, discounted_minor bigint,
                tax_bp integer, tax_minor bigint, list_price_minor bigint, tax_included_minor bigint, savings jsonb)
            join new_parts p on p.company_id = l.company_id
            returning id, position, product_id
        ), history as (
            insert into order_history (order_id, to_status, actor_id, party, occurred_at)
            select id, 'pending', $1, 'buyer', $17 from new_order
        ), {removal_of_bought("$1", "$25")}, {BOOKING_OF_SALE}
        select id, number,
               array(select id from new_parts order by company_id) as part_ids,
               array(select id from new_lines order by position) as line_ids,
               array(select c.name from new_parts p join companies c on c.id = p.company_id order by c.id) as companies
        from new_order
        """,
        order.user_id,
        order.guest_email,
        order.guest_token_hash,
        order.zone_id,
        order.language,
        order.currency,
        order.subtotal_minor,
        order.discount_minor,
        order.tax_minor,
        order.shipping_minor,
        order.total_minor,
        order.payment_status,
        order.payment_method,
        order.shipping_address,
        order.billing_address,
        order.expires_at,
        order.created_at,
        list(parts),
        list(lines),
        order.shipping_method,
        order.coupon_code,
        order.exchange_rate,
        order.tax_included_minor,
        order.savings,
        order.cart_token_hash,
    )


_VISIBLE: Final = """
    (o.user_id = $1 or $2 or o.zone_id = any($3::bigint[])
     or exists (select from order_parts where order_id = o.id and company_id = $4)
     or o.guest_token_hash = $5)
    """
# A seller sees its own part of an order that is not its own.
_PART_SHOWN: Final = "($4::bigint is null or o.user_id = $1 or $2 or p.company_id = $4)"


def _sight(actor: Actor) -> tuple[int | None, bool, list[int], int | None, bytes | None]:
    """What the actor may see: its own orders, all, its zones', its company's parts, the one it has the token of."""
    token_hash = actor.order_token_hash
    return actor.user_id, actor.is_admin, list(actor.zone_ids), actor.company_id, token_hash


async def find_order(db: Db, actor: Actor, number: str) -> Order | None:
    """The order with this number; `visible` says whether the actor may see it, and only its parts are filled in."""
    return await db.maybe(
        Order,
        f"""
        select o.id, o.number, o.user_id, o.guest_email,
               coalesce(o.guest_email, (select email from users where id = o.user_id)) as email,
               o.language, o.currency, o.status, o.payment_status, o.payment_method, o.payment_intent_id,
               o.shipping_address, o.billing_address, o.cancel_reason,
               o.cancelled_at, o.paid_at, o.expires_at, o.created_at, o.updated_at,
               o.shipping_method, o.coupon_code, o.exchange_rate, o.savings,
               coalesce({_VISIBLE}, false) as visible,
               not coalesce($4::bigint is null or o.user_id = $1 or $2, false) as partial,
               coalesce($2 or o.zone_id = any($3), false) as managed,
               case when $4::bigint is null or o.user_id = $1 or $2 then coalesce((
                   select jsonb_agg(jsonb_build_object('id', r.id, 'amount_minor', r.amount_minor, 'status', r.status,
                                                       'created_at', r.created_at) order by r.created_at, r.id)
                   from refunds r where r.order_id = o.id and r.replaced_by is null), '[]') else '[]' end as refunds,
               coalesce((
                   select jsonb_agg(to_jsonb(x) order by x.company_id) from (
                       select p.id, p.company_id, c.name as company, p.status, p.subtotal_minor, p.discount_minor,
                              p.tax_minor, p.tax_included_minor, p.shipping_minor, p.total_minor, p.carrier,
                              p.tracking_number, p.shipped_at, p.delivered_at
                       from order_parts p join companies c on c.id = p.company_id
                       where p.order_id = o.id and {_PART_SHOWN}
                   ) x), '[]') as parts,
               coalesce((
                   select jsonb_agg(to_jsonb(x) - 'position' order by x.position) from (
                       select l.position, l.product_id, p.company_id, l.sku, l.title, l.thumbnail, l.unit, l.quantity,
                              l.price_minor, l.discount_bp, l.total_minor, l.discounted_minor, l.tax_bp, l.tax_minor,
                              l.tax_included_minor, l.savings, l.cancelled_quantity
                       from order_lines l join order_parts p on p.id = l.part_id
                       where l.order_id = o.id and {_PART_SHOWN}
                   ) x), '[]') as lines
        from orders o where o.number = $6
        """,
        *_sight(actor),
        number,
    )


async def lock_order(tx: Tx, order_id: int) -> None:
    """Others that change the order wait until this transaction ends.

    A statement of its own: what the next one reads is as it stands once the lock is held. One statement that locks and
    looks elsewhere as well would see the rest as it was before it waited.
    """
    await tx.run("select from orders where id = $1 for update", order_id)


async def claim_guest_orders(tx: Tx, user_id: int, email: str) -> int:
    """Give a user the orders that were placed as a guest with this address; returns how many."""
    return await tx.run(
        """
        update orders set user_id = $1, guest_email = null, updated_at = $3
        where lower(guest_email) = lower($2) and guest_email is not null
        """,
        user_id,
        email,
        clock.now(),
    )


async def set_intent(tx: Tx, order_id: int, intent_id: str) -> None:
    await tx.run("update orders set payment_intent_id = $2 where id = $1", order_id, intent_id)


class Settled(msgspec.Struct, frozen=True):
    """An order whose payment or life has come to an end."""

    id: int
    number: str
    company_ids: list[int]


_SETTLED: Final = """
    id, number, array(select company_id from order_parts where order_id = orders.id order by 1) as company_ids
    """


class NowPaid(Settled, frozen=True):
    """`overpaid`: its payments exceed what it costs by now."""

    overpaid: bool


async def claim_paid(tx: Tx, order_id: int, intent_id: str, paid_at: datetime) -> NowPaid | None:
    """Mark a locked order as paid, once; None when it was paid or cancelled before."""
    return await tx.maybe(
        NowPaid,
        f"""
        update orders set payment_status = 'paid', payment_intent_id = $2, paid_at = $3, expires_at = null, updated_at = $3
        where id = $1 and payment_status in ('unpaid', 'failed', 'authorized') and status <> 'cancelled'
        returning {_SETTLED},
                  (select sum(i.captured_minor - i.refunded_minor) from payment_intents i where i.order_id = orders.id)
                  > total_minor - coalesce((select sum(c.total_minor) from credits c where c.order_id = orders.id), 0)
                  as overpaid
        """,
        order_id,
        intent_id,
        paid_at,
    )


async def claim_payment_failed(tx: Tx, order_id: int) -> int:
    """Note that a payment failed, on an order that still waits for one."""
    return await tx.run(
        "update orders set payment_status = 'failed', updated_at = $2 where id = $1 and payment_status = 'unpaid'",
        order_id,
        clock.now(),
    )


class Overdue(msgspec.Struct, frozen=True):
    """An order whose time to be paid is over."""

    id: int
    expires_at: datetime


async def list_expired(db: Db, now: datetime, patience: timedelta, after: Overdue | None, limit: int) -> list[Overdue]:
    """Orders after this one that were not paid in time, the oldest first. A bank debit may be under way for days: such orders
    are left out, until they were waited for longer than `patience`."""
    return await db.many(
        Overdue,
        """
        select id, expires_at from orders
        where expires_at <= $1 and status in ('pending', 'confirmed', 'processing') and payment_status in ('unpaid', 'failed')
          and (expires_at, id) > ($3::timestamptz, $4::bigint)
          and not exists (select from payment_intents i where i.order_id = orders.id and i.status = 'processing'
                                                          and i.updated_at > $1::timestamptz - $2::interval)
        order by expires_at, id limit $5
        """,
        now,
        patience,
        after.expires_at if after else datetime.min.replace(tzinfo=UTC),
        after.id if after else 0,
        limit,
    )


async def claim_expired(tx: Tx, order_id: int, now: datetime, patience: timedelta) -> Settled | None:
    """Cancel a locked order that was not paid in time, with its parts and history.

    None when it was paid meanwhile, or a charge is under way since less than `patience`: the charge locks the order before it
    begins.
    """
    return await tx.maybe(
        Settled,
        f"""
        with expired as (
            select id, status from orders
            where id = $1 and expires_at <= $2 and status in ('pending', 'confirmed', 'processing')
              and payment_status in ('unpaid', 'failed')
              and not exists (select from payment_intents i where i.order_id = orders.id and i.status = 'processing'
                                                              and i.updated_at > $2::timestamptz - $3::interval)
        ), parts as (
            update order_parts set status = 'cancelled', updated_at = $2 where order_id in (select id from expired)
        ), history as (
            insert into order_history (order_id, from_status, to_status, note, occurred_at)
            select id, status, 'cancelled', 'not paid in time', $2 from expired
        ), lines as (
            update order_lines set cancelled_quantity = quantity where order_id in (select id from expired)
        )
        update orders set status = 'cancelled', cancelled_at = $2, cancel_reason = 'not paid in time', expires_at = null,
               updated_at = $2
        where id in (select id from expired)
        returning {_SETTLED}
        """,
        order_id,
        now,
        patience,
    )
