"""What a basket costs this buyer at this moment, and why: the one way to a total, for carts, quotes and orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import msgspec

from entrepot import catalog
from entrepot.catalog import ForSale
from entrepot.kernel import clock, languages
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Db
from entrepot.kernel.money import Currency, currency
from entrepot.pricing.currencies import Rates
from entrepot.pricing.model import STANDARD, Basket, BasketLine, Buyer
from entrepot.pricing.own_prices import own_price, steps
from entrepot.pricing.price import price
from entrepot.pricing.price_lists_model import Tier
from entrepot.pricing.priced import PricedBasket
from entrepot.pricing.promotion_index import Promotions
from entrepot.pricing.rules import Rules, ShippingRate, ShippingRules, Taxed, TaxRate, TaxRules
from entrepot.pricing.rules_queries import LoadedPromotion, LoadedRules, RulesFor, load_rules
from entrepot.pricing.tax import tax_place
from entrepot.settings import Settings

Exchange = Callable[[int], int]
"""Amounts of one currency in another, both in minor units."""


class Destination(msgspec.Struct, frozen=True):
    """Where it goes: the zone decides who delivers and for how much, country and state (as people write them) the tax."""

    zone_id: int | None
    country: str | None = None
    state: str | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a basket is to be priced of: pieces by product. Without a `coupon_code`, the coupon counts that the user put to
    the cart; without a `currency`, it is priced in that of its products."""

    quantities: Mapping[int, int]
    to: Destination
    shipping_method: str = STANDARD
    coupon_code: str | None = None
    currency: str | None = None


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """What it costs. Products that are not sold are not in `terms`.

    Where the products are sold in several currencies and none was asked for, there is a basket for each, and `currency` is
    that of the first product asked for, with so many `digits`; an order takes one currency only. `rate` is what a unit of the
    shop's own currency was worth in it, None where the shop has none. `coupon` is the one that was looked at, whether it
    lowers anything or not.
    """

    terms: Mapping[int, ForSale]
    currency: str
    digits: int
    baskets: Mapping[str, PricedBasket] = {}
    tiers: Mapping[int, Sequence[Tier]] = {}
    rate: Decimal | None = None
    coupon: LoadedPromotion | None = None
    shipping_method: str = STANDARD
    shipping_methods: Sequence[str] = ()

    @property
    def basket(self) -> PricedBasket:
        """What is sold in `currency`."""
        return self.baskets.get(self.currency, PricedBasket(()))

    @property
    def money(self) -> Currency:
        return Currency(self.currency, self.digits)

    def next_tier(self, product_id: int, quantity: int) -> Tier | None:
        """The quantity from which on a piece of this product would cost less."""
        term = self.terms[product_id]
        found = steps(term.price_minor, term.discount_bp, self.tiers.get(product_id, ()))
        return next((tier for tier in found if tier.from_quantity > quantity), None)


async def quote(db: Db, actor: Actor, asked: Asked, settings: Settings) -> Quote:
    """Price a basket at live terms and rules, in two statements whatever its size.

    Raises:
        CurrencyNotDealtIn: the shop has no rate for the currency asked for.
    """
    terms: list[ForSale] = []
    if asked.quantities:
        terms = await catalog.list_for_sale(
            db, sorted(asked.quantities), asked.to.zone_id, languages.candidates(actor.language), actor.user_id
        )
    if not terms:
        code = asked.currency or settings.currency
        digits = currency(code, settings.currency_digits).digits
        return Quote(terms={}, currency=code, digits=digits, shipping_method=asked.shipping_method)
    loaded = await load_rules(db, _rules_for(actor, asked, terms, settings))
    return priced_quote(actor, asked, terms, loaded, settings)


def priced_quote(
    actor: Actor, asked: Asked, terms: Sequence[ForSale], loaded: LoadedRules, settings: Settings
) -> Quote:
    """The same, of what has been read. Raises CurrencyNotDealtIn."""
    by_id = {term.id: term for term in terms}
    tiers: defaultdict[int, list[Tier]] = defaultdict(list)
    for tier in loaded.tiers:
        tiers[tier.product_id].append(tier)
    rates = Rates(settings.currency, {rate.currency: rate for rate in loaded.rates})
    sold: defaultdict[str, list[ForSale]] = defaultdict(list)
    for product_id in asked.quantities:
        if (term := by_id.get(product_id)) is not None:
            sold[asked.currency or term.currency].append(term)
    chosen = next(iter(sold))
    return Quote(
        terms=by_id,
        currency=chosen,
        digits=currency(chosen, settings.currency_digits).digits,
        baskets={
            code: _priced(actor, asked, code, products, tiers, loaded, rates, settings)
            for code, products in sold.items()
        },
        tiers=tiers,
        rate=Decimal(1) if chosen == rates.base else rates.rates[chosen].rate if chosen in rates.rates else None,
        coupon=loaded.coupon,
        shipping_method=asked.shipping_method,
        shipping_methods=loaded.methods,
    )


def _priced(
    actor: Actor,
    asked: Asked,
    code: str,
    products: Sequence[ForSale],
    tiers: Mapping[int, Sequence[Tier]],
    loaded: LoadedRules,
    rates: Rates,
    settings: Settings,
) -> PricedBasket:
    """What is to be paid in one currency."""
    fees = _exchange_of_fees(code, rates, settings)
    lines = tuple(
        _line(
            term,
            asked.quantities[term.id],
            tiers.get(term.id, ()),
            rates.exchanger(
                currency(term.currency, settings.currency_digits), currency(code, settings.currency_digits)
            ),
            fees,
        )
        for term in products
    )
    country, state = tax_place(asked.to.country, asked.to.state)
    used = [*loaded.promotions, *([loaded.coupon] if loaded.coupon is not None else [])]
    basket = Basket(
        lines=lines,
        currency=code,
        at=clock.now(),
        buyer=Buyer(
            user_id=actor.user_id,
            role=actor.role or Role.USER,
            zone_id=asked.to.zone_id,
            country=country,
            state=state,
            first_order=loaded.first_order,
            uses={promotion.id: promotion.uses for promotion in used if promotion.uses},
            coupon_uses=loaded.coupon.uses if loaded.coupon is not None else 0,
        ),
        shipping_method=asked.shipping_method,
    )
    rules = Rules(
        promotions=Promotions(loaded.promotions),
        coupon=loaded.coupon,
        tax=TaxRules(
            rates={
                Taxed(rate.country or None, rate.state or None, rate.category_id): TaxRate(rate.rate_bp, rate.inclusive)
                for rate in loaded.tax
            },
            default=TaxRate(settings.tax_bp),
        ),
        shipping=ShippingRules(
            tuple(_exchanged(rate, fees) for rate in loaded.shipping if rate.method in loaded.methods)
        ),
    )
    return price(basket, rules)


def _line(term: ForSale, quantity: int, tiers: Sequence[Tier], exchange: Exchange, fees: Exchange) -> BasketLine:
    own = own_price(term.price_minor, term.discount_bp, quantity, tiers)
    return BasketLine(
        product_id=term.id,
        company_id=term.company_id,
        quantity=quantity,
        price_minor=exchange(own.price_minor),
        discount_bp=own.discount_bp,
        list_price_minor=exchange(term.price_minor) if own.tier is not None else None,
        category_path=tuple(term.category_path),
        brand_id=term.brand_id,
        group_id=term.group_id,
        weight_g=term.weight_g,
        delivery_fee_minor=_maybe(term.delivery_fee_minor, fees),
        free_delivery_from_minor=_maybe(term.free_delivery_from_minor, fees),
        commission_bp=term.commission_bp,
    )


def _exchange_of_fees(code: str, rates: Rates, settings: Settings) -> Exchange:
    """Fees are said in the shop's own currency. Without a rate there is no other way than to take them as they stand."""
    if code not in rates.rates:
        return lambda amount_minor: amount_minor
    digits = settings.currency_digits
    return rates.exchanger(currency(rates.base, digits), currency(code, digits))


def _exchanged(rate: ShippingRate, fees: Exchange) -> ShippingRate:
    return msgspec.structs.replace(
        rate,
        fee_minor=fees(rate.fee_minor),
        per_kg_minor=fees(rate.per_kg_minor),
        from_goods_minor=fees(rate.from_goods_minor),
        to_goods_minor=_maybe(rate.to_goods_minor, fees),
        free_from_minor=_maybe(rate.free_from_minor, fees),
    )


def _maybe(amount_minor: int | None, exchange: Exchange) -> int | None:
    return None if amount_minor is None else exchange(amount_minor)


def _rules_for(actor: Actor, asked: Asked, terms: Sequence[ForSale], settings: Settings) -> RulesFor:
    country, state = tax_place(asked.to.country, asked.to.state)
    return RulesFor(
        product_ids=[term.id for term in terms],
        category_ids=sorted({category_id for term in terms for category_id in term.category_path}),
        brand_ids=sorted({term.brand_id for term in terms if term.brand_id is not None}),
        company_ids=sorted({term.company_id for term in terms}),
        user_id=actor.user_id,
        role=actor.role.value if actor.role is not None else None,
        zone_id=asked.to.zone_id,
        country=country or "",
        state=state or "",
        coupon_code=asked.coupon_code,
        at=clock.now(),
        base_currency=settings.currency,
    )
