"""Facts that the catalog publishes, which cached replies they change, and which products they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from entrepot.kernel.events import Event

CATALOG_TAG: Final = "catalog"
"""On every list: which products there are, and in which order."""

PRICES_TAG: Final = "prices"
"""On every reply that is kept long and shows what a product costs: promotions change many prices at once."""

CATEGORIES_TAG: Final = "categories"
"""On every reply that shows the tree of categories."""

MOST_AT_ONCE: Final = 1_000
"""Products that one event names at most; what changes more publishes several."""


class ProductCreated(Event, frozen=True):
    name: ClassVar[str] = "product.created"

    product_id: int
    company_id: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class ProductChanged(ProductCreated, frozen=True):
    name: ClassVar[str] = "product.changed"


class ProductDeleted(ProductCreated, frozen=True):
    name: ClassVar[str] = "product.deleted"


class ProductsChanged(Event, frozen=True):
    """Many products of a company were made, changed or deleted at once: an import, a bulk change."""

    name: ClassVar[str] = "products.changed"

    product_ids: list[int]
    company_id: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class GroupChanged(Event, frozen=True):
    """A product joined a group of variants, or the group is called otherwise; who leaves is a changed product."""

    name: ClassVar[str] = "product_group.changed"

    group_id: int
    company_id: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class ReviewPosted(Event, frozen=True):
    """Somebody reviewed a product; its rating is told of by `product.changed`."""

    name: ClassVar[str] = "review.posted"

    review_id: int
    product_id: int
    company_id: int
    rating: int

    def companies(self) -> Sequence[int]:
        return (self.company_id,)


class ReviewChanged(ReviewPosted, frozen=True):
    name: ClassVar[str] = "review.changed"


class ReviewDeleted(ReviewPosted, frozen=True):
    name: ClassVar[str] = "review.deleted"


class CategoriesChanged(Event, frozen=True):
    """The tree of categories, or a name in it, is another one now."""

    name: ClassVar[str] = "categories.changed"


class CatalogLoaded(Event, frozen=True):
    """Products were written past the verbs, such as by the demo shop: whoever keeps anything of them reads all anew."""

    name: ClassVar[str] = "catalog.loaded"


def product_tag(product_id: int) -> str:
    """On every reply that shows the product."""
    return f"product:{product_id}"


def group_tag(group_id: int) -> str:
    """On every reply that shows the members of a group."""
    return f"product_group:{group_id}"


CHANGED_PRODUCTS: Final[Mapping[str, Callable[[dict[str, Any]], list[int]]]] = {
    ProductCreated.name: lambda data: [data["productId"]],
    ProductChanged.name: lambda data: [data["productId"]],
    ProductDeleted.name: lambda data: [data["productId"]],
    ProductsChanged.name: lambda data: data["productIds"],
}
"""Which products an event of the catalog is about: whoever keeps something about products reads them anew."""

CACHE_TAGS: Final[Mapping[str, Callable[[dict[str, Any]], list[str]]]] = {
    **{
        name: lambda data, ids=ids: [CATALOG_TAG, *map(product_tag, ids(data))]  # type: ignore[misc]
        for name, ids in CHANGED_PRODUCTS.items()
    },
    GroupChanged.name: lambda data: [group_tag(data["groupId"])],
    CategoriesChanged.name: lambda _: [CATALOG_TAG, CATEGORIES_TAG],
    CatalogLoaded.name: lambda _: [CATALOG_TAG, CATEGORIES_TAG],
}
