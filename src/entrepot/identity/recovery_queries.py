"""The SQL of getting back into an account: addresses, mailed links and one-time codes."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx

_RECIPIENT = "id as user_id, email, email_verified_at is not null as verified, pending_email, first_name, language"


class Recipient(msgspec.Struct, frozen=True):
    """A user as whoever writes to it sees it."""

    user_id: int
    email: str
    verified: bool
    pending_email: str | None
    first_name: str
    language: str


class ClaimedEmail(msgspec.Struct, frozen=True):
    """The address that a user had before, and whether it was verified."""

    email: str
    verified: bool


class Try(msgspec.Struct, frozen=True):
    """A guess that was counted, and what it is compared with."""

    user_id: int
    code_hash: bytes


async def find_recipient(db: Db, user_id: int) -> Recipient | None:
    return await db.maybe(
        Recipient,
        f"select {_RECIPIENT} from users where id = $1 and status <> 'deactivated' and deleted_at is null",
        user_id,
    )


async def find_recipient_by_email(db: Db, email: str) -> Recipient | None:
    return await db.maybe(
        Recipient,
        f"""
        select {_RECIPIENT} from users
        where lower(email) = lower($1) and status <> 'deactivated' and deleted_at is null
        """,
        email,
    )


async def find_recipient_by_phone(db: Db, phone: str) -> Recipient | None:
    """The only active user who has proven to have this number; if nobody has, the only one who has given it."""
    return await db.maybe(
        Recipient,
        f"""
        with having_it as (
            select id, coalesce(verified_phone = $1, false) as proven from users
            where bare_phone(phone) = $1 and status = 'active' and deleted_at is null
        ), chosen as (
            select id from having_it where proven or not exists (select from having_it where proven)
        )
        select {_RECIPIENT} from users
        where id = (select max(id) from chosen having count(*) = 1)
        """,
        phone,
    )


async def set_pending_email(tx: Tx, user_id: int, email: str) -> None:
    await tx.run(
        "update users set pending_email = $2, updated_at = $3 where id = $1 and deleted_at is null",
        user_id,
        email,
        clock.now(),
    )


async def claim_email(tx: Tx, user_id: int, email: str) -> ClaimedEmail | None:
    """Make an address that its user has, or wants, the verified one; None when it is neither any more.

    Raises asyncpg's UniqueViolationError when somebody else has it.
    """
    return await tx.maybe(
        ClaimedEmail,
        """
        with before as (
            select id, email, email_verified_at from users
            where id = $1 and status <> 'deactivated' and deleted_at is null
              and (lower(email) = lower($2) or lower(pending_email) = lower($2))
            for update
        )
        update users u set email = $2, email_verified_at = $3, updated_at = $3,
               pending_email = case when lower(u.pending_email) <> lower($2) then u.pending_email end
        from before b where u.id = b.id
        returning b.email, b.email_verified_at is not null as verified
        """,
        user_id,
        email,
        clock.now(),
    )


async def claim_password_reset(tx: Tx, user_id: int, email: str, password_hash: str) -> ClaimedEmail | None:
    """Set the password of a user who reads the mail of its address; None when it has another address by now.

    An address that somebody asked for meanwhile, and did not verify, is forgotten.
    """
    return await tx.maybe(
        ClaimedEmail,
        """
        with before as (
            select id, email, email_verified_at from users
            where id = $1 and lower(email) = lower($2) and status <> 'deactivated' and deleted_at is null
            for update
        )
        update users u set password_hash = $3, email_verified_at = coalesce(u.email_verified_at, $4), pending_email = null,
               updated_at = $4
        from before b where u.id = b.id
        returning b.email, b.email_verified_at is not null as verified
        """,
        user_id,
        email,
        password_hash,
        clock.now(),
    )


async def is_mailed_token(db: Db, token_hash: bytes, purpose: str) -> bool:
    """Whether a mailed secret could be used now."""
    live: bool = await db.value(
        """
        select exists (select from mailed_tokens
                       where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3)
        """,
        token_hash,
        purpose,
        clock.now(),
    )
    return live


async def cancel_mailed_tokens(tx: Tx, user_id: int) -> None:
    await tx.run("update mailed_tokens set used_at = $2 where user_id = $1 and used_at is null", user_id, clock.now())


async def forget_failures(tx: Tx, subject: str) -> None:
    """Unlock."""
    await tx.run("delete from sign_in_failures where subject = $1", subject)


async def replace_code(tx: Tx, subject: str, user_id: int, code_hash: bytes, lifetime: timedelta) -> None:
    """A new code takes the place of the one before it."""
    now = clock.now()
    await tx.run(
        """
        insert into one_time_codes (subject, user_id, code_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)
        on conflict (subject) do update set user_id = excluded.user_id, code_hash = excluded.code_hash, tries = 0,
            created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = null
        """,
        subject,
        user_id,
        code_hash,
        now,
        now + lifetime,
    )


async def claim_try(tx: Tx, subject: str, limit: int) -> Try | None:
    """Count a guess at the live code; None when there is none, or it was guessed at too often.

    Guesses that come at once wait here for each other, so that no more than `limit` are ever compared.
    """
    return await tx.maybe(
        Try,
        """
        update one_time_codes set tries = tries + 1
        where subject = $1 and tries < $2 and used_at is null and expires_at > $3
        returning user_id, code_hash
        """,
        subject,
        limit,
        clock.now(),
    )


async def set_code_used(tx: Tx, subject: str) -> None:
    await tx.run("update one_time_codes set used_at = $2 where subject = $1", subject, clock.now())


async def set_verified_phone(tx: Tx, user_id: int, phone: str) -> None:
    await tx.run("update users set verified_phone = $2 where id = $1", user_id, phone)


async def forget_expired(tx: Tx, before: datetime) -> int:
    """Delete secrets whose time was over by then; returns how many sign-ins at a provider were never finished."""
    return await tx.run(
        """
        with codes as (delete from one_time_codes where expires_at < $1),
             tokens as (delete from mailed_tokens where expires_at < $1)
        delete from oauth_states where expires_at < $1
        """,
        before,
    )
