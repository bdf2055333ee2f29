"""The SQL of signing in at an OpenID provider."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from entrepot.identity.model import UserStatus
from entrepot.kernel import clock
from entrepot.kernel.db import Db, Tx


class Account(msgspec.Struct, frozen=True):
    """Whoever has an address already."""

    user_id: int
    status: UserStatus
    email_verified: bool


async def insert_state(tx: Tx, state_hash: bytes, browser_hash: bytes, provider: str, lifetime: timedelta) -> None:
    await tx.run(
        "insert into oauth_states (state_hash, browser_hash, provider, expires_at) values ($1, $2, $3, $4)",
        state_hash,
        browser_hash,
        provider,
        clock.now() + lifetime,
    )


async def claim_state(tx: Tx, state_hash: bytes, browser_hash: bytes, provider: str) -> int:
    """Finish a sign-in that this browser began; returns 1 once."""
    return await tx.run(
        """
        delete from oauth_states where state_hash = $1 and browser_hash = $2 and provider = $3 and expires_at > $4
        """,
        state_hash,
        browser_hash,
        provider,
        clock.now(),
    )


async def find_linked_user(db: Db, issuer: str, subject: str) -> int | None:
    user_id: int | None = await db.value(
        """
        select u.id from oauth_identities i join users u on u.id = i.user_id
        where i.issuer = $1 and i.subject = $2 and u.deleted_at is null
        """,
        issuer,
        subject,
    )
    return user_id


async def find_account(db: Db, email: str) -> Account | None:
    return await db.maybe(
        Account,
        """
        select id as user_id, status, email_verified_at is not null as email_verified from users
        where lower(email) = lower($1) and deleted_at is null
        """,
        email,
    )


async def claim_link(tx: Tx, issuer: str, subject: str, user_id: int) -> int:
    """Link; returns 1 unless the person is somebody else's by now. The link of a user who was deleted goes over."""
    return await tx.run(
        """
        insert into oauth_identities (issuer, subject, user_id, linked_at) values ($1, $2, $3, $4)
        on conflict (issuer, subject) do update set user_id = excluded.user_id, linked_at = excluded.linked_at
        where not exists (select from users u where u.id = oauth_identities.user_id and u.deleted_at is null)
        """,
        issuer,
        subject,
        user_id,
        clock.now(),
    )


async def set_email_verified(tx: Tx, user_id: int) -> None:
    await tx.run("update users set email_verified_at = $2 where id = $1", user_id, clock.now())
