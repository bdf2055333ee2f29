"""What a price list is, whom it is for, and what it can refuse with."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from entrepot.kernel.actors import Role
from entrepot.kernel.errors import NotFound, Unprocessable

MAX_LISTS: Final = 100
"""Price lists of one seller, and as many that are for anybody's goods."""
MAX_BUYERS: Final = 500
MAX_TIERS: Final = 20
MAX_PRICES: Final = 1_000
"""Products whose prices are set in one request."""


class PriceList(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Prices that some buyers pay: everybody to whom all of `for...` apply; a list without them is for everybody.

    `companyId` is the seller whose goods it prices, null for anybody's; `forBuyers` names users; `products` are priced.
    """

    id: int
    company_id: int | None
    name: str
    currency: str
    for_role: Role | None
    for_company_id: int | None
    for_zone: str | None
    for_buyers: list[int] | None
    starts_at: datetime | None
    ends_at: datetime | None
    products: int
    created_at: datetime
    updated_at: datetime


class PriceListFields(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in `price_lists`, as a client may change it."""

    name: str
    for_role: Role | None
    for_company_id: int | None
    for_zone_id: int | None
    for_named: bool
    starts_at: datetime | None
    ends_at: datetime | None


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """What a piece of a product costs from so many pieces on, in minor units, for those whom the price list is for."""

    product_id: int
    from_quantity: int
    price_minor: int
    price_list_id: int
    name: str


class PriceListNotFound(NotFound):
    code = "PRICE_LIST_NOT_FOUND"
    message = "Price list not found"


class TooManyPriceLists(Unprocessable):
    code = "TOO_MANY_PRICE_LISTS"
    message = f"There are {MAX_LISTS} price lists already: delete one first"


class PriceListEndsEarly(Unprocessable):
    code = "PRICE_LIST_ENDS_EARLY"
    message = "A price list ends after it starts"


CONSTRAINTS: Final = {"price_lists_dates": PriceListEndsEarly}
