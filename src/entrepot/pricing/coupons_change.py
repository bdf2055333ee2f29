"""Changing a coupon, and ending it for good."""

from __future__ import annotations

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.pricing import coupons_queries as queries
from entrepot.pricing import promotions_queries
from entrepot.pricing.coupons import CouponNotFound, StoredCoupon
from entrepot.pricing.coupons_requests import CouponChange
from entrepot.pricing.events import CouponChanged, CouponDeleted
from entrepot.pricing.promotions_change import changed_terms
from entrepot.shop import Shop


async def change_coupon(tx: Tx, actor: Actor, shop: Shop, coupon_id: int, change: CouponChange) -> StoredCoupon:
    """Change what is given: code and limit for this one alone, the terms for all codes that share them.

    Raises:
        CouponNotFound
        Invalid: naming each field that does not fit, or names something that is not there.
        CouponExists, LimitBelowUses: decided by the database.
    """
    before = await _lock(tx, coupon_id)
    terms = await changed_terms(tx, actor, shop, before.promotion.terms, change)
    terms = msgspec.structs.replace(terms, total_limit=None, name=terms.name or before.promotion.name)
    if terms != before.promotion.terms:
        await promotions_queries.set_promotion(tx, before.promotion.id, terms)
    limit = change.total_limit if "total_limit" in change.model_fields_set else before.total_limit
    await queries.set_coupon(tx, coupon_id, change.code or before.code, limit)
    after = await _get(tx, coupon_id)
    await record_change(tx, actor, "coupon.changed", Subject("coupon", coupon_id), _facts(before), _facts(after))
    await publish(tx, CouponChanged(coupon_id=coupon_id), actor_id=actor.user_id)
    return after


async def delete_coupon(tx: Tx, actor: Actor, coupon_id: int) -> None:
    """The code counts no more; orders keep what they got, and other codes of its batch stay. Raises CouponNotFound."""
    before = await _lock(tx, coupon_id)
    await queries.set_coupon_deleted(tx, coupon_id)
    if before.codes == 1:
        await promotions_queries.set_promotion_deleted(tx, before.promotion.id)
    await record_change(tx, actor, "coupon.deleted", Subject("coupon", coupon_id), before=_facts(before))
    await publish(tx, CouponDeleted(coupon_id=coupon_id), actor_id=actor.user_id)


async def _lock(tx: Tx, coupon_id: int) -> StoredCoupon:
    if await queries.lock_coupon(tx, coupon_id) is None:
        raise CouponNotFound
    return await _get(tx, coupon_id)


async def _get(tx: Tx, coupon_id: int) -> StoredCoupon:
    coupon = await queries.find_coupon(tx, coupon_id)
    if coupon is None:
        raise CouponNotFound
    return coupon


def _facts(coupon: StoredCoupon) -> dict[str, object]:
    return {"code": coupon.code, "totalLimit": coupon.total_limit, "terms": coupon.promotion.terms}
