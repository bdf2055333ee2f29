"""The first administrator, made from the command line."""

from __future__ import annotations

from entrepot.identity import queries
from entrepot.identity.events import AdminCreated
from entrepot.identity.model import User, UserStatus
from entrepot.identity.passwords import hash_password
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Database
from entrepot.kernel.events import publish


async def create_admin(database: Database, email: str, password: str, first_name: str, last_name: str) -> User:
    """An active administrator. Raises asyncpg's UniqueViolationError when the address is taken."""
    password_hash = await hash_password(password)
    async with database.transaction() as tx:
        user = await queries.insert_user(
            tx,
            email=email,
            username=None,
            password_hash=password_hash,
            role=Role.ADMIN,
            status=UserStatus.ACTIVE,
            first_name=first_name,
            last_name=last_name,
            phone=None,
            zone_id=None,
            language="en",
        )
        after = {"role": user.role, "status": user.status, "zones": []}
        await record_change(tx, Actor(), "admin.created", Subject("user", user.id), after=after)
        await publish(tx, AdminCreated(user_id=user.id, role=user.role))
    return user
