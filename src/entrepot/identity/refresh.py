"""Refreshing: a refresh token is spent for a new pair; one that is shown a second time ends its session."""

from __future__ import annotations

import msgspec

from entrepot.identity import queries, session_queries
from entrepot.identity.model import User
from entrepot.identity.security_log import SecurityAction, record
from entrepot.identity.sign_in import Tokens
from entrepot.identity.tokens import issue_access_token
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Unauthorized
from entrepot.kernel.keys import SigningKeys
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.settings import Settings


class WrongRefreshToken(Unauthorized):
    message = "The refresh token is wrong, spent or expired: sign in again"


class Refreshed(msgspec.Struct, frozen=True):
    user: User
    tokens: Tokens


async def refresh(tx: Tx, actor: Actor, token: str, keys: SigningKeys, settings: Settings) -> Refreshed | None:
    """A new pair of tokens for the session; None when the token does not count.

    A token that was spent before has been seen by two parties, of which one is a thief: its session ends, for both. The
    caller commits that, and then refuses.
    """
    spent = hash_secret(token)
    session = await session_queries.claim_refresh_token(tx, spent)
    if session is None:
        await _end_if_reused(tx, actor, spent)
        return None
    fresh = new_secret()
    await session_queries.extend_session(tx, session.session_id, hash_secret(fresh), settings.jwt_refresh_expires_in)
    user = await queries.get_user(tx, session.user_id)
    access_token, expires_at = issue_access_token(keys, user, session.session_id, settings.jwt_expires_in)
    return Refreshed(user, Tokens(access_token, fresh, expires_at))


async def _end_if_reused(tx: Tx, actor: Actor, token_hash: bytes) -> None:
    reused = await session_queries.claim_reused_session(tx, token_hash)
    if reused is not None:
        await record(tx, actor, reused.user_id, SecurityAction.REFRESH_TOKEN_REUSED, {"sessionId": reused.session_id})
