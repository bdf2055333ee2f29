"""What inventory knows, and what it refuses with."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final, Self

import msgspec

from entrepot.kernel.errors import Conflict, NotFound, Refused, Unprocessable


class Wanted(msgspec.Struct, frozen=True):
    """An order line that wants stock."""

    line_id: int
    product_id: int
    quantity: int


class Shelf(msgspec.Struct, frozen=True):
    """What one warehouse can give of a product.

    `near` when it lies in the buyer's zone; otherwise it is so far from the middle of that, if both places are known.
    `offered` pieces are held there for the buyer, who waited for them, and are not among the available.
    """

    product_id: int
    warehouse_id: int
    available: int
    near: bool
    distance_km: float | None = None
    offered: int = 0


class Taken(msgspec.Struct, frozen=True):
    """So many pieces for a line, from a warehouse, and why from there."""

    line_id: int
    product_id: int
    warehouse_id: int
    quantity: int
    why: str = ""


class WarehouseFields(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a warehouse. The code is the company's own, such as `MAIN`; the place is in degrees."""

    code: str
    name: str
    address: dict[str, Any] = {}
    latitude: float | None = None
    longitude: float | None = None


class FirstStock(msgspec.Struct, frozen=True):
    """The pieces that a new product begins with, for the first warehouse of its company."""

    product_id: int
    company_id: int
    quantity: int


class Reason(StrEnum):
    """Why stock changed."""

    RECEIPT = "receipt"
    SALE = "sale"
    RELEASE = "release"
    SHIPMENT = "shipment"
    RETURN = "return"
    TRANSFER = "transfer"
    COUNT = "count"
    DAMAGE = "damage"
    IMPORT = "import"
    CORRECTION = "correction"
    OFFER = "offer"


class StockChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of a product's stock; at most one of the first three numbers is given.

    `available`: so many can be bought afterwards; in the warehouse if one is named, and otherwise over all. `on_hand`: so
    many were counted on the shelf, those included that are held for orders. `adjustment`: so many more, or fewer.

    Without a warehouse, pieces are put into the company's first, and taken out of its warehouses in the order of their
    age. `low_stock_threshold`: at most so many left there are few, from now on.
    """

    product_id: int
    warehouse_id: int | None = None
    available: int | None = None
    on_hand: int | None = None
    adjustment: int | None = None
    low_stock_threshold: int | None = None


class StockSet(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a product's stock: `change` pieces more on hand.

    `on_hand` and `reserved` are the level of the warehouse that was named; otherwise the sum over those that the actor may
    use. `total` can be bought over all. With `refusal`, nothing changed.
    """

    product_id: int
    warehouse_id: int | None = None
    change: int = 0
    on_hand: int = 0
    reserved: int = 0
    total: int = 0
    refusal: Refused | None = None

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Sunk(msgspec.Struct, frozen=True, kw_only=True):
    """A level of which less can be bought than before; `total` is left over all warehouses."""

    product_id: int
    warehouse_id: int
    company_id: int
    available_before: int
    available: int
    threshold: int
    total: int


class Returned(msgspec.Struct, frozen=True):
    """A product of which there was nothing to buy, and now is."""

    product_id: int
    company_id: int
    total: int


class ProductUnknown(NotFound):
    code = "PRODUCT_NOT_FOUND"
    message = "Product not found"


class WarehouseNotFound(NotFound):
    code = "WAREHOUSE_NOT_FOUND"
    message = "Warehouse not found"


class WarehouseExists(Conflict):
    code = "WAREHOUSE_EXISTS"
    message = "The company has a warehouse with this code already"


class WarehouseHoldsStock(Conflict):
    code = "WAREHOUSE_HOLDS_STOCK"
    message = "Stock lies in the warehouse: move it to another one first"


class SameWarehouse(Unprocessable):
    code = "SAME_WAREHOUSE"
    message = "Name two different warehouses"


class SkuAmbiguous(Unprocessable):
    code = "SKU_AMBIGUOUS"
    message = "Several companies have a product with this SKU: say which company"


class NotSoldOut(Conflict):
    code = "NOT_SOLD_OUT"
    message = "The product can be bought now"


class TooManyWaits(Unprocessable):
    code = "TOO_MANY_SUBSCRIPTIONS"
    message = "You wait for 200 products already: wait for something no longer first"


class WrongUnsubscribeLink(NotFound):
    code = "UNSUBSCRIBE_LINK_UNKNOWN"
    message = "This link is wrong or too old: sign in to wait no longer"


class NeededItemNotFound(NotFound):
    code = "NEEDED_ITEM_NOT_FOUND"
    message = "Needed item not found"


class TooManyNeededItems(Unprocessable):
    code = "TOO_MANY_NEEDED_ITEMS"
    message = "50 things that you asked for are open: wait until some are answered"


class NoWarehouse(Unprocessable):
    code = "NO_WAREHOUSE"
    message = "The company has no warehouse that you may put stock into: make one first, or leave the stock at 0"


class WarehouseNeeded(Unprocessable):
    code = "WAREHOUSE_NEEDED"
    message = "The product's company has several warehouses: say in which one these pieces were counted"


class StockReserved(Unprocessable):
    code = "STOCK_RESERVED"
    message = "Pieces are held for orders and cannot be taken away"

    @classmethod
    def of(cls, free: int) -> Self:
        """`free` can be taken at most."""
        return cls(f"At most {free} can be taken away: the others are not there, or held for orders")


class TooMuchStock(Unprocessable):
    code = "TOO_MUCH_STOCK"
    message = "More than two billion pieces of a product cannot be kept"


class Back(msgspec.Struct, frozen=True):
    """So many pieces of an order line that came back."""

    line_id: int
    quantity: int


class NotShipped(Unprocessable):
    code = "NOT_SHIPPED"
    message = "More would come back than was shipped"

    @classmethod
    def of(cls, left: Mapping[int, int]) -> Self:
        """`left` says of each line how many can still come back."""
        return cls(details={f"lines.{line_id}": [f"at most {many}"] for line_id, many in sorted(left.items())})


class InsufficientStock(Unprocessable):
    code = "INSUFFICIENT_STOCK"
    message = "Not enough stock for this order"

    @classmethod
    def of(cls, available: Mapping[int, int]) -> Self:
        """`available` says how many are left of each product that there are too few of."""
        return cls(
            details={
                f"products.{product_id}": [f"only {left} left" if left else "sold out"]
                for product_id, left in sorted(available.items())
            }
        )


CONSTRAINTS: Final = {
    "warehouses_code_key": WarehouseExists,
    "stock_levels_available_not_negative": InsufficientStock,
    "stock_levels_reserved_not_negative": InsufficientStock,
    "product_stock_not_negative": InsufficientStock,
    "stock_reservations_returned_check": NotShipped,
}
