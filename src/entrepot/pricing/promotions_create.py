"""Making a promotion: by administrators, for their zones or for all; by sellers, for their own goods."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot import zones
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden, Invalid
from entrepot.kernel.events import publish
from entrepot.pricing import promotions_queries as queries
from entrepot.pricing.events import PromotionCreated
from entrepot.pricing.model import Scope, Target
from entrepot.pricing.promotions import (
    MAX_UNENDED,
    MAX_UNENDED_OF_COMPANY,
    PromotionNotFound,
    PromotionTerms,
    StoredPromotion,
    TooManyPromotions,
)
from entrepot.pricing.promotions_overlap import Overlap, find_overlaps, refuse_exclusive
from entrepot.pricing.promotions_requests import NewPromotion
from entrepot.pricing.promotions_terms import Wish, terms_of
from entrepot.shop import Shop


class Made(msgspec.Struct, frozen=True):
    """A promotion as it stands now, and those that are about the same goods at the same time."""

    promotion: StoredPromotion
    overlaps: list[Overlap]


async def create_promotion(tx: Tx, actor: Actor, shop: Shop, new: NewPromotion) -> Made:
    """Make a promotion, and look what it overlaps with.

    Raises:
        Invalid: naming each field that does not fit, or names something that is not there.
        Forbidden: another company's, or a zone of others.
        PromotionsOverlap: it and another one, both not to be combined, are about the same goods.
        TooManyPromotions
    """
    terms = await new_terms(tx, actor, shop, new)
    if terms.ends_at is not None and terms.ends_at <= clock.now():
        raise Invalid({"endsAt": ["must be in the future"]})
    await queries.lock_changes(tx)
    unended = await queries.count_unended(tx, terms.company_id)
    if unended.in_all >= MAX_UNENDED or unended.of_company >= MAX_UNENDED_OF_COMPANY:
        raise TooManyPromotions
    promotion_id = await queries.insert_promotion(tx, terms, actor.user_id)
    made = await look_again(tx, actor, promotion_id)
    await record_change(tx, actor, "promotion.created", Subject("promotion", promotion_id), after=terms)
    await publish(tx, PromotionCreated(promotion_id=promotion_id, company_id=terms.company_id), actor_id=actor.user_id)
    return made


async def new_terms(tx: Tx, actor: Actor, shop: Shop, new: NewPromotion, *, needs_code: bool = False) -> PromotionTerms:
    """What is to be made, once it is known that the actor may. Raises Invalid and Forbidden."""
    company_id = await _company_for(tx, actor, new.company_id)
    zone_ids = await zones_for(tx, actor, new.zones)
    wish = Wish(**new.wishes, zone_ids=zone_ids, starts_at=new.starts_at or clock.now())
    currency = shop.currency_of(new.currency or shop.currency.code)
    terms = terms_of(wish, currency, company_id, needs_code=needs_code)
    await refuse_unknown_goods(tx, terms)
    return terms


async def look_again(tx: Tx, actor: Actor, promotion_id: int) -> Made:
    """The promotion as it has been written, in the turn of its writer. Raises PromotionsOverlap."""
    promotion = await queries.find_promotion(tx, actor, promotion_id)
    if promotion is None:
        raise PromotionNotFound
    overlaps = await find_overlaps(tx, promotion)
    refuse_exclusive(overlaps)
    return Made(promotion, overlaps)


async def zones_for(tx: Tx, actor: Actor, slugs: Sequence[str]) -> frozenset[int]:
    """The zones named. A location admin's promotions are for zones of its own, and name them."""
    named = await zones.zones_named(tx, slugs, "zones") if slugs else []
    ids = frozenset(zone.id for zone in named)
    if actor.role is Role.LOCATION_ADMIN:
        if not ids:
            raise Invalid({"zones": ["name the zones that it is for: you administer some, not all"]})
        if not ids <= set(actor.zone_ids):
            raise Forbidden("You administer other zones than these")
    return ids


async def refuse_unknown_goods(tx: Tx, terms: PromotionTerms) -> None:
    """Raises Invalid for goods that are not there, or not the company's."""
    items = Target(Scope.PRODUCTS, frozenset(item.product_id for item in getattr(terms.effect, "items", ())))
    faults: dict[str, list[str]] = {}
    for field, target in (("target", terms.target), ("gets", terms.gets), ("items", items)):
        if target is None or not target.ids:
            continue
        if target.scope is Scope.COMPANIES and terms.company_id is not None:
            faults[field] = ["it is about one company's goods already: name products, categories or brands"]
            continue
        unknown = await queries.list_unknown_targets(tx, target.scope, sorted(target.ids), terms.company_id)
        if unknown:
            whose = " of this company" if terms.company_id is not None and target.scope is Scope.PRODUCTS else ""
            faults[field] = [f"{target.scope}{whose}: there is no {target_id}" for target_id in unknown[:20]]
    if faults:
        raise Invalid(faults)


async def _company_for(tx: Tx, actor: Actor, company_id: int | None) -> int | None:
    if actor.role is Role.SELLER:
        if actor.company_id is None or company_id not in (None, actor.company_id):
            raise Forbidden("Your promotions are for the goods of your own company")
        return actor.company_id
    if company_id is not None:
        if not actor.is_admin and not await queries.company_is_in(tx, company_id, actor.zone_ids):
            raise Forbidden("You administer no zone that this company delivers to")
        if not await queries.company_is_in(tx, company_id, None):
            raise Invalid({"companyId": ["there is no such company"]})
    return company_id
