"""How price lists and a buyer's own prices are shown."""

from __future__ import annotations

import msgspec

from entrepot.kernel.money import Currency
from entrepot.pricing.price_lists_model import PriceList, Tier
from entrepot.pricing.price_lists_queries import PricedProduct


class PriceListPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of price lists, newest first. `limit` is how many are on it, `total` how many there are."""

    price_lists: list[PriceList]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class TierView(msgspec.Struct, frozen=True, rename="camel"):
    """What a piece costs from so many pieces on, in major units."""

    from_quantity: int
    price: int | float


class ListedPrices(msgspec.Struct, frozen=True, rename="camel"):
    """A product of a price list."""

    product_id: int
    title: str
    tiers: list[TierView]

    @classmethod
    def of(cls, product: PricedProduct, currency: Currency) -> ListedPrices:
        tiers = [TierView(tier.from_quantity, currency.major(tier.price_minor)) for tier in product.tiers]
        return cls(product.product_id, product.title, tiers)


class PricesPage(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of a price list's products, by id; `total` is how many the list has."""

    prices: list[ListedPrices]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None


class OwnPriceView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a product costs the one who asks, in major units.

    `price` and `discountPercentage` are what a single piece, or the least that can be ordered, costs; `listPrice` is the
    product's own price. `tiers` are the quantities from which on a piece costs less. Promotions come on top: see the quote.
    """

    id: int
    currency: str
    list_price: int | float
    price: int | float
    discount_percentage: float
    minimum_order_quantity: int
    pack_size: int
    tiers: list[TierView]


class OwnPrices(msgspec.Struct, frozen=True, rename="camel"):
    """In the order in which the products were named; those that are not sold are left out."""

    products: list[OwnPriceView]


def tier_views(tiers: list[Tier], currency: Currency) -> list[TierView]:
    return [TierView(tier.from_quantity, currency.major(tier.price_minor)) for tier in tiers]
