"""Shipping: which methods there are, what they cost by company and zone, and how administrators set both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from entrepot.kernel.actors import Actor
from entrepot.kernel.admin_log import Subject, record_change
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unprocessable
from entrepot.kernel.events import publish
from entrepot.pricing import shipping_queries as queries
from entrepot.pricing.events import ShippingMethodChanged, ShippingRatesChanged
from entrepot.pricing.model import STANDARD
from entrepot.pricing.rules import ShippingRate
from entrepot.pricing.shipping_queries import Tariff, TariffRow
from entrepot.zones import zones_named

MOST_RATES: Final = 100_000
"""Rates that there can be, of all tariffs together."""


class Method(StrEnum):
    STANDARD = "standard"
    EXPRESS = "express"
    PICKUP = "pickup"


class ShippingMethodNotFound(NotFound):
    code = "SHIPPING_METHOD_NOT_FOUND"
    message = f"There is no such shipping method: use {', '.join(Method)}"


class StandardStays(Conflict):
    code = "STANDARD_SHIPPING_STAYS"
    message = "Standard shipping is what counts where no method is named: it cannot be switched off"


class TooManyShippingRates(Unprocessable):
    code = "TOO_MANY_SHIPPING_RATES"
    message = f"There can be {MOST_RATES:,} shipping rates at most: take some away first"


class TariffSetting(msgspec.Struct, frozen=True, kw_only=True):
    """All that a company asks in a zone (a slug) for a method; without company or zone, all of them. No rates: no tariff."""

    method: Method
    company_id: int | None = None
    zone: str | None = None
    rates: Sequence[ShippingRate] = ()


async def set_tariffs(tx: Tx, actor: Actor, settings: Sequence[TariffSetting]) -> list[Tariff]:
    """Put these tariffs in place of what stood for the same methods, companies and zones; others stay.

    Raises:
        Forbidden: a location admin names a zone of others, or all zones.
        Invalid: an unknown zone or company.
        TooManyShippingRates
    """
    zones = await zones_named(tx, sorted({one.zone for one in settings if one.zone is not None}), "tariffs")
    zone_ids = {zone.slug: zone.id for zone in zones}
    keys = [
        queries.TariffKey(one.method, one.company_id, zone_ids[one.zone] if one.zone is not None else None)
        for one in settings
    ]
    if not actor.is_admin and not {key.zone_id for key in keys} <= set(actor.zone_ids):
        raise Forbidden("You administer other zones than these")
    await _refuse_unknown_companies(tx, settings)
    await queries.lock_rates(tx)
    before = await queries.list_tariffs_for(tx, keys)
    await queries.delete_tariffs(tx, keys)
    await queries.insert_rates(
        tx, [_row(key, rate) for key, one in zip(keys, settings, strict=True) for rate in one.rates]
    )
    if await queries.count_rates(tx) > MOST_RATES:
        raise TooManyShippingRates
    after = await queries.list_tariffs_for(tx, keys)
    await record_change(
        tx, actor, "shipping.rates_changed", Subject("shipping", "rates"), _facts(before), _facts(after)
    )
    await publish(tx, ShippingRatesChanged(), actor_id=actor.user_id)
    return after


async def change_method(tx: Tx, actor: Actor, code: str, changes: Mapping[str, Any]) -> queries.ShippingMethod:
    """Change how a method is shown, how long it takes, or whether it is offered.

    Raises:
        ShippingMethodNotFound
        StandardStays
        Invalid: it would take longer at least than at most.
    """
    before = await queries.lock_method(tx, code)
    if before is None:
        raise ShippingMethodNotFound
    after = msgspec.structs.replace(before, **changes)
    if code == STANDARD and not after.is_active:
        raise StandardStays
    if after.min_days > after.max_days:
        raise Invalid({"maxDays": ["must not be below minDays"]})
    await queries.set_method(tx, after)
    await record_change(tx, actor, "shipping.method_changed", Subject("shipping_method", code), before, after)
    await publish(tx, ShippingMethodChanged(method=code), actor_id=actor.user_id)
    return after


async def _refuse_unknown_companies(tx: Tx, settings: Sequence[TariffSetting]) -> None:
    named = sorted({one.company_id for one in settings if one.company_id is not None})
    known = set(await queries.list_companies(tx, named)) if named else set()
    unknown = {
        f"tariffs.{place}.companyId": ["there is no such company"]
        for place, one in enumerate(settings)
        if one.company_id is not None and one.company_id not in known
    }
    if unknown:
        raise Invalid(unknown)


def _row(key: queries.TariffKey, rate: ShippingRate) -> TariffRow:
    return TariffRow(
        method=key.method,
        company_id=key.company_id,
        zone_id=key.zone_id,
        from_weight_g=rate.from_weight_g,
        to_weight_g=rate.to_weight_g,
        from_goods_minor=rate.from_goods_minor,
        to_goods_minor=rate.to_goods_minor,
        fee_minor=rate.fee_minor,
        per_kg_minor=rate.per_kg_minor,
        free_from_minor=rate.free_from_minor,
    )


def _facts(tariffs: Sequence[Tariff]) -> dict[str, object]:
    return {
        "tariffs": {
            f"{one.method}/{one.company_id or 'every company'}/{one.zone or 'every zone'}": one.rates for one in tariffs
        }
    }
