"""What is shown of administrators, of shop owners, and of the admin log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from entrepot.identity.admin_queries import Admin, LoggedActor, LoggedChange, ShopOwner, ShopOwnerCounts
from entrepot.identity.model import UserStatus
from entrepot.kernel.actors import Role
from entrepot.zones import ZoneRef


class AdminView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """An administrator; `zones` are those of a location admin. `password` is shown once, if the shop made it up."""

    id: int
    email: str
    username: str | None
    first_name: str
    last_name: str
    phone: str
    role: Role
    status: UserStatus
    is_active: bool
    zones: list[ZoneRef]
    last_seen_at: datetime | None
    created_at: datetime
    updated_at: datetime
    password: str | None = None

    @classmethod
    def of(cls, admin: Admin, password: str | None = None) -> AdminView:
        return cls(
            id=admin.id,
            email=admin.email,
            username=admin.username,
            first_name=admin.first_name,
            last_name=admin.last_name,
            phone=admin.phone or "",
            role=admin.role,
            status=admin.status,
            is_active=admin.status is UserStatus.ACTIVE,
            zones=admin.zones,
            last_seen_at=admin.last_seen_at,
            created_at=admin.created_at,
            updated_at=admin.updated_at,
            password=password,
        )


class AdminPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of administrators, the oldest first."""

    admins: list[AdminView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class ResetView(msgspec.Struct, frozen=True, omit_defaults=True):
    """`password` is shown once, if the shop made it up."""

    message: str
    password: str | None = None


class ShopOwnerView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A business buyer; `zone` is the slug of its zone."""

    id: int
    email: str
    username: str | None
    first_name: str
    last_name: str
    phone: str
    status: UserStatus
    is_active: bool
    zone: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, owner: ShopOwner) -> ShopOwnerView:
        return cls(
            id=owner.id,
            email=owner.email,
            username=owner.username,
            first_name=owner.first_name,
            last_name=owner.last_name,
            phone=owner.phone or "",
            status=owner.status,
            is_active=owner.status is UserStatus.ACTIVE,
            zone=owner.zone,
            created_at=owner.created_at,
            updated_at=owner.updated_at,
        )


class ShopOwnerPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of shop owners, the newest first; `counts` are those of all whom the reader looks after."""

    shop_owners: list[ShopOwnerView]
    counts: ShopOwnerCounts
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class SubjectView(msgspec.Struct, frozen=True):
    """What was changed: its kind, and its id or number."""

    kind: str
    id: str


class ChangeView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A privileged change. `actor` is null where it was made on the command line.

    Of a change, `before` and `after` have the fields that differ; of something new or deleted, all.
    """

    id: int
    actor: LoggedActor | None
    action: str
    subject: SubjectView
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    request_id: str | None
    address: str | None
    occurred_at: datetime

    @classmethod
    def of(cls, change: LoggedChange) -> ChangeView:
        return cls(
            id=change.id,
            actor=change.actor,
            action=change.action,
            subject=SubjectView(change.subject_kind, change.subject_id),
            before=change.before,
            after=change.after,
            request_id=change.request_id,
            address=change.address,
            occurred_at=change.occurred_at,
        )


class ChangePage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of privileged changes, the newest first."""

    activity: list[ChangeView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
