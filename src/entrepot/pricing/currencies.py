"""Currencies: what one unit of the shop's own is worth in others, since when, and amounts carried from one to another.

A rate that has begun is never overwritten: what was dealt in at a time can always be told. The codes are those of ISO 4217.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from importlib import resources
from typing import Final

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Conflict, Invalid, NotFound, Unprocessable
from entrepot.kernel.events import publish
from entrepot.kernel.money import Currency, exchange
from entrepot.pricing import currencies_queries as queries
from entrepot.pricing.currencies_queries import ExchangeRate, WrittenRate
from entrepot.pricing.events import ExchangeRateSet

MOST_UPCOMING: Final = 50
"""Rates of a currency that may wait to begin."""


class CurrencyNotFound(NotFound):
    code = "CURRENCY_NOT_FOUND"
    message = "There is no such currency: use an ISO 4217 code such as EUR"


class OwnCurrency(Conflict):
    code = "OWN_CURRENCY"
    message = "This is the shop's own currency, which the others are counted in: its rate is always 1"


class ExchangeRateBegun(Conflict):
    code = "EXCHANGE_RATE_BEGUN"
    message = "A rate has begun at this time already: what was is not changed"


class TooManyRatesToCome(Unprocessable):
    code = "TOO_MANY_RATES_TO_COME"
    message = f"{MOST_UPCOMING} rates of this currency wait to begin: wait until some have"


class CurrencyNotDealtIn(Unprocessable):
    code = "CURRENCY_NOT_DEALT_IN"
    message = "The shop does not deal in this currency: see GET /currencies"


class CurrencyName(msgspec.Struct, frozen=True):
    """What a currency is called, and written before an amount."""

    code: str
    symbol: str
    name: str


class Rates(msgspec.Struct, frozen=True):
    """What one unit of `base`, the shop's own currency, is worth in others at one moment."""

    base: str
    rates: Mapping[str, ExchangeRate] = {}

    def rate_of(self, code: str) -> Decimal:
        """Raises CurrencyNotDealtIn where there is no rate."""
        if code == self.base:
            return Decimal(1)
        found = self.rates.get(code)
        if found is None:
            raise CurrencyNotDealtIn(details={"currency": [f"{code} has no exchange rate"]})
        return found.rate

    def exchanger(self, source: Currency, target: Currency) -> Callable[[int], int]:
        """What carries amounts of one currency into another, in minor units, rounded half up. Raises CurrencyNotDealtIn."""
        if source.code == target.code:
            return lambda amount_minor: amount_minor
        sold, bought = self.rate_of(source.code), self.rate_of(target.code)
        return lambda amount_minor: exchange(amount_minor, source, target, bought=bought, sold=sold)


async def set_exchange_rate(
    tx: Tx, actor: Actor, base: str, code: str, rate: Decimal | None, valid_from: datetime | None
) -> None:
    """Set what one unit of `base` is worth from a time on, or from now; without `rate` it is dealt in no more.

    Raises:
        CurrencyNotFound: ISO 4217 knows no such code.
        OwnCurrency
        Invalid: a time that is over.
        ExchangeRateBegun: a rate began at this very time.
        TooManyRatesToCome
    """
    if code not in NAMES:
        raise CurrencyNotFound
    if code == base:
        raise OwnCurrency
    now = clock.now()
    if valid_from is not None and valid_from < now:
        raise Invalid({"validFrom": ["must not be in the past"]})
    since = valid_from or now
    await queries.lock_rates(tx)
    before = await queries.find_rate_at(tx, base, code, since)
    if not await queries.claim_rate(tx, base, WrittenRate(code, rate, since), actor.id, now):
        raise ExchangeRateBegun
    if await queries.count_upcoming(tx, base, code, now) > MOST_UPCOMING:
        raise TooManyRatesToCome
    await record_change(
        tx,
        actor,
        "currency.rate_set",
        Subject("currency", code),
        before={"rate": before.rate if before else None, "valid_from": before.valid_from if before else None},
        after={"rate": rate, "valid_from": since},
    )
    await publish(tx, ExchangeRateSet(currency=code), actor_id=actor.id)


def name_of(code: str) -> CurrencyName:
    """A shop may count in something that ISO 4217 does not know, which is called by its code."""
    return NAMES.get(code, CurrencyName(code, code, code))


NAMES: Final[Mapping[str, CurrencyName]] = {
    code: CurrencyName(code, symbol, name)
    for code, symbol, name in (
        line.split("\t")
        for line in resources.files("entrepot.pricing")
        .joinpath("iso_4217.tsv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
}
