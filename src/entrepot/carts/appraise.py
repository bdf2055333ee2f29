"""What a cart costs at this moment, and what stands in the way of ordering it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from entrepot.carts import queries
from entrepot.carts.model import Appraisal, Appraised, Cart, Line, Notice, NoticeCode, Owner
from entrepot.catalog import ForSale
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db
from entrepot.pricing import STANDARD, Asked, Place, Quote, coupon_refusal, destination_of, quote
from entrepot.settings import Settings


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be ordered, and how: these products, or else the actor's cart; see `destination_of` for where to."""

    quantities: Mapping[int, int] | None = None
    zone: str | None = None
    place: Place | None = None
    shipping_method: str = STANDARD
    coupon_code: str | None = None
    currency: str | None = None


async def appraise_own(db: Db, actor: Actor, settings: Settings) -> Appraisal:
    """The actor's cart, delivered to the actor's default address, or else zone."""
    return await appraise(db, actor, await _own_cart(db, actor), settings)


async def appraise_checkout(db: Db, actor: Actor, wanted: Wanted, settings: Settings) -> Appraisal:
    """What an order of this would cost and be refused with.

    Raises:
        Invalid: an unknown zone.
        CurrencyNotDealtIn: the shop has no rate for the currency asked for.
    """
    to = await destination_of(db, actor, wanted.zone, wanted.place)
    if wanted.quantities is None:
        cart = await _own_cart(db, actor)
    else:
        lines = [Line(product_id=product_id, quantity=quantity) for product_id, quantity in wanted.quantities.items()]
        cart = Cart(id=None, user_id=actor.user_id, lines=lines)
    asked = Asked(
        quantities=quantities_of(cart),
        to=to,
        shipping_method=wanted.shipping_method,
        coupon_code=wanted.coupon_code,
        currency=wanted.currency,
    )
    appraisal = appraised(cart, await quote(db, actor, asked, settings))
    about_the_order = _about_the_order(actor, appraisal, settings)
    if wanted.coupon_code is not None and (refusal := coupon_refusal(appraisal.quote)) is not None:
        about_the_order.append(Notice(NoticeCode(refusal.code), refusal.message))
    return msgspec.structs.replace(appraisal, notices=[*about_the_order, *appraisal.notices])


async def appraise(db: Db, actor: Actor, cart: Cart, settings: Settings) -> Appraisal:
    """A cart at live terms, delivered to the actor's default address, or else zone."""
    asked = Asked(quantities=quantities_of(cart), to=await destination_of(db, actor))
    return appraised(cart, await quote(db, actor, asked, settings))


def appraised(cart: Cart, quoted: Quote) -> Appraisal:
    """A cart as it was quoted. The first line that is sold says in which currency the cart is counted."""
    priced = {
        line.product_id: (line, currency)
        for currency, basket in quoted.baskets.items()
        for part in basket.parts
        for line in part.lines
    }
    nothing = (None, quoted.currency)
    return Appraisal(
        cart=cart,
        lines=[
            Appraised(line, quoted.terms.get(line.product_id), *priced.get(line.product_id, nothing))
            for line in cart.lines
        ],
        currency=quoted.currency,
        basket=quoted.basket,
        notices=[
            *(
                notice
                for line in cart.lines
                for notice in notices_of(
                    line, quoted.terms.get(line.product_id), priced.get(line.product_id, nothing)[1], quoted.currency
                )
            ),
            *_undelivered(cart.lines, quoted),
        ],
        quote=quoted,
    )


def quantities_of(cart: Cart) -> dict[int, int]:
    return {line.product_id: line.quantity for line in cart.lines}


def notices_of(line: Line, term: ForSale | None, sold_in: str, currency: str) -> list[Notice]:
    """All that stands in the way of ordering this line, with the quantity that could be ordered instead."""
    if term is None:
        return [Notice(NoticeCode.NOT_SOLD, "is not sold any more: remove it", line.product_id, 0)]
    faults: list[tuple[NoticeCode, str]] = []
    if line.quantity < term.minimum_order_quantity:
        faults.append((NoticeCode.BELOW_MINIMUM, f"order at least {term.minimum_order_quantity}"))
    if line.quantity % term.pack_size:
        faults.append((NoticeCode.BROKEN_PACK, f"is sold in packs of {term.pack_size}"))
    if not term.delivers:
        faults.append((NoticeCode.NOT_DELIVERED, "is not delivered to this zone"))
    if sold_in != currency:
        faults.append((NoticeCode.OTHER_CURRENCY, f"is sold in {sold_in}: order it separately"))
    if line.quantity > term.available:
        faults.append((NoticeCode.TOO_FEW, f"only {term.available} left" if term.available > 0 else "sold out"))
    orderable = term.delivers and sold_in == currency
    suggested = (
        suggested_quantity(line.quantity, term.minimum_order_quantity, term.available, term.pack_size)
        if orderable
        else 0
    )
    return [Notice(code, message, line.product_id, suggested) for code, message in faults]


def suggested_quantity(wanted: int, minimum: int, available: int, pack_size: int = 1) -> int:
    """The quantity nearest to the one wanted that can be ordered; 0 when none can. Of two alike, the larger."""
    least, most = -(-minimum // pack_size) * pack_size, available // pack_size * pack_size
    nearest = (2 * wanted + pack_size) // (2 * pack_size) * pack_size
    return 0 if most < least else max(least, min(nearest, most))


def _undelivered(lines: Sequence[Line], quoted: Quote) -> list[Notice]:
    """What its company does not bring in the way that was asked for."""
    companies = set(quoted.basket.undelivered)
    return [
        Notice(NoticeCode.NOT_SHIPPED, f"is not delivered by {quoted.shipping_method} shipping", line.product_id)
        for line in lines
        if line.product_id in quoted.terms and quoted.terms[line.product_id].company_id in companies
    ]


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
