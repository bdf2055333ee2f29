"""What somebody asks a promotion to be, and the terms that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrepot.kernel.actors import Role
from entrepot.kernel.errors import Invalid
from entrepot.kernel.fields import basis_points
from entrepot.kernel.money import Currency
from entrepot.pricing.model import (
    Bundle,
    BundleItem,
    BuyXGetY,
    Effect,
    Fixed,
    Kind,
    Percentage,
    Scope,
    Target,
)
from entrepot.pricing.promotions import PromotionTerms

HUNDRED: Final = Decimal(100)

_FOR: Final[Mapping[str, frozenset[Kind]]] = {
    "per_piece": frozenset({Kind.FIXED}),
    "buy_quantity": frozenset({Kind.BUY_X_GET_Y}),
    "get_quantity": frozenset({Kind.BUY_X_GET_Y}),
    "same_product": frozenset({Kind.BUY_X_GET_Y}),
    "gets": frozenset({Kind.BUY_X_GET_Y}),
    "items": frozenset({Kind.BUNDLE}),
    "most_times": frozenset({Kind.BUY_X_GET_Y, Kind.BUNDLE}),
}
"""Fields that only some kinds of promotions have."""

_WIRE: Final[Mapping[str, str]] = {
    "per_piece": "perPiece",
    "buy_quantity": "buyQuantity",
    "get_quantity": "getQuantity",
    "same_product": "sameProduct",
    "most_times": "mostTimes",
}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion as it is asked for and shown: amounts in major units, `value` in percent or money, whichever fits."""

    name: str
    kind: Kind
    value: Decimal | None = None
    description: str = ""
    per_piece: bool = False
    buy_quantity: int | None = None
    get_quantity: int | None = None
    same_product: bool = False
    most_times: int | None = None
    gets: Target | None = None
    items: Sequence[BundleItem] = ()
    target: Target = Target()
    zone_ids: frozenset[int] = frozenset()
    roles: frozenset[Role] = frozenset()
    first_order_only: bool = False
    minimum_spend: Decimal = Decimal(0)
    minimum_quantity: int = 0
    per_user_limit: int | None = None
    total_limit: int | None = None
    priority: int = 0
    stackable: bool = True
    is_active: bool = True
    starts_at: datetime
    ends_at: datetime | None = None


def terms_of(wish: Wish, currency: Currency, company_id: int | None, *, needs_code: bool = False) -> PromotionTerms:
    """The terms of a promotion. Raises Invalid, naming every field that does not fit."""
    faults = _faults(wish, currency)
    if faults:
        raise Invalid(faults)
    minimum_spend_minor = currency.minor(wish.minimum_spend)
    has_amounts = minimum_spend_minor > 0 or wish.kind in (Kind.FIXED, Kind.BUNDLE)
    return PromotionTerms(
        company_id=company_id,
        name=wish.name,
        description=wish.description,
        effect=_effect(wish, currency),
        currency=currency.code if has_amounts else None,
        target=wish.target,
        zone_ids=wish.zone_ids,
        roles=wish.roles,
        first_order_only=wish.first_order_only,
        minimum_spend_minor=minimum_spend_minor,
        minimum_quantity=wish.minimum_quantity,
        per_user_limit=wish.per_user_limit,
        total_limit=wish.total_limit,
        priority=wish.priority,
        is_exclusive=not wish.stackable,
        is_active=wish.is_active,
        needs_code=needs_code,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
    )


def wish_of(terms: PromotionTerms, currency: Currency) -> Wish:
    """What one would ask for to get these terms."""
    return Wish(
        name=terms.name,
        description=terms.description,
        target=terms.target,
        zone_ids=terms.zone_ids,
        roles=terms.roles,
        first_order_only=terms.first_order_only,
        minimum_spend=_major(terms.minimum_spend_minor, currency),
        minimum_quantity=terms.minimum_quantity,
        per_user_limit=terms.per_user_limit,
        total_limit=terms.total_limit,
        priority=terms.priority,
        stackable=not terms.is_exclusive,
        is_active=terms.is_active,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        **_of_kind(terms.effect, currency),
    )


def _faults(wish: Wish, currency: Currency) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for field, kinds in _FOR.items():
        if wish.kind not in kinds and getattr(wish, field):
            faults[_WIRE.get(field, field)] = [f"is not for {wish.kind} promotions: leave it out"]
    if fault := _fault_of_value(wish, currency):
        faults["value"] = [fault]
    if _digits_fault(wish.minimum_spend, currency):
        faults["minimumSpend"] = [_digits_fault(wish.minimum_spend, currency)]
    if wish.kind is Kind.BUY_X_GET_Y:
        faults |= {
            _WIRE[field]: ["is required"] for field in ("buy_quantity", "get_quantity") if getattr(wish, field) is None
        }
        if wish.gets is not None and wish.gets.scope is Scope.EVERYTHING:
            faults["gets"] = ["name products, categories, brands or companies; without it, the cheapest are free"]
        if wish.gets is not None and wish.same_product:
            faults["sameProduct"] = ["what is free is either the same product or another one: leave out one of both"]
    if wish.kind is Kind.BUNDLE:
        if sum(item.quantity for item in wish.items) < 2:
            faults["items"] = ["name at least two pieces"]
        if wish.target != Target():
            faults["target"] = ["a bundle is about its items: leave it out"]
    if wish.ends_at is not None and wish.ends_at <= wish.starts_at:
        faults["endsAt"] = ["must come after startsAt"]
    return faults


def _fault_of_value(wish: Wish, currency: Currency) -> str:
    value = wish.value
    if value is None:
        return "" if wish.kind is Kind.BUY_X_GET_Y else "is required"
    match wish.kind:
        case Kind.PERCENTAGE | Kind.BUY_X_GET_Y:
            fits = 0 < value <= HUNDRED and value * 100 % 1 == 0
            return (
                "" if fits else "must be more than 0 and at most 100 percent, with at most two digits after the point"
            )
        case Kind.FIXED if value <= 0:
            return "must be more than 0"
        case Kind.BUNDLE if value < 0:
            return "must not be negative"
        case _:
            return _digits_fault(value, currency)


def _digits_fault(amount: Decimal, currency: Currency) -> str:
    try:
        currency.minor(amount)
    except ValueError as error:
        return str(error)
    return ""


def _effect(wish: Wish, currency: Currency) -> Effect:
    value = wish.value
    match wish.kind:
        case Kind.PERCENTAGE:
            return Percentage(basis_points(value or Decimal(0)))
        case Kind.FIXED:
            return Fixed(currency.minor(value or Decimal(0)), per_piece=wish.per_piece)
        case Kind.BUY_X_GET_Y:
            return BuyXGetY(
                buy=wish.buy_quantity or 1,
                get=wish.get_quantity or 1,
                rate_bp=basis_points(HUNDRED if value is None else value),
                same_product=wish.same_product,
                gets=wish.gets,
                most_times=wish.most_times,
            )
        case Kind.BUNDLE:
            return Bundle(tuple(wish.items), currency.minor(value or Decimal(0)), most_times=wish.most_times)


def _of_kind(effect: Effect, currency: Currency) -> dict[str, Any]:
    match effect:
        case Percentage(rate_bp=rate_bp):
            return {"kind": Kind.PERCENTAGE, "value": Decimal(rate_bp).scaleb(-2)}
        case Fixed(amount_minor=amount_minor, per_piece=per_piece):
            return {"kind": Kind.FIXED, "value": _major(amount_minor, currency), "per_piece": per_piece}
        case BuyXGetY():
            return {
                "kind": Kind.BUY_X_GET_Y,
                "value": Decimal(effect.rate_bp).scaleb(-2),
                "buy_quantity": effect.buy,
                "get_quantity": effect.get,
                "same_product": effect.same_product,
                "gets": effect.gets,
                "most_times": effect.most_times,
            }
        case Bundle():
            return {
                "kind": Kind.BUNDLE,
                "value": _major(effect.price_minor, currency),
                "items": effect.items,
                "most_times": effect.most_times,
            }


def _major(amount_minor: int, currency: Currency) -> Decimal:
    return Decimal(amount_minor).scaleb(-currency.digits)
