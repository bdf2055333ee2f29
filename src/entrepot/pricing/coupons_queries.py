"""The SQL of coupons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters
from entrepot.pricing.coupons import AppliedCoupon, StoredCoupon
from entrepot.pricing.promotions_queries import promotion

_COUPON: Final = f"""
    select k.id, k.code, (
               select count(*) from coupons o where o.promotion_id = k.promotion_id and o.deleted_at is null) as codes,
           k.total_limit, case when k.total_limit is not null then k.used else (
               select count(*) from promotion_uses u where u.coupon_id = k.id and u.released_at is null)
           end::bigint as used,
           k.created_at, k.updated_at, to_jsonb(t) as promotion
    from coupons k cross join lateral (
        select {promotion("false")}, true as managed from promotions p where p.id = k.promotion_id
    ) t
    """


async def list_coupons(db: Db, filters: Filters, skip: int, limit: int) -> list[StoredCoupon]:
    """The newest first."""
    skip_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        StoredCoupon,
        f"{_COUPON} where k.deleted_at is null and {filters.sql} order by k.id desc offset {skip_arg} limit {limit_arg}",
        *filters.args,
        skip,
        limit,
    )


async def count_coupons(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"select count(*) from coupons k where k.deleted_at is null and {filters.sql}", *filters.args
    )
    return total


async def find_coupon(db: Db, coupon_id: int) -> StoredCoupon | None:
    return await db.maybe(StoredCoupon, f"{_COUPON} where k.deleted_at is null and k.id = $1", coupon_id)


async def get_first(db: Db, promotion_id: int) -> StoredCoupon:
    """The oldest of the codes that open a promotion. Raises LookupError where there is none."""
    return await db.one(
        StoredCoupon,
        f"{_COUPON} where k.deleted_at is null and k.promotion_id = $1 order by k.id limit 1",
        promotion_id,
    )


class Found(msgspec.Struct, frozen=True):
    """A code that was asked for; `is_active` says whether it counts at all."""

    id: int
    code: str
    is_active: bool


async def find_code(db: Db, code: str) -> Found | None:
    return await db.maybe(
        Found,
        """
        select k.id, k.code, p.is_active from coupons k join promotions p on p.id = k.promotion_id
        where k.code = $1 and k.deleted_at is null and p.deleted_at is null
        """,
        code,
    )


async def insert_coupons(
    tx: Tx, promotion_id: int, codes: Sequence[str], total_limit: int | None, moment: datetime
) -> list[str]:
    """Make these codes, and give those that were made: one that is taken is left out."""
    return await tx.values(
        """
        insert into coupons (promotion_id, code, total_limit, created_at, updated_at)
        select $1, code, $3, $4, $4 from unnest($2::text[]) with ordinality as w (code, place) order by place
        on conflict (code) where deleted_at is null do nothing returning code
        """,
        promotion_id,
        list(codes),
        total_limit,
        moment,
    )


async def lock_coupon(tx: Tx, coupon_id: int) -> int | None:
    """The id of its promotion. Both are locked, the promotion first, as orders lock them."""
    promotion_id: int | None = await tx.value(
        """
        with terms as materialized (
            select id from promotions where id = (select promotion_id from coupons where id = $1) for update
        ), locked as materialized (
            select k.promotion_id from terms join coupons k on k.promotion_id = terms.id
            where k.id = $1 and k.deleted_at is null for update of k
        )
        select promotion_id from locked
        """,
        coupon_id,
    )
    return promotion_id


async def set_coupon(tx: Tx, coupon_id: int, code: str, total_limit: int | None) -> None:
    """Change a locked coupon. What was used before there was a limit counts towards it from now on."""
    await tx.run(
        """
        update coupons k set code = $2, total_limit = $3, updated_at = $4,
            used = case when $3::integer is null then 0 when k.total_limit is not null then k.used else (
                select count(*) from promotion_uses u where u.coupon_id = k.id and u.released_at is null) end
        where id = $1
        """,
        coupon_id,
        code,
        total_limit,
        clock.now(),
    )


async def set_coupon_deleted(tx: Tx, coupon_id: int) -> None:
    await tx.run("update coupons set deleted_at = $2, updated_at = $2 where id = $1", coupon_id, clock.now())


async def apply_coupon(tx: Tx, user_id: int, coupon_id: int) -> None:
    """Put the code to the user's cart, in the place of another one."""
    await tx.run(
        """
        insert into applied_coupons (user_id, coupon_id, applied_at) values ($1, $2, $3)
        on conflict (user_id) do update set coupon_id = excluded.coupon_id, applied_at = excluded.applied_at
        """,
        user_id,
        coupon_id,
        clock.now(),
    )


async def remove_coupon(tx: Tx, user_id: int) -> int:
    return await tx.run("delete from applied_coupons where user_id = $1", user_id)


async def find_applied(db: Db, user_id: int) -> AppliedCoupon | None:
    """The code in the user's cart, if it was not deleted meanwhile."""
    return await db.maybe(
        AppliedCoupon,
        """
        select k.id as coupon_id, k.code from applied_coupons a join coupons k on k.id = a.coupon_id
        where a.user_id = $1 and k.deleted_at is null
        """,
        user_id,
    )
