"""What the methods of shipping would cost: for goods, as an order would be charged, or by weight and value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from entrepot import identity
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.kernel.errors import Invalid, Unprocessable
from entrepot.pricing import shipping_queries as queries
from entrepot.pricing.destination import destination_of
from entrepot.pricing.quote import Asked, Destination, Quote, quote
from entrepot.pricing.quote_queries import Place
from entrepot.pricing.rules import Parcel, ShippingRules
from entrepot.pricing.shipping_queries import CompanyTerms, ShippingMethod
from entrepot.pricing.shipping_requests import DestinationBody, ShippingQuestion, grams
from entrepot.settings import Settings

ANYBODY: Final = 0
"""Stands for a company that has no tariff of its own: no company has this id."""


class NothingToShip(Unprocessable):
    code = "NOTHING_TO_SHIP"
    message = "There is nothing to ship: give products, or weight and subtotal, or fill the cart"


class ShippingOffer(msgspec.Struct, frozen=True, kw_only=True):
    """What a method costs, by company; companies in `withheld` do not deliver their part in this way."""

    method: ShippingMethod
    by_company: Mapping[int, int]
    withheld: Sequence[int] = ()

    @property
    def amount_minor(self) -> int:
        return sum(self.by_company.values())


class ShippingOffers(msgspec.Struct, frozen=True, kw_only=True):
    """An offer for each method, in their order; in minor units of `currency`."""

    to: Destination
    currency: str
    offers: Sequence[ShippingOffer]


async def destination(db: Db, actor: Actor, asked: ShippingQuestion) -> Destination:
    """Where it goes: to the zone that is named, the zone that the address lies in, or the actor's own (`destination_of`).

    Raises:
        Invalid: an unknown zone.
        AddressNotFound
    """
    address: DestinationBody | identity.Address | None = asked.address
    if asked.address_id is not None:
        address = await identity.get_address(db, actor, asked.address_id)
    if address is None:
        return await destination_of(db, actor, asked.zone)
    place = Place(
        country=address.country,
        state=address.state,
        city=address.city,
        latitude=address.latitude,
        longitude=address.longitude,
    )
    return await destination_of(db, actor, asked.zone, place)


async def offers_for_goods(
    db: Db, actor: Actor, wanted: Mapping[int, int], to: Destination, settings: Settings
) -> ShippingOffers:
    """What an order of these pieces (by product) would be charged for its shipping; without any, of the user's cart.

    Raises:
        Invalid: products that are not sold, not delivered to the zone, or sold in several currencies.
        NothingToShip
    """
    if not wanted:
        wanted = {line.product_id: line.quantity for line in await queries.list_cart(db, actor.id)}
    if not wanted:
        raise NothingToShip
    methods = await queries.list_methods(db)
    quotes = [
        await quote(db, actor, Asked(quantities=wanted, to=to, shipping_method=method.code), settings)
        for method in methods
    ]
    _refuse_what_cannot_be_shipped(quotes[0], wanted)
    return ShippingOffers(
        to=to,
        currency=quotes[0].currency,
        offers=[
            ShippingOffer(
                method=method,
                by_company={
                    part.company_id: part.shipping_minor
                    for part in priced.basket.parts
                    if part.company_id not in priced.basket.undelivered
                },
                withheld=priced.basket.undelivered,
            )
            for method, priced in zip(methods, quotes, strict=True)
        ],
    )


async def offers_for_parcel(
    db: Db, asked: ShippingQuestion, to: Destination, settings: Settings, subtotal_minor: int
) -> ShippingOffers:
    """What a parcel of this weight and value costs, sent by the company that is named.

    Where none is, the shop's own company sends it; or, if that does not deliver there, one without a tariff of its own.

    Raises:
        Invalid: an unknown company, or one that does not deliver to the zone.
    """
    terms = await queries.find_terms(db, asked.company_id, to.zone_id)
    if asked.company_id is not None:
        if terms is None:
            raise Invalid({"companyId": ["there is no such company"]})
        if not _delivers(terms, to):
            raise Invalid({"companyId": ["does not deliver to this zone"]})
    elif terms is not None and not _delivers(terms, to):
        terms = None
    company_id = terms.company_id if terms is not None else ANYBODY
    parcel = Parcel(
        company_id=company_id,
        zone_id=to.zone_id,
        goods_minor=subtotal_minor,
        weight_g=grams(asked.weight) if asked.weight is not None else 0,
        fee_minor=terms.delivery_fee_minor if terms is not None else None,
        free_from_minor=terms.free_delivery_from_minor if terms is not None else None,
    )
    rules = ShippingRules(tuple(await queries.list_rates_to(db, [company_id], to.zone_id)))
    return ShippingOffers(
        to=to,
        currency=settings.currency,
        offers=[
            _offer(method, rules.price_minor(method.code, parcel), company_id)
            for method in await queries.list_methods(db)
        ],
    )


def _delivers(terms: CompanyTerms, to: Destination) -> bool:
    return to.zone_id is None or terms.delivery_fee_minor is not None


def _offer(method: ShippingMethod, amount_minor: int | None, company_id: int) -> ShippingOffer:
    if amount_minor is None:
        return ShippingOffer(method=method, by_company={}, withheld=[company_id])
    return ShippingOffer(method=method, by_company={company_id: amount_minor})


def _refuse_what_cannot_be_shipped(priced: Quote, wanted: Mapping[int, int]) -> None:
    faults = {
        f"products.{product_id}": ["is not sold" if product_id not in priced.terms else "is not delivered to this zone"]
        for product_id in wanted
        if product_id not in priced.terms or not priced.terms[product_id].delivers
    }
    if len(priced.baskets) > 1:
        faults["products"] = ["are sold in several currencies: ask for those of each by themselves"]
    if faults:
        raise Invalid(faults)
