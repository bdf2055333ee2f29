"""The SQL of identity."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from entrepot.identity.model import User, UserStatus
from entrepot.kernel import clock
from entrepot.kernel.actors import Role
from entrepot.kernel.db import Db, Tx

_USER = """
    id, email, username, role, status, first_name, last_name, phone, gender, age, image, language, zone_id,
    email_verified_at, deletion_due_at, created_at, updated_at
    """


class Credentials(msgspec.Struct, frozen=True):
    user_id: int
    password_hash: str | None
    status: UserStatus


class Standing(msgspec.Struct, frozen=True):
    """What a request's actor is made from: the live session, user, zones and company."""

    user_id: int
    role: Role
    email: str
    email_verified: bool
    language: str
    home_zone_id: int | None
    zone_ids: list[int]
    company_id: int | None


async def insert_user(
    tx: Tx,
    *,
    email: str,
    username: str | None,
    password_hash: str | None,
    role: Role,
    status: UserStatus,
    first_name: str,
    last_name: str,
    phone: str | None,
    zone_id: int | None,
    language: str,
) -> User:
    """Raises asyncpg's UniqueViolationError for an address or name that is taken."""
    return await tx.one(
        User,
        f"""
        insert into users (email, username, password_hash, role, status, first_name, last_name, phone, zone_id, language,
                           created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
        returning {_USER}
        """,
        email,
        username,
        password_hash,
        role,
        status,
        first_name,
        last_name,
        phone,
        zone_id,
        language,
        clock.now(),
    )


async def get_user(db: Db, user_id: int) -> User:
    return await db.one(User, f"select {_USER} from users where id = $1 and deleted_at is null", user_id)


async def find_user(db: Db, user_id: int) -> User | None:
    return await db.maybe(User, f"select {_USER} from users where id = $1 and deleted_at is null", user_id)


async def find_credentials(db: Db, login: str) -> Credentials | None:
    """By email or username; the email wins where one user's name is another one's address."""
    return await db.maybe(
        Credentials,
        """
        select id as user_id, password_hash, status from users
        where (lower(email) = lower($1) or lower(username) = lower($1)) and deleted_at is null
        order by lower(email) = lower($1) desc limit 1
        """,
        login,
    )


async def insert_session(
    tx: Tx,
    *,
    user_id: int,
    device_id: str | None,
    user_agent: str | None,
    address: str | None,
    refresh_token_hash: bytes,
    lifetime: timedelta,
) -> str:
    """A session with its first refresh token; returns the session's id."""
    now = clock.now()
    session_id: str = await tx.value(
        """
        with session as (
            insert into sessions (user_id, device_id, user_agent, address, created_at, last_seen_at, expires_at)
            values ($1, $2, $3, $4, $5, $5, $6) returning id
        ), token as (
            insert into refresh_tokens (token_hash, session_id, issued_at, expires_at)
            select $7, id, $5, $6 from session
        )
        select id::text from session
        """,
        user_id,
        device_id,
        user_agent,
        address,
        now,
        now + lifetime,
        refresh_token_hash,
    )
    return session_id


async def find_standing(db: Db, user_id: int, session_id: str, now: datetime) -> Standing | None:
    """The actor behind a session, unless the session has ended or the user may not act any more."""
    return await db.maybe(
        Standing,
        """
        select u.id as user_id, u.role, u.email, u.email_verified_at is not null as email_verified, u.language,
               u.zone_id as home_zone_id,
               array(select zone_id from admin_zones
                     where user_id = u.id and u.role = 'location_admin' order by zone_id) as zone_ids,
               (select company_id from company_members where user_id = u.id and u.role = 'seller') as company_id
        from sessions s join users u on u.id = s.user_id
        where s.id = $2::text::uuid and u.id = $1 and s.revoked_at is null and s.expires_at > $3
          and u.status = 'active' and u.deleted_at is null
        """,
        user_id,
        session_id,
        now,
    )


async def find_password_hash(db: Db, user_id: int) -> str | None:
    hashed: str | None = await db.value("select password_hash from users where id = $1", user_id)
    return hashed


async def claim_password_change(tx: Tx, user_id: int, old_hash: str | None, new_hash: str) -> int:
    """Set a password, unless it has been changed since the old one was read; returns 1 if it was set."""
    return await tx.run(
        """
        update users set password_hash = $3, updated_at = $4
        where id = $1 and password_hash is not distinct from $2 and deleted_at is null
        """,
        user_id,
        old_hash,
        new_hash,
        clock.now(),
    )


async def set_password(tx: Tx, user_id: int, new_hash: str) -> int:
    return await tx.run(
        "update users set password_hash = $2, updated_at = $3 where id = $1 and deleted_at is null",
        user_id,
        new_hash,
        clock.now(),
    )
