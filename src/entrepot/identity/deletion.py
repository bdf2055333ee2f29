"""Deleting an account: 30 days in which its owner may change its mind, or at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from entrepot.identity import deletion_queries, lock_out, queries, security_queries, session_queries
from entrepot.identity.change_password import WrongPassword
from entrepot.identity.events import UserDeleted, UserDeletionScheduled, UserRestored
from entrepot.identity.last_admin import refuse_last_admin
from entrepot.identity.model import UserNotFound
from entrepot.identity.passwords import check_password
from entrepot.identity.security_log import SecurityAction, record
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.errors import Forbidden, Unprocessable
from entrepot.kernel.events import publish

GRACE: Final = timedelta(days=30)


class GracePeriodOver(Unprocessable):
    code = "GRACE_PERIOD_OVER"
    message = "The grace period is over: the account can no longer be restored"


async def ask_for_deletion(database: Database, actor: Actor, password: str | None, reason: str | None) -> datetime:
    """Schedule the deletion of one's own account and sign all devices out; returns when it is erased.

    Until then, signing in works and `restore` takes it back. The password is checked outside the transaction.

    Raises:
        WrongPassword: another one; an account without a password (signed in elsewhere) needs none.
        AccountLocked: too many wrong ones.
        LastAdmin: no administrator would be left.
    """
    await _refuse_wrong_password(database, actor, password)
    async with database.transaction() as tx:
        await refuse_last_admin(tx, actor.id)
        due_at = await deletion_queries.schedule_deletion(tx, actor.id, clock.now() + GRACE, reason)
        if due_at is None:
            raise UserNotFound
        await session_queries.revoke_sessions(tx, actor.id, None, "account to be deleted")
        await record(tx, actor, actor.id, SecurityAction.DELETION_ASKED)
        await publish(tx, UserDeletionScheduled(user_id=actor.id, due_at=due_at), actor_id=actor.id)
    return due_at


async def _refuse_wrong_password(database: Database, actor: Actor, password: str | None) -> None:
    """Whoever has got hold of a session may not guess the password here any more often than when signing in."""
    account = lock_out.account_of(actor.id, "")
    await lock_out.refuse_locked(database.reader, actor, account)
    stored = await queries.find_password_hash(database.reader, actor.id)
    if stored is None or await check_password(password or "", stored):
        return
    async with database.transaction() as tx:
        await security_queries.count_failure(tx, account, lock_out.ACCOUNT_LIMIT, lock_out.LOCK)
    raise WrongPassword


async def restore(tx: Tx, actor: Actor) -> None:
    """Take the deletion of one's own account back; nothing happens where none is scheduled.

    Raises:
        GracePeriodOver: its time has come.
    """
    if await deletion_queries.claim_restoration(tx, actor.id):
        await record(tx, actor, actor.id, SecurityAction.RESTORED)
        await publish(tx, UserRestored(user_id=actor.id), actor_id=actor.id)
    elif (await queries.get_user(tx, actor.id)).deletion_due_at is not None:
        raise GracePeriodOver


async def delete_user(tx: Tx, actor: Actor, user_id: int) -> None:
    """Delete one's own account at once, or, as an administrator, anybody's.

    Raises:
        Forbidden: somebody else's account, and not an administrator.
        UserNotFound
        LastAdmin: no administrator would be left.
    """
    if user_id != actor.id and not actor.is_admin:
        raise Forbidden
    await close_account(tx, actor, user_id)
    if user_id != actor.id:
        await record_change(tx, actor, "user.deleted", Subject("user", user_id))


async def close_account(tx: Tx, actor: Actor, user_id: int) -> None:
    """Nobody can sign in to the account any more, and its address is free. It is erased after the grace period.

    Raises:
        UserNotFound
        LastAdmin: no administrator would be left.
    """
    await refuse_last_admin(tx, user_id)
    if not await deletion_queries.claim_deletion(tx, user_id, clock.now() + GRACE):
        raise UserNotFound
    await session_queries.revoke_sessions(tx, user_id, None, "account deleted")
    await record(tx, actor, user_id, SecurityAction.DELETION_ASKED)
    await publish(tx, UserDeleted(user_id=user_id), actor_id=actor.id)
