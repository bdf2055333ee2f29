"""Listing users, for administrators."""

from __future__ import annotations

import msgspec

from entrepot.identity import user_queries
from entrepot.identity.model import UserStatus
from entrepot.identity.user_queries import Profile
from entrepot.kernel.actors import Role
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters
from entrepot.kernel.pages import Page, id_after


class UserFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which users are wanted. `q` is looked for anywhere in name, address and username, whatever its case."""

    role: Role | None = None
    zone: str | None = None
    status: UserStatus | None = None
    q: str | None = None


async def list_users(db: Db, wanted: UserFilter, page: Page) -> tuple[list[Profile], int]:
    """A page of users, the newest first, and how many there are. Raises Invalid for a cursor of another list."""
    filters = _conditions(wanted)
    total = await user_queries.count_users(db, filters)
    if (before_id := id_after(page)) is not None:
        filters.add("u.id < {}", before_id)
    return await user_queries.list_users(db, filters, page.skip, page.limit), total


def _conditions(wanted: UserFilter) -> Filters:
    filters = Filters("u.deleted_at is null")
    if wanted.role is not None:
        filters.add("u.role = {}", wanted.role)
    if wanted.status is not None:
        filters.add("u.status = {}", wanted.status)
    if wanted.zone is not None:
        filters.add(_OF_ZONE, *[wanted.zone] * 2)
    if wanted.q:
        filters.add(_CALLED, wanted.q)
    return filters


# Whose home it is, and who administers it.
_OF_ZONE = """
    (u.zone_id = (select id from zones where slug = {} and deleted_at is null)
     or u.id = any(array(select a.user_id from admin_zones a join zones z on z.id = a.zone_id
                         where z.slug = {} and z.deleted_at is null)))
    """
_CALLED = """
    strpos(lower(u.first_name || ' ' || u.last_name || ' ' || u.email || ' ' || coalesce(u.username, '')), lower({})) > 0
    """
