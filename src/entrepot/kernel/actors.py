"""Who is asking: the actor of a request, and the access guards that every route names exactly one of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final, Protocol

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from entrepot.kernel.errors import Forbidden, Unauthorized
from entrepot.kernel.secrets import hash_secret

Connection = ASGIConnection[Any, Any, Any, Any]


class Role(StrEnum):
    USER = "user"
    SHOP_OWNER = "shop_owner"
    SELLER = "seller"
    COURIER = "courier"
    LOCATION_ADMIN = "location_admin"
    ADMIN = "admin"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A guest or a signed-in user, as of this request.

    `zone_ids` are the zones a location admin administers, `company_id` the company a seller sells for. Queries scope
    their rows by these; nothing else decides what an actor may see.
    """

    user_id: int | None = None
    role: Role | None = None
    session_id: str | None = None
    email: str | None = None
    email_verified: bool = False
    language: str = "en"
    home_zone_id: int | None = None
    zone_ids: tuple[int, ...] = ()
    company_id: int | None = None
    cart_token: str | None = None
    order_token: str | None = None
    address: str | None = None
    device_id: str | None = None
    user_agent: str | None = None
    request_id: str | None = None

    @property
    def is_guest(self) -> bool:
        return self.user_id is None

    @property
    def order_token_hash(self) -> bytes | None:
        """What a guest's order is found by, if its token was sent."""
        return hash_secret(self.order_token) if self.order_token is not None else None

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def reach(self) -> tuple[bool, int | None, list[int]]:
        """What it manages, as arguments of a statement: whether everything, else a seller's company, a location admin's zones."""
        return (
            self.is_admin,
            self.company_id if self.role is Role.SELLER else None,
            list(self.zone_ids) if self.role is Role.LOCATION_ADMIN else [],
        )

    @property
    def id(self) -> int:
        """The user's id, on routes whose guard lets no guest in."""
        if self.user_id is None:
            raise Unauthorized
        return self.user_id

    @property
    def scope(self) -> str:
        """What idempotency keys and limits belong to: never shared by two people."""
        return f"user:{self.user_id}" if self.user_id is not None else f"guest:{self.cart_token or ''}"


class Authenticate(Protocol):
    """Given by the identity module: who is asking?"""

    async def __call__(self, connection: Connection) -> Actor:
        """The signed-in actor, or a guest where no token was sent. Refuses a wrong, expired or revoked token."""

    def visitor(self, connection: Connection) -> Actor:
        """A guest, whatever token was sent."""


class UserLimiter(Protocol):
    """Given by the rate limits: has this user asked too often?"""

    async def refuse_too_many(self, path: str, subject: str) -> None:
        """Count a request. Raises RateLimited."""


class Identify(StrEnum):
    """How a guard finds out who is asking."""

    NOT = "not"
    AS_VISITOR = "as visitor"
    BY_TOKEN = "by token"  # noqa: S105


_ACTOR = "entrepot.actor"


class Guard:
    """Who may call a route. Guards are data: tests walk the routes and read them."""

    def __init__(
        self, name: str, roles: Iterable[Role], *, guests: bool = False, identify: Identify = Identify.BY_TOKEN
    ) -> None:
        self.name: Final = name
        self.roles: Final = frozenset(roles)
        self.guests: Final = guests
        self.identify: Final = identify

    def __repr__(self) -> str:
        return self.name

    async def __call__(self, connection: Connection, _: BaseRouteHandler) -> None:
        if self.identify is Identify.NOT:
            return
        authenticate: Authenticate = connection.app.state.authenticate
        if self.identify is Identify.AS_VISITOR:
            connection.scope["state"][_ACTOR] = authenticate.visitor(connection)
            return
        actor = await authenticate(connection)
        if actor.is_guest and not self.guests:
            raise Unauthorized
        if actor.role is not None and actor.role not in self.roles:
            raise Forbidden
        connection.scope["state"][_ACTOR] = actor
        limiter: UserLimiter | None = connection.app.state.limiter
        if limiter is not None and actor.user_id is not None:
            await limiter.refuse_too_many(connection.scope["path"], f"user:{actor.user_id}")


def actor_of(connection: Connection) -> Actor:
    """The actor that the route's guard found; a guest where the guard does not ask."""
    actor: Actor = connection.scope["state"].get(_ACTOR, _GUEST)
    return actor


_GUEST = Actor()

anyone = Guard("anyone", Role, guests=True, identify=Identify.NOT)
"""Public, and the same for everybody: the reply does not depend on who asks, so it can be cached."""

visitor = Guard("visitor", Role, guests=True, identify=Identify.AS_VISITOR)
"""Public; a token is not looked at, so that one that has expired does not keep anybody from signing in again."""

guest_or_user = Guard("guest_or_user", Role, guests=True)
signed_in = Guard("signed_in", Role)
seller_or_zone_admin = Guard("seller_or_zone_admin", {Role.SELLER, Role.LOCATION_ADMIN, Role.ADMIN})
zone_admin = Guard("zone_admin", {Role.LOCATION_ADMIN, Role.ADMIN})
seller_or_admin = Guard("seller_or_admin", {Role.SELLER, Role.ADMIN})
seller = Guard("seller", {Role.SELLER})
admin = Guard("admin", {Role.ADMIN})
