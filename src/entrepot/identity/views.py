"""What identity shows of a user."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.identity.model import User
from entrepot.kernel.actors import Role
from entrepot.kernel.files import Files


class UserView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A user as that user sees itself."""

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
