"""Registering: a new account, never an administrator's."""

from __future__ import annotations

from entrepot import zones
from entrepot.identity import queries
from entrepot.identity.events import UserRegistered
from entrepot.identity.model import User, UserStatus
from entrepot.identity.requests import Registration
from entrepot.identity.security_log import SecurityAction, record
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.settings import Settings


async def register(tx: Tx, actor: Actor, registration: Registration, password_hash: str, settings: Settings) -> User:
    """Make the account.

    Raises:
        EmailExists, UsernameExists: taken, decided by the database.
        Invalid: an unknown zone.
    """
    first_name, last_name = registration.names
    user = await queries.insert_user(
        tx,
        email=registration.email,
        username=registration.username,
        password_hash=password_hash,
        role=registration.role,
        status=_first_status(registration.role, settings),
        first_name=first_name,
        last_name=last_name,
        phone=registration.phone,
        zone_id=await _zone_of(tx, registration.zone),
        language=actor.language,
    )
    await record(tx, actor, user.id, SecurityAction.REGISTERED)
    await publish(
        tx, UserRegistered(user_id=user.id, role=user.role, company_name=registration.company_name), actor_id=user.id
    )
    return user


def _first_status(role: Role, settings: Settings) -> UserStatus:
    waits = settings.approve_new_sellers and role in (Role.SELLER, Role.SHOP_OWNER)
    return UserStatus.PENDING if waits else UserStatus.ACTIVE


async def _zone_of(tx: Tx, slug: str | None) -> int | None:
    return None if slug is None else await zones.zone_id_of(tx, slug)
