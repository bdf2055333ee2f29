"""Administrators: appointing them, changing what they may do, and letting them go. None does it to itself."""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from typing import Any, Final

from entrepot.identity import admin_queries, queries, recovery_queries, session_queries, user_queries
from entrepot.identity.admin_queries import Admin
from entrepot.identity.admin_requests import AdminChange, NewAdmin
from entrepot.identity.deletion import close_account
from entrepot.identity.events import AdminChanged, AdminCreated, UserRoleChanged
from entrepot.identity.last_admin import refuse_last_admin
from entrepot.identity.lock_out import account_of
from entrepot.identity.model import AdminNotFound, NotALocationAdmin, OwnAccount, UserStatus
from entrepot.identity.passwords import refuse_weak_password
from entrepot.identity.profile import change_profile
from entrepot.identity.security_log import SecurityAction, record
from entrepot.identity.user_requests import ProfileChange
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish
from entrepot.zones import zones_named

_LETTERS: Final = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))


async def appoint(tx: Tx, actor: Actor, new: NewAdmin, password_hash: str) -> Admin:
    """A new administrator, of everything or of some zones.

    Raises:
        EmailExists, UsernameExists: taken, decided by the database.
        Invalid: an unknown zone.
    """
    zones = await zones_named(tx, new.zones, "zones")
    user = await queries.insert_user(
        tx,
        email=new.email,
        username=new.username,
        password_hash=password_hash,
        role=new.role,
        status=UserStatus.ACTIVE,
        first_name=new.first_name,
        last_name=new.last_name,
        phone=new.phone,
        zone_id=None,
        language="en",
    )
    await admin_queries.set_zones(tx, user.id, [zone.id for zone in zones])
    await record(tx, actor, user.id, SecurityAction.REGISTERED, {"by": actor.id})
    admin = await _get(tx, user.id)
    await record_change(tx, actor, "admin.created", Subject("user", user.id), after=rights_of(admin))
    await publish(tx, AdminCreated(user_id=user.id, role=user.role), actor_id=actor.id)
    return admin


async def change_admin(tx: Tx, actor: Actor, user_id: int, change: AdminChange) -> Admin:
    """Change an administrator's profile, role and zones; what is not given stays.

    Raises:
        AdminNotFound
        OwnAccount: one's own role or zones.
        LastAdmin: nobody would be left who administers everything.
        EmailExists, UsernameExists, Invalid: as with any profile; a location admin without zones; an admin with some.
    """
    if user_id == actor.id and change.model_fields_set & {"role", "zones"}:
        raise OwnAccount
    if change.role is Role.LOCATION_ADMIN:
        await refuse_last_admin(tx, user_id)
    before = await _lock(tx, user_id)
    role = change.role or before.role
    await _set_role(tx, actor, before, role)
    await _set_zones(tx, before, role, change.zones)
    profile = change.model_fields_set & ProfileChange.model_fields.keys()
    if profile:
        given = ProfileChange.model_validate(change.model_dump(by_alias=True, include=profile))
        await change_profile(tx, actor, user_id, given)
    return await _changed(tx, actor, before, sorted(profile))


async def change_zones(tx: Tx, actor: Actor, user_id: int, slugs: Sequence[str]) -> Admin:
    """Say which zones a location admin administers from now on.

    Raises:
        AdminNotFound
        NotALocationAdmin: it administers everything.
        Invalid: an unknown zone.
    """
    before = await _lock(tx, user_id)
    if before.role is not Role.LOCATION_ADMIN:
        raise NotALocationAdmin
    await _set_zones(tx, before, before.role, slugs)
    return await _changed(tx, actor, before, [])


async def reset_password(tx: Tx, actor: Actor, user_id: int, password_hash: str) -> None:
    """Give another administrator a new password, end all its sessions, and forget its failed attempts.

    Raises:
        OwnAccount: one's own is changed with the old one.
        AdminNotFound
    """
    if user_id == actor.id:
        raise OwnAccount("Change your own password with POST /auth/change-password")
    await _lock(tx, user_id)
    await queries.set_password(tx, user_id, password_hash)
    await session_queries.revoke_sessions(tx, user_id, None, "password reset by an administrator")
    await recovery_queries.forget_failures(tx, account_of(user_id, ""))
    await record(tx, actor, user_id, SecurityAction.PASSWORD_RESET, {"by": actor.id})
    await record_change(tx, actor, "admin.password_reset", Subject("user", user_id))


async def dismiss(tx: Tx, actor: Actor, user_id: int) -> None:
    """Delete an administrator's account: nobody can sign in to it any more.

    Raises:
        OwnAccount, AdminNotFound
        LastAdmin: nobody would be left who administers everything.
    """
    if user_id == actor.id:
        raise OwnAccount
    await refuse_last_admin(tx, user_id)
    before = await _lock(tx, user_id)
    await admin_queries.set_zones(tx, user_id, [])
    await close_account(tx, actor, user_id)
    await record_change(tx, actor, "admin.deleted", Subject("user", user_id), before=rights_of(before))


def rights_of(admin: Admin) -> dict[str, Any]:
    """What the log keeps: people are known there by their ids, so that who is erased is erased there as well."""
    return {"role": admin.role, "status": admin.status, "zones": [zone.slug for zone in admin.zones]}


def new_password() -> str:
    """A password to hand over: 16 letters and digits that are not taken for one another, 92 random bits."""
    while True:
        password = "".join(secrets.choice(_LETTERS) for _ in range(16))
        try:
            return refuse_weak_password(password)
        except ValueError:
            continue


async def _set_role(tx: Tx, actor: Actor, before: Admin, role: Role) -> None:
    if role is before.role:
        return
    await user_queries.set_profile(tx, before.id, {"role": role})
    await record(tx, actor, before.id, SecurityAction.ROLE_CHANGED, {"from": before.role, "to": role})
    await publish(tx, UserRoleChanged(user_id=before.id, role=role), actor_id=actor.id)


async def _set_zones(tx: Tx, before: Admin, role: Role, slugs: Sequence[str] | None) -> None:
    if role is Role.ADMIN:
        if slugs:
            raise Invalid({"zones": ["are for location admins: an admin administers all"]})
        await admin_queries.set_zones(tx, before.id, [])
    elif slugs or (slugs is None and before.zones):
        if slugs:
            zones = await zones_named(tx, slugs, "zones")
            await admin_queries.set_zones(tx, before.id, [zone.id for zone in zones])
    else:
        raise Invalid({"zones": ["a location admin needs at least one"]})


async def _changed(tx: Tx, actor: Actor, before: Admin, profile_fields: Sequence[str]) -> Admin:
    after = await _get(tx, before.id)
    shown = {"profile": list(profile_fields)} if profile_fields else {}
    await record_change(
        tx, actor, "admin.changed", Subject("user", before.id), rights_of(before), {**rights_of(after), **shown}
    )
    await publish(tx, AdminChanged(user_id=before.id, role=after.role), actor_id=actor.id)
    return after


async def _lock(tx: Tx, user_id: int) -> Admin:
    if await admin_queries.lock_admin(tx, user_id) is None:
        raise AdminNotFound
    return await _get(tx, user_id)


async def _get(tx: Tx, user_id: int) -> Admin:
    admin = await admin_queries.find_admin(tx, user_id)
    if admin is None:
        raise AdminNotFound
    return admin
