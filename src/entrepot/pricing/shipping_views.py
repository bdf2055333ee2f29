"""How shipping methods, tariffs and offers are shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from entrepot.kernel.money import Currency, Major, plain_number
from entrepot.pricing.shipping_offers import ANYBODY, ShippingOffer, ShippingOffers
from entrepot.pricing.shipping_queries import ShippingMethod, Tariff, TariffRate
from entrepot.shop import Shop


class MethodView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A way of shipping, and how many working days it takes."""

    code: str
    name: str
    description: str
    min_days: int
    max_days: int
    is_active: bool

    @classmethod
    def of(cls, method: ShippingMethod) -> MethodView:
        return cls(**msgspec.structs.asdict(method))


class MethodList(msgspec.Struct, frozen=True):
    """The methods that are offered."""

    methods: list[MethodView]
    total: int
    skip: int
    limit: int


class ShippingRateView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What is asked of a parcel, in major units; weights in kilograms. What it runs to is not part of it; null: no end."""

    fee: Major
    per_kg: Major
    from_weight: Major
    to_weight: Major | None
    from_subtotal: Major
    to_subtotal: Major | None
    free_from: Major | None

    @classmethod
    def of(cls, rate: TariffRate, currency: Currency) -> ShippingRateView:
        return cls(
            fee=currency.major(rate.fee_minor),
            per_kg=currency.major(rate.per_kg_minor),
            from_weight=_kilograms(rate.from_weight_g),
            to_weight=_kilograms(rate.to_weight_g) if rate.to_weight_g is not None else None,
            from_subtotal=currency.major(rate.from_goods_minor),
            to_subtotal=_maybe(rate.to_goods_minor, currency),
            free_from=_maybe(rate.free_from_minor, currency),
        )


def _kilograms(weight_g: int) -> Major:
    return plain_number(Decimal(weight_g).scaleb(-3))


def _maybe(amount_minor: int | None, currency: Currency) -> Major | None:
    return currency.major(amount_minor) if amount_minor is not None else None


class TariffView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """All that is asked for a method. Without company, by all that have no tariff; without zone, in all that have none."""

    method: str
    company_id: int | None
    company: str | None
    zone: str | None
    currency: str
    rates: list[ShippingRateView]

    @classmethod
    def of(cls, tariff: Tariff, shop: Shop) -> TariffView:
        return cls(
            method=tariff.method,
            company_id=tariff.company_id,
            company=tariff.company,
            zone=tariff.zone,
            currency=shop.currency.code,
            rates=[ShippingRateView.of(rate, shop.currency) for rate in tariff.rates],
        )


class TariffPage(msgspec.Struct, frozen=True):
    """A page of tariffs, the oldest first."""

    tariffs: list[TariffView]
    total: int
    skip: int
    limit: int

    @classmethod
    def of(cls, tariffs: Sequence[Tariff], total: int, skip: int, shop: Shop) -> TariffPage:
        return cls([TariffView.of(tariff, shop) for tariff in tariffs], total, skip, len(tariffs))


class CompanyOffer(msgspec.Struct, frozen=True, rename="camel"):
    """What a company asks for its part."""

    company_id: int
    amount: Major


class OfferView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a method costs altogether, in major units of the reply's currency, and each company's part of it."""

    method: str
    name: str
    description: str
    amount: Major
    is_free: bool
    min_days: int
    max_days: int
    companies: list[CompanyOffer]

    @classmethod
    def of(cls, offer: ShippingOffer, currency: Currency) -> OfferView:
        method = offer.method
        return cls(
            method=method.code,
            name=method.name,
            description=method.description,
            amount=currency.major(offer.amount_minor),
            is_free=offer.amount_minor == 0,
            min_days=method.min_days,
            max_days=method.max_days,
            companies=[
                CompanyOffer(company_id, currency.major(amount_minor))
                for company_id, amount_minor in offer.by_company.items()
                if company_id != ANYBODY
            ],
        )


class WithheldView(msgspec.Struct, frozen=True, rename="camel"):
    """A method that some companies of the basket do not offer for it."""

    method: str
    name: str
    company_ids: list[int]


class OffersView(msgspec.Struct, frozen=True, kw_only=True):
    """The methods that everything can be shipped by, and those that it cannot. `zone`: where it goes, if that is in a zone."""

    zone: str | None
    currency: str
    rates: list[OfferView]
    unavailable: list[WithheldView]

    @classmethod
    def of(cls, found: ShippingOffers, zone: str | None, shop: Shop) -> OffersView:
        currency = shop.currency_of(found.currency)
        return cls(
            zone=zone,
            currency=found.currency,
            rates=[OfferView.of(offer, currency) for offer in found.offers if not offer.withheld],
            unavailable=[
                WithheldView(offer.method.code, offer.method.name, [one for one in offer.withheld if one != ANYBODY])
                for offer in found.offers
                if offer.withheld
            ],
        )
