"""Bodies that say what becomes of stock."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from entrepot.inventory.model import Reason, StockChange
from entrepot.kernel.bodies import Body
from entrepot.kernel.errors import Invalid
from entrepot.kernel.types import MAX_ID

MOST_ROWS: Final = 10_000
"""In one request; they fit into a body as large as bodies may be."""

Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Pieces = Annotated[int, Field(ge=0, le=1_000_000_000)]
Note = Annotated[str, Field(max_length=500)]


class GivenReason(StrEnum):
    """Why people change stock by hand; sales and transfers write their own."""

    COUNT = "count"
    RECEIPT = "receipt"
    RETURN = "return"
    DAMAGE = "damage"
    CORRECTION = "correction"


class StockNumbers(Body):
    """One of `quantity`, `onHand` and `adjustment`."""

    quantity: Pieces | None = Field(
        None, description="so many can be bought afterwards: in the warehouse, or else over all", examples=[25]
    )
    on_hand: Pieces | None = Field(
        None, description="so many were counted in the warehouse, with those that are held for orders"
    )
    adjustment: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None = Field(
        None, description="so many more, or fewer"
    )
    warehouse_id: Id | None = Field(
        None, description="if not given, pieces go into the company's first and come from any that has some"
    )
    low_stock_threshold: Pieces | None = Field(None, description="at most so many left there are few, from now on")

    def change_of(self, product_id: int, where: str = "") -> StockChange:
        """What is to be done. Raises Invalid when the numbers contradict each other, or there is none."""
        given = [number for number in (self.quantity, self.on_hand, self.adjustment) if number is not None]
        if len(given) > 1 or (not given and self.low_stock_threshold is None):
            raise Invalid({f"{where}quantity": ["give one of quantity, onHand and adjustment"]})
        return StockChange(
            product_id=product_id,
            warehouse_id=self.warehouse_id,
            available=self.quantity,
            on_hand=self.on_hand,
            adjustment=self.adjustment,
            low_stock_threshold=self.low_stock_threshold,
        )


class WhyBody(Body):
    """Why it is done; both stand in the history."""

    reason: GivenReason = GivenReason.COUNT
    note: Note = Field("", examples=["Counted after the fair"])

    @property
    def recorded_reason(self) -> Reason:
        return Reason(self.reason)


class ProductStockChange(StockNumbers, WhyBody):
    """What becomes of a product's stock, and why."""


class StockUpdate(StockNumbers, WhyBody):
    """What becomes of a product's stock, and why."""

    product_id: Id


class StockRow(StockNumbers):
    """A row of many."""

    product_id: Id


class BulkStockUpdate(WhyBody):
    """What becomes of the stock of many products, and why."""

    items: list[StockRow] = Field(min_length=1, max_length=MOST_ROWS)

    @property
    def changes(self) -> list[StockChange]:
        """Raises Invalid, naming each row that contradicts itself."""
        changes, faults = [], {}
        for place, row in enumerate(self.items):
            try:
                changes.append(row.change_of(row.product_id, f"items.{place}."))
            except Invalid as fault:
                faults.update(fault.details or {})
        if faults:
            raise Invalid(dict(list(faults.items())[:100]))
        return changes
