"""Facts that identity publishes."""

from __future__ import annotations

from datetime import datetime
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


class EmailChangeRequested(Event, frozen=True):
    """A user wants another address; the old one counts until the new one is verified."""

    name: ClassVar[str] = "user.email_change_requested"

    user_id: int
    email: str


class UserEmailVerified(Event, frozen=True):
    """Whoever uses the account reads the mail of this address, which is the user's from now on, if it was not before."""

    name: ClassVar[str] = "user.email_verified"

    user_id: int
    email: str


class UserRoleChanged(Event, frozen=True):
    name: ClassVar[str] = "user.role_changed"

    user_id: int
    role: Role


class UserStatusChanged(Event, frozen=True):
    name: ClassVar[str] = "user.status_changed"

    user_id: int
    status: str


class UserDeletionScheduled(Event, frozen=True):
    """The account is erased then, unless its owner restores it before."""

    name: ClassVar[str] = "user.deletion_scheduled"

    user_id: int
    due_at: datetime


class UserRestored(Event, frozen=True):
    name: ClassVar[str] = "user.restored"

    user_id: int


class UserDeleted(Event, frozen=True):
    """Nobody can sign in to the account any more."""

    name: ClassVar[str] = "user.deleted"

    user_id: int


class UserErased(Event, frozen=True):
    """What told of the person is gone from identity; whoever else keeps such things erases them in the same transaction."""

    name: ClassVar[str] = "user.erased"

    user_id: int


class AdminCreated(Event, frozen=True):
    """There is another administrator, of everything or of zones."""

    name: ClassVar[str] = "admin.created"

    user_id: int
    role: Role


class AdminChanged(AdminCreated, frozen=True):
    name: ClassVar[str] = "admin.changed"
