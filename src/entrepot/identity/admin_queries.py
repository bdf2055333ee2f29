"""The SQL of administrators, of the shop owners whom they look after, and of what they did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from entrepot.identity.model import UserStatus
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters
from entrepot.zones import ZoneRef


class Admin(msgspec.Struct, frozen=True, kw_only=True):
    """An administrator; `zones` are those of a location admin, none of one who administers everything."""

    id: int
    email: str
    username: str | None
    role: Role
    status: UserStatus
    first_name: str
    last_name: str
    phone: str | None
    zones: list[ZoneRef]
    last_seen_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ZoneAdmins(msgspec.Struct, frozen=True):
    """A zone, and how many location admins may act in it."""

    zone: str
    name: str
    admins: int


class AdminStats(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """How many administrators there are; `admins` administer everything. `zones`: who acts where, now."""

    total: int
    active: int
    inactive: int
    admins: int
    location_admins: int
    zones: list[ZoneAdmins]


class ShopOwner(msgspec.Struct, frozen=True, kw_only=True):
    """A business buyer."""

    id: int
    email: str
    username: str | None
    status: UserStatus
    first_name: str
    last_name: str
    phone: str | None
    zone: str | None
    created_at: datetime
    updated_at: datetime


class ShopOwnerCounts(msgspec.Struct, frozen=True):
    """How many there are in each state."""

    active: int
    pending: int
    deactivated: int


class LoggedActor(msgspec.Struct, frozen=True):
    """Who made a change."""

    id: int
    name: str
    email: str
    role: Role


class LoggedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the admin log."""

    id: int
    actor: LoggedActor | None
    action: str
    subject_kind: str
    subject_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    address: str | None
    occurred_at: datetime


_ADMIN: Final = """
    u.id, u.email, u.username, u.role, u.status, u.first_name, u.last_name, u.phone,
    coalesce((select jsonb_agg(jsonb_build_object('id', z.id, 'slug', z.slug, 'name', z.name) order by z.slug)
              from admin_zones a join zones z on z.id = a.zone_id where a.user_id = u.id), '[]') as zones,
    (select max(s.last_seen_at) from sessions s where s.user_id = u.id) as last_seen_at, u.created_at, u.updated_at
    """
_SHOP_OWNER: Final = """
    u.id, u.email, u.username, u.status, u.first_name, u.last_name, u.phone, z.slug as zone, u.created_at, u.updated_at
    """
_IS_ADMIN: Final = "u.role in ('location_admin', 'admin') and u.deleted_at is null"


async def list_admins(db: Db, filters: Filters, skip: int, limit: int) -> list[Admin]:
    """The oldest first."""
    skip_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        Admin,
        f"""
        select {_ADMIN} from users u where {_IS_ADMIN} and {filters.sql}
        order by u.id offset {skip_arg} limit {limit_arg}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_admins(db: Db, filters: Filters) -> int:
    total: int = await db.value(f"select count(*) from users u where {_IS_ADMIN} and {filters.sql}", *filters.args)
    return total


async def find_admin(db: Db, user_id: int) -> Admin | None:
    return await db.maybe(Admin, f"select {_ADMIN} from users u where u.id = $1 and {_IS_ADMIN}", user_id)


async def lock_admin(tx: Tx, user_id: int) -> int | None:
    """The id, if it is an administrator's; what is read of it afterwards stays so."""
    found: int | None = await tx.value(
        f"select u.id from users u where u.id = $1 and {_IS_ADMIN} for no key update", user_id
    )
    return found


async def get_stats(db: Db) -> AdminStats:
    return await db.one(
        AdminStats,
        f"""
        select count(*) as total, count(*) filter (where u.status = 'active') as active,
               count(*) filter (where u.status <> 'active') as inactive, count(*) filter (where u.role = 'admin') as admins,
               count(*) filter (where u.role = 'location_admin') as location_admins,
               coalesce((select jsonb_agg(jsonb_build_object('zone', z.slug, 'name', z.name, 'admins', (
                             select count(*) from admin_zones a join users on users.id = a.user_id
                             where a.zone_id = z.id and users.status = 'active' and users.role = 'location_admin'
                               and users.deleted_at is null)) order by z.id)
                         from zones z where z.deleted_at is null), '[]') as zones
        from users u where {_IS_ADMIN}
        """,
    )


async def set_zones(tx: Tx, user_id: int, zone_ids: Sequence[int]) -> None:
    """These zones, and no others, are the user's to administer."""
    await tx.run(
        """
        with left_out as (
            delete from admin_zones where user_id = $1 and zone_id <> all($2::bigint[])
        )
        insert into admin_zones (user_id, zone_id) select $1, unnest($2::bigint[]) on conflict do nothing
        """,
        user_id,
        list(zone_ids),
    )


def _scope(actor: Actor) -> tuple[bool, list[int]]:
    """The arguments that say which zones' people the actor looks after: all, or its own."""
    return actor.is_admin, list(actor.zone_ids)


# Arguments $1 and $2 are the actor's scope.
_IN_SCOPE: Final = "u.role = 'shop_owner' and u.deleted_at is null and ($1 or u.zone_id = any($2::bigint[]))"


def shop_owners_of(actor: Actor) -> Filters:
    """The conditions that every list of shop owners begins with: those of the actor's zones."""
    filters = Filters(_IN_SCOPE)
    filters.args.extend(_scope(actor))
    return filters


async def list_shop_owners(db: Db, filters: Filters, skip: int, limit: int) -> list[ShopOwner]:
    """The newest first."""
    skip_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        ShopOwner,
        f"""
        select {_SHOP_OWNER} from users u left join zones z on z.id = u.zone_id where {filters.sql}
        order by u.id desc offset {skip_arg} limit {limit_arg}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_shop_owners(db: Db, filters: Filters) -> int:
    total: int = await db.value(
        f"select count(*) from users u left join zones z on z.id = u.zone_id where {filters.sql}", *filters.args
    )
    return total


async def get_shop_owner_counts(db: Db, actor: Actor) -> ShopOwnerCounts:
    return await db.one(
        ShopOwnerCounts,
        f"""
        select count(*) filter (where u.status = 'active') as active, count(*) filter (where u.status = 'pending') as pending,
               count(*) filter (where u.status = 'deactivated') as deactivated
        from users u where {_IN_SCOPE}
        """,
        *_scope(actor),
    )


async def lock_shop_owner(tx: Tx, actor: Actor, user_id: int) -> ShopOwner | None:
    """One of the actor's zones."""
    return await tx.maybe(
        ShopOwner,
        f"""
        select {_SHOP_OWNER} from users u left join zones z on z.id = u.zone_id
        where {_IN_SCOPE} and u.id = $3 for no key update of u
        """,
        *_scope(actor),
        user_id,
    )


async def list_changes(db: Db, filters: Filters, skip: int, limit: int) -> list[LoggedChange]:
    """The newest first."""
    skip_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        LoggedChange,
        f"""
        select l.id, l.action, l.subject_kind, l.subject_id, l.before, l.after, l.request_id, l.address, l.occurred_at,
               case when u.id is not null then jsonb_build_object('id', u.id, 'name', u.first_name || ' ' || u.last_name,
                   'email', u.email, 'role', u.role) end as actor
        from admin_log l left join users u on u.id = l.actor_id where {filters.sql}
        order by l.id desc offset {skip_arg} limit {limit_arg}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_changes(db: Db, filters: Filters) -> int:
    total: int = await db.value(f"select count(*) from admin_log l where {filters.sql}", *filters.args)
    return total
