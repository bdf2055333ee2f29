"""Changing a promotion, and ending it for good."""

from __future__ import annotations

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden, Invalid
from entrepot.kernel.events import publish
from entrepot.pricing import promotions_queries as queries
from entrepot.pricing.events import PromotionChanged, PromotionDeleted
from entrepot.pricing.promotions import PromotionNotFound, PromotionTerms, StoredPromotion
from entrepot.pricing.promotions_create import Made, look_again, refuse_unknown_goods, zones_for
from entrepot.pricing.promotions_requests import PromotionChange
from entrepot.pricing.promotions_terms import terms_of, wish_of
from entrepot.shop import Shop


async def change_promotion(tx: Tx, actor: Actor, shop: Shop, promotion_id: int, change: PromotionChange) -> Made:
    """Change what is given. Orders that are placed keep what they got.

    Raises:
        PromotionNotFound: there is none that the actor may see.
        Forbidden: it is not the actor's to change.
        Invalid, PromotionsOverlap: as when it is made.
        LimitBelowUses: decided by the database.
    """
    before = await lock_managed(tx, actor, promotion_id)
    terms = await changed_terms(tx, actor, shop, before.terms, change)
    await queries.set_promotion(tx, promotion_id, terms)
    made = await look_again(tx, actor, promotion_id)
    await record_change(
        tx, actor, "promotion.changed", Subject("promotion", promotion_id), before.terms, made.promotion.terms
    )
    await publish(tx, PromotionChanged(promotion_id=promotion_id, company_id=terms.company_id), actor_id=actor.user_id)
    return made


async def changed_terms(
    tx: Tx, actor: Actor, shop: Shop, terms: PromotionTerms, change: PromotionChange
) -> PromotionTerms:
    """The terms with what the change gives. Raises Invalid and Forbidden."""
    currency = shop.currency_of(terms.currency or shop.currency.code)
    wish = wish_of(terms, currency)
    if change.type is not None and change.type is not wish.kind:
        raise Invalid({"type": ["cannot be changed: make another promotion"]})
    wish = msgspec.structs.replace(wish, **change.wishes)
    if change.zones is not None:
        wish = msgspec.structs.replace(wish, zone_ids=await zones_for(tx, actor, change.zones))
    changed = terms_of(wish, currency, terms.company_id, needs_code=terms.needs_code)
    if change.model_fields_set & {"target", "gets", "items"}:
        await refuse_unknown_goods(tx, changed)
    return changed


async def delete_promotion(tx: Tx, actor: Actor, promotion_id: int) -> None:
    """It counts no more; orders keep what they got. Raises PromotionNotFound, Forbidden."""
    before = await lock_managed(tx, actor, promotion_id)
    await queries.set_promotion_deleted(tx, promotion_id)
    await record_change(tx, actor, "promotion.deleted", Subject("promotion", promotion_id), before=before.terms)
    await publish(tx, PromotionDeleted(promotion_id=promotion_id, company_id=before.company_id), actor_id=actor.user_id)


async def lock_managed(tx: Tx, actor: Actor, promotion_id: int) -> StoredPromotion:
    """The promotion, locked, in the turn of who changes promotions."""
    await queries.lock_changes(tx)
    await queries.lock_promotion(tx, promotion_id)
    promotion = await queries.find_promotion(tx, actor, promotion_id)
    if promotion is None:
        raise PromotionNotFound
    if not promotion.managed:
        raise Forbidden
    return promotion
