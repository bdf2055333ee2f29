"""Which products a list is asked for, as its query string says it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from entrepot.kernel.errors import Invalid
from entrepot.kernel.fields import minor_of
from entrepot.kernel.money import Currency
from entrepot.kernel.types import MAX_ID
from entrepot.shop import Shop

MOST_ATTRIBUTES = 10
"""Conditions on attributes that one list may have."""


class ProductFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which products are wanted, and in which order. Prices are in minor units, ratings in hundredths.

    `attributes`: (name, value) pairs; of one name any value will do, of different names all must fit.
    """

    min_price_minor: int | None = None
    max_price_minor: int | None = None
    min_rating_hundredths: int | None = None
    brand: str | None = None
    category: str | None = None
    seller: int | None = None
    company: int | None = None
    zone: str | None = None
    warehouse: int | None = None
    tag: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    in_stock: bool | None = None
    variants_apart: bool = False
    sort_by: str | None = None
    order: str | None = None


def product_filter(
    shop: NamedDependency[Shop],
    min_price: Annotated[
        float | None, QueryParameter(name="minPrice", ge=0, le=1e12, description="In major units.")
    ] = None,
    max_price: Annotated[
        float | None, QueryParameter(name="maxPrice", ge=0, le=1e12, description="In major units.")
    ] = None,
    min_rating: Annotated[
        float | None, QueryParameter(name="minRating", ge=0, le=5, description="At least this rating, 0 to 5.")
    ] = None,
    brand: Annotated[str | None, QueryParameter(max_length=100, description="Name or slug of a brand.")] = None,
    category: Annotated[str | None, QueryParameter(max_length=100, description="Slug; includes the sub-tree.")] = None,
    seller: Annotated[int | None, QueryParameter(ge=1, le=MAX_ID, description="Id of the selling user.")] = None,
    company: Annotated[int | None, QueryParameter(ge=1, le=MAX_ID, description="Id of the selling company.")] = None,
    zone: Annotated[str | None, QueryParameter(max_length=100, description="Slug of a zone it is sold in.")] = None,
    warehouse: Annotated[
        int | None, QueryParameter(ge=1, le=MAX_ID, description="Id of a warehouse that has it.")
    ] = None,
    tag: Annotated[str | None, QueryParameter(max_length=50, description="With this tag.")] = None,
    attribute: Annotated[
        list[str] | None,
        QueryParameter(
            max_length=MOST_ATTRIBUTES,
            description="`colour:blue`, given several times: any of the values of a name, and all of the names.",
        ),
    ] = None,
    in_stock: Annotated[
        bool | None, QueryParameter(name="inStock", description="Only what can, or cannot, be bought now.")
    ] = None,
    variants: Annotated[
        Literal["all"] | None,
        QueryParameter(description="`all` lists each variant of a group; a group is shown once otherwise."),
    ] = None,
    sort_by: Annotated[
        str | None,
        QueryParameter(name="sortBy", description="price, rating, title, name, date, createdAt, stock or id."),
    ] = None,
    order: Annotated[str | None, QueryParameter(description="asc or desc.")] = None,
) -> ProductFilter:
    """The filters and the sort key of a product list. Raises Invalid."""
    wanted = ProductFilter(
        min_price_minor=_minor("minPrice", min_price, shop.currency),
        max_price_minor=_minor("maxPrice", max_price, shop.currency),
        min_rating_hundredths=_hundredths(min_rating),
        brand=brand,
        category=category,
        seller=seller,
        company=company,
        zone=zone,
        warehouse=warehouse,
        tag=tag,
        attributes=_attributes(attribute or []),
        in_stock=in_stock,
        variants_apart=variants == "all",
        sort_by=sort_by,
        order=order,
    )
    low, high = wanted.min_price_minor, wanted.max_price_minor
    if low is not None and high is not None and low > high:
        raise Invalid({"minPrice": ["must not be above maxPrice"]})
    return wanted


def _minor(field: str, amount: float | None, currency: Currency) -> int | None:
    return None if amount is None else minor_of(field, Decimal(str(amount)), currency)


def _hundredths(rating: float | None) -> int | None:
    """Rounded up: a product rated 4.33 is not rated 4.335."""
    if rating is None:
        return None
    return int(-(-Decimal(str(rating)) * 100 // 1))


def _attributes(given: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in given:
        name, colon, value = text.partition(":")
        if not (name and colon and value) or len(text) > 300:
            raise Invalid({"attribute": ["must be a name and a value of at most 300 characters, such as colour:blue"]})
        pairs.append((name, value))
    return tuple(dict.fromkeys(pairs))
