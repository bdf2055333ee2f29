"""How tax rates are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from entrepot.kernel.money import Major, percent
from entrepot.pricing.tax_queries import TaxRow
from entrepot.shop import Shop


class TaxRateView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A rate in percent. `country` and `state` are null where it is for any, `category` (a slug) for all goods."""

    id: int
    country: str | None
    state: str | None
    category: str | None
    category_id: int | None
    rate: Major
    inclusive: bool
    name: str
    updated_at: datetime

    @classmethod
    def of(cls, row: TaxRow) -> TaxRateView:
        return cls(
            id=row.id,
            country=row.country or None,
            state=row.state or None,
            category=row.category,
            category_id=row.category_id,
            rate=percent(row.rate_bp),
            inclusive=row.inclusive,
            name=row.name,
            updated_at=row.updated_at,
        )


class DefaultTaxView(msgspec.Struct, frozen=True):
    """What counts where no rate fits: the setting `TAX_RATE`."""

    rate: Major
    inclusive: bool = False


class TaxRatePage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of tax rates."""

    rates: list[TaxRateView]
    default: DefaultTaxView
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None

    @classmethod
    def of(cls, rows: Sequence[TaxRow], total: int, skip: int, shop: Shop, cursor: str | None = None) -> TaxRatePage:
        return cls(
            rates=[TaxRateView.of(row) for row in rows],
            default=DefaultTaxView(percent(shop.settings.tax_bp)),
            total=total,
            skip=skip,
            limit=len(rows),
            next_cursor=cursor,
        )
