"""The SQL of promotions. Codes' terms lie in the same table; what is said here of promotions leaves them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.filters import Filters
from entrepot.pricing.model import Bundle, Scope, Target
from entrepot.pricing.promotions import PromotionTerms, StoredPromotion

# Arguments $1 to $3 say who looks: an administrator, a seller of this company, or an administrator of these zones.
_MANAGED: Final = """
    coalesce($1::boolean or p.company_id = $2::bigint or (p.zone_ids <> '{}' and p.zone_ids <@ $3::bigint[]), false)
    """

_PROMOTION: Final = """
    p.id, p.company_id, p.name, p.description, p.effect, p.currency,
    jsonb_build_object('scope', p.scope, 'ids', array(
        select target_id from promotion_targets t where t.promotion_id = p.id and t.part = 'about' order by target_id)
    ) as target,
    p.zone_ids, array(select z.slug from zones z where z.id = any(p.zone_ids) order by z.slug) as zones, p.roles,
    p.first_order_only, p.minimum_spend_minor, p.minimum_quantity, p.per_user_limit, p.total_limit,
    case when p.total_limit is not null or not {counted} then p.used else (
        select count(*) from promotion_uses u where u.promotion_id = p.id and u.released_at is null) end::bigint as used,
    p.priority, p.is_exclusive, p.is_active, p.needs_code, p.starts_at, p.ends_at, p.created_at, p.updated_at
    """


def promotion(counted: str) -> str:
    """The columns of a StoredPromotion. Where there is no limit, uses are counted if the condition `counted` holds."""
    return _PROMOTION.format(counted=counted)


_ENDED: Final = "coalesce(p.ends_at <= {now}, false)"
_USED_UP: Final = "coalesce(p.used >= p.total_limit, false)"

STATUSES: Final[Mapping[str, str]] = {
    "draft": f"not p.is_active and not {_ENDED}",
    "scheduled": f"p.is_active and p.starts_at > {{now}} and not {_ENDED} and not {_USED_UP}",
    "running": f"p.is_active and p.starts_at <= {{now}} and not {_ENDED} and not {_USED_UP}",
    "used_up": f"p.is_active and not {_ENDED} and {_USED_UP}",
    "ended": _ENDED,
}
"""The condition of each status; `{now}` stands for the moment."""


def visible_to(actor: Actor) -> Filters:
    """What runs, for everybody; and all that the actor manages."""
    running = STATUSES["running"].format(now="$4::timestamptz")
    filters = Filters("p.deleted_at is null", "not p.needs_code", f"({_MANAGED} or ({running}))")
    filters.args.extend((*actor.reach, clock.now()))
    return filters


async def list_promotions(db: Db, filters: Filters, skip: int, limit: int) -> list[StoredPromotion]:
    """The newest first."""
    skip_arg, limit_arg = f"${len(filters.args) + 1}", f"${len(filters.args) + 2}"
    return await db.many(
        StoredPromotion,
        f"""
        select {promotion(_MANAGED)}, {_MANAGED} as managed from promotions p
        where {filters.sql} order by p.id desc offset {skip_arg} limit {limit_arg}
        """,
        *filters.args,
        skip,
        limit,
    )


async def count_promotions(db: Db, filters: Filters) -> int:
    total: int = await db.value(f"select count(*) from promotions p where {filters.sql}", *filters.args)
    return total


async def find_promotion(db: Db, actor: Actor, promotion_id: int) -> StoredPromotion | None:
    """One that the actor may see."""
    return await db.maybe(
        StoredPromotion,
        f"""
        select {promotion(_MANAGED)}, {_MANAGED} as managed from promotions p
        where p.id = $4 and p.deleted_at is null and not p.needs_code
          and ({_MANAGED} or ({STATUSES["running"].format(now="$5::timestamptz")}))
        """,
        *actor.reach,
        promotion_id,
        clock.now(),
    )


async def lock_changes(tx: Tx) -> None:
    """Who makes or changes promotions takes turns, so that two that must not overlap see each other."""
    await tx.run("select pg_advisory_xact_lock(hashtext('promotions'))")


async def lock_promotion(tx: Tx, promotion_id: int) -> int | None:
    """Orders that use the promotion are waited for, and wait."""
    found: int | None = await tx.value(
        "select id from promotions where id = $1 and deleted_at is null for update", promotion_id
    )
    return found


class Unended(msgspec.Struct, frozen=True):
    """How many promotions run or will run: of one company, and in all."""

    of_company: int
    in_all: int


async def count_unended(db: Db, company_id: int | None) -> Unended:
    return await db.one(
        Unended,
        """
        select count(*) filter (where company_id = $2::bigint) as of_company, count(*) as in_all from promotions
        where deleted_at is null and not needs_code and (ends_at is null or ends_at > $1)
        """,
        clock.now(),
        company_id,
    )


async def insert_promotion(tx: Tx, terms: PromotionTerms, created_by: int | None) -> int:
    promotion_id: int = await tx.value(
        """
        insert into promotions (company_id, name, description, effect, currency, scope, zone_ids, roles, first_order_only,
                                minimum_spend_minor, minimum_quantity, per_user_limit, total_limit, priority, is_exclusive,
                                is_active, needs_code, starts_at, ends_at, created_by, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $21)
        returning id
        """,
        *_values(terms),
        created_by,
        clock.now(),
    )
    await _insert_targets(tx, promotion_id, terms)
    return promotion_id


async def set_promotion(tx: Tx, promotion_id: int, terms: PromotionTerms) -> None:
    """Change a locked promotion. What was used before there was a limit counts towards it from now on."""
    await tx.run(
        """
        update promotions p set
            company_id = $2, name = $3, description = $4, effect = $5, currency = $6, scope = $7, zone_ids = $8, roles = $9,
            first_order_only = $10, minimum_spend_minor = $11, minimum_quantity = $12, per_user_limit = $13,
            total_limit = $14, priority = $15, is_exclusive = $16, is_active = $17, needs_code = $18, starts_at = $19,
            ends_at = $20, updated_at = $21,
            used = case when $14::integer is null then 0 when p.total_limit is not null then p.used else (
                select count(*) from promotion_uses u where u.promotion_id = p.id and u.released_at is null) end
        where id = $1
        """,
        promotion_id,
        *_values(terms),
        clock.now(),
    )
    await tx.run("delete from promotion_targets where promotion_id = $1", promotion_id)
    await _insert_targets(tx, promotion_id, terms)


async def set_promotion_deleted(tx: Tx, promotion_id: int) -> None:
    await tx.run("update promotions set deleted_at = $2, updated_at = $2 where id = $1", promotion_id, clock.now())


def _values(terms: PromotionTerms) -> tuple[Any, ...]:
    return (
        terms.company_id,
        terms.name,
        terms.description,
        terms.effect,
        terms.currency,
        _about(terms).scope,
        sorted(terms.zone_ids),
        sorted(terms.roles),
        terms.first_order_only,
        terms.minimum_spend_minor,
        terms.minimum_quantity,
        terms.per_user_limit,
        terms.total_limit,
        terms.priority,
        terms.is_exclusive,
        terms.is_active,
        terms.needs_code,
        terms.starts_at,
        terms.ends_at,
    )


async def _insert_targets(tx: Tx, promotion_id: int, terms: PromotionTerms) -> None:
    parts = [("about", _about(terms)), *([("gets", terms.gets)] if terms.gets is not None else [])]
    rows = [(part, target.scope, target_id) for part, target in parts for target_id in sorted(target.ids)]
    await tx.run(
        """
        insert into promotion_targets (promotion_id, part, scope, target_id)
        select $1, * from unnest($2::text[], $3::text[], $4::bigint[])
        """,
        promotion_id,
        [part for part, _, _ in rows],
        [scope for _, scope, _ in rows],
        [target_id for _, _, target_id in rows],
    )


def _about(terms: PromotionTerms) -> Target:
    """A bundle is found by what is in it."""
    if isinstance(terms.effect, Bundle):
        return Target(Scope.PRODUCTS, frozenset(item.product_id for item in terms.effect.items))
    return terms.target


async def list_unknown_targets(db: Db, scope: Scope, ids: Sequence[int], company_id: int | None) -> list[int]:
    """Those of the ids behind which there is nothing; products must be the company's, if one is given."""
    return await db.values(
        """
        select wanted.id from unnest($2::bigint[]) as wanted (id)
        where not case $1::text
            when 'products' then exists (
                select from products p where p.id = wanted.id and p.deleted_at is null
                and ($3::bigint is null or p.company_id = $3))
            when 'categories' then exists (select from categories c where c.id = wanted.id and c.deleted_at is null)
            when 'brands' then exists (select from brands b where b.id = wanted.id)
            else exists (select from companies c where c.id = wanted.id and c.deleted_at is null)
        end
        order by wanted.id
        """,
        scope,
        list(ids),
        company_id,
    )


async def company_is_in(db: Db, company_id: int, zone_ids: Sequence[int] | None) -> bool:
    """Whether there is such a company, and it delivers to one of these zones (None: to whichever)."""
    found: bool = await db.value(
        """
        select exists (select from companies c where c.id = $1 and c.deleted_at is null and (
            $2::bigint[] is null or exists (
                select from company_zones z where z.company_id = c.id and z.zone_id = any($2))))
        """,
        company_id,
        None if zone_ids is None else list(zone_ids),
    )
    return found


class Compatible(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion that may count together with another: at the same time, in the same zone, for the same role."""

    id: int
    name: str
    company_id: int | None
    scope: Scope
    target_ids: list[int]
    is_exclusive: bool
    starts_at: datetime
    ends_at: datetime | None


async def list_compatible(db: Db, promotion_id: int) -> list[Compatible]:
    """The active promotions that may count together with this one, oldest first; whatever goods they are about."""
    return await db.many(
        Compatible,
        """
        select p.id, p.name, p.company_id, p.scope, p.is_exclusive, p.starts_at, p.ends_at,
               array(select target_id from promotion_targets t
                     where t.promotion_id = p.id and t.part = 'about' order by target_id) as target_ids
        from promotions me join promotions p on p.id <> me.id
        where me.id = $1 and me.is_active and not me.needs_code
          and p.is_active and not p.needs_code and p.deleted_at is null
          and coalesce(p.ends_at, 'infinity') > greatest(me.starts_at, $2)
          and coalesce(me.ends_at, 'infinity') > greatest(p.starts_at, $2)
          and (p.zone_ids = '{}' or me.zone_ids = '{}' or p.zone_ids && me.zone_ids)
          and (p.roles = '{}' or me.roles = '{}' or p.roles && me.roles)
          and (p.company_id is null or me.company_id is null or p.company_id = me.company_id)
        order by p.id
        """,
        promotion_id,
        clock.now(),
    )


class Branch(msgspec.Struct, frozen=True):
    """A category, and the one above it."""

    id: int
    parent_id: int | None


async def list_branches(db: Db) -> list[Branch]:
    return await db.many(Branch, "select id, parent_id from categories where deleted_at is null order by id")


class Met(msgspec.Struct, frozen=True):
    """One of the goods that a promotion names, and that products of other goods belong to as well."""

    promotion_id: int
    target_id: int


async def list_met(
    db: Db, promotion_ids: Sequence[int], category_ids: Sequence[int], brand_ids: Sequence[int], company_ids: Sequence[int],
    product_ids: Sequence[int],
) -> list[Met]:  # fmt: skip
    """Products, brands and companies that these promotions name, with a product that is also of the given goods."""
    return await db.many(
        Met,
        """
        select t.promotion_id, t.target_id
        from (select promotion_id, scope, target_id from promotion_targets where part = 'about'
              union all
              select id, 'companies', company_id from promotions where scope = 'everything' and company_id is not null) t
        where t.promotion_id = any($1::bigint[]) and (
            (t.scope = 'products' and exists (
                select from products p where p.id = t.target_id and p.deleted_at is null
                and (p.category_id = any($2::bigint[]) or p.brand_id = any($3::bigint[]) or p.company_id = any($4::bigint[]))))
            or (t.scope = 'brands' and exists (
                select from products p where p.brand_id = t.target_id and p.deleted_at is null
                and (p.category_id = any($2) or p.company_id = any($4) or p.id = any($5::bigint[]))))
            or (t.scope = 'companies' and exists (
                select from products p where p.company_id = t.target_id and p.deleted_at is null
                and (p.category_id = any($2) or p.brand_id = any($3) or p.id = any($5)))))
        order by t.promotion_id, t.target_id
        """,
        list(promotion_ids),
        list(category_ids),
        list(brand_ids),
        list(company_ids),
        list(product_ids),
    )


async def list_categories_of(
    db: Db, brand_ids: Sequence[int], company_ids: Sequence[int], product_ids: Sequence[int]
) -> list[int]:
    """The categories that products of these goods lie in."""
    return await db.values(
        """
        select category_id from products where brand_id = any($1::bigint[]) and deleted_at is null
        union select category_id from products where company_id = any($2::bigint[]) and deleted_at is null
        union select category_id from products where id = any($3::bigint[]) and deleted_at is null
        """,
        list(brand_ids),
        list(company_ids),
        list(product_ids),
    )
