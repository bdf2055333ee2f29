"""Bodies of the catalog's requests."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from entrepot.kernel.bodies import Body, FreeForm
from entrepot.kernel.money import MajorAmount
from entrepot.kernel.types import MAX_ID


def _address(value: str) -> str:
    if not value.startswith(("https://", "http://", "public/")):
        raise ValueError("must be a valid URL (https://...) or the key of an upload")
    return value


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be greater than 0")
    return value


def _hundredths(value: Decimal) -> Decimal:
    if not 0 <= value <= 100 or value != round(value, 2):
        raise ValueError("must be from 0 to 100, with at most two digits after the point")
    return value


Location = Annotated[str, Field(max_length=2000), AfterValidator(_address)]
Tag = Annotated[str, Field(min_length=1, max_length=50)]
Length = Annotated[float, Field(ge=0, le=1_000_000)]


class DimensionsBody(Body):
    """In centimetres."""

    width: Length = 0
    height: Length = 0
    depth: Length = 0


class NewProduct(Body):
    """A product to sell."""

    title: str = Field(min_length=3, max_length=200, examples=["New Product"])
    description: str = Field(min_length=10, max_length=5000, examples=["Product description here..."])
    price: Annotated[MajorAmount, AfterValidator(_positive)] = Field(description="in major units, before any discount")
    discount_percentage: Annotated[MajorAmount, AfterValidator(_hundredths)] = Decimal(0)
    thumbnail: Location = Field(examples=["https://example.com/image.jpg"])
    images: list[Location] = Field(default=[], max_length=20)
    category: str = Field(min_length=1, max_length=100, description="slug of a category")
    brand: str = Field(min_length=1, max_length=100)
    stock: int = Field(ge=0, le=1_000_000_000, description="pieces to put into the company's first warehouse")
    sku: str | None = Field(None, min_length=1, max_length=64, description="made up when not given")
    company_id: int | None = Field(
        None, ge=1, le=MAX_ID, description="for administrators; the house company if not given"
    )
    tags: list[Tag] = Field(default=[], max_length=50)
    weight: Annotated[float, Field(ge=0, le=1_000_000, description="kilograms")] = 0
    dimensions: DimensionsBody = DimensionsBody()
    warranty_information: str = Field("", max_length=500)
    shipping_information: str = Field("", max_length=500)
    return_policy: str = Field("", max_length=500)
    minimum_order_quantity: int = Field(1, ge=1, le=1_000_000)
    unit: str = Field("piece", min_length=1, max_length=30)
    barcode: str = Field("", max_length=50)
    attributes: FreeForm = {}
