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
