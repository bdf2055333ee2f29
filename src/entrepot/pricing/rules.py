"""The rules that a basket is priced by: promotions, the coupon, tax rates, shipping rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from entrepot.kernel.money import portion, share
from entrepot.pricing.model import STANDARD, Promotion
from entrepot.pricing.promotion_index import Promotions

GRAMS_PER_KG: Final = 1000


class TaxRate(msgspec.Struct, frozen=True):
    """A rate; `inclusive` where prices contain the tax already."""

    rate_bp: int
    inclusive: bool = False

    def added_minor(self, net_minor: int) -> int:
        """What is added to an amount, rounded half up."""
        return 0 if self.inclusive else share(net_minor, self.rate_bp)

    def included_minor(self, gross_minor: int) -> int:
        """What of an amount is tax, rounded half up: gross x rate / (1 + rate)."""
        return portion(gross_minor, self.rate_bp, 10_000 + self.rate_bp) if self.inclusive else 0


class Taxed(NamedTuple):
    """What a tax rate is for: None stands for any. A state without its country is never looked for."""

    country: str | None = None
    state: str | None = None
    category_id: int | None = None


class TaxRules(msgspec.Struct, frozen=True):
    """Tax rates by country, state and category."""

    rates: Mapping[Taxed, TaxRate] = {}
    default: TaxRate = TaxRate(0)

    def rate_for(self, country: str | None, state: str | None, category_path: Iterable[int]) -> TaxRate:
        """The one rate for goods of this category (own first, then its ancestors) that go there.

        A rate of the country comes before one for all countries; then the nearest category before none; then the state
        before the whole country.
        """
        if not self.rates:
            return self.default
        places = [Taxed(country, state), Taxed(country)] if state is not None else [Taxed(country)]
        for group in ([*places] if country is not None else [], [Taxed()]):
            for category_id in (*category_path, None):
                for place in group:
                    rate = self.rates.get(place._replace(category_id=category_id))
                    if rate is not None:
                        return rate
        return self.default


class ShippingRate(msgspec.Struct, frozen=True, kw_only=True):
    """What bringing a company's part of the basket costs by one method.

    Without `company_id` it is for all companies that have no rate of their own, without `zone_id` for all zones that have
    none. It counts for weights and goods from `from_...` until just before `to_...` (None: no end). To `fee_minor` comes
    `per_kg_minor` for each started kilogram. Free where the goods are worth `free_from_minor` or more.
    """

    method: str
    company_id: int | None = None
    zone_id: int | None = None
    fee_minor: int = 0
    per_kg_minor: int = 0
    from_weight_g: int = 0
    to_weight_g: int | None = None
    from_goods_minor: int = 0
    to_goods_minor: int | None = None
    free_from_minor: int | None = None

    def fits(self, goods_minor: int, weight_g: int) -> bool:
        return (
            self.from_weight_g <= weight_g
            and (self.to_weight_g is None or weight_g < self.to_weight_g)
            and self.from_goods_minor <= goods_minor
            and (self.to_goods_minor is None or goods_minor < self.to_goods_minor)
        )

    def price_minor(self, goods_minor: int, weight_g: int) -> int:
        if self.free_from_minor is not None and goods_minor >= self.free_from_minor:
            return 0
        return self.fee_minor + self.per_kg_minor * -(-weight_g // GRAMS_PER_KG)


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What a company has to bring to a zone: how much the goods are worth (after their own discounts, before promotions),
    and what they weigh. `fee_minor` and `free_from_minor` are what the company itself asks in the zone."""

    company_id: int
    zone_id: int | None
    goods_minor: int
    weight_g: int
    fee_minor: int | None = None
    free_from_minor: int | None = None


class ShippingRules(msgspec.Struct, frozen=True):
    """Shipping rates in the basket's currency. Of several that fit, the first counts."""

    rates: tuple[ShippingRate, ...] = ()

    def price_minor(self, method: str, parcel: Parcel) -> int | None:
        """What it costs to bring this; None where the method is not offered for it.

        The company's own rates count first, then (for standard shipping) its fee in the zone, then the rates for all
        companies; each of these only where the one before says nothing at all. Standard shipping without any is free.
        """
        own = self._rates(method, parcel.company_id, parcel.zone_id)
        if own:
            return _first_that_fits(own, parcel)
        if method == STANDARD and parcel.fee_minor is not None:
            free = parcel.free_from_minor is not None and parcel.goods_minor >= parcel.free_from_minor
            return 0 if free else parcel.fee_minor
        general = self._rates(method, None, parcel.zone_id)
        if general:
            return _first_that_fits(general, parcel)
        return 0 if method == STANDARD else None

    def _rates(self, method: str, company_id: int | None, zone_id: int | None) -> list[ShippingRate]:
        """Those for the zone, or else those for any zone."""
        rates = [rate for rate in self.rates if rate.method == method and rate.company_id == company_id]
        of_zone = [rate for rate in rates if rate.zone_id is not None and rate.zone_id == zone_id]
        return of_zone or [rate for rate in rates if rate.zone_id is None]


def _first_that_fits(rates: Iterable[ShippingRate], parcel: Parcel) -> int | None:
    for rate in rates:
        if rate.fits(parcel.goods_minor, parcel.weight_g):
            return rate.price_minor(parcel.goods_minor, parcel.weight_g)
    return None


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides what a basket costs. `coupon` is the one that the buyer entered; it must have a code."""

    promotions: Promotions = Promotions()
    coupon: Promotion | None = None
    tax: TaxRules = TaxRules()
    shipping: ShippingRules = ShippingRules()
