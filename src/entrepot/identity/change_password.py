"""Changing a password: who knows the old one may set a new one; everybody else who was signed in is signed out."""

from __future__ import annotations

from entrepot.identity import queries, session_queries
from entrepot.identity.model import InvalidCredentials
from entrepot.identity.passwords import check_password, hash_password
from entrepot.identity.security_log import SecurityAction, record
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Database, Tx


class WrongPassword(InvalidCredentials):
    message = "The current password is wrong"


async def change_password(database: Database, actor: Actor, current: str, new: str) -> None:
    """Set the new password and sign out all other devices.

    Hashing happens outside the transaction, which is refused if the password was changed meanwhile.

    Raises:
        WrongPassword: the current password is another one.
    """
    stored = await queries.find_password_hash(database.reader, actor.id)
    if not await check_password(current, stored):
        raise WrongPassword
    hashed = await hash_password(new)
    async with database.transaction() as tx:
        if not await queries.claim_password_change(tx, actor.id, stored, hashed):
            raise WrongPassword
        await after_new_password(tx, actor, actor.id, keep_session=actor.session_id)


async def after_new_password(tx: Tx, actor: Actor, user_id: int, *, keep_session: str | None) -> None:
    """Sign out whoever signed in with the old one, and write it down."""
    await session_queries.revoke_sessions(tx, user_id, keep_session, "password changed")
    await record(tx, actor, user_id, SecurityAction.PASSWORD_CHANGED)
