"""Listing companies: those that sell, and for who administers them also the others."""

from __future__ import annotations

import msgspec

from entrepot.companies import queries
from entrepot.companies.model import Company, CompanyStatus
from entrepot.companies.queries import BY_NAME, SORT_KEYS
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.kernel.filters import Filters, Sort, choose_sort
from entrepot.kernel.pages import Page


class CompanyFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which companies are wanted, and in which order. `q` is looked for in name and slug, `zone` is a slug."""

    q: str | None = None
    zone: str | None = None
    status: CompanyStatus | None = None
    sort_by: str | None = None
    order: str | None = None


class Found(msgspec.Struct, frozen=True):
    """A page of companies, how many there are, and the cursor of the next page if there is one."""

    companies: list[Company]
    total: int
    following: tuple[object, ...] | None


async def list_companies(db: Db, actor: Actor, wanted: CompanyFilter, page: Page) -> Found:
    """The companies that the actor may know of: those that sell, those it administers, the one it sells for.

    Raises:
        Invalid: an unknown sort key, or a cursor of another list.
    """
    filters = _conditions(actor, wanted)
    sort = choose_sort(SORT_KEYS, wanted.sort_by, wanted.order, default=BY_NAME, id_column="c.id")
    total = await queries.count_companies(db, filters)
    if page.after is not None:
        sort.after(filters, page.after)
    companies = await queries.list_companies(db, filters, sort, page.skip, page.limit)
    return Found(companies, total, _cursor_after(companies, sort, page))


def _conditions(actor: Actor, wanted: CompanyFilter) -> Filters:
    filters = queries.visible_to(actor)
    if wanted.q:
        filters.add("(strpos(lower(c.name), {}) > 0 or strpos(c.slug, {}) > 0)", *[wanted.q.lower()] * 2)
    if wanted.zone is not None:
        filters.add(
            "c.id in (select d.company_id from company_zones d join zones z on z.id = d.zone_id where z.slug = {})",
            wanted.zone,
        )
    if wanted.status is not None:
        filters.add("c.status = {}", wanted.status)
    return filters


def _cursor_after(companies: list[Company], sort: Sort, page: Page) -> tuple[object, ...] | None:
    if not companies or len(companies) < page.limit:
        return None
    last = companies[-1]
    values = {"lower(c.name)": last.name.lower(), "c.created_at": last.created_at.isoformat(), "c.id": last.id}
    return sort.cursor(values[sort.key.column], last.id)
