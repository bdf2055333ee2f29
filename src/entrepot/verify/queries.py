"""The SQL of drills: what the books say, and what became of what shoppers were told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from entrepot.kernel.db import Db, Tx


class CountDrift(msgspec.Struct, frozen=True):
    """A promotion, a code or a buyer of one whose count is not how often it was used."""

    what: str
    counted: int
    used: int


class OrderDrift(msgspec.Struct, frozen=True):
    """An order that holds other stock than its lines say."""

    number: str
    status: str
    ordered: int
    held: int


class Imbalance(msgspec.Struct, frozen=True):
    """A transaction of the ledger that does not sum to zero."""

    reference: str
    currency: str
    balance_minor: int


class Outcome(msgspec.Struct, frozen=True):
    """An order, as the database has it."""

    number: str
    payment_status: str


class Buyer(msgspec.Struct, frozen=True):
    """A guest's address, and how many orders it has."""

    email: str
    orders: int


class SandboxEvent(msgspec.Struct, frozen=True):
    """What the sandbox tells of an intent."""

    id: int
    kind: str
    object: dict[str, Any]
    created_at: datetime


async def list_count_drift(db: Db) -> list[CountDrift]:
    """Promotions and codes with a limit, and their buyers, whose counts differ from the uses that count."""
    return await db.many(
        CountDrift,
        """
        with uses as (select * from promotion_uses where released_at is null)
        select 'promotion ' || p.id as what, p.used as counted, count(u.order_id)::integer as used
        from promotions p left join uses u on u.promotion_id = p.id
        where p.total_limit is not null group by p.id having p.used <> count(u.order_id)
        union all
        select 'code ' || c.code, c.used, count(u.order_id)::integer
        from coupons c left join uses u on u.coupon_id = c.id
        where c.total_limit is not null group by c.id having c.used <> count(u.order_id)
        union all
        select 'promotion ' || b.promotion_id || ' of user ' || b.user_id, b.used, count(u.order_id)::integer
        from promotion_buyers b left join uses u using (promotion_id, user_id)
        group by b.promotion_id, b.user_id, b.used having b.used <> count(u.order_id)
        """,
    )


async def list_overused(db: Db) -> list[CountDrift]:
    """Promotions and codes that were used more often than their limits allow."""
    return await db.many(
        CountDrift,
        """
        with uses as (select * from promotion_uses where released_at is null)
        select 'promotion ' || p.id as what, p.total_limit as counted, count(*)::integer as used
        from promotions p join uses u on u.promotion_id = p.id group by p.id having count(*) > p.total_limit
        union all
        select 'code ' || c.code, c.total_limit, count(*)::integer
        from coupons c join uses u on u.coupon_id = c.id group by c.id having count(*) > c.total_limit
        """,
    )


async def list_order_drift(db: Db) -> list[OrderDrift]:
    """Orders that hold, or have shipped, other pieces than their lines say; cancelled ones must hold none."""
    return await db.many(
        OrderDrift,
        """
        select o.number, o.status, l.quantity as ordered, coalesce(r.quantity, 0)::integer as held
        from orders o
        join (select order_id, sum(quantity)::integer as quantity from order_lines group by 1) l on l.order_id = o.id
        left join (
            select order_id, sum(quantity) as quantity from stock_reservations where status <> 'released' group by 1
        ) r on r.order_id = o.id
        where coalesce(r.quantity, 0) <> case when o.status = 'cancelled' then 0 else l.quantity end
        """,
    )


async def list_oversold(db: Db) -> list[int]:
    """Products of which more is held than there is, or less than none is left."""
    return await db.values(
        """
        select product_id from stock_levels where on_hand < reserved or reserved < 0
        union select product_id from product_stock where available < 0
        """
    )


async def list_unlike_payments(db: Db) -> list[str]:
    """Numbers of orders that are paid and have no succeeded intent, or the other way round, or have several."""
    return await db.values(
        """
        with charges as (
            select order_id, count(*) as charges from payment_intents
            where status = 'succeeded' and order_id is not null group by 1
        )
        select o.number from orders o left join charges c on c.order_id = o.id
        where o.payment_method = 'card' and o.total_minor > 0
          and (coalesce(c.charges, 0) > 1
               or (o.payment_status in ('paid', 'partially_refunded', 'refunded')) <> (coalesce(c.charges, 0) = 1))
        """
    )


async def list_overrefunded(db: Db) -> list[str]:
    """Payment intents of which more was given back than was taken, or other sums than their refunds make."""
    return await db.values(
        """
        select i.id from payment_intents i
        left join (
            select payment_intent_id, sum(amount_minor) as minor from refunds where status <> 'failed' group by 1
        ) r on r.payment_intent_id = i.id
        where coalesce(r.minor, 0) > i.captured_minor or i.refunded_minor <> coalesce(r.minor, 0)
        """
    )


async def list_imbalances(db: Db) -> list[Imbalance]:
    """Transactions of the ledger that do not sum to zero."""
    return await db.many(
        Imbalance,
        """
        select t.reference, e.currency, sum(e.amount_minor)::bigint as balance_minor
        from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
        group by t.id, e.currency having sum(e.amount_minor) <> 0
        """,
    )


async def list_outcomes(db: Db, numbers: Sequence[str]) -> list[Outcome]:
    """Those of the orders that there are."""
    return await db.many(Outcome, "select number, payment_status from orders where number = any($1)", numbers)


async def list_doubled_buyers(db: Db, emails: Sequence[str]) -> list[Buyer]:
    """Guests with more than one order."""
    return await db.many(
        Buyer,
        """
        select guest_email as email, count(*)::integer as orders from orders
        where guest_email = any($1) group by 1 having count(*) > 1
        """,
        emails,
    )


async def count_orders_of(db: Db, product_id: int) -> int:
    """How many orders, that are not cancelled, have the product."""
    count: int = await db.value(
        """
        select count(distinct o.id) from orders o join order_lines l on l.order_id = o.id
        where l.product_id = $1 and o.status <> 'cancelled'
        """,
        product_id,
    )
    return count


async def count_uses(db: Db, code: str) -> int:
    """How many orders have used a code."""
    count: int = await db.value(
        """
        select count(*) from promotion_uses u join coupons c on c.id = u.coupon_id
        where c.code = $1 and u.released_at is null
        """,
        code,
    )
    return count


async def get_available(db: Db, product_id: int) -> int:
    """How many pieces can be bought."""
    available: int = await db.value("select available from product_stock where product_id = $1", product_id)
    return available


async def list_unpaid_that_hold(db: Db, product_ids: Sequence[int]) -> list[str]:
    """Card orders that nobody paid and that hold stock of these products."""
    return await db.values(
        """
        select distinct o.number from stock_reservations r join orders o on o.id = r.order_id
        where r.product_id = any($1) and r.status = 'held' and o.payment_method = 'card' and o.total_minor > 0
          and o.payment_status in ('unpaid', 'failed')
        order by 1
        """,
        list(product_ids),
    )


async def get_status(db: Db, number: str) -> str:
    """Of an order."""
    status: str = await db.value("select status from orders where number = $1", number)
    return status


async def count_movements(db: Db) -> int:
    """How many entries the history of stock has."""
    count: int = await db.value("select count(*) from stock_movements")
    return count


async def insert_people(tx: Tx, emails: Sequence[str], password_hash: str, at: datetime) -> None:
    """Users who can sign in with the password that the hash is of."""
    await tx.run(
        """
        insert into users (email, password_hash, role, first_name, last_name, email_verified_at, created_at, updated_at)
        select email, $2, 'user', 'Ada', 'Byron', $3, $3, $3 from unnest($1::text[]) as email
        """,
        emails,
        password_hash,
        at,
    )


async def get_sandbox_secret(db: Db) -> str:
    """What the sandbox signs its webhooks with."""
    secret: str = await db.value("select webhook_secret from sandbox_account")
    return secret


async def list_sandbox_events(db: Db, intent_id: str) -> list[SandboxEvent]:
    """What the sandbox has to tell of an intent, the oldest first."""
    return await db.many(
        SandboxEvent,
        "select id, kind, object, created_at from sandbox_events where intent_id = $1 order by id",
        intent_id,
    )


async def list_charges(db: Db, number: str) -> list[int]:
    """What was taken from the buyer for an order, by payment, in minor units."""
    return await db.values(
        """
        select i.captured_minor from payment_intents i join orders o on o.id = i.order_id
        where o.number = $1 and i.captured_minor > 0
        """,
        number,
    )


async def count_told(db: Db, name: str, number: str) -> int:
    """How often a fact was published of an order."""
    count: int = await db.value("select count(*) from events where name = $1 and data ->> 'orderId' = $2", name, number)
    return count


async def list_refunded(db: Db, intent_id: str) -> list[int]:
    """What was given back of a payment, or is on its way, in minor units."""
    return await db.values(
        "select amount_minor from refunds where payment_intent_id = $1 and status <> 'failed'", intent_id
    )


async def insert_person(
    tx: Tx, *, email: str, password_hash: str, role: str, zone_id: int | None, company_id: int | None, at: datetime
) -> int:
    """Somebody of a role, with its scope: the zone of a shop owner or location admin, the company of a seller."""
    user_id: int = await tx.value(
        """
        with person as (
            insert into users (email, password_hash, role, first_name, last_name, zone_id, email_verified_at, created_at,
                               updated_at)
            values ($1, $2, $3, 'Ada', 'Byron', case when $3 = 'shop_owner' then $4::bigint end, $6, $6, $6) returning id
        ), administered as (
            insert into admin_zones (user_id, zone_id) select id, $4 from person where $3 = 'location_admin'
        ), selling as (
            insert into company_members (company_id, user_id, is_owner, joined_at)
            select $5, id, true, $6 from person where $3 = 'seller'
        )
        select id from person
        """,
        email,
        password_hash,
        role,
        zone_id,
        company_id,
        at,
    )
    return user_id
