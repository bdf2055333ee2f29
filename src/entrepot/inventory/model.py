"""What inventory knows, and what it refuses with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

import msgspec

from entrepot.kernel.errors import Unprocessable


class Wanted(msgspec.Struct, frozen=True):
    """An order line that wants stock."""

    line_id: int
    product_id: int
    quantity: int


class Shelf(msgspec.Struct, frozen=True):
    """What one warehouse can give of a product; `near` when it lies in the buyer's zone."""

    product_id: int
    warehouse_id: int
    available: int
    near: bool


class Taken(msgspec.Struct, frozen=True):
    """So many pieces for a line, from a warehouse."""

    line_id: int
    product_id: int
    warehouse_id: int
    quantity: int


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
    "stock_levels_available_not_negative": InsufficientStock,
    "stock_levels_reserved_not_negative": InsufficientStock,
    "product_stock_not_negative": InsufficientStock,
}
