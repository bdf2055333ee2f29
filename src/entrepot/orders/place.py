"""Placing an order: priced, written and reserved in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from entrepot import carts, inventory, payments, pricing
from entrepot.catalog import ForSale
from entrepot.inventory import StockChanged, Wanted
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.events import publish_all
from entrepot.kernel.money import currency
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.orders import queries
from entrepot.orders.events import OrderPlaced
from entrepot.orders.mark_paid import mark_paid
from entrepot.orders.model import (
    BelowMinimum,
    BrokenPacks,
    EmptyOrder,
    GuestCheckoutOff,
    MixedCurrencies,
    Order,
    OrderNotFound,
    OrderTooLarge,
    PaymentMethod,
    PaymentStatus,
    ProductsUnavailable,
    QuoteChanged,
    ShippingNotOffered,
    ZoneNotServed,
)
from entrepot.orders.placed_order import order_of
from entrepot.orders.requests import NewOrder
from entrepot.payments import IntentStatus
from entrepot.pricing import Asked, Destination, OpenedPromotion, Place, PricedBasket, Quote
from entrepot.settings import Settings

MAX_TOTAL_MINOR: Final = 10**15
"""As a JSON number it is still exact, and a bigint holds the sum of many."""


class PlacedOrder(msgspec.Struct, frozen=True):
    """The new order; for a guest, the secret that opens it."""

    order: Order
    guest_token: str | None


async def place(tx: Tx, actor: Actor, new: NewOrder, settings: Settings) -> PlacedOrder:
    """Buy the products named, or else the cart.

    Prices, discounts, tax and commission are frozen as they are now. Stock is reserved last, so that its rows are locked
    for as short as can be.

    Raises:
        InsufficientStock: decided by the database; nothing is reserved.
        ProductsUnavailable, BelowMinimum, BrokenPacks, ZoneNotServed, MixedCurrencies, EmptyOrder: naming each product.
        ShippingNotOffered, CurrencyNotDealtIn, COUPON_REFUSALS: what was chosen cannot be had.
        QuoteChanged: it does not cost what the buyer was told; naming all that changed.
        PromotionOver, CouponOver: used up by somebody else at this moment; decided by the database.
        OrderTooLarge: it is worth more than can be written exactly.
        GuestCheckoutOff, Invalid: a guest may not order, or gave no e-mail address.
        IntentMismatch: the payment intent named is not for this order.
    """
    guest_email = _guest_email(actor, new, settings)
    quantities = await _wanted(tx, actor, new)
    zone_id = await _zone(tx, actor, new)
    quoted = await pricing.quote(tx, actor, _asked(new, quantities, zone_id), settings)
    _refuse_what_cannot_be_sold(quoted, quantities)
    _refuse_what_cannot_be_had(new, quoted)
    basket = quoted.basket
    if basket.total_minor + basket.discount_minor > MAX_TOTAL_MINOR:
        raise OrderTooLarge
    _refuse_another_total(new, quoted, settings)
    guest_token = new_secret() if guest_email is not None else None
    row = _row(actor, new, quoted, zone_id, guest_email, guest_token, settings)
    lines = _line_rows(basket, quoted.terms)
    parts = _part_rows(basket)
    placed = await queries.insert_order(tx, row, parts, lines)
    await _use_promotions(tx, actor, placed, quoted)
    wanted = [
        Wanted(line_id, line["product_id"], line["quantity"])
        for line_id, line in zip(placed.line_ids, lines, strict=True)
    ]
    await inventory.reserve(tx, placed.id, wanted, zone_id=zone_id, actor_id=actor.user_id, guest_email=guest_email)
    await publish_all(
        tx,
        [
            OrderPlaced(
                order_id=placed.number,
                user_id=actor.user_id,
                company_ids=[part.company_id for part in basket.parts],
                currency=row.currency,
                total_minor=row.total_minor,
            ),
            StockChanged(product_ids=sorted(quantities), reason="sale"),
        ],
        actor_id=actor.user_id,
    )
    if new.payment_intent_id is not None:
        await _pay_beforehand(tx, actor, new.payment_intent_id, placed, row, settings)
        return PlacedOrder(await _as_it_stands(tx, actor, placed.number), guest_token)
    return PlacedOrder(order_of(actor, placed, row, parts, lines), guest_token)


async def _as_it_stands(tx: Tx, actor: Actor, number: str) -> Order:
    order = await queries.find_order(tx, actor, number)
    if order is None:
        raise OrderNotFound
    return order


def _guest_email(actor: Actor, new: NewOrder, settings: Settings) -> str | None:
    if not actor.is_guest:
        return None
    if not settings.guest_checkout:
        raise GuestCheckoutOff
    if new.email is None:
        raise Invalid({"email": ["is required to order without signing in"]})
    return new.email


async def _wanted(tx: Tx, actor: Actor, new: NewOrder) -> dict[int, int]:
    """How many of each product; a product named twice is bought in one line."""
    if new.products is not None:
        lines: Iterable[tuple[int, int]] = ((product.id, product.quantity) for product in new.products)
    else:
        lines = await carts.list_wanted(tx, actor)
    quantities: dict[int, int] = {}
    for product_id, quantity in lines:
        quantities[product_id] = quantities.get(product_id, 0) + quantity
    if not quantities:
        raise EmptyOrder
    return quantities


async def _zone(tx: Tx, actor: Actor, new: NewOrder) -> int | None:
    """The one that is named, else the one that the address lies in, else the buyer's own: as in quotes."""
    address = new.shipping_address
    place = Place(country=address.country, state=address.state, city=address.city)
    return (await pricing.destination_of(tx, actor, new.zone, place)).zone_id


def _asked(new: NewOrder, quantities: Mapping[int, int], zone_id: int | None) -> Asked:
    return Asked(
        quantities=quantities,
        to=Destination(zone_id, new.shipping_address.country, new.shipping_address.state),
        shipping_method=new.shipping_method,
        coupon_code=new.coupon_code,
        currency=new.currency,
    )


def _refuse_what_cannot_be_sold(quoted: Quote, quantities: Mapping[int, int]) -> None:
    terms = quoted.terms.values()
    if gone := sorted(quantities.keys() - quoted.terms.keys()):
        raise ProductsUnavailable(details={f"products.{product_id}": ["is not sold"] for product_id in gone})
    if too_few := [term for term in terms if quantities[term.id] < term.minimum_order_quantity]:
        raise BelowMinimum(
            details={f"products.{term.id}": [f"order at least {term.minimum_order_quantity}"] for term in too_few}
        )
    if broken := [term for term in terms if quantities[term.id] % term.pack_size]:
        raise BrokenPacks(details={f"products.{term.id}": [f"is sold in packs of {term.pack_size}"] for term in broken})
    if away := [term for term in terms if not term.delivers]:
        raise ZoneNotServed(details={f"products.{term.id}": ["is not delivered to this zone"] for term in away})
    if len(quoted.baskets) > 1:
        raise MixedCurrencies


def _refuse_what_cannot_be_had(new: NewOrder, quoted: Quote) -> None:
    if companies := set(quoted.basket.undelivered):
        fault = [f"is not delivered by {quoted.shipping_method} shipping"]
        raise ShippingNotOffered(
            details={f"products.{term.id}": fault for term in quoted.terms.values() if term.company_id in companies}
        )
    if new.coupon_code is not None:
        pricing.refuse_unless_coupon_counts(quoted)


def _refuse_another_total(new: NewOrder, quoted: Quote, settings: Settings) -> None:
    money = currency(quoted.currency, settings.currency_digits)
    now = pricing.quoted_amounts(quoted.basket, quoted.currency)
    if new.quote is not None and (changed := pricing.changes_since(pricing.read_quote(new.quote), now, money)):
        raise QuoteChanged(details=changed)
    if new.expected_total is not None and new.expected_total != Decimal(now.total_minor).scaleb(-money.digits):
        raise QuoteChanged(
            details={"total": [f"was expected to be {new.expected_total}, is {money.major(now.total_minor)}"]}
        )


async def _use_promotions(tx: Tx, actor: Actor, placed: queries.Placed, quoted: Quote) -> None:
    """Count what lowered the order towards its limits. Their rows are locked before those of stock, always."""
    coupon = quoted.coupon
    await pricing.claim_uses(
        tx,
        order_id=placed.id,
        user_id=actor.user_id,
        discounts={applied.promotion_id: applied.amount_minor for applied in quoted.basket.applied},
        coupon=(
            OpenedPromotion(coupon.id, coupon.coupon_id, coupon.coupon_code)
            if coupon is not None and coupon.coupon_id is not None and coupon.coupon_code is not None
            else None
        ),
    )


def _row(
    actor: Actor,
    new: NewOrder,
    quoted: Quote,
    zone_id: int | None,
    guest_email: str | None,
    guest_token: str | None,
    settings: Settings,
) -> queries.NewOrderRow:
    now = clock.now()
    basket = quoted.basket
    by_card = new.payment_method is PaymentMethod.CARD
    return queries.NewOrderRow(
        user_id=actor.user_id,
        guest_email=guest_email,
        guest_token_hash=hash_secret(guest_token) if guest_token else None,
        zone_id=zone_id,
        language=actor.language,
        currency=quoted.currency,
        subtotal_minor=basket.subtotal_minor,
        discount_minor=basket.discount_minor,
        tax_minor=basket.tax_minor,
        shipping_minor=basket.shipping_minor,
        total_minor=basket.total_minor,
        payment_method=new.payment_method,
        payment_status=PaymentStatus.UNPAID,
        shipping_address=new.shipping_address.model_dump(by_alias=True),
        billing_address=new.billing_address.model_dump(by_alias=True) if new.billing_address else None,
        expires_at=now + settings.payment_window if by_card and basket.total_minor else None,
        created_at=now,
        shipping_method=quoted.shipping_method,
        coupon_code=next((applied.coupon_code for applied in basket.applied if applied.coupon_code is not None), None),
        exchange_rate=quoted.rate,
        tax_included_minor=basket.tax_included_minor,
        savings=[
            {
                "promotion_id": applied.promotion_id,
                "name": applied.name,
                "amount_minor": applied.amount_minor,
                "coupon_code": applied.coupon_code,
            }
            for applied in basket.applied
        ],
        cart_token_hash=carts.cart_token_hash(actor),
    )


def _part_rows(basket: PricedBasket) -> list[dict[str, Any]]:
    return [
        {
            "company_id": part.company_id,
            "subtotal_minor": part.subtotal_minor,
            "discount_minor": part.discount_minor,
            "tax_minor": part.tax_minor,
            "tax_included_minor": part.tax_included_minor,
            "shipping_minor": part.shipping_minor,
            "total_minor": part.total_minor,
            "commission_bp": part.commission_bp,
            "commission_minor": part.commission_minor,
        }
        for part in basket.parts
    ]


def _line_rows(basket: PricedBasket, terms: Mapping[int, ForSale]) -> list[dict[str, Any]]:
    lines = [(part.company_id, line) for part in basket.parts for line in part.lines]
    return [
        {
            **msgspec.structs.asdict(line),
            "company_id": company_id,
            "position": position,
            "sku": terms[line.product_id].sku,
            "title": terms[line.product_id].title,
            "thumbnail": terms[line.product_id].thumbnail,
            "unit": terms[line.product_id].unit,
        }
        for position, (company_id, line) in enumerate(lines)
    ]


async def _pay_beforehand(
    tx: Tx, actor: Actor, intent_id: str, placed: queries.Placed, row: queries.NewOrderRow, settings: Settings
) -> None:
    """An intent that was made before the order becomes the order's; if it has been charged, the order is paid."""
    intent = await payments.bind_to_order(
        tx,
        intent_id=intent_id,
        user_id=actor.id,
        order_id=placed.id,
        amount_minor=row.total_minor,
        currency=row.currency,
        provider=settings.payment_provider,
    )
    if intent.status is IntentStatus.SUCCEEDED:
        await payments.record_binding(tx, intent.id)
        await mark_paid(tx, placed.id, intent.id)
    else:
        await queries.set_intent(tx, placed.id, intent.id)
