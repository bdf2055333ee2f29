"""The SQL that reads all that decides what a basket costs, in one statement, so that all of it is of one moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel.db import Db
from entrepot.pricing.currencies_queries import ExchangeRate
from entrepot.pricing.model import Promotion
from entrepot.pricing.price_lists_model import Tier
from entrepot.pricing.price_lists_queries import APPLYING_TIERS
from entrepot.pricing.rules import ShippingRate
from entrepot.pricing.tax_queries import LoadedRate


class RulesFor(msgspec.Struct, frozen=True, kw_only=True):
    """Whose basket, where it goes, and what is in it: `category_ids` with all ancestors, country and state as tax rates write
    them ('' where unknown)."""

    product_ids: Sequence[int]
    category_ids: Sequence[int]
    brand_ids: Sequence[int]
    company_ids: Sequence[int]
    user_id: int | None
    role: str | None
    zone_id: int | None
    country: str
    state: str
    coupon_code: str | None
    at: datetime
    base_currency: str


class LoadedPromotion(Promotion, frozen=True, kw_only=True):
    """A promotion, with what only its claim needs: the coupon's id, and how often this buyer has used it."""

    coupon_id: int | None = None
    uses: int = 0


class LoadedRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables say. `promotions` are about something in the basket; `methods` are the shipping methods that are
    offered, `rates` what one unit of the shop's own currency is worth in others."""

    tiers: list[Tier]
    tax: list[LoadedRate]
    shipping: list[ShippingRate]
    methods: list[str]
    rates: list[ExchangeRate]
    promotions: list[LoadedPromotion]
    coupon: LoadedPromotion | None
    first_order: bool


MOST_PROMOTIONS: Final = 2_000
"""That are looked at for one basket: those that may fit the buyer first, by priority."""

# Of what a promotion names, only what is in the basket: it may name hundreds of products.
_PROMOTION: Final = """
    jsonb_build_object(
        'id', p.id, 'name', p.name, 'effect', p.effect, 'company_id', p.company_id, 'currency', p.currency,
        'target', jsonb_build_object('scope', p.scope, 'ids', array(
            select t.target_id from promotion_targets t
            where t.promotion_id = p.id and t.part = 'about' and t.target_id = any(case t.scope
                when 'products' then $1::bigint[] when 'categories' then $8::bigint[]
                when 'brands' then $12::bigint[] else $9::bigint[] end))),
        'zone_ids', p.zone_ids, 'roles', p.roles, 'first_order_only', p.first_order_only,
        'minimum_spend_minor', p.minimum_spend_minor, 'minimum_quantity', p.minimum_quantity,
        'per_user_limit', p.per_user_limit, 'total_limit', {limit}, 'used', {used}, 'starts_at', p.starts_at,
        'ends_at', p.ends_at, 'priority', p.priority, 'exclusive', p.is_exclusive, 'coupon_id', {coupon},
        'coupon_code', {code}, 'uses', coalesce((
            select b.used from promotion_buyers b where b.promotion_id = p.id and b.user_id = $2::bigint), 0))
    """
# A code with a limit of its own is used up when that is reached, whatever is left of its promotion.
_COUPON_COUNTS: Final = "k.total_limit is not null and (p.total_limit is null or k.used >= k.total_limit)"
_COUPON: Final = _PROMOTION.format(
    used=f"case when {_COUPON_COUNTS} then k.used else p.used end",
    limit=f"case when {_COUPON_COUNTS} then k.total_limit else p.total_limit end",
    coupon="k.id",
    code="k.code",
)
_CANDIDATES: Final = f"""
    select p.* from (
        select id from promotions where scope = 'everything' and is_active and not needs_code and deleted_at is null
        union
        select promotion_id from promotion_targets where part = 'about' and scope = 'products' and target_id = any($1::bigint[])
        union
        select promotion_id from promotion_targets where part = 'about' and scope = 'categories' and target_id = any($8::bigint[])
        union
        select promotion_id from promotion_targets where part = 'about' and scope = 'brands' and target_id = any($12::bigint[])
        union
        select promotion_id from promotion_targets where part = 'about' and scope = 'companies' and target_id = any($9::bigint[])
    ) about join promotions p on p.id = about.id
    where p.is_active and not p.needs_code and p.deleted_at is null
      and p.starts_at <= $5::timestamptz and (p.ends_at is null or p.ends_at > $5::timestamptz)
      and (p.company_id is null or p.company_id = any($9::bigint[]))
    order by (p.zone_ids = '{{}}' or coalesce($4::bigint = any(p.zone_ids), false))
             and (p.roles = '{{}}' or coalesce($3::text = any(p.roles), false)) desc, p.priority desc, p.id
    limit {MOST_PROMOTIONS}
    """
_TIERS: Final = APPLYING_TIERS.format(products="$1", buyer="$2", role="$3", zone="$4", now="$5")


async def load_rules(db: Db, wanted: RulesFor) -> LoadedRules:
    return await db.one(
        LoadedRules,
        f"""
        select
            coalesce((select jsonb_agg(to_jsonb(t) order by t.product_id, t.from_quantity, t.price_list_id)
                      from ({_TIERS}) t), '[]') as tiers,
            coalesce((select jsonb_agg(jsonb_build_object(
                          'country', r.country, 'state', r.state, 'category_id', r.category_id, 'rate_bp', r.rate_bp,
                          'inclusive', r.inclusive))
                      from tax_rates r
                      where r.country in ('', $6::text) and r.state in ('', $7::text)
                        and (r.category_id is null or r.category_id = any($8::bigint[]))), '[]') as tax,
            coalesce((select jsonb_agg(to_jsonb(r) - 'id' - 'created_at' order by r.id)
                      from shipping_rates r join shipping_methods m on m.code = r.method and m.is_active
                      where (r.company_id is null or r.company_id = any($9::bigint[]))
                        and (r.zone_id is null or r.zone_id = $4::bigint)), '[]') as shipping,
            array(select code from shipping_methods where is_active order by position) as methods,
            coalesce((select jsonb_agg(jsonb_build_object(
                          'currency', c.currency, 'rate', c.rate::text, 'valid_from', c.valid_from)) from (
                          select distinct on (currency) currency, rate, valid_from from currency_rates
                          where base = $10::text and valid_from <= $5::timestamptz
                          order by currency, valid_from desc) c where c.rate is not null), '[]') as rates,
            coalesce((select jsonb_agg({
            _PROMOTION.format(used="p.used", limit="p.total_limit", coupon="null::bigint", code="null::text")
        } order by p.id)
                      from ({_CANDIDATES}) p), '[]') as promotions,
            (select {_COUPON} from coupons k join promotions p on p.id = k.promotion_id
             where k.deleted_at is null and p.deleted_at is null and p.is_active and case
                 when $11::text is not null then k.code = upper($11)
                 else k.id = (select coupon_id from applied_coupons where user_id = $2::bigint) end) as coupon,
            $2::bigint is not null and not exists (
                select from orders where user_id = $2 and status <> 'cancelled') as first_order
        """,
        list(wanted.product_ids),
        wanted.user_id,
        wanted.role,
        wanted.zone_id,
        wanted.at,
        wanted.country,
        wanted.state,
        list(wanted.category_ids),
        list(wanted.company_ids),
        wanted.base_currency,
        wanted.coupon_code,
        list(wanted.brand_ids),
    )
