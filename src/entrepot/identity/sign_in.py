"""Signing in: a session with its first tokens, for whoever knows the password."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.identity import queries
from entrepot.identity.model import AccountPending, InvalidCredentials, User, UserStatus
from entrepot.identity.passwords import check_password
from entrepot.identity.tokens import issue_access_token
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.keys import SigningKeys
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.settings import Settings


class Tokens(msgspec.Struct, frozen=True):
    access_token: str
    refresh_token: str
    expires_at: datetime


async def check_credentials(db: Db, login: str, password: str) -> int:
    """The id of the user whose email or username and password these are.

    Takes as long, and says the same, whether the account exists or not.

    Raises:
        InvalidCredentials: no such account, a deactivated one, or another password.
        AccountPending: right, but the account waits for approval.
    """
    found = await queries.find_credentials(db, login)
    fits = await check_password(password, found.password_hash if found else None)
    if found is None or not fits or found.status is UserStatus.DEACTIVATED:
        raise InvalidCredentials
    if found.status is UserStatus.PENDING:
        raise AccountPending
    return found.user_id


async def open_session(tx: Tx, user: User, actor: Actor, keys: SigningKeys, settings: Settings) -> Tokens:
    """A new session on the actor's device, with an access token and the first refresh token."""
    refresh_token = new_secret()
    session_id = await queries.insert_session(
        tx,
        user_id=user.id,
        device_id=actor.device_id,
        user_agent=actor.user_agent,
        address=actor.address,
        refresh_token_hash=hash_secret(refresh_token),
        lifetime=settings.jwt_refresh_expires_in,
    )
    access_token, expires_at = issue_access_token(keys, user, session_id, settings.jwt_expires_in)
    return Tokens(access_token, refresh_token, expires_at)
