"""How promotions are shown, in major units."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Self

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Role
from entrepot.pricing.model import Bundle, Kind, Scope, Target
from entrepot.pricing.promotions import PromotionStatus, StoredPromotion
from entrepot.pricing.promotions_create import Made
from entrepot.pricing.promotions_overlap import Overlap
from entrepot.pricing.promotions_terms import wish_of
from entrepot.shop import Shop


class TargetView(msgspec.Struct, frozen=True):
    """Goods: everything, or those with these ids."""

    scope: Scope
    ids: list[int]

    @classmethod
    def of(cls, target: Target) -> Self:
        return cls(target.scope, sorted(target.ids))


class BundledView(msgspec.Struct, frozen=True, rename="camel"):
    product_id: int
    quantity: int


class PromotionView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A promotion. `value` is percent or an amount, as its type has it; fields of other types are left out.

    `used` is told to who manages it.
    """

    id: int
    name: str
    description: str
    type: Kind
    value: int | float
    target: TargetView
    zones: list[str]
    roles: list[Role]
    first_order_only: bool
    minimum_spend: int | float
    minimum_quantity: int
    priority: int
    stackable: bool
    status: PromotionStatus
    is_active: bool
    company_id: int | None
    currency: str
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    updated_at: datetime
    per_user_limit: int | None
    total_limit: int | None
    used: int | None = None
    per_piece: bool | None = None
    buy_quantity: int | None = None
    get_quantity: int | None = None
    same_product: bool | None = None
    gets: TargetView | None = None
    items: list[BundledView] | None = None
    most_times: int | None = None

    @classmethod
    def of(cls, promotion: StoredPromotion, shop: Shop, **more: Any) -> Self:
        currency = shop.currency_of(promotion.currency or shop.currency.code)
        wish = wish_of(promotion.terms, currency)
        of_kind: dict[str, Any] = {}
        match wish.kind:
            case Kind.FIXED:
                of_kind = {"per_piece": wish.per_piece}
            case Kind.BUY_X_GET_Y:
                of_kind = {
                    "buy_quantity": wish.buy_quantity,
                    "get_quantity": wish.get_quantity,
                    "same_product": wish.same_product,
                    "gets": TargetView.of(wish.gets) if wish.gets is not None else None,
                    "most_times": wish.most_times,
                }
            case Kind.BUNDLE:
                items = [BundledView(item.product_id, item.quantity) for item in wish.items]
                of_kind = {"items": items, "most_times": wish.most_times}
        return cls(
            id=promotion.id,
            name=promotion.name,
            description=promotion.description,
            type=wish.kind,
            value=_number(wish.value),
            target=TargetView.of(Target() if isinstance(promotion.effect, Bundle) else promotion.target),
            zones=promotion.zones,
            roles=promotion.roles,
            first_order_only=promotion.first_order_only,
            minimum_spend=currency.major(promotion.minimum_spend_minor),
            minimum_quantity=promotion.minimum_quantity,
            priority=promotion.priority,
            stackable=not promotion.is_exclusive,
            status=promotion.status_at(clock.now()),
            is_active=promotion.is_active,
            company_id=promotion.company_id,
            currency=currency.code,
            starts_at=promotion.starts_at,
            ends_at=promotion.ends_at,
            created_at=promotion.created_at,
            updated_at=promotion.updated_at,
            per_user_limit=promotion.per_user_limit,
            total_limit=promotion.total_limit,
            used=promotion.used if promotion.managed else None,
            **of_kind,
            **more,
        )


def _number(value: Decimal | None) -> int | float:
    """As JSON writes it: whole ones without a point."""
    value = value or Decimal(0)
    return int(value) if value == value.to_integral_value() else float(value)


class OverlapView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Another promotion about some of the same goods: from when to when (null: without end), and which goods, up to 20."""

    promotion_id: int
    name: str
    starts_at: datetime
    ends_at: datetime | None
    goods: TargetView

    @classmethod
    def of(cls, overlap: Overlap) -> Self:
        return cls(
            promotion_id=overlap.promotion_id,
            name=overlap.name,
            starts_at=overlap.starts_at,
            ends_at=overlap.ends_at,
            goods=TargetView.of(overlap.goods),
        )


class MadePromotionView(PromotionView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A promotion that was made or changed, and up to 100 others that it overlaps with."""

    overlaps: list[OverlapView]

    @classmethod
    def made(cls, made: Made, shop: Shop) -> Self:
        return cls.of(made.promotion, shop, overlaps=[OverlapView.of(overlap) for overlap in made.overlaps])


class PromotionPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of promotions. `limit` is how many are on it, `total` how many there are."""

    promotions: list[PromotionView]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
