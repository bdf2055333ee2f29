"""Who is asking: from the bearer token to the actor of a request."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, cast

import msgspec

from entrepot.identity import queries
from entrepot.identity.tokens import AccessToken, WrongToken, bearer_token, read_access_token
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Connection
from entrepot.kernel.db import Database
from entrepot.kernel.error_replies import REQUEST_ID
from entrepot.kernel.errors import TokenExpired
from entrepot.kernel.keys import SigningKeys
from entrepot.kernel.languages import FALLBACK, preferred_language

CART_HEADER: Final = "x-cart-token"
ORDER_HEADER: Final = "x-order-token"
CART_COOKIE: Final = "cart_token"
MAX_CHECKED: Final = 10_000


class Authenticator:
    """Checks a token's signature once, and its session with every request, so that log-out counts at once everywhere."""

    def __init__(self, database: Database, keys: SigningKeys) -> None:
        self._database = database
        self._keys = keys
        self._checked: OrderedDict[str, AccessToken] = OrderedDict()

    async def __call__(self, connection: Connection) -> Actor:
        """The actor; a guest when no token was sent. Raises Unauthorized for one that is wrong, expired or revoked."""
        guest = self.visitor(connection)
        header = connection.headers.get("authorization")
        if header is None:
            return guest
        access = self._check(bearer_token(header))
        standing = await queries.find_standing(self._database.reader, access.user_id, access.session_id, clock.now())
        if standing is None:
            raise WrongToken("The session has ended: sign in again")
        return msgspec.structs.replace(
            guest,
            user_id=standing.user_id,
            role=standing.role,
            session_id=access.session_id,
            email=standing.email,
            email_verified=standing.email_verified,
            language=guest.language if connection.headers.get("accept-language") else standing.language,
            home_zone_id=standing.home_zone_id,
            zone_ids=tuple(standing.zone_ids),
            company_id=standing.company_id,
        )

    def visitor(self, connection: Connection) -> Actor:
        """A guest on a device, whatever token was sent."""
        headers = connection.headers
        return Actor(
            language=preferred_language(headers.get("accept-language", "")) or FALLBACK,
            cart_token=_short(headers.get(CART_HEADER) or connection.cookies.get(CART_COOKIE)),
            order_token=_short(headers.get(ORDER_HEADER)),
            address=connection.client.host if connection.client else None,
            device_id=_short(headers.get("x-device-id")),
            user_agent=_short(headers.get("user-agent")),
            request_id=cast("str | None", connection.scope.get(REQUEST_ID)),
        )

    def _check(self, token: str) -> AccessToken:
        known = self._checked.get(token)
        if known is None:
            known = read_access_token(self._keys, token)
            self._checked[token] = known
            if len(self._checked) > MAX_CHECKED:
                self._checked.popitem(last=False)
        if known.expires_at <= clock.now():
            raise TokenExpired
        return known


def _short(value: str | None) -> str | None:
    return value[:200] if value else None
