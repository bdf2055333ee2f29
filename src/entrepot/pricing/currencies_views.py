"""How currencies are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from entrepot.kernel.money import Major, plain_number
from entrepot.pricing.currencies import name_of
from entrepot.pricing.currencies_queries import WrittenRate
from entrepot.shop import Shop


class ExchangeRateView(msgspec.Struct, frozen=True, rename="camel"):
    """What one unit of the shop's own currency is worth from a time on; null: the currency is not dealt in then."""

    rate: Major | None
    valid_from: datetime


class CurrencyView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A currency. `rate`: what one unit of `base`, the shop's own, is worth in it; null before it begins to be dealt in.

    `digits` are those after the point that amounts in it have.
    """

    code: str
    name: str
    symbol: str
    digits: int
    base: str
    is_base: bool
    rate: Major | None
    valid_from: datetime | None
    upcoming: list[ExchangeRateView]


class CurrencyPage(msgspec.Struct, frozen=True):
    """Currencies: the shop's own, then the others by code."""

    currencies: list[CurrencyView]
    base: str
    total: int
    skip: int
    limit: int


def currency_views(rows: Sequence[WrittenRate], at: datetime, shop: Shop) -> list[CurrencyView]:
    """The shop's own currency, then those that have a rate now or will have one, as they are at this moment."""
    by_code: defaultdict[str, list[WrittenRate]] = defaultdict(list)
    for row in rows:
        by_code[row.currency].append(row)
    return [own_currency(shop), *(currency_view(code, rates, at, shop) for code, rates in by_code.items())]


def own_currency(shop: Shop) -> CurrencyView:
    return _view(shop.currency.code, Decimal(1), None, [], shop)


def currency_view(code: str, rates: Sequence[WrittenRate], at: datetime, shop: Shop) -> CurrencyView:
    """A currency by its rates, the earliest first."""
    upcoming = [rate for rate in rates if rate.valid_from > at]
    current = next((rate for rate in rates if rate.valid_from <= at), None)
    if current is None:
        return _view(code, None, None, upcoming, shop)
    return _view(code, current.rate, current.valid_from, upcoming, shop)


def _view(
    code: str, rate: Decimal | None, valid_from: datetime | None, upcoming: Sequence[WrittenRate], shop: Shop
) -> CurrencyView:
    called = name_of(code)
    return CurrencyView(
        code=code,
        name=called.name,
        symbol=called.symbol,
        digits=shop.currency_of(code).digits,
        base=shop.currency.code,
        is_base=code == shop.currency.code,
        rate=_shown(rate),
        valid_from=valid_from,
        upcoming=[ExchangeRateView(_shown(later.rate), later.valid_from) for later in upcoming],
    )


def _shown(rate: Decimal | None) -> Major | None:
    return plain_number(rate) if rate is not None else None
