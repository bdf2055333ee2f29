"""Facts that the catalog publishes, and which cached replies they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from entrepot.kernel.events import Event

CATALOG_TAG: Final = "catalog"
"""On every list: which products there are, and in which order."""


class ProductCreated(Event, frozen=True):
    name: ClassVar[str] = "product.created"

    product_id: int
    company_id: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class ProductChanged(ProductCreated, frozen=True):
    name: ClassVar[str] = "product.changed"


def product_tag(product_id: int) -> str:
    """On every reply that shows the product."""
    return f"product:{product_id}"


CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    ProductCreated.name: lambda _: [CATALOG_TAG],
    ProductChanged.name: lambda data: [CATALOG_TAG, product_tag(data["productId"])],
}
