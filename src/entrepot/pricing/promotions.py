"""What the shop keeps of a promotion besides its rule, and what it can refuse with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from entrepot.kernel.actors import Role
from entrepot.kernel.errors import Conflict, NotFound, Refused, Unprocessable
from entrepot.pricing.model import Bundle, BuyXGetY, Effect, Promotion, Target

MAX_TARGETS: Final = 500
"""Products, categories, brands or companies that one promotion names."""

MAX_UNENDED: Final = 10_000
"""Promotions that run or will run, all sellers' together."""

MAX_UNENDED_OF_COMPANY: Final = 500


class PromotionStatus(StrEnum):
    """Where a promotion stands at a moment."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    USED_UP = "used_up"
    ENDED = "ended"


class PromotionTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a promotion; amounts in minor units of `currency`, which is None where there are none."""

    company_id: int | None
    name: str
    description: str
    effect: Effect
    currency: str | None
    target: Target
    zone_ids: frozenset[int]
    roles: frozenset[Role]
    first_order_only: bool
    minimum_spend_minor: int
    minimum_quantity: int
    per_user_limit: int | None
    total_limit: int | None
    priority: int
    is_exclusive: bool
    is_active: bool
    needs_code: bool
    starts_at: datetime
    ends_at: datetime | None

    @property
    def gets(self) -> Target | None:
        """The other goods of buy X get Y."""
        return self.effect.gets if isinstance(self.effect, BuyXGetY) else None


class StoredPromotion(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion's row, with the slugs of its zones. `managed`: the reader may change it."""

    id: int
    company_id: int | None
    name: str
    description: str
    effect: Effect
    currency: str | None
    target: Target
    zone_ids: list[int]
    zones: list[str]
    roles: list[Role]
    first_order_only: bool
    minimum_spend_minor: int
    minimum_quantity: int
    per_user_limit: int | None
    total_limit: int | None
    used: int
    priority: int
    is_exclusive: bool
    is_active: bool
    needs_code: bool
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    updated_at: datetime
    managed: bool

    @property
    def terms(self) -> PromotionTerms:
        shared = {field.name: getattr(self, field.name) for field in msgspec.structs.fields(PromotionTerms)}
        return PromotionTerms(
            **{
                **shared,
                "target": Target() if isinstance(self.effect, Bundle) else self.target,
                "zone_ids": frozenset(self.zone_ids),
                "roles": frozenset(self.roles),
            }
        )

    @property
    def rule(self) -> Promotion:
        """As a basket is priced by it."""
        return rule_of(self.id, self.terms, used=self.used)

    def status_at(self, moment: datetime) -> PromotionStatus:
        if self.ends_at is not None and self.ends_at <= moment:
            return PromotionStatus.ENDED
        if not self.is_active:
            return PromotionStatus.DRAFT
        if self.total_limit is not None and self.used >= self.total_limit:
            return PromotionStatus.USED_UP
        return PromotionStatus.SCHEDULED if self.starts_at > moment else PromotionStatus.RUNNING


def rule_of(promotion_id: int, terms: PromotionTerms, *, used: int = 0) -> Promotion:
    """A promotion as a basket is priced by it."""
    return Promotion(
        id=promotion_id,
        name=terms.name,
        effect=terms.effect,
        target=terms.target,
        company_id=terms.company_id,
        currency=terms.currency,
        zone_ids=terms.zone_ids,
        roles=terms.roles,
        first_order_only=terms.first_order_only,
        minimum_spend_minor=terms.minimum_spend_minor,
        minimum_quantity=terms.minimum_quantity,
        per_user_limit=terms.per_user_limit,
        total_limit=terms.total_limit,
        used=used,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        priority=terms.priority,
        exclusive=terms.is_exclusive,
    )


class PromotionNotFound(NotFound):
    code = "PROMOTION_NOT_FOUND"
    message = "Promotion not found"


class PromotionsOverlap(Conflict):
    code = "PROMOTIONS_OVERLAP"
    message = (
        "Neither combines with others, and both are about the same goods at the same time: change one's dates or goods"
    )


class TooManyPromotions(Unprocessable):
    code = "TOO_MANY_PROMOTIONS"
    message = (
        f"There are {MAX_UNENDED:,} promotions that have not ended, or {MAX_UNENDED_OF_COMPANY} of this company: "
        "delete some first"
    )


class EndsBeforeStart(Unprocessable):
    code = "PROMOTION_ENDS_EARLY"
    message = "A promotion ends after it starts"


class LimitBelowUses(Conflict):
    code = "LIMIT_BELOW_USES"
    message = "It has been used more often than this limit allows"


class PromotionOver(Conflict):
    code = "PROMOTION_OVER"
    message = "A promotion that was to apply is used up or has been changed: look at the totals again"


PROMOTION_CONSTRAINTS: Final[Mapping[str, type[Refused]]] = {
    "promotions_dates": EndsBeforeStart,
    "promotions_within_limit": LimitBelowUses,
}
