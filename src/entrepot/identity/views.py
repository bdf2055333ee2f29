"""What identity shows of a user."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.identity.model import User
from entrepot.identity.security_queries import LogEntry
from entrepot.identity.session_queries import SessionRow
from entrepot.kernel.actors import Role
from entrepot.kernel.files import Files


class UserView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A user as that user sees itself. `deletionDueAt`: the account is to be deleted then, and can be restored until then."""

    id: int
    email: str
    username: str | None
    first_name: str
    last_name: str
    gender: str
    image: str
    phone: str
    age: int | None
    role: Role
    created_at: datetime
    updated_at: datetime
    deletion_due_at: datetime | None = None

    @classmethod
    def of(cls, user: User, files: Files) -> UserView:
        return cls(
            id=user.id,
            email=user.email,
            username=user.username,
            first_name=user.first_name,
            last_name=user.last_name,
            gender=user.gender or "",
            image=files.url(user.image or ""),
            phone=user.phone or "",
            age=user.age,
            role=user.role,
            created_at=user.created_at,
            updated_at=user.updated_at,
            deletion_due_at=user.deletion_due_at,
        )


class SignedInView(UserView, frozen=True, rename="camel", kw_only=True):
    """Tokens and the user, whose fields stand at the top level as well, for clients of DummyJSON."""

    token: str
    access_token: str
    refresh_token: str
    expires_at: datetime
    user: UserView

    @classmethod
    def signed_in(cls, user: UserView, token: str, refresh_token: str, expires_at: datetime) -> SignedInView:
        return cls(
            **msgspec.structs.asdict(user),
            token=token,
            access_token=token,
            refresh_token=refresh_token,
            expires_at=expires_at,
            user=user,
        )


class RegisteredView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """The new user; tokens unless the account waits for approval."""

    user: UserView
    token: str | None = None
    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None


class RefreshedView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A new pair of tokens; the refresh token that was sent is spent."""

    token: str
    access_token: str
    refresh_token: str
    expires_at: datetime


class ValidView(msgspec.Struct, frozen=True, rename="camel"):
    is_valid: bool
    user: UserView


class InvalidView(msgspec.Struct, frozen=True, rename="camel"):
    is_valid: bool
    message: str
    status: int
    code: str


class Done(msgspec.Struct, frozen=True):
    message: str


class SessionsView(msgspec.Struct, frozen=True):
    """Devices that are signed in."""

    sessions: list[SessionRow]
    total: int


class ActivityPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """One's own security log, newest first."""

    activity: list[LogEntry]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
