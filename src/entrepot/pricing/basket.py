"""Pricing a basket: lines in, money out, line by line; parts sum exactly to the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from entrepot.catalog import ForSale
from entrepot.kernel.money import share


class BasketLine(msgspec.Struct, frozen=True, kw_only=True):
    """So many pieces of a product, and the terms on which its company sells it where the buyer is."""

    product_id: int
    company_id: int
    quantity: int
    price_minor: int
    discount_bp: int
    delivery_fee_minor: int = 0
    free_delivery_from_minor: int | None = None
    commission_bp: int = 0


class PricedLine(msgspec.Struct, frozen=True, kw_only=True):
    """`total_minor` is price x quantity; `discounted_minor` what remains after the line's discount, before tax."""

    product_id: int
    quantity: int
    price_minor: int
    discount_bp: int
    total_minor: int
    discounted_minor: int
    tax_bp: int
    tax_minor: int


class PricedPart(msgspec.Struct, frozen=True, kw_only=True):
    """What one company sells and delivers of the basket."""

    company_id: int
    lines: tuple[PricedLine, ...]
    subtotal_minor: int
    discount_minor: int
    tax_minor: int
    shipping_minor: int
    commission_bp: int
    commission_minor: int

    @property
    def total_minor(self) -> int:
        return self.subtotal_minor + self.tax_minor + self.shipping_minor


class PricedBasket(msgspec.Struct, frozen=True):
    """The parts, in the order of their companies; every total is the sum over them."""

    parts: tuple[PricedPart, ...]

    @property
    def subtotal_minor(self) -> int:
        return sum(part.subtotal_minor for part in self.parts)

    @property
    def discount_minor(self) -> int:
        return sum(part.discount_minor for part in self.parts)

    @property
    def tax_minor(self) -> int:
        return sum(part.tax_minor for part in self.parts)

    @property
    def shipping_minor(self) -> int:
        return sum(part.shipping_minor for part in self.parts)

    @property
    def total_minor(self) -> int:
        return self.subtotal_minor + self.tax_minor + self.shipping_minor


def basket_line(term: ForSale, quantity: int) -> BasketLine:
    """So many pieces of a product, on the terms that the catalog gives."""
    return BasketLine(
        product_id=term.id,
        company_id=term.company_id,
        quantity=quantity,
        price_minor=term.price_minor,
        discount_bp=term.discount_bp,
        delivery_fee_minor=term.delivery_fee_minor,
        free_delivery_from_minor=term.free_delivery_from_minor,
        commission_bp=term.commission_bp,
    )


def price_basket(lines: Sequence[BasketLine], *, tax_bp: int) -> PricedBasket:
    """The totals of a basket, in minor units of one currency.

    Line total = price x quantity; line discount = its share, rounded half up; tax = `tax_bp` of what remains, rounded half
    up per line; shipping = the company's fee for the zone, nothing from its free-delivery threshold on; commission = its
    rate of the part's subtotal.
    """
    by_company: defaultdict[int, list[BasketLine]] = defaultdict(list)
    for line in lines:
        by_company[line.company_id].append(line)
    return PricedBasket(tuple(_price_part(by_company[company_id], tax_bp) for company_id in sorted(by_company)))


def _price_part(lines: Sequence[BasketLine], tax_bp: int) -> PricedPart:
    terms = lines[0]
    priced = tuple(_price_line(line, tax_bp) for line in lines)
    subtotal_minor = sum(line.discounted_minor for line in priced)
    free = terms.free_delivery_from_minor is not None and subtotal_minor >= terms.free_delivery_from_minor
    return PricedPart(
        company_id=terms.company_id,
        lines=priced,
        subtotal_minor=subtotal_minor,
        discount_minor=sum(line.total_minor - line.discounted_minor for line in priced),
        tax_minor=sum(line.tax_minor for line in priced),
        shipping_minor=0 if free else terms.delivery_fee_minor,
        commission_bp=terms.commission_bp,
        commission_minor=share(subtotal_minor, terms.commission_bp),
    )


def _price_line(line: BasketLine, tax_bp: int) -> PricedLine:
    total_minor = line.price_minor * line.quantity
    discounted_minor = total_minor - share(total_minor, line.discount_bp)
    return PricedLine(
        product_id=line.product_id,
        quantity=line.quantity,
        price_minor=line.price_minor,
        discount_bp=line.discount_bp,
        total_minor=total_minor,
        discounted_minor=discounted_minor,
        tax_bp=tax_bp,
        tax_minor=share(discounted_minor, tax_bp),
    )
