"""Listing promotions: those that run, and for who manages some also the others of theirs."""

from __future__ import annotations

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.kernel.pages import Page, id_after
from entrepot.pricing import promotions_queries as queries
from entrepot.pricing.model import Kind
from entrepot.pricing.promotions import PromotionStatus, StoredPromotion
from entrepot.pricing.promotions_queries import STATUSES


class PromotionFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which promotions are wanted. `zone` is a slug; `q` is looked for in the name."""

    q: str | None = None
    kind: Kind | None = None
    status: PromotionStatus | None = None
    zone: str | None = None
    company: int | None = None


class Found(msgspec.Struct, frozen=True):
    """A page of promotions, how many there are, and the cursor of the next page if there is one."""

    promotions: list[StoredPromotion]
    total: int
    following: tuple[object, ...] | None


async def list_promotions(db: Db, actor: Actor, wanted: PromotionFilter, page: Page) -> Found:
    """The newest first. Raises Invalid for a cursor of another list."""
    filters = queries.visible_to(actor)
    if wanted.q:
        filters.add("strpos(lower(p.name), lower({}::text)) > 0", wanted.q)
    if wanted.kind is not None:
        filters.add("p.effect ->> 'kind' = {}::text", wanted.kind)
    if wanted.status is not None:
        now = filters.arg(clock.now())
        filters.add(STATUSES[wanted.status].format(now=f"{now}::timestamptz"))
    if wanted.zone is not None:
        filters.add(
            "(cardinality(p.zone_ids) = 0 or exists ("
            "select from zones z where z.slug = {}::text and z.deleted_at is null and z.id = any(p.zone_ids)))",
            wanted.zone,
        )
    if wanted.company is not None:
        filters.add("p.company_id = {}::bigint", wanted.company)
    total = await queries.count_promotions(db, filters)
    after = id_after(page)
    if after is not None:
        filters.add("p.id < {}::bigint", after)
    promotions = await queries.list_promotions(db, filters, page.skip, page.limit)
    full = len(promotions) == page.limit and promotions
    return Found(promotions, total, (promotions[-1].id,) if full else None)
