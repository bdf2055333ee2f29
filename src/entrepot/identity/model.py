"""What identity knows of a user, and what it can refuse with."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel.actors import Role
from entrepot.kernel.errors import Conflict, Forbidden, NotFound, Refused, Unprocessable

SELF_ASSIGNED = frozenset({Role.USER, Role.SHOP_OWNER, Role.SELLER})
"""Roles that a person may ask for when registering."""


class UserStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    DEACTIVATED = "deactivated"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `users`, without the password."""

    id: int
    email: str
    username: str | None
    role: Role
    status: UserStatus
    first_name: str
    last_name: str
    phone: str | None
    gender: str | None
    age: int | None
    image: str | None
    language: str
    zone_id: int | None
    email_verified_at: datetime | None
    deletion_due_at: datetime | None
    created_at: datetime
    updated_at: datetime


class EmailExists(Conflict):
    code = "EMAIL_EXISTS"
    message = "This email address is registered already: sign in, or ask for a new password"


class UsernameExists(Conflict):
    code = "USERNAME_EXISTS"
    message = "This username is taken"


class UserNotFound(NotFound):
    code = "USER_NOT_FOUND"
    message = "User not found"


class AdminNotFound(NotFound):
    code = "ADMIN_NOT_FOUND"
    message = "Administrator not found"


class ShopOwnerNotFound(NotFound):
    code = "SHOP_OWNER_NOT_FOUND"
    message = "Shop owner not found"


class OwnAccount(Forbidden):
    code = "OWN_ACCOUNT"
    message = "Your own rights and your own account are changed by another administrator"


class NotALocationAdmin(Unprocessable):
    code = "NOT_A_LOCATION_ADMIN"
    message = "This administrator administers everything: make it a location admin first"


class InvalidCredentials(Refused):
    status = 400
    code = "INVALID_CREDENTIALS"
    message = "Email or password incorrect"


class AccountLocked(Refused):
    status = 423
    code = "ACCOUNT_LOCKED"
    message = "Too many failed attempts: try again later, or set a new password"

    @classmethod
    def of(cls, retry_after_s: int) -> AccountLocked:
        minutes = max(1, round(retry_after_s / 60))
        return cls(
            f"Too many failed attempts: try again in {minutes} minutes",
            details={"retryAfter": retry_after_s},
            headers={"Retry-After": str(retry_after_s)},
        )


class AccountPending(Refused):
    status = 403
    code = "ACCOUNT_PENDING"
    message = "This account waits for approval"


class WrongLink(Refused):
    status = 400
    code = "INVALID_TOKEN"
    message = "This link is wrong, was used before or is too old: ask for another one"


class EmailVerifiedAlready(Conflict):
    code = "EMAIL_VERIFIED_ALREADY"
    message = "This email address is verified already"


class SessionNotFound(NotFound):
    code = "SESSION_NOT_FOUND"
    message = "You have no such session"


CONSTRAINTS: Final = {"users_email_key": EmailExists, "users_username_key": UsernameExists}
