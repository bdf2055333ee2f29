"""The SQL of profiles: who is shown to whom, what is changed of a user, what is known of a seller."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from entrepot.identity.model import User
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters
from entrepot.kernel.ratings import Ratings


class Profile(User, frozen=True, kw_only=True):
    """A user, the slug of its zone, and the address that waits to be verified."""

    zone: str | None
    pending_email: str | None


class SeenProfile(Profile, frozen=True, kw_only=True):
    """A user as an actor sees it: in `full`, or only what is public, with the stars of what it sells."""

    rating_sum: int
    rating_count: int
    ratings: Ratings | None
    full: bool


class Amount(msgspec.Struct, frozen=True):
    currency: str
    amount_minor: int


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """What a user bought and, if it sells, what its company sold; the company's takings by currency."""

    user_id: int
    full: bool
    sells: bool
    created_at: datetime
    orders: int
    spent: list[Amount]
    sales: int
    takings: list[Amount]
    rating_sum: int
    rating_count: int
    ratings: Ratings | None


class ReceivedReview(msgspec.Struct, frozen=True, rename="camel"):
    """A review of something that the seller sells."""

    id: int
    rating: int
    comment: str
    date: datetime
    reviewer_name: str
    product_id: int
    product_title: str


class ReceivedReviews(msgspec.Struct, frozen=True):
    """Whether there is such a user, and what its reviews add up to."""

    known: bool
    total: int
    rating_sum: int


class Device(msgspec.Struct, frozen=True, rename="camel"):
    """A device that signed in and named itself with `x-device-id`."""

    id: str
    user_agent: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    signed_in: bool
    current: bool


_PROFILE: Final = """
    u.id, u.email, u.username, u.role, u.status, u.first_name, u.last_name, u.phone, u.gender, u.age, u.image, u.language,
    u.zone_id, z.slug as zone, u.email_verified_at, u.pending_email, u.deletion_due_at, u.created_at, u.updated_at
    """

# An administrator sees everybody in full, a location admin the customers, sellers and couriers of its zones.
_FULL: Final = """
    coalesce(u.id = $1 or $2 or (u.zone_id = any($3::bigint[]) and u.role not in ('location_admin', 'admin')), false)
    """
_PUBLIC: Final = "(u.status = 'active' and u.deletion_due_at is null)"

# What a seller sells: its own products, and those of its company that name no seller.
_SELLS: Final = """
    p.deleted_at is null and (p.seller_id = {user} or (
        p.seller_id is null and p.company_id = (select company_id from company_members where user_id = {user})))
    """
_STARS: Final = f"""
    left join lateral (
        select sum(p.rating_sum)::bigint as rating_sum, sum(p.rating_count)::bigint as rating_count from products p
        where {{shown}} and u.role = 'seller' and p.rating_count > 0 and {_SELLS.format(user="u.id")}
    ) stars on true
    """

# What buyers say of the company that a seller sells for.
_RATINGS: Final = """
    (select to_jsonb(s) - 'company_id' from company_ratings s join company_members w on w.company_id = s.company_id
     where w.user_id = u.id and u.role = 'seller')
    """


def _sight(actor: Actor) -> tuple[int | None, bool, list[int]]:
    """The arguments that say whom the actor sees in full."""
    return actor.user_id, actor.is_admin, list(actor.zone_ids)


async def find_profile(db: Db, actor: Actor, user_id: int) -> SeenProfile | None:
    """A user as far as the actor may see it; deactivated and departing ones are shown only to who sees them in full."""
    return await db.maybe(
        SeenProfile,
        f"""
        select {_PROFILE}, coalesce(stars.rating_sum, 0) as rating_sum, coalesce(stars.rating_count, 0) as rating_count,
               {_RATINGS} as ratings, {_FULL} as full
        from users u left join zones z on z.id = u.zone_id {_STARS.format(shown=f"not {_FULL}")}
        where u.id = $4 and u.deleted_at is null and ({_FULL} or {_PUBLIC})
        """,
        *_sight(actor),
        user_id,
    )


async def lock_profile(tx: Tx, user_id: int) -> Profile | None:
    return await tx.maybe(
        Profile,
        f"""
        select {_PROFILE} from users u left join zones z on z.id = u.zone_id
        where u.id = $1 and u.deleted_at is null for no key update of u
        """,
        user_id,
    )


async def set_profile(tx: Tx, user_id: int, changes: dict[str, Any]) -> Profile | None:
    """Change the columns that are named in `changes`, to null where it says so; the others, and the address, stay."""
    return await tx.maybe(
        Profile,
        f"""
        with changed as (
            update users u set (first_name, last_name, username, phone, gender, age, role, status, zone_id, updated_at) = (
                select n.first_name, n.last_name, n.username, n.phone, n.gender, n.age, n.role, n.status, n.zone_id,
                       $3::timestamptz
                from jsonb_populate_record(u, $2::jsonb) n)
            where u.id = $1 and u.deleted_at is null
            returning u.*
        )
        select {_PROFILE} from changed u left join zones z on z.id = u.zone_id
        """,
        user_id,
        changes,
        clock.now(),
    )


async def is_email_taken(db: Db, email: str) -> bool:
    taken: bool = await db.value(
        "select exists (select from users where lower(email) = lower($1) and deleted_at is null)", email
    )
    return taken


async def list_users(db: Db, filters: Filters, skip: int, limit: int) -> list[Profile]:
    """The newest first."""
    return await db.many(
        Profile,
        f"""
        select {_PROFILE} from users u left join zones z on z.id = u.zone_id
        where {filters.sql} order by u.id desc offset ${len(filters.args) + 1} limit ${len(filters.args) + 2}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_users(db: Db, filters: Filters) -> int:
    total: int = await db.value(f"select count(*) from users u where {filters.sql}", *filters.args)
    return total


async def lock_admins(tx: Tx, user_id: int) -> list[int]:
    """Lock all administrators who stay, in order, if this user is an administrator; returns their ids.

    Whoever takes an administrator away asks here first: two who do it at once take turns, and the second one sees what the
    first has left.
    """
    return await tx.values(
        """
        select id from users
        where role = 'admin' and status = 'active' and deleted_at is null and deletion_due_at is null
          and exists (select from users where id = $1 and role = 'admin')
        order by id for no key update
        """,
        user_id,
    )


async def delete_admin_zones(tx: Tx, user_id: int) -> None:
    await tx.run("delete from admin_zones where user_id = $1", user_id)


async def find_stats(db: Db, actor: Actor, user_id: int) -> Stats | None:
    """What a user bought counts for who sees it in full; what a seller's company sold counts for everybody."""
    return await db.maybe(
        Stats,
        f"""
        select u.id as user_id, {_FULL} as full, u.role = 'seller' as sells, u.created_at,
               (select count(*) from orders o where o.user_id = u.id and {_FULL}) as orders,
               coalesce((
                   select jsonb_agg(to_jsonb(x) order by x.currency) from (
                       select o.currency, sum(o.total_minor)::bigint as amount_minor from orders o
                       where o.user_id = u.id and o.payment_status in ('paid', 'partially_refunded') and {_FULL}
                       group by o.currency
                   ) x), '[]') as spent,
               (select count(*) from order_parts t where t.company_id = m.company_id and {_SOLD}) as sales,
               coalesce((
                   select jsonb_agg(to_jsonb(x) order by x.currency) from (
                       select o.currency, sum(t.total_minor)::bigint as amount_minor
                       from order_parts t join orders o on o.id = t.order_id
                       where t.company_id = m.company_id and {_SOLD} and {_FULL}
                       group by o.currency
                   ) x), '[]') as takings,
               coalesce(stars.rating_sum, 0) as rating_sum, coalesce(stars.rating_count, 0) as rating_count,
               {_RATINGS} as ratings
        from users u left join company_members m on m.user_id = u.id and u.role = 'seller'
        {_STARS.format(shown="true")}
        where u.id = $4 and u.deleted_at is null and ({_FULL} or {_PUBLIC})
        """,
        *_sight(actor),
        user_id,
    )


_SOLD: Final = "t.status in ('confirmed', 'processing', 'shipped', 'delivered')"


async def list_received_reviews(
    db: Db, user_id: int, skip: int, limit: int, before_id: int | None
) -> list[ReceivedReview]:
    """Reviews of what a seller sells, the newest first."""
    return await db.many(
        ReceivedReview,
        f"""
        select r.id, r.rating, r.comment, r.created_at as date, r.reviewer_name, p.id as product_id, p.title as product_title
        from products p join reviews r on r.product_id = p.id and r.deleted_at is null
        where {_SELLS.format(user="$1")} and ($4::bigint is null or r.id < $4)
        order by r.id desc offset $2 limit $3
        """,
        user_id,
        skip,
        limit,
        before_id,
    )


async def sum_received_reviews(db: Db, user_id: int) -> ReceivedReviews:
    return await db.one(
        ReceivedReviews,
        f"""
        select exists (select from users u where u.id = $1 and u.deleted_at is null and {_PUBLIC}) as known,
               count(*) as total, coalesce(sum(r.rating), 0)::bigint as rating_sum
        from products p join reviews r on r.product_id = p.id and r.deleted_at is null
        where {_SELLS.format(user="$1")}
        """,
        user_id,
    )


async def list_devices(db: Db, user_id: int, device_id: str | None, limit: int) -> list[Device]:
    """The devices of a user, the last seen first; `current` is the one with this id."""
    return await db.many(
        Device,
        """
        select device_id as id, (array_agg(user_agent order by last_seen_at desc))[1] as user_agent,
               min(created_at) as first_seen_at, max(last_seen_at) as last_seen_at,
               bool_or(revoked_at is null and expires_at > $4) as signed_in,
               device_id is not distinct from $2 as current
        from sessions where user_id = $1 and device_id is not null
        group by device_id order by max(last_seen_at) desc, device_id limit $3
        """,
        user_id,
        device_id,
        limit,
        clock.now(),
    )
