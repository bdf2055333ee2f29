"""Putting a coupon to the cart, and taking it out."""

from __future__ import annotations

from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.money import Currency
from entrepot.pricing import coupons_queries as queries
from entrepot.pricing.coupons import REFUSALS, CouponNotApplicable, CouponNotFound
from entrepot.pricing.priced import NotApplied
from entrepot.pricing.quote import Quote
from entrepot.pricing.quote_cart import quote_cart
from entrepot.pricing.savings_views import MissingView
from entrepot.settings import Settings


async def apply_coupon(tx: Tx, actor: Actor, code: str, zone: str | None, settings: Settings) -> Quote:
    """Put the code to the actor's cart, in the place of another one; gives what the cart costs with it.

    Nothing is used yet: limits are decided when the order is placed.

    Raises:
        CouponNotFound
        CouponExpired, CouponNotStarted, CouponUsedUp, CouponUsedByYou, CouponNotForYou
        CouponNotApplicable: as the cart stands, it takes nothing off; with what is missing, if only something is.
        Invalid: an unknown zone.
    """
    found = await queries.find_code(tx, code)
    if found is None or not found.is_active:
        raise CouponNotFound
    quoted = await quote_cart(tx, actor, settings, zone=zone, coupon_code=found.code)
    if not quoted.basket.parts:
        raise CouponNotApplicable("There is nothing in the cart: put something in first")
    refused = next((one for one in quoted.basket.not_applied if one.coupon_code is not None), None)
    if refused is not None:
        refuse(refused, quoted.money)
    await queries.apply_coupon(tx, actor.id, found.id)
    return quoted


def refuse(refused: NotApplied, money: Currency) -> None:
    """Say why the coupon takes nothing off; what is missing as quotes say it, in major units."""
    if (refusal := REFUSALS.get(refused.reason)) is not None:
        raise refusal
    details: dict[str, object] = {"reason": refused.reason}
    if refused.missing is not None:
        details["missing"] = MissingView.of(refused.missing, money)
    raise CouponNotApplicable(details=details)


async def remove_coupon(tx: Tx, actor: Actor) -> None:
    """Take the code out of the actor's cart, if there is one."""
    await queries.remove_coupon(tx, actor.id)
