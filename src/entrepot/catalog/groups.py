"""Groups: products that are shown as one and differ by their options, such as the sizes of a shirt."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from entrepot.kernel.errors import Conflict

VARIANTS_SHOWN: Final = 100
"""The other members of its group that stand on a product's page, the oldest first."""


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A member of a group, as the others name it."""

    id: int
    title: str
    sku: str
    options: dict[str, Any]
    price_minor: int
    discount_bp: int
    currency: str
    stock: int
    thumbnail: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group with its members, without the one that it is looked at from."""

    id: int
    key: str
    title: str
    variants: list[Variant]


class VariantExists(Conflict):
    code = "VARIANT_EXISTS"
    message = "Another product of the group has the same options"

    def __init__(self) -> None:
        super().__init__(
            details={"options": ["another product of the group has these: they must differ in one at least"]}
        )
