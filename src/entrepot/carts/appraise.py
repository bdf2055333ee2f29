"""What a cart costs at this moment, and what stands in the way of ordering it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from entrepot import catalog, zones
from entrepot.carts import queries
from entrepot.carts.model import Appraisal, Appraised, Cart, Line, Notice, NoticeCode, Owner
from entrepot.catalog import ForSale
from entrepot.kernel import languages
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.pricing import BasketLine, PricedBasket, basket_line, price_basket
from entrepot.settings import Settings


async def appraise_own(db: Db, actor: Actor, settings: Settings) -> Appraisal:
    """The actor's cart, delivered to the actor's own zone."""
    return await appraise(db, actor, await _own_cart(db, actor), settings)


async def appraise_checkout(
    db: Db, actor: Actor, quantities: Mapping[int, int] | None, zone: str | None, settings: Settings
) -> Appraisal:
    """What an order of these products, or else of the actor's cart, would cost and be refused with.

    Raises:
        Invalid: an unknown zone.
    """
    zone_id = actor.home_zone_id if zone is None else await zones.zone_id_of(db, zone)
    if quantities is None:
        cart = await _own_cart(db, actor)
    else:
        lines = [Line(product_id=product_id, quantity=quantity) for product_id, quantity in quantities.items()]
        cart = Cart(id=None, user_id=actor.user_id, lines=lines)
    appraisal = await appraise(db, actor, cart, settings, zone_id=zone_id)
    about_the_order = _about_the_order(actor, appraisal, settings)
    return msgspec.structs.replace(appraisal, notices=[*about_the_order, *appraisal.notices])


async def appraise(db: Db, actor: Actor, cart: Cart, settings: Settings, *, zone_id: int | None = None) -> Appraisal:
    """A cart at live terms, delivered to this zone, or else to the actor's own."""
    zone_id = actor.home_zone_id if zone_id is None else zone_id
    product_ids = sorted(line.product_id for line in cart.lines)
    listed = (
        await catalog.list_for_sale(db, product_ids, zone_id, languages.candidates(actor.language))
        if product_ids
        else []
    )
    return appraised(cart, {term.id: term for term in listed}, settings)


def appraised(cart: Cart, terms: Mapping[int, ForSale], settings: Settings) -> Appraisal:
    """A cart at these terms. The first line that is sold says in which currency the cart is counted."""
    sold = [(line, terms[line.product_id]) for line in cart.lines if line.product_id in terms]
    currency = sold[0][1].currency if sold else settings.currency
    baskets = _baskets(sold, settings.tax_bp)
    priced = {line.product_id: line for basket in baskets.values() for part in basket.parts for line in part.lines}
    return Appraisal(
        cart=cart,
        lines=[Appraised(line, terms.get(line.product_id), priced.get(line.product_id)) for line in cart.lines],
        currency=currency,
        basket=baskets.get(currency, PricedBasket(())),
        notices=[notice for line in cart.lines for notice in notices_of(line, terms.get(line.product_id), currency)],
    )


def notices_of(line: Line, term: ForSale | None, currency: str) -> list[Notice]:
    """All that stands in the way of ordering this line, with the quantity that could be ordered instead."""
    if term is None:
        return [Notice(NoticeCode.NOT_SOLD, "is not sold any more: remove it", line.product_id, 0)]
    faults: list[tuple[NoticeCode, str]] = []
    if line.quantity < term.minimum_order_quantity:
        faults.append((NoticeCode.BELOW_MINIMUM, f"order at least {term.minimum_order_quantity}"))
    if not term.delivers:
        faults.append((NoticeCode.NOT_DELIVERED, "is not delivered to this zone"))
    if term.currency != currency:
        faults.append((NoticeCode.OTHER_CURRENCY, f"is sold in {term.currency}: order it separately"))
    if line.quantity > term.available:
        faults.append((NoticeCode.TOO_FEW, f"only {term.available} left" if term.available > 0 else "sold out"))
    orderable = term.delivers and term.currency == currency
    suggested = suggested_quantity(line.quantity, term.minimum_order_quantity, term.available) if orderable else 0
    return [Notice(code, message, line.product_id, suggested) for code, message in faults]


def suggested_quantity(wanted: int, minimum: int, available: int) -> int:
    """The quantity nearest to the one wanted that can be ordered; 0 when none can."""
    return 0 if available < minimum else max(minimum, min(wanted, available))


async def _own_cart(db: Db, actor: Actor) -> Cart:
    owner = Owner.of(actor)
    return await queries.find_cart(db, owner) or Cart(id=None, user_id=actor.user_id, lines=[])


def _about_the_order(actor: Actor, appraisal: Appraisal, settings: Settings) -> list[Notice]:
    notices = []
    if actor.is_guest and not settings.guest_checkout:
        notices.append(
            Notice(NoticeCode.GUESTS_MAY_NOT, "sign in to order: this shop does not take orders from guests")
        )
    if not appraisal.lines:
        notices.append(Notice(NoticeCode.EMPTY, "there is nothing to order: give products, or fill the cart"))
    return notices


def _baskets(sold: Sequence[tuple[Line, ForSale]], tax_bp: int) -> dict[str, PricedBasket]:
    """A basket for each currency: amounts of two currencies never mix."""
    by_currency: defaultdict[str, list[BasketLine]] = defaultdict(list)
    for line, term in sold:
        by_currency[term.currency].append(basket_line(term, line.quantity))
    return {currency: price_basket(lines, tax_bp=tax_bp) for currency, lines in by_currency.items()}
