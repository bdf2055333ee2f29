"""How carts are shown: DummyJSON's shape, and ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from entrepot.carts.model import Appraisal, Appraised, Availability, Notice, NoticeCode
from entrepot.pricing import AppliedView, PricedPart
from entrepot.shop import Shop

Major = Callable[[int], int | float]
"""Minor units of a currency as a JSON number in major units."""


class ItemView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A line of a cart; `id` is the product's. `total` is price x quantity, `discountedTotal` what an order charges before tax.

    `stock` is what can be bought now, `packSize` how many there are in a pack where that is more than one. A product that is
    not sold any more stays, `removed` and without a price.
    """

    id: int
    title: str
    price: int | float
    quantity: int
    total: int | float
    discount_percentage: float
    discounted_total: int | float
    thumbnail: str
    currency: str
    minimum_order_quantity: int
    stock: int
    availability: Availability
    company_id: int | None
    removed: bool
    pack_size: int = 1

    @classmethod
    def of(cls, appraised: Appraised, shop: Shop) -> ItemView:
        line, term, priced = appraised.line, appraised.term, appraised.priced
        code = appraised.currency if term is not None else line.currency or appraised.currency
        major = shop.currency_of(code).major
        return cls(
            id=line.product_id,
            title=term.title if term is not None else line.title,
            price=major(priced.price_minor if priced is not None else 0),
            quantity=line.quantity,
            total=major(priced.total_minor if priced is not None else 0),
            discount_percentage=priced.discount_bp / 100 if priced is not None else 0.0,
            discounted_total=major(priced.discounted_minor if priced is not None else 0),
            thumbnail=shop.files.url(term.thumbnail if term is not None else line.thumbnail),
            currency=code,
            minimum_order_quantity=term.minimum_order_quantity if term is not None else 1,
            pack_size=term.pack_size if term is not None else 1,
            stock=appraised.available,
            availability=appraised.availability,
            company_id=term.company_id if term is not None else line.company_id,
            removed=term is None,
        )


class CartView(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A cart at today's prices, in major units. `id` is null while nothing was put in, `userId` for a guest.

    The totals are those of the lines that are sold in `currency`; `discounts` are the promotions and the coupon that lower
    them, where there are some. `notices` tell what stands in the way of ordering.
    """

    id: int | None
    products: list[ItemView]
    total: int | float
    discounted_total: int | float
    user_id: int | None
    total_products: int
    total_quantity: int
    currency: str
    notices: list[Notice]
    discounts: list[AppliedView] = []

    @classmethod
    def of(cls, appraisal: Appraisal, shop: Shop, left_out: Sequence[int] = ()) -> CartView:
        """`left_out` are products that were to be put in, but are not sold."""
        currency = shop.currency_of(appraisal.currency)
        major = currency.major
        missing = [Notice(NoticeCode.NOT_SOLD, "is not sold: it was left out", id_, 0) for id_ in left_out]
        return cls(
            id=appraisal.cart.id,
            products=items_of(appraisal, shop),
            total=major(appraisal.basket.subtotal_minor + appraisal.basket.discount_minor),
            discounted_total=major(appraisal.basket.subtotal_minor),
            user_id=appraisal.cart.user_id,
            total_products=len(appraisal.lines),
            total_quantity=sum(line.quantity for line in appraisal.cart.lines),
            currency=appraisal.currency,
            notices=[*appraisal.notices, *missing],
            discounts=[AppliedView.of(applied, currency) for applied in appraisal.basket.applied],
        )


class DeletedCartView(CartView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A cart as it was when it was deleted."""

    is_deleted: bool
    deleted_on: datetime

    @classmethod
    def deleted(cls, cart: CartView, deleted_on: datetime) -> DeletedCartView:
        return cls(**msgspec.structs.asdict(cart), is_deleted=True, deleted_on=deleted_on)


class CartPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A page of carts. `limit` is how many are on it, `total` how many there are."""

    carts: list[CartView]
    total: int
    skip: int
    limit: int


class ValidationView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Whether the cart can be ordered as it stands, and otherwise all that stands in the way."""

    valid: bool
    problems: list[Notice]
    products: list[ItemView]

    @classmethod
    def of(cls, appraisal: Appraisal, shop: Shop) -> ValidationView:
        return cls(valid=not appraisal.notices, problems=appraisal.notices, products=items_of(appraisal, shop))


class PartTotals(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What one company would sell and deliver of the order."""

    company_id: int
    subtotal: int | float
    discount: int | float
    tax: int | float
    shipping: int | float
    total: int | float


class CheckoutView(ValidationView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A validation, and what the order would charge, in major units: `total` is `subtotal` + `tax` + `shipping`.

    `discounts` are the promotions and the coupon that lower it; POST /checkout/quote explains each step.

    Where there are problems, the totals are those of the lines that are sold, at the quantities wanted.
    """

    parts: list[PartTotals]
    subtotal: int | float
    discount: int | float
    tax: int | float
    shipping: int | float
    total: int | float
    currency: str
    discounts: list[AppliedView] = []

    @classmethod
    def of(cls, appraisal: Appraisal, shop: Shop) -> CheckoutView:
        currency = shop.currency_of(appraisal.currency)
        major = currency.major
        basket = appraisal.basket
        return cls(
            valid=not appraisal.notices,
            problems=appraisal.notices,
            products=items_of(appraisal, shop),
            parts=[part_totals(part, shop, appraisal.currency) for part in basket.parts],
            subtotal=major(basket.subtotal_minor),
            discount=major(basket.discount_minor),
            tax=major(basket.tax_minor),
            shipping=major(basket.shipping_minor),
            total=major(basket.total_minor),
            currency=appraisal.currency,
            discounts=[AppliedView.of(applied, currency) for applied in basket.applied],
        )


def part_totals(part: PricedPart, shop: Shop, currency: str) -> PartTotals:
    major = shop.currency_of(currency).major
    return PartTotals(
        company_id=part.company_id,
        subtotal=major(part.subtotal_minor),
        discount=major(part.discount_minor),
        tax=major(part.tax_minor),
        shipping=major(part.shipping_minor),
        total=major(part.total_minor),
    )


class StockedProduct(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """How many pieces are wanted of a product, and how many can be bought now."""

    id: int
    quantity: int
    stock: int
    availability: Availability


class StockView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Whether there is enough of everything."""

    available: bool
    products: list[StockedProduct]

    @classmethod
    def of(cls, appraisal: Appraisal) -> StockView:
        products = [
            StockedProduct(
                id=appraised.line.product_id,
                quantity=appraised.line.quantity,
                stock=appraised.available,
                availability=appraised.availability,
            )
            for appraised in appraisal.lines
        ]
        enough = all(product.availability is Availability.AVAILABLE for product in products)
        return cls(available=enough, products=products)


def items_of(appraisal: Appraisal, shop: Shop) -> list[ItemView]:
    return [ItemView.of(appraised, shop) for appraised in appraisal.lines]
