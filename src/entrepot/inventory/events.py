"""Facts that inventory publishes, and which cached replies they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from entrepot.kernel.events import Event


class StockChanged(Event, frozen=True):
    """What can be bought of these products is another number now."""

    name: ClassVar[str] = "stock.changed"

    product_ids: list[int]
    reason: str


class StockRanLow(Event, frozen=True):
    """A warehouse has as few of a product as its threshold says, or fewer, and had more before."""

    name: ClassVar[str] = "stock.low"

    product_id: int
    warehouse_id: int
    company_id: int
    available: int
    threshold: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class StockRanOut(Event, frozen=True):
    """Nothing of a product can be bought any more, in no warehouse."""

    name: ClassVar[str] = "stock.out"

    product_id: int
    company_id: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class StockCameBack(Event, frozen=True):
    """Something of a product can be bought again."""

    name: ClassVar[str] = "stock.back"

    product_id: int
    company_id: int
    available: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class AwaitedStockCameBack(Event, frozen=True):
    """Something can be bought again of these products, or is held no more, and somebody waits for it."""

    name: ClassVar[str] = "stock.awaited_back"

    product_ids: list[int]


class StockOffered(Event, frozen=True):
    """Pieces of a product are held for these who waited for it."""

    name: ClassVar[str] = "stock.offered"

    product_id: int
    waiter_ids: list[int]


class NeededItemAsked(Event, frozen=True):
    """Somebody asks for something that the catalog lacks."""

    name: ClassVar[str] = "needed_item.asked"

    item_id: int
    zone_id: int | None


class NeededItemAnswered(Event, frozen=True):
    """Somebody was answered what becomes of what it asked for."""

    name: ClassVar[str] = "needed_item.answered"

    item_id: int
    user_id: int | None
    status: str


class WarehouseCreated(Event, frozen=True):
    name: ClassVar[str] = "warehouse.created"

    warehouse_id: int
    company_id: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class WarehouseChanged(WarehouseCreated, frozen=True):
    name: ClassVar[str] = "warehouse.changed"


class WarehouseDeleted(WarehouseCreated, frozen=True):
    name: ClassVar[str] = "warehouse.deleted"


CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    StockChanged.name: lambda data: [f"product:{product_id}" for product_id in data["productIds"]],
}
