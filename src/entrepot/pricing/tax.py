"""Tax: which rates there are, by country, state and category, and how administrators set them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid, Unprocessable
from entrepot.kernel.events import publish
from entrepot.kernel.places import country_code, state_code
from entrepot.pricing import tax_queries as queries
from entrepot.pricing.events import TaxRatesChanged
from entrepot.pricing.rules import TaxRate
from entrepot.pricing.tax_queries import TaxRow

MOST: Final = 10_000
"""Rates that there can be."""


class TooManyTaxRates(Unprocessable):
    code = "TOO_MANY_TAX_RATES"
    message = f"There are {MOST:,} tax rates, which is the most there can be: take some away first"


class TaxSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A rate that is to be set, for a place and a category (a slug); an empty one stands for any. No `rate`: it is taken away."""

    country: str = ""
    state: str = ""
    category: str | None = None
    rate: TaxRate | None = None
    name: str = ""


async def set_tax_rates(tx: Tx, actor: Actor, settings: Sequence[TaxSetting]) -> None:
    """Set what counts for the places and categories that are named, each once; what counts for others stays.

    Raises:
        Invalid: an unknown category, or a place and category that are named twice.
        TooManyTaxRates
    """
    settings = [_in_one_spelling(setting) for setting in settings]
    _refuse_named_twice(settings)
    categories = await _categories(tx, settings)
    await queries.lock_rates(tx)
    rows = [
        (
            setting.rate,
            queries.TaxRateRow(
                setting.country,
                setting.state,
                categories.get(setting.category or ""),
                setting.rate.rate_bp if setting.rate is not None else 0,
                setting.rate is not None and setting.rate.inclusive,
                setting.name,
            ),
        )
        for setting in settings
    ]
    before = await queries.list_rates_for(tx, [row for _, row in rows])
    await queries.delete_rates(tx, [row for rate, row in rows if rate is None])
    await queries.set_rates(tx, [row for rate, row in rows if rate is not None])
    if await queries.count_rates(tx, None) > MOST:
        raise TooManyTaxRates
    after = await queries.list_rates_for(tx, [row for _, row in rows])
    await record_change(tx, actor, "tax.rates_changed", Subject("tax", "rates"), _facts(before), _facts(after))
    await publish(tx, TaxRatesChanged(), actor_id=actor.user_id)


def tax_place(country: str | None, state: str | None) -> tuple[str | None, str | None]:
    """Country and state of an address as tax rates name them; None where the address does not say."""
    code = country_code(country or "") or None
    region = (state_code(code, state or "") or None) if code is not None else None
    return code, region


def _in_one_spelling(setting: TaxSetting) -> TaxSetting:
    code, region = tax_place(setting.country, setting.state)
    return msgspec.structs.replace(setting, country=code or "", state=region or "")


def _refuse_named_twice(settings: Sequence[TaxSetting]) -> None:
    seen: set[tuple[str, str, str | None]] = set()
    for place, setting in enumerate(settings):
        key = (setting.country, setting.state, setting.category)
        if key in seen:
            raise Invalid({f"rates.{place}": ["names the place and the category of another rate"]})
        seen.add(key)


async def _categories(tx: Tx, settings: Sequence[TaxSetting]) -> dict[str, int]:
    """The ids of the categories that are named, by slug."""
    slugs = sorted({setting.category for setting in settings if setting.category is not None})
    found = {row.slug: row.id for row in await queries.list_categories(tx, slugs)} if slugs else {}
    unknown = {
        f"rates.{place}.category": ["there is no such category"]
        for place, setting in enumerate(settings)
        if setting.category is not None and setting.category not in found
    }
    if unknown:
        raise Invalid(unknown)
    return found


def _facts(rows: Sequence[TaxRow]) -> dict[str, object]:
    return {
        "rates": {
            "/".join(filter(None, [row.country, row.state, row.category])) or "everywhere": {
                "rateBp": row.rate_bp,
                "inclusive": row.inclusive,
                "name": row.name,
            }
            for row in rows
        }
    }
