"""How lists of products are shown: groups of variants once, facets beside them, and only the fields that are wanted."""

from __future__ import annotations

from typing import Any, Final, Self

import msgspec

from entrepot.catalog.facets import Counted, FacetCount, Facets
from entrepot.catalog.model import GroupTold, ListedRow
from entrepot.catalog.views import ProductView
from entrepot.kernel.errors import Invalid
from entrepot.kernel.money import Currency
from entrepot.shop import Shop


class ListedGroup(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The group that a product stands for: how many variants, from which price to which, and the values of each option."""

    id: int
    title: str
    count: int
    min_price: int | float
    max_price: int | float
    options: dict[str, list[Any]]

    @classmethod
    def of(cls, group: GroupTold, currency: Currency) -> Self:
        return cls(
            id=group.id,
            title=group.title,
            count=len(group.members),
            min_price=currency.major(group.min_price_minor),
            max_price=currency.major(group.max_price_minor),
            options=group.options,
        )


class ListedProduct(ProductView, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A product in a list. One of a group stands for all of it, unless each variant is listed."""

    group: ListedGroup | None = None

    @classmethod
    def listed(cls, row: ListedRow, shop: Shop) -> Self:
        shown = cls.of(row, shop)
        if row.group is None:
            return shown
        return msgspec.structs.replace(shown, group=ListedGroup.of(row.group, shop.currency_of(row.currency)))


class PriceBandView(msgspec.Struct, frozen=True, rename={"start": "from", "until": "to"}):
    """In major units, from a price to below another; the highest band has no end."""

    start: int | float
    until: int | float | None
    count: int


class FacetsView(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries of the whole list have which value; each facet ignores its own filter.

    The most frequent values come first, 50 at most of each and 20 attributes. `ratings` counts what is rated at least so.
    Values are what the filters take: `category`, `brand`, `minRating`, `inStock`, and `attribute=name:value`.
    `counted` says of what: `entries` of the list, where a group is one; in lists of more than 20,000 products, where there
    are groups, `products`, each variant for itself.
    """

    counted: Counted
    categories: list[FacetCount]
    brands: list[FacetCount]
    prices: list[PriceBandView]
    ratings: list[FacetCount]
    availability: list[FacetCount]
    attributes: dict[str, list[FacetCount]]

    @classmethod
    def of(cls, facets: Facets, shop: Shop) -> Self:
        major = shop.currency.major
        return cls(
            counted=facets.counted,
            categories=facets.categories,
            brands=facets.brands,
            prices=[
                PriceBandView(
                    major(band.from_minor), None if band.to_minor is None else major(band.to_minor), band.count
                )
                for band in facets.prices
            ],
            ratings=facets.ratings,
            availability=facets.availability,
            attributes=facets.attributes,
        )


class ProductList(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of products. `limit` is how many are on it, `total` how many entries there are; a group is one."""

    products: list[ListedProduct]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
    facets: FacetsView | None = None


class SelectedList(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """A page of products with only the fields that were selected, and always their ids."""

    products: list[dict[str, Any]]
    total: int
    skip: int
    limit: int
    next_cursor: str | None = None
    facets: FacetsView | None = None


FIELDS: Final = {field.encode_name for field in msgspec.structs.fields(ListedProduct)}


def fields_of(select: str) -> frozenset[str]:
    """The fields that a comma list names, and the id. Raises Invalid for a field that there is not."""
    wanted = {name.strip() for name in select.split(",") if name.strip()}
    if unknown := sorted(wanted - FIELDS):
        raise Invalid({"select": [f"there is no field {name}" for name in unknown]})
    return frozenset(wanted | {"id"})


def selected(products: list[ListedProduct], fields: frozenset[str]) -> list[dict[str, Any]]:
    """The products, or their JSON, with only these fields of each."""
    return [{name: value for name, value in _plain(product).items() if name in fields} for product in products]


def _plain(product: ListedProduct | msgspec.Raw) -> dict[str, Any]:
    plain: dict[str, Any] = (
        msgspec.json.decode(product) if isinstance(product, msgspec.Raw) else msgspec.to_builtins(product)
    )
    return plain
