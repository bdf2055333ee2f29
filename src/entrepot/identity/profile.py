"""Changing what is known of a user: one's own profile, and what an administrator may change of others."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from entrepot import zones
from entrepot.identity import session_queries, user_queries
from entrepot.identity.events import UserRoleChanged, UserStatusChanged
from entrepot.identity.last_admin import refuse_last_admin
from entrepot.identity.model import EmailExists, OwnAccount, UserNotFound, UserStatus
from entrepot.identity.security_log import SecurityAction, record
from entrepot.identity.user_queries import Profile
from entrepot.identity.user_requests import ProfileChange, UserChange
from entrepot.identity.verify_email import request_email_change
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.events import publish

PRIVILEGED: Final = frozenset({"role", "status", "zone"})
"""What an administrator changes of others, and nobody of itself."""


async def change_profile(tx: Tx, actor: Actor, user_id: int, change: ProfileChange) -> Profile:
    """Change what is given of a profile. Another address counts once whoever reads its mail has said so.

    Raises:
        UserNotFound
        EmailExists: somebody else has the address.
        UsernameExists: decided by the database.
    """
    return await _change(tx, actor, user_id, _personal(change))


async def change_user(tx: Tx, actor: Actor, user_id: int, change: UserChange) -> Profile:
    """As `change_profile`, of oneself or, for an administrator, of anybody, whose role, status and zone it changes as well.

    Raises:
        Forbidden: somebody else's profile, or what only administrators change.
        OwnAccount: an administrator's own role, status or zone.
        LastAdmin: no administrator would be left.
        Invalid: an unknown zone.
    """
    if user_id != actor.id and not actor.is_admin:
        raise Forbidden
    if user_id != actor.id:
        return await _change_other(tx, actor, user_id, change)
    if change.model_fields_set & PRIVILEGED:
        raise OwnAccount if actor.is_admin else Forbidden
    return await change_profile(tx, actor, user_id, change)


async def _change_other(tx: Tx, actor: Actor, user_id: int, change: UserChange) -> Profile:
    if change.role not in (None, Role.ADMIN) or change.status not in (None, UserStatus.ACTIVE):
        await refuse_last_admin(tx, user_id)
    before = await user_queries.lock_profile(tx, user_id)
    if before is None:
        raise UserNotFound
    personal = _personal(change)
    changed = await _change(tx, actor, user_id, personal | await _standing_columns(tx, change))
    if changed.role is not before.role:
        await _after_new_role(tx, actor, before, changed)
    if changed.status is not before.status:
        await _after_new_status(tx, actor, changed)
    after = {**_standing(changed), "fields": sorted(personal)}
    await record_change(tx, actor, "user.changed", Subject("user", user_id), {**_standing(before), "fields": []}, after)
    return changed


async def _change(tx: Tx, actor: Actor, user_id: int, columns: dict[str, Any]) -> Profile:
    email: str | None = columns.get("email")
    profile = await user_queries.set_profile(tx, user_id, columns)
    if profile is None:
        raise UserNotFound
    if email is None or email.lower() == profile.email.lower():
        return profile
    if await user_queries.is_email_taken(tx, email):
        raise EmailExists
    await request_email_change(tx, actor, user_id, email)
    return msgspec.structs.replace(profile, pending_email=email)


def _personal(change: ProfileChange) -> dict[str, Any]:
    return change.model_dump(include=change.model_fields_set - PRIVILEGED)


async def _standing_columns(tx: Tx, change: UserChange) -> dict[str, Any]:
    columns = change.model_dump(include=change.model_fields_set & {"role", "status"})
    if "zone" in change.model_fields_set:
        columns["zone_id"] = None if change.zone is None else await zones.zone_id_of(tx, change.zone)
    return columns


def _standing(profile: Profile) -> dict[str, Any]:
    """What the admin log keeps. Of personal fields it keeps only which were changed: it is never erased."""
    return {"role": profile.role, "status": profile.status, "zone": profile.zone}


async def _after_new_role(tx: Tx, actor: Actor, before: Profile, after: Profile) -> None:
    """A location admin's zones do not wait for it to come back."""
    if before.role is Role.LOCATION_ADMIN:
        await user_queries.delete_admin_zones(tx, after.id)
    await record(tx, actor, after.id, SecurityAction.ROLE_CHANGED, {"from": before.role, "to": after.role})
    await publish(tx, UserRoleChanged(user_id=after.id, role=after.role), actor_id=actor.user_id)


async def _after_new_status(tx: Tx, actor: Actor, after: Profile) -> None:
    """Whoever may not act any more is signed out, and stays so when it may again."""
    active = after.status is UserStatus.ACTIVE
    if not active:
        await session_queries.revoke_sessions(tx, after.id, None, "deactivated")
    await record(tx, actor, after.id, SecurityAction.ACTIVATED if active else SecurityAction.DEACTIVATED)
    await publish(tx, UserStatusChanged(user_id=after.id, status=after.status), actor_id=actor.user_id)
