"""How a rehearsal is told, in major units."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import msgspec

from entrepot.kernel.money import Currency
from entrepot.pricing.promotions_rehearse import Rehearsed, Takings
from entrepot.shop import Shop


class TakingsView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What goods brought, before tax and shipping; `margin` is the shop's commission, and all that its own goods brought."""

    revenue: int | float
    discount: int | float
    units: int
    margin: int | float

    @classmethod
    def of(cls, takings: Takings, currency: Currency) -> Self:
        return cls(
            revenue=currency.major(takings.revenue_minor),
            discount=currency.major(takings.discount_minor),
            units=takings.units,
            margin=currency.major(takings.margin_minor),
        )


class ComparedView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The orders that the promotion would have changed, as they were and as they would have been."""

    currency: str
    orders: int
    before: TakingsView
    after: TakingsView


class RehearsalView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a promotion would have made of past orders, if people had bought the same.

    `replayed` orders since `since` were looked at; if not `complete`, these are the newest 5,000.
    """

    promotion_id: int
    since: datetime
    replayed: int
    complete: bool
    results: list[ComparedView]

    @classmethod
    def of(cls, rehearsed: Rehearsed, shop: Shop) -> Self:
        return cls(
            promotion_id=rehearsed.promotion_id,
            since=rehearsed.since,
            replayed=rehearsed.replayed,
            complete=rehearsed.complete,
            results=[
                ComparedView(
                    currency=code,
                    orders=compared.orders,
                    before=TakingsView.of(compared.before, shop.currency_of(code)),
                    after=TakingsView.of(compared.after, shop.currency_of(code)),
                )
                for code, compared in sorted(rehearsed.by_currency.items())
            ],
        )
