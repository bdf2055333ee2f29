"""The SQL of lock-outs, the security log and mailed secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class LogEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A row of the security log."""

    id: int
    action: str
    address: str | None
    device_id: str | None
    user_agent: str | None
    details: dict[str, Any]
    occurred_at: datetime


class MailedToken(msgspec.Struct, frozen=True):
    user_id: int
    email: str


async def insert_entry(
    tx: Tx,
    *,
    user_id: int | None,
    action: str,
    address: str | None,
    device_id: str | None,
    user_agent: str | None,
    details: dict[str, Any],
) -> None:
    await tx.run(
        """
        insert into security_log (user_id, action, address, device_id, user_agent, details, occurred_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        user_id,
        action,
        address,
        device_id,
        user_agent,
        details,
        clock.now(),
    )


async def list_entries(db: Db, user_id: int, skip: int, limit: int, before_id: int | None) -> list[LogEntry]:
    """A user's own log, newest first."""
    return await db.many(
        LogEntry,
        """
        select id, action, address, device_id, user_agent, details, occurred_at from security_log
        where user_id = $1 and ($4::bigint is null or id < $4) order by id desc offset $2 limit $3
        """,
        user_id,
        skip,
        limit,
        before_id,
    )


async def count_entries(db: Db, user_id: int) -> int:
    total: int = await db.value("select count(*) from security_log where user_id = $1", user_id)
    return total


async def find_lock(db: Db, subjects: Sequence[str], now: datetime) -> datetime | None:
    """Until when any of these is locked."""
    until: datetime | None = await db.value(
        "select max(locked_until) from sign_in_failures where subject = any($1::text[]) and locked_until > $2",
        list(subjects),
        now,
    )
    return until


async def count_failure(tx: Tx, subject: str, limit: int, window: timedelta) -> datetime | None:
    """Count a wrong password; the one that reaches the limit locks the subject. Returns until when it is locked.

    A lock that is over, and failures longer ago than the window, count no more.
    """
    now = clock.now()
    until: datetime | None = await tx.value(
        """
        insert into sign_in_failures as f (subject, failures, first_at, locked_until)
        values ($1, 1, $3::timestamptz, case when $2::integer <= 1 then $3::timestamptz + $4::interval end)
        on conflict (subject) do update set
            failures = case when coalesce(f.locked_until, f.first_at + $4::interval) <= $3 then 1 else f.failures + 1 end,
            first_at = case when coalesce(f.locked_until, f.first_at + $4::interval) <= $3 then $3 else f.first_at end,
            locked_until = case
                when coalesce(f.locked_until, f.first_at + $4::interval) <= $3 then null
                when f.locked_until is null and f.failures + 1 >= $2 then $3 + $4::interval
                else f.locked_until end
        returning locked_until
        """,
        subject,
        limit,
        now,
        window,
    )
    return until


async def claim_success(tx: Tx, subject: str, now: datetime) -> bool:
    """Forget the failures of a subject whose password was right, unless it has been locked meanwhile."""
    locked: bool = await tx.value(
        """
        with forgotten as (
            delete from sign_in_failures where subject = $1 and (locked_until is null or locked_until <= $2) returning 1
        )
        select exists (select from sign_in_failures where subject = $1 and locked_until > $2)
        """,
        subject,
        now,
    )
    return not locked


async def insert_mailed_token(
    tx: Tx, *, token_hash: bytes, user_id: int, purpose: str, email: str, lifetime: timedelta
) -> None:
    """A new secret takes the place of those mailed before for the same purpose."""
    now = clock.now()
    await tx.run(
        """
        with replaced as (
            update mailed_tokens set used_at = $5 where user_id = $2 and purpose = $3 and used_at is null
        )
        insert into mailed_tokens (token_hash, user_id, purpose, email, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        token_hash,
        user_id,
        purpose,
        email,
        now,
        now + lifetime,
    )


async def claim_mailed_token(tx: Tx, token_hash: bytes, purpose: str) -> MailedToken | None:
    """Use a mailed secret, once."""
    return await tx.maybe(
        MailedToken,
        """
        update mailed_tokens set used_at = $3 where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3
        returning user_id, email
        """,
        token_hash,
        purpose,
        clock.now(),
    )


async def forget_old_failures(tx: Tx, before: datetime) -> int:
    return await tx.run(
        "delete from sign_in_failures where first_at < $1 and (locked_until is null or locked_until < $1)", before
    )
