"""Facts that identity publishes."""

from __future__ import annotations

from typing import ClassVar

from entrepot.kernel.actors import Role
from entrepot.kernel.events import Event


class UserRegistered(Event, frozen=True):
    name: ClassVar[str] = "user.registered"

    user_id: int
    role: Role
    company_name: str | None


class UserSignedIn(Event, frozen=True):
    """A session was opened. `cart_token_hash`: of the guest's cart that was filled before, if there is one."""

    name: ClassVar[str] = "user.signed_in"

    user_id: int
    cart_token_hash: bytes | None
