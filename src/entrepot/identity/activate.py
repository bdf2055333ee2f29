"""Activating and deactivating accounts: it counts at once, everywhere."""

from __future__ import annotations

from entrepot.identity import admin_queries, session_queries, user_queries
from entrepot.identity.admin_queries import Admin, ShopOwner
from entrepot.identity.events import UserStatusChanged
from entrepot.identity.last_admin import refuse_last_admin
from entrepot.identity.model import AdminNotFound, OwnAccount, ShopOwnerNotFound, UserStatus
from entrepot.identity.security_log import SecurityAction, record
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish


async def set_admin_active(tx: Tx, actor: Actor, user_id: int, *, active: bool) -> Admin:
    """Let an administrator act, or not.

    Raises:
        AdminNotFound
        OwnAccount: nobody deactivates itself.
        LastAdmin: nobody would be left who administers everything.
    """
    if not active:
        if user_id == actor.id:
            raise OwnAccount
        await refuse_last_admin(tx, user_id)
    if await admin_queries.lock_admin(tx, user_id) is None:
        raise AdminNotFound
    before = await admin_queries.find_admin(tx, user_id)
    if before is None:
        raise AdminNotFound
    await _set_status(tx, actor, user_id, before.status, active=active)
    return await admin_queries.find_admin(tx, user_id) or before


async def set_shop_owner_active(tx: Tx, actor: Actor, user_id: int, *, active: bool) -> ShopOwner:
    """Let a shop owner of one of the actor's zones buy, or not; this is also how one that waits is approved.

    Raises:
        ShopOwnerNotFound: there is none, or not in the actor's zones.
    """
    before = await admin_queries.lock_shop_owner(tx, actor, user_id)
    if before is None:
        raise ShopOwnerNotFound
    await _set_status(tx, actor, user_id, before.status, active=active)
    return await admin_queries.lock_shop_owner(tx, actor, user_id) or before


async def _set_status(tx: Tx, actor: Actor, user_id: int, before: UserStatus, *, active: bool) -> None:
    """Who may not act any more is signed out, and stays so when it may again."""
    after = UserStatus.ACTIVE if active else UserStatus.DEACTIVATED
    if after is before:
        return
    await user_queries.set_profile(tx, user_id, {"status": after})
    if not active:
        await session_queries.revoke_sessions(tx, user_id, None, "deactivated")
    await record(tx, actor, user_id, SecurityAction.ACTIVATED if active else SecurityAction.DEACTIVATED)
    await record_change(
        tx, actor, "user.status_changed", Subject("user", user_id), {"status": before}, {"status": after}
    )
    await publish(tx, UserStatusChanged(user_id=user_id, status=after), actor_id=actor.id)
