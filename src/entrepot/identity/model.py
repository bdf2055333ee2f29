"""What identity knows of a user, and what it can refuse with."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel.actors import Role
from entrepot.kernel.errors import Conflict, NotFound, Refused

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


class SessionNotFound(NotFound):
    code = "SESSION_NOT_FOUND"
    message = "You have no such session"


CONSTRAINTS: Final = {"users_email_key": EmailExists, "users_username_key": UsernameExists}
