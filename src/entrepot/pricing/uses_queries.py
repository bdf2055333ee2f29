"""The SQL that counts who has used which promotion and which code, in one statement for each order."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Tx


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What an order uses: a promotion, with the code that opened it if one did, and what it took off in minor units."""

    promotion_id: int
    coupon_id: int | None
    discount_minor: int


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A use that counts now. `used_up`: it was the last that the promotion's limit allows."""

    promotion_id: int
    company_id: int | None
    used_up: bool


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """A use that counts no more. `was_used_up`: the promotion's limit had been reached."""

    promotion_id: int
    company_id: int | None
    was_used_up: bool


async def claim_uses(tx: Tx, order_id: int, user_id: int | None, claims: Sequence[Claim]) -> list[Claimed]:
    """Count these uses, as far as their limits allow and they still hold; returns those that were counted. A code that is
    used is taken out of the cart.

    Promotions are locked in the order of their ids, then codes: rows with a limit alone are held against other orders, so
    that orders with a promotion without one do not wait for each other. Such a row is locked just against being given a
    limit (`for key share`), lest uses be missing in its count.
    """
    return await tx.many(
        Claimed,
        """
        with wanted as materialized (
            select * from unnest($3::bigint[], $4::bigint[], $5::bigint[]) as w (promotion_id, coupon_id, discount_minor)
        ), unlimited as materialized (
            select p.id from promotions p
            where p.id = any($3) and p.deleted_at is null and p.is_active and p.total_limit is null
              and ($2::bigint is not null or (p.per_user_limit is null and not p.first_order_only))
            order by p.id for key share
        ), limited as materialized (
            select p.id from promotions p
            where p.id = any($3) and p.deleted_at is null and p.is_active and p.used < p.total_limit
              and ($2::bigint is not null or (p.per_user_limit is null and not p.first_order_only))
            order by p.id for no key update
        ), counted as (
            update promotions p set used = p.used + 1 from limited where p.id = limited.id and p.used < p.total_limit
            returning p.id, p.used >= p.total_limit as used_up
        ), held as materialized (
            select id, false as used_up from unlimited union all select id, used_up from counted
        ), free_codes as materialized (
            select c.id, c.promotion_id from coupons c
            where c.id = any($4) and c.deleted_at is null and c.total_limit is null
              and c.promotion_id in (select id from held)
            order by c.id for key share
        ), counted_codes as (
            update coupons c set used = c.used + 1
            where c.id = any($4) and c.deleted_at is null and c.used < c.total_limit
              and c.promotion_id in (select id from held)
            returning c.id, c.promotion_id
        ), opened as materialized (
            select id, promotion_id from free_codes union all select id, promotion_id from counted_codes
        ), good as materialized (
            select w.*, h.used_up from wanted w join held h on h.id = w.promotion_id
            where w.coupon_id is null
               or exists (select from opened o where o.id = w.coupon_id and o.promotion_id = w.promotion_id)
        ), buyers as (
            insert into promotion_buyers as b (promotion_id, user_id, used)
            select promotion_id, $2::bigint, 1 from good where $2 is not null order by promotion_id
            on conflict (promotion_id, user_id) do update set used = b.used + 1
            where b.used < (
                select case when p.first_order_only then 1 else coalesce(p.per_user_limit, 2147483647) end
                from promotions p where p.id = b.promotion_id)
            returning promotion_id
        ), written as (
            insert into promotion_uses (order_id, promotion_id, coupon_id, user_id, discount_minor, used_at)
            select $1, promotion_id, coupon_id, $2, discount_minor, $6 from good
            where $2 is null or promotion_id in (select promotion_id from buyers)
            returning promotion_id
        ), taken_out as (
            delete from applied_coupons where user_id = $2 and coupon_id = any($4)
        )
        select p.id as promotion_id, p.company_id, good.used_up
        from written join good using (promotion_id) join promotions p on p.id = promotion_id
        order by p.id
        """,
        order_id,
        user_id,
        [claim.promotion_id for claim in claims],
        [claim.coupon_id for claim in claims],
        [claim.discount_minor for claim in claims],
        clock.now(),
    )


async def release_uses(tx: Tx, order_id: int) -> list[Released]:
    """Give back what the order has used; nothing the second time."""
    return await tx.many(
        Released,
        """
        with released as (
            update promotion_uses set released_at = $2 where order_id = $1 and released_at is null
            returning promotion_id, coupon_id, user_id
        ), locked as materialized (
            select p.id, p.company_id, coalesce(p.used >= p.total_limit, false) as was_used_up from promotions p
            where p.id in (select promotion_id from released) order by p.id for no key update
        ), promoted as (
            update promotions p set used = case when p.total_limit is null then 0 else greatest(p.used - 1, 0) end
            from locked where p.id = locked.id
        ), codes as (
            update coupons c set used = case when c.total_limit is null then 0 else greatest(c.used - 1, 0) end
            from released r join locked on locked.id = r.promotion_id where c.id = r.coupon_id
        ), buyers as (
            update promotion_buyers b set used = greatest(b.used - 1, 0)
            from released r join locked on locked.id = r.promotion_id
            where b.promotion_id = r.promotion_id and b.user_id = r.user_id
        )
        select id as promotion_id, company_id, was_used_up from locked order by id
        """,
        order_id,
        clock.now(),
    )


async def forget_buyer(tx: Tx, user_id: int) -> None:
    """What is kept of a person besides the orders: how often it used what, the lists that name it, the code in its cart."""
    await tx.run(
        """
        with counts as (delete from promotion_buyers where user_id = $1),
             listed as (delete from price_list_buyers where user_id = $1)
        delete from applied_coupons where user_id = $1
        """,
        user_id,
    )
