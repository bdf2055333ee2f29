"""The SQL of accounts on their way out: scheduled, restored, deleted, erased."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class Due(msgspec.Struct, frozen=True):
    """An account whose time has come, and the picture that goes with it."""

    user_id: int
    image: str | None


async def schedule_deletion(tx: Tx, user_id: int, due_at: datetime, reason: str | None) -> datetime | None:
    """When the account will be erased; as before, if that was decided before. None when there is no account."""
    due: datetime | None = await tx.value(
        """
        update users set deletion_due_at = coalesce(deletion_due_at, $2), deletion_reason = coalesce($3, deletion_reason),
               updated_at = $4
        where id = $1 and deleted_at is null returning deletion_due_at
        """,
        user_id,
        due_at,
        reason,
        clock.now(),
    )
    return due


async def claim_restoration(tx: Tx, user_id: int) -> int:
    """Take a scheduled deletion back, as long as its time has not come; returns 1 if there was one."""
    return await tx.run(
        """
        update users set deletion_due_at = null, deletion_reason = null, updated_at = $2
        where id = $1 and deleted_at is null and deletion_due_at > $2
        """,
        user_id,
        clock.now(),
    )


async def claim_deletion(tx: Tx, user_id: int, due_at: datetime) -> int:
    """Delete an account, to be erased later; returns 1 unless it was deleted before."""
    return await tx.run(
        """
        update users set deleted_at = $3, deletion_due_at = coalesce(deletion_due_at, $2), status = 'deactivated',
               updated_at = $3
        where id = $1 and deleted_at is null
        """,
        user_id,
        due_at,
        clock.now(),
    )


async def list_due(db: Db, now: datetime, after_id: int, limit: int) -> list[Due]:
    return await db.many(
        Due,
        """
        select id as user_id, image from users
        where deletion_due_at <= $1 and erased_at is null and id > $2 order by id limit $3
        """,
        now,
        after_id,
        limit,
    )


async def claim_erasure(tx: Tx, due: Due, now: datetime) -> str | None:
    """Take the person out of its row, and return the address that stood there.

    None when the account was erased or restored meanwhile, or has another picture now.
    """
    email: str | None = await tx.value(
        """
        with due as (
            select id, email from users
            where id = $1 and deletion_due_at <= $3 and erased_at is null and image is not distinct from $2 for update
        )
        update users u set email = 'erased-' || u.id || '@erased.invalid', username = null, password_hash = null,
               first_name = 'Deleted', last_name = 'User', phone = null, gender = null, age = null, image = null,
               zone_id = null, email_verified_at = null, pending_email = null, verified_phone = null,
               deletion_reason = null, status = 'deactivated',
               deleted_at = coalesce(u.deleted_at, $3), erased_at = $3, updated_at = $3
        from due where u.id = due.id
        returning due.email
        """,
        due.user_id,
        due.image,
        now,
    )
    return email


async def erase_traces(tx: Tx, user_id: int, email: str) -> None:
    """Delete what identity keeps about a person besides its row; the security log keeps what happened, not where."""
    await tx.run(
        """
        with gone as (delete from addresses where user_id = $1),
             chosen as (delete from preferences where user_id = $1),
             seen as (delete from sessions where user_id = $1),
             mailed as (delete from mailed_tokens where user_id = $1),
             coded as (delete from one_time_codes where user_id = $1),
             linked as (delete from oauth_identities where user_id = $1),
             zoned as (delete from admin_zones where user_id = $1),
             failed as (delete from sign_in_failures where subject in ('user:' || $1::bigint, 'login:' || lower($2)))
        update security_log set address = null, device_id = null, user_agent = null, details = '{}' where user_id = $1
        """,
        user_id,
        email,
    )
