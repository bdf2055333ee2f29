"""Facts that inventory publishes, and which cached replies they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from entrepot.kernel.events import Event


class StockChanged(Event, frozen=True):
    """What can be bought of these products is another number now."""

    name: ClassVar[str] = "stock.changed"

    product_ids: list[int]
    reason: str


CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    StockChanged.name: lambda data: [f"product:{product_id}" for product_id in data["productIds"]],
}
