"""What the fields of a file's lines must be like: as in requests, but for what other shops often do not know."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from entrepot.catalog.requests import BrandName, Location, NewProduct, Pieces, ProductChange, Sku, TranslationChanges
from entrepot.catalog.upsert import Rules

AnyDescription = Annotated[str, Field(max_length=5000)]
AnyBrand = Annotated[str, Field(max_length=100)]


class NewFileProduct(NewProduct):
    """A product that a line makes. It has a SKU, by which the file can be imported again."""

    sku: Sku
    description: AnyDescription = ""
    thumbnail: Location = ""
    brand: BrandName = ""
    stock: Pieces = 0
    translations: TranslationChanges = {}  # type: ignore[assignment]


class FileProductChange(ProductChange):
    """A product that a line changes. An empty description or brand takes it away."""

    description: AnyDescription | None = None
    brand: AnyBrand | None = None


FILE_RULES = Rules(NewFileProduct, FileProductChange)
