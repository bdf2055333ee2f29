"""The SQL of sessions and their refresh tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class SessionOwner(msgspec.Struct, frozen=True):
    session_id: str
    user_id: int


class SessionRow(msgspec.Struct, frozen=True, rename="camel"):
    """A device that is signed in."""

    id: str
    device_id: str | None
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


async def claim_refresh_token(tx: Tx, token_hash: bytes) -> SessionOwner | None:
    """Spend a refresh token of a live session of an active user; None when it does not count."""
    return await tx.maybe(
        SessionOwner,
        """
        update refresh_tokens t set spent_at = $2
        from sessions s join users u on u.id = s.user_id
        where t.token_hash = $1 and s.id = t.session_id and t.spent_at is null and t.expires_at > $2
          and s.revoked_at is null and u.status = 'active' and u.deleted_at is null
        returning s.id::text as session_id, s.user_id
        """,
        token_hash,
        clock.now(),
    )


async def claim_reused_session(tx: Tx, token_hash: bytes) -> SessionOwner | None:
    """End the session of a token that was spent before; None when there is none to end."""
    return await tx.maybe(
        SessionOwner,
        """
        update sessions s set revoked_at = $2, revoked_reason = 'refresh token reused'
        from refresh_tokens t
        where t.token_hash = $1 and t.session_id = s.id and t.spent_at is not null and s.revoked_at is null
        returning s.id::text as session_id, s.user_id
        """,
        token_hash,
        clock.now(),
    )


async def extend_session(tx: Tx, session_id: str, refresh_token_hash: bytes, lifetime: timedelta) -> None:
    now = clock.now()
    await tx.run(
        """
        with session as (
            update sessions set last_seen_at = $3, expires_at = $4 where id = $1::text::uuid
        )
        insert into refresh_tokens (token_hash, session_id, issued_at, expires_at) values ($2, $1::text::uuid, $3, $4)
        """,
        session_id,
        refresh_token_hash,
        now,
        now + lifetime,
    )


async def list_sessions(db: Db, user_id: int, current_id: str | None) -> list[SessionRow]:
    """The live sessions of a user, the last seen first."""
    return await db.many(
        SessionRow,
        """
        select id::text as id, device_id, user_agent, address, created_at, last_seen_at, expires_at,
               id::text is not distinct from $2 as current
        from sessions where user_id = $1 and revoked_at is null and expires_at > $3
        order by last_seen_at desc, id limit 100
        """,
        user_id,
        current_id,
        clock.now(),
    )


async def revoke_session(tx: Tx, user_id: int, session_id: str, reason: str) -> int:
    return await tx.run(
        """
        update sessions set revoked_at = $4, revoked_reason = $3
        where user_id = $1 and id::text = $2 and revoked_at is null
        """,
        user_id,
        session_id,
        reason,
        clock.now(),
    )


async def revoke_sessions(tx: Tx, user_id: int, except_id: str | None, reason: str) -> int:
    """End all sessions of a user, except one; returns how many."""
    return await tx.run(
        """
        update sessions set revoked_at = $4, revoked_reason = $3
        where user_id = $1 and revoked_at is null and ($2::text is null or id::text <> $2)
        """,
        user_id,
        except_id,
        reason,
        clock.now(),
    )
