"""Listing administrators, the shop owners they look after, and what they did: every filter, freely combined."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.identity import admin_queries
from entrepot.identity.admin_queries import Admin, LoggedChange, ShopOwner
from entrepot.identity.model import UserStatus
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid
from entrepot.kernel.filters import Filters
from entrepot.kernel.pages import Page, id_after

_CALLED: Final = """
    strpos(lower(u.first_name || ' ' || u.last_name || ' ' || u.email || ' ' || coalesce(u.username, '')), {}) > 0
    """


class AdminFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which administrators are wanted. `q` is looked for in name, address and username, whatever its case."""

    q: str | None = None
    role: Role | None = None
    zone: str | None = None
    active: bool | None = None


class ShopOwnerFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which shop owners are wanted."""

    q: str | None = None
    zone: str | None = None
    status: UserStatus | None = None


class ChangeFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which changes are wanted: of `subject`, a kind or `kind:id`; `since` is included, `until` is not."""

    actor: int | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_admins(db: Db, wanted: AdminFilter, page: Page) -> tuple[list[Admin], int]:
    """A page of administrators, and how many there are."""
    filters = Filters()
    if wanted.q:
        filters.add(_CALLED, wanted.q.lower())
    if wanted.role is not None:
        filters.add("u.role = {}", wanted.role)
    if wanted.zone is not None:
        filters.add(
            "u.id in (select a.user_id from admin_zones a join zones z on z.id = a.zone_id where z.slug = {})",
            wanted.zone,
        )
    if wanted.active is not None:
        filters.add("(u.status = 'active') = {}::boolean", wanted.active)
    total = await admin_queries.count_admins(db, filters)
    if (after_id := id_after(page)) is not None:
        filters.add("u.id > {}", after_id)
    return await admin_queries.list_admins(db, filters, page.skip, page.limit), total


async def list_shop_owners(db: Db, actor: Actor, wanted: ShopOwnerFilter, page: Page) -> tuple[list[ShopOwner], int]:
    """A page of the shop owners in the actor's zones, and how many there are of them."""
    filters = admin_queries.shop_owners_of(actor)
    if wanted.q:
        filters.add(_CALLED, wanted.q.lower())
    if wanted.zone is not None:
        filters.add("z.slug = {}", wanted.zone)
    if wanted.status is not None:
        filters.add("u.status = {}", wanted.status)
    total = await admin_queries.count_shop_owners(db, filters)
    if (before_id := id_after(page)) is not None:
        filters.add("u.id < {}", before_id)
    return await admin_queries.list_shop_owners(db, filters, page.skip, page.limit), total


async def list_changes(db: Db, wanted: ChangeFilter, page: Page) -> tuple[list[LoggedChange], int]:
    """A page of the admin log, and how long it is. Raises Invalid when `until` comes before `since`."""
    if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
        raise Invalid({"until": ["must be later than since"]})
    filters = Filters()
    if wanted.actor is not None:
        filters.add("l.actor_id = {}", wanted.actor)
    if wanted.action is not None:
        filters.add("l.action = {}", wanted.action)
    if wanted.subject is not None:
        kind, colon, subject_id = wanted.subject.partition(":")
        filters.add("l.subject_kind = {}", kind)
        if colon:
            filters.add("l.subject_id = {}", subject_id)
    if wanted.since is not None:
        filters.add("l.occurred_at >= {}", wanted.since)
    if wanted.until is not None:
        filters.add("l.occurred_at < {}", wanted.until)
    total = await admin_queries.count_changes(db, filters)
    if (before_id := id_after(page)) is not None:
        filters.add("l.id < {}", before_id)
    return await admin_queries.list_changes(db, filters, page.skip, page.limit), total
