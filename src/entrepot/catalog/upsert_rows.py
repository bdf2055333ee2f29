"""Rows of products that are written many at once: what was given, what it means, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec
from pydantic import BaseModel, ValidationError

from entrepot.kernel.types import MAX_ID

MOST_ROWS: Final = 1_000
"""Rows that are written in one go."""

MAX_SKU: Final = 64

Faults = dict[str, list[str]]
"""By field, all that is wrong with it."""


class Given(msgspec.Struct, frozen=True):
    """A row as it was sent: the fields of `POST /products`, and `id` where a product is meant by that.

    `faults` are those that whoever read it has found already; one of the row as a whole stands without a field's name. With
    `all_translations`, languages that are not named go.
    """

    fields: dict[str, Any]
    faults: Mapping[str, list[str]] = {}
    all_translations: bool = False


class RowStatus(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class Outcome(msgspec.Struct, frozen=True):
    """What became of a row."""

    status: RowStatus
    id: int | None = None
    sku: str | None = None
    faults: Mapping[str, list[str]] = {}


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a product that a row may set, as the database holds them."""

    company_id: int
    seller_id: int | None
    category_id: int
    brand_id: int | None
    group_id: int | None = None
    options: dict[str, Any]
    attributes: dict[str, Any]
    sku: str
    title: str
    description: str
    price_minor: int
    currency: str
    discount_bp: int
    tags: list[str]
    weight_g: int
    width_mm: int = 0
    height_mm: int = 0
    depth_mm: int = 0
    warranty_information: str
    shipping_information: str
    return_policy: str
    unit: str
    minimum_order_quantity: int
    pack_size: int
    barcode: str
    thumbnail: str


class Translation(msgspec.Struct, frozen=True):
    title: str
    description: str


class Existing(Columns, frozen=True, kw_only=True):
    """A product as it is, locked."""

    id: int
    images: list[str]
    zone_ids: list[int]
    translations: dict[str, Translation]
    stock: int

    def columns(self) -> Columns:
        return Columns(**{name: getattr(self, name) for name in Columns.__struct_fields__})


class Row(msgspec.Struct):
    """A row on its way: what is known of it so far. A row with faults goes no further."""

    given: Given
    faults: Faults
    product_id: int | None = None
    sku: str | None = None
    company_id: int | None = None
    existing: Existing | None = None
    values: Mapping[str, Any] = {}
    columns: dict[str, Any] = {}
    images: list[str] | None = None

    @property
    def locations(self) -> list[str]:
        """The pictures that the row names, its thumbnail among them."""
        thumbnail = self.columns.get("thumbnail")
        return [*(self.images or ()), *([thumbnail] if thumbnail else ())]

    @property
    def good(self) -> bool:
        return not self.faults

    def refuse(self, field: str, message: str) -> None:
        self.faults.setdefault(field, []).append(message)


def row_of(given: Given) -> Row:
    """The row, with what it says of which product it is about. Of its SKU's faults the check of its fields tells."""
    row = Row(given, {field: list(messages) for field, messages in given.faults.items()})
    row.product_id = _id_in(row, "id")
    row.company_id = _id_in(row, "companyId")
    sku = given.fields.get("sku")
    row.sku = sku.strip() or None if isinstance(sku, str) and len(sku) <= MAX_SKU else None
    return row


def _id_in(row: Row, name: str) -> int | None:
    value = row.given.fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_ID:
        row.refuse(name, "must be the id of a product" if name == "id" else "must be the id of a company")
        return None
    return value


def refuse_repeated(rows: Sequence[Row]) -> None:
    """A product may be meant by one row only: which of them should win?"""
    first: dict[object, int] = {}
    for place, row in enumerate(rows):
        key: object = row.existing.id if row.existing is not None else (row.company_id, row.sku)
        if key == (row.company_id, None) or (earlier := first.setdefault(key, place)) == place:
            continue
        row.refuse("sku" if row.product_id is None else "id", f"row {earlier} is about the same product")


def check(rows: Sequence[Row], new: type[BaseModel], change: type[BaseModel]) -> None:
    """Find all that is wrong with the fields of all rows, and read the others'. Slow: not for the event loop."""
    for row in rows:
        if "" in row.faults:
            continue  # what could not be read at all says nothing of its fields
        is_new, found = row.existing is None and row.given.fields.get("id") is None, set(row.given.faults)
        left_out = {"id"} if is_new else {"id", "companyId"}
        fields = {name: value for name, value in row.given.fields.items() if name not in left_out}
        try:
            row.values = (new if is_new else change).model_validate(fields).given  # type: ignore[attr-defined]
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_context=False, include_input=False):
                field = ".".join(str(part) for part in fault["loc"])
                if field not in found:
                    row.refuse(field, fault["msg"].removeprefix("Value error, "))
            category = fields.get("category")
            if isinstance(category, str) and "category" not in row.faults:
                row.values = {"category": category.strip()}  # so that, if there is none, that is told as well


def same(one: object, other: object) -> bool:
    """Whether two things are written alike: to Python, true is 1."""
    return msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
