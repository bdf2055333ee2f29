"""Signing in: a session with its first tokens, for whoever knows the password."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.identity import lock_out, queries
from entrepot.identity.events import UserSignedIn
from entrepot.identity.model import AccountPending, InvalidCredentials, User, UserStatus
from entrepot.identity.passwords import check_password
from entrepot.identity.security_log import SecurityAction, record
from entrepot.identity.tokens import issue_access_token
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.events import publish
from entrepot.kernel.keys import SigningKeys
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.settings import Settings


class SignedIn(msgspec.Struct, frozen=True):
    user: User
    tokens: Tokens


class Tokens(msgspec.Struct, frozen=True):
    access_token: str
    refresh_token: str
    expires_at: datetime


async def sign_in(
    database: Database, actor: Actor, login: str, password: str, keys: SigningKeys, settings: Settings
) -> SignedIn:
    """Open a session for whoever knows the password of the user with this email or username.

    Takes as long, and says the same, whether the account exists or not. The password is checked outside any transaction.

    Raises:
        InvalidCredentials: no such account, a deactivated one, or another password.
        AccountLocked: too many failures, of this account or from this address.
        AccountPending: right, but the account waits for approval.
    """
    found = await queries.find_credentials(database.reader, login)
    account = lock_out.account_of(found.user_id if found else None, login)
    await lock_out.refuse_locked(database.reader, actor, account)
    fits = await check_password(password, found.password_hash if found else None)
    if found is None or not fits or found.status is UserStatus.DEACTIVATED:
        await _count_failure(database, actor, account, found.user_id if found else None)
        raise InvalidCredentials
    if found.status is UserStatus.PENDING:
        raise AccountPending
    async with database.transaction() as tx:
        await lock_out.claim_success(tx, account)
        user = await queries.get_user(tx, found.user_id)
        return SignedIn(user, await open_session(tx, user, actor, keys, settings))


async def _count_failure(database: Database, actor: Actor, account: str, user_id: int | None) -> None:
    async with database.transaction() as tx:
        locked = await lock_out.count_failure(tx, actor, account)
        action = SecurityAction.LOCKED if locked else SecurityAction.SIGN_IN_FAILED
        await record(tx, actor, user_id, action)


async def open_session(tx: Tx, user: User, actor: Actor, keys: SigningKeys, settings: Settings) -> Tokens:
    """A new session on the actor's device, with an access token and the first refresh token.

    What the actor put into a cart as a guest becomes the user's in the same transaction.
    """
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
    cart_token_hash = hash_secret(actor.cart_token) if actor.cart_token is not None else None
    await record(tx, actor, user.id, SecurityAction.SIGNED_IN, {"sessionId": session_id})
    await publish(tx, UserSignedIn(user_id=user.id, cart_token_hash=cart_token_hash), actor_id=user.id)
    access_token, expires_at = issue_access_token(keys, user, session_id, settings.jwt_expires_in)
    return Tokens(access_token, refresh_token, expires_at)
