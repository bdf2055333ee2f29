"""Access tokens: who, in which session, and for how long. They are signed, not stored."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

import jwt
import msgspec

from entrepot.identity.model import User
from entrepot.kernel import clock
from entrepot.kernel.errors import TokenExpired, Unauthorized
from entrepot.kernel.keys import ALGORITHM, SigningKeys

ISSUER = "entrepot"
REQUIRED: Final = ["exp", "iat", "jti", "sid", "sub"]


class AccessToken(msgspec.Struct, frozen=True):
    """What a valid access token says."""

    user_id: int
    session_id: str
    expires_at: datetime


class WrongToken(Unauthorized):
    message = "Invalid or expired token"


def issue_access_token(keys: SigningKeys, user: User, session_id: str, lifetime: timedelta) -> tuple[str, datetime]:
    """A signed token and when it expires. Payload: sub, email, role, sid (session), iat, exp, jti."""
    issued_at = clock.now().replace(microsecond=0)
    expires_at = issued_at + lifetime
    claims = {
        "iss": ISSUER,
        "sub": str(user.id),
        "email": user.email,
        "role": user.role,
        "sid": session_id,
        "iat": issued_at,
        "exp": expires_at,
        "jti": secrets.token_hex(16),
    }
    key = keys.current
    return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.id}), expires_at


def read_access_token(keys: SigningKeys, token: str) -> AccessToken:
    """Check signature, issuer and time.

    Raises:
        TokenExpired: its time is over.
        WrongToken: anything else; the token only names one of our keys, the algorithm is ours to choose.
    """
    try:
        key = keys.find(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            raise WrongToken
        claims = jwt.decode(
            token,
            key.public,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
        )
        access = AccessToken(
            int(claims["sub"]), str(claims["sid"]), datetime.fromtimestamp(claims["exp"], tz=clock.now().tzinfo)
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError):
        raise WrongToken from None
    if access.expires_at <= clock.now():
        raise TokenExpired
    return access


def bearer_token(header: str) -> str:
    """The token in an Authorization header. Raises WrongToken when there is none."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise WrongToken("Send Authorization: Bearer <token>")
    return token.strip()
