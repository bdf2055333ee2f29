"""The SQL of waiting: who waits for a product, what is held for whom, and how that ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters


class WaiterStatus(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    BOUGHT = "bought"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody waits for a product, or did. `ahead`: so many wait longer. Offered pieces are held until `held_until`."""

    id: int
    product_id: int
    sku: str
    title: str
    user_id: int | None
    email: str
    status: WaiterStatus
    ahead: int
    quantity: int
    held_until: datetime | None
    offered_at: datetime | None
    created_at: datetime


class Person(msgspec.Struct, frozen=True):
    """Who waits: a user, or a guest by its address."""

    user_id: int | None
    email: str | None = None


class Next(msgspec.Struct, frozen=True):
    """Who is to be offered something next, and how many pieces an order needs at least: whole packs."""

    id: int
    quantity: int


class Offer(msgspec.Struct, frozen=True):
    """Pieces in a warehouse that are held for somebody."""

    waiter_id: int
    warehouse_id: int
    quantity: int


class Ended(msgspec.Struct, frozen=True):
    """Pieces that are held no more."""

    product_id: int
    warehouse_id: int
    quantity: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be told that a product is there again."""

    email: str
    language: str
    product_id: int
    title: str
    quantity: int
    held_until: datetime


class WaiterCounts(msgspec.Struct, frozen=True):
    """How many wait, and how it ended for the others."""

    waiting: int
    offered: int
    bought: int
    lapsed: int
    cancelled: int


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """A product, and how many wait for it."""

    product_id: int
    sku: str
    title: str
    available: int
    waiting: int
    offered: int


_WAIT = """
    select w.id, w.product_id, p.sku, p.title, w.user_id, coalesce(w.email, u.email, '') as email, w.status,
           case when w.status = 'waiting' then (
               select count(*) from stock_waiters o
               where o.product_id = w.product_id and o.status = 'waiting' and o.id < w.id) else 0 end as ahead,
           w.quantity, w.held_until, w.offered_at, w.created_at
    from stock_waiters w join products p on p.id = w.product_id left join users u on u.id = w.user_id
    """


_THEIRS: Final = "(w.user_id = $1::bigint or lower(w.email) = lower($2::text))"


async def is_sold_out(db: Db, product_id: int) -> bool | None:
    """None: there is no such product."""
    sold_out: bool | None = await db.value(
        """
        select coalesce(s.available, 0) = 0 from products p left join product_stock s on s.product_id = p.id
        where p.id = $1 and p.deleted_at is null
        """,
        product_id,
    )
    return sold_out


async def claim_wait(tx: Tx, product_id: int, person: Person, language: str, limit: int) -> int | None:
    """Wait for a product; None when one does already, or waits for so many things that it is enough."""
    waiter_id: int | None = await tx.value(
        f"""
        insert into stock_waiters (product_id, user_id, email, language, created_at)
        select $3, $1::bigint, $2::text, $4, $6
        where (select count(*) from stock_waiters w where {_THEIRS} and w.status in ('waiting', 'offered')) < $5
        on conflict do nothing returning id
        """,
        person.user_id,
        person.email,
        product_id,
        language,
        limit,
        clock.now(),
    )
    return waiter_id


async def find_wait(db: Db, product_id: int, person: Person) -> Wait | None:
    """Of who waits, or is offered something, now."""
    return await db.maybe(
        Wait,
        f"""
        {_WAIT} where {_THEIRS} and w.product_id = $3 and w.status in ('waiting', 'offered')
        order by w.id limit 1
        """,
        person.user_id,
        person.email,
        product_id,
    )


async def find_person(db: Db, waiter_id: int) -> Person | None:
    """Who waits, or waited, there."""
    return await db.maybe(Person, "select user_id, email from stock_waiters where id = $1", waiter_id)


async def list_waits(db: Db, filters: Filters, skip: int, limit: int) -> list[Wait]:
    """The newest first."""
    return await db.many(
        Wait,
        f"""
        {_WAIT} where {filters.sql} order by w.id desc
        offset ${len(filters.args) + 1} limit ${len(filters.args) + 2}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_waits(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"select count(*) from stock_waiters w join products p on p.id = w.product_id where {filters.sql}",
        *filters.args,
    )
    return total


async def list_next(tx: Tx, product_id: int, limit: int) -> list[Next]:
    """Who waits longest, while the product's stock is locked."""
    return await tx.many(
        Next,
        """
        select w.id, (p.minimum_order_quantity + p.pack_size - 1) / p.pack_size * p.pack_size as quantity
        from stock_waiters w join products p on p.id = w.product_id
        where w.product_id = $1 and w.status = 'waiting' and p.deleted_at is null order by w.id limit $2
        """,
        product_id,
        limit,
    )


async def list_waited_for(db: Db, product_ids: Sequence[int]) -> list[int]:
    """Those of the products that somebody waits for."""
    return await db.values(
        """
        select distinct product_id from stock_waiters where product_id = any($1::bigint[]) and status = 'waiting'
        order by 1
        """,
        list(product_ids),
    )


async def hold_offers(tx: Tx, product_id: int, offers: Sequence[Offer], held_until: datetime) -> None:
    """Hold pieces for those who wait, on locked stock. The constraints refuse what is not there."""
    await tx.run(
        """
        with offers as (
            select * from unnest($2::bigint[], $3::bigint[], $4::integer[]) as o (waiter_id, warehouse_id, quantity)
        ), waiters as (
            update stock_waiters w set status = 'offered', warehouse_id = o.warehouse_id, quantity = o.quantity,
                   held_until = $5, offered_at = $6
            from offers o where w.id = o.waiter_id
        ), moved as (
            update stock_levels l set reserved = l.reserved + o.quantity
            from (select warehouse_id, sum(quantity)::integer as quantity from offers group by 1) o
            where l.product_id = $1 and l.warehouse_id = o.warehouse_id
            returning l.warehouse_id, o.quantity, l.on_hand, l.reserved
        ), totals as (
            update product_stock set available = available - (select sum(quantity)::integer from offers)
            where product_id = $1
        )
        insert into stock_movements (product_id, warehouse_id, reason, reserved_change, on_hand_after, reserved_after, note,
                                     occurred_at)
        select $1, warehouse_id, 'offer', quantity, on_hand, reserved, 'held for who waited', $6 from moved
        """,
        product_id,
        [offer.waiter_id for offer in offers],
        [offer.warehouse_id for offer in offers],
        [offer.quantity for offer in offers],
        held_until,
        clock.now(),
    )


async def end_offers(
    tx: Tx,
    product_ids: Sequence[int],
    status: WaiterStatus,
    *,
    person: Person | None = None,
    held_until: datetime | None = None,
) -> list[Ended]:
    """Give back, on locked stock, what is held for this person, or for all until this moment."""
    return await tx.many(
        Ended,
        """
        with ended as (
            update stock_waiters w set status = $2
            where w.product_id = any($1::bigint[]) and w.status = 'offered'
              and (w.user_id = $3::bigint or lower(w.email) = lower($4::text) or w.held_until <= $5::timestamptz)
            returning w.product_id, w.warehouse_id, w.quantity
        ), sums as (
            select product_id, warehouse_id, sum(quantity)::integer as quantity from ended group by 1, 2
        ), moved as (
            update stock_levels l set reserved = l.reserved - s.quantity from sums s
            where l.product_id = s.product_id and l.warehouse_id = s.warehouse_id
            returning l.product_id, l.warehouse_id, s.quantity, l.on_hand, l.reserved
        ), totals as (
            update product_stock p set available = p.available + s.quantity
            from (select product_id, sum(quantity)::integer as quantity from ended group by 1) s
            where p.product_id = s.product_id
        ), history as (
            insert into stock_movements (product_id, warehouse_id, reason, reserved_change, on_hand_after, reserved_after,
                                         actor_id, note, occurred_at)
            select product_id, warehouse_id, 'release', -quantity, on_hand, reserved, $3, 'offer ' || $2, $6 from moved
        )
        select product_id, warehouse_id, quantity from sums
        """,
        list(product_ids),
        status,
        person.user_id if person is not None else None,
        person.email if person is not None else None,
        held_until,
        clock.now(),
    )


async def cancel_waits(tx: Tx, product_ids: Sequence[int], person: Person) -> int:
    """Wait for none of these products any longer; returns for how many one did that nothing is held of."""
    return await tx.run(
        f"""
        update stock_waiters w set status = 'cancelled'
        where {_THEIRS} and w.product_id = any($3::bigint[]) and w.status = 'waiting'
        """,
        person.user_id,
        person.email,
        list(product_ids),
    )


async def claim_guest_waits(tx: Tx, user_id: int, email: str) -> int:
    """Give a user what was waited for as a guest with this address, unless it waits for the same; returns how many."""
    return await tx.run(
        """
        update stock_waiters w set user_id = $1, email = null
        where lower(w.email) = lower($2) and not exists (
            select from stock_waiters o where o.product_id = w.product_id and o.user_id = $1
            and o.status in ('waiting', 'offered') and w.status in ('waiting', 'offered'))
        """,
        user_id,
        email,
    )


async def list_to_offer(db: Db, now: datetime, limit: int) -> list[int]:
    """Products with offers that have lapsed, or with pieces that nobody was offered yet who waits."""
    return await db.values(
        """
        (select distinct product_id from stock_waiters where status = 'offered' and held_until <= $1 limit $2)
        union
        (select distinct w.product_id from stock_waiters w
         join product_stock s on s.product_id = w.product_id join products p on p.id = w.product_id
         where w.status = 'waiting' and p.deleted_at is null and s.available >= p.minimum_order_quantity limit $2)
        order by 1
        """,
        now,
        limit,
    )


async def claim_telling(tx: Tx, waiter_id: int) -> Told | None:
    """Who is to be told, once; None when it was told already, or nothing is held for it any more."""
    return await tx.maybe(
        Told,
        """
        update stock_waiters w set told_at = $2
        from stock_waiters o join products p on p.id = o.product_id left join users u on u.id = o.user_id
        where w.id = $1 and o.id = w.id and w.told_at is null and w.status = 'offered' and w.held_until > $2
        returning coalesce(w.email, u.email) as email, w.language, w.product_id, p.title, w.quantity, w.held_until
        """,
        waiter_id,
        clock.now(),
    )


async def forget_telling(tx: Tx, waiter_id: int) -> None:
    """It could not be told after all."""
    await tx.run("update stock_waiters set told_at = null where id = $1", waiter_id)


async def get_counts(db: Db, filters: Filters) -> WaiterCounts:
    return await db.one(
        WaiterCounts,
        f"""
        select count(*) filter (where w.status = 'waiting') as waiting,
               count(*) filter (where w.status = 'offered') as offered,
               count(*) filter (where w.status = 'bought') as bought,
               count(*) filter (where w.status = 'lapsed') as lapsed,
               count(*) filter (where w.status = 'cancelled') as cancelled
        from stock_waiters w join products p on p.id = w.product_id where {filters.sql}
        """,
        *filters.args,
    )


async def list_awaited(db: Db, filters: Filters, skip: int, limit: int) -> list[Awaited]:
    """Products that somebody waits for, the most wanted first."""
    return await db.many(
        Awaited,
        f"""
        select w.product_id, p.sku, p.title, coalesce(s.available, 0) as available,
               count(*) filter (where w.status = 'waiting') as waiting,
               count(*) filter (where w.status = 'offered') as offered
        from stock_waiters w join products p on p.id = w.product_id left join product_stock s on s.product_id = p.id
        where w.status in ('waiting', 'offered') and {filters.sql}
        group by w.product_id, p.sku, p.title, s.available
        order by count(*) desc, w.product_id
        offset ${len(filters.args) + 1} limit ${len(filters.args) + 2}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_awaited(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"""
        select count(distinct w.product_id) from stock_waiters w join products p on p.id = w.product_id
        where w.status in ('waiting', 'offered') and {filters.sql}
        """,
        *filters.args,
    )
    return total


async def is_in_reach(db: Db, filters: Filters) -> bool:
    """Whether there is a product `p` that these conditions let through."""
    found: bool = await db.value(f"select exists (select from products p where {filters.sql})", *filters.args)
    return found


async def delete_ended(tx: Tx, filters: Filters) -> int:
    """Forget those who wait no more."""
    return await tx.run(
        f"""
        delete from stock_waiters w using products p
        where p.id = w.product_id and w.status in ('bought', 'lapsed', 'cancelled') and {filters.sql}
        """,
        *filters.args,
    )


async def list_awaited_by(db: Db, person: Person) -> list[int]:
    """Products that somebody waits for, or is offered."""
    return await db.values(
        f"""
        select distinct w.product_id from stock_waiters w
        where {_THEIRS} and w.status in ('waiting', 'offered') order by 1
        """,
        person.user_id,
        person.email,
    )


async def delete_waits_of(tx: Tx, user_id: int) -> int:
    return await tx.run("delete from stock_waiters where user_id = $1", user_id)
