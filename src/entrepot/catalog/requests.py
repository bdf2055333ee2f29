"""Bodies of the catalog's requests: what may be said of a product, field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from entrepot.kernel.bodies import Body
from entrepot.kernel.fields import Percent
from entrepot.kernel.files import KEY, PUBLIC
from entrepot.kernel.languages import TAG
from entrepot.kernel.money import MajorAmount
from entrepot.kernel.types import MAX_ID

MAX_ATTRIBUTES: Final = 50
MAX_ATTRIBUTE_NAME: Final = 50
MAX_ATTRIBUTE_TEXT: Final = 200
MAX_ATTRIBUTE_NUMBER: Final = 10**15
MAX_OPTIONS: Final = 5
MAX_OPTION_NAME: Final = 30
MAX_OPTION_VALUE: Final = 50
"""Five options of this size, four bytes a letter, still fit into an entry of the index that tells variants apart."""
MAX_LANGUAGES: Final = 30
MAX_ZONES: Final = 500

_URL: Final = re.compile(r"https?://[^\s/?#\\\"<>]+([/?#][^\s\"<>]*)?")


def _address(value: str) -> str:
    if not (_URL.fullmatch(value) or (value.startswith(f"{PUBLIC}/") and KEY.fullmatch(value))):
        raise ValueError("must be a valid URL (https://...) or the key of an upload")
    return value


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be greater than 0")
    return value


def _language(tag: str) -> str:
    if not TAG.fullmatch(tag):
        raise ValueError(f"must be language tags such as ar or pt-BR: {tag[:20]!r} is none")
    return tag.lower()


def _languages(value: Any) -> Any:
    """Tags as they are looked up, in lower case."""
    if not isinstance(value, dict):
        return value
    if len(value) > MAX_LANGUAGES:
        raise ValueError(f"must be in at most {MAX_LANGUAGES} languages")
    by_tag = {_language(str(tag).strip()): translation for tag, translation in value.items()}
    if len(by_tag) < len(value):
        raise ValueError("must name each language once")
    return by_tag


def _attributes(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) > MAX_ATTRIBUTES:
        raise ValueError(f"must be at most {MAX_ATTRIBUTES}")
    if any(not 1 <= len(name) <= MAX_ATTRIBUTE_NAME for name in value):
        raise ValueError(f"must have names of 1 to {MAX_ATTRIBUTE_NAME} characters")
    if wrong := [name for name, one in value.items() if not _is_attribute(one)]:
        raise ValueError(
            f"must be texts of at most {MAX_ATTRIBUTE_TEXT} characters, numbers below a quadrillion, true or false: "
            f"{', '.join(wrong)} is not"
        )
    return value


def _is_attribute(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_ATTRIBUTE_TEXT
    return isinstance(value, bool | int | float) and abs(value) < MAX_ATTRIBUTE_NUMBER


def _options(value: dict[str, str]) -> dict[str, str]:
    if len(value) > MAX_OPTIONS:
        raise ValueError(f"must be at most {MAX_OPTIONS}")
    if any(not 1 <= len(name) <= MAX_OPTION_NAME for name in value):
        raise ValueError(f"must have names of 1 to {MAX_OPTION_NAME} characters")
    return value


Title = Annotated[str, Field(min_length=3, max_length=200, examples=["New Product"])]
Description = Annotated[str, Field(min_length=10, max_length=5000, examples=["Product description here..."])]
Price = Annotated[MajorAmount, AfterValidator(_positive), Field(description="in major units, before any discount")]
Location = Annotated[str, Field(max_length=2000), AfterValidator(_address)]
Images = Annotated[list[Location], Field(max_length=20)]
CategorySlug = Annotated[str, Field(min_length=1, max_length=100, description="slug of a category")]
BrandName = Annotated[str, Field(min_length=1, max_length=100)]
Pieces = Annotated[int, Field(ge=0, le=1_000_000_000)]
Sku = Annotated[str, Field(min_length=1, max_length=64)]
Tag = Annotated[str, Field(min_length=1, max_length=50)]
Tags = Annotated[list[Tag], Field(max_length=50)]
Kilograms = Annotated[float, Field(ge=0, le=1_000_000, description="kilograms")]
Length = Annotated[float, Field(ge=0, le=1_000_000)]
Information = Annotated[str, Field(max_length=500)]
Minimum = Annotated[int, Field(ge=1, le=1_000_000)]
PackSize = Annotated[int, Field(ge=1, le=1_000_000, description="sold in whole packs of so many pieces")]
Unit = Annotated[str, Field(min_length=1, max_length=30)]
Barcode = Annotated[str, Field(max_length=50)]
Attributes = Annotated[
    dict[str, Any],
    AfterValidator(_attributes),
    Field(description="name and value: a text, a number, true or false", examples=[{"voltage": "230 V"}]),
]
OptionValue = Annotated[str, Field(min_length=1, max_length=MAX_OPTION_VALUE)]
Options = Annotated[
    dict[str, OptionValue],
    AfterValidator(_options),
    Field(description="what tells the product from others of its group", examples=[{"colour": "blue", "size": "M"}]),
]
Zones = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100)]],
    Field(max_length=MAX_ZONES, description="slugs; wherever the company delivers if empty"),
]


class DimensionsBody(Body):
    """In centimetres."""

    width: Length = 0
    height: Length = 0
    depth: Length = 0


class TranslationBody(Body):
    """A product in another language."""

    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=5000)


class GroupBody(Body):
    """The group of products that are shown as one and differ by their options."""

    key: str = Field(min_length=1, max_length=100, description="the company's own name for it; made if it is new")
    title: str | None = Field(None, min_length=1, max_length=200, description="that of its first product if not given")


Translations = Annotated[dict[str, TranslationBody], BeforeValidator(_languages)]
TranslationChanges = Annotated[
    dict[str, TranslationBody | None],
    BeforeValidator(_languages),
    Field(description="by language; null takes one away, languages that are not named stay"),
]


class NewProduct(Body):
    """A product to sell."""

    title: Title
    description: Description
    price: Price
    discount_percentage: Percent = Decimal(0)
    thumbnail: Location = Field(examples=["https://example.com/image.jpg"])
    images: Images = []
    category: CategorySlug
    brand: BrandName
    stock: Pieces = Field(description="pieces to put into the company's first warehouse")
    sku: Sku | None = Field(None, description="made up when not given")
    company_id: int | None = Field(
        None, ge=1, le=MAX_ID, description="for administrators; the house company if not given"
    )
    tags: Tags = []
    weight: Kilograms = 0
    dimensions: DimensionsBody = DimensionsBody()
    warranty_information: Information = ""
    shipping_information: Information = ""
    return_policy: Information = ""
    minimum_order_quantity: Minimum = 1
    pack_size: PackSize = 1
    unit: Unit = "piece"
    barcode: Barcode = ""
    attributes: Attributes = {}
    zones: Zones = []
    translations: Translations = {}
    group: GroupBody | None = None
    options: Options = {}

    @property
    def given(self) -> Mapping[str, Any]:
        """Every field, with its default where it was left out."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class ProductChange(Body):
    """What is given is changed, the rest stays. `null` takes a product out of its `group`, and is no value otherwise."""

    title: Title | None = None
    description: Description | None = None
    price: Price | None = None
    discount_percentage: Percent | None = None
    thumbnail: Location | None = None
    images: Images | None = Field(None, description="all its pictures, in their order")
    category: CategorySlug | None = None
    brand: BrandName | None = None
    stock: Pieces | None = Field(None, description="so many can be bought afterwards, over all warehouses")
    sku: Sku | None = None
    tags: Tags | None = None
    weight: Kilograms | None = None
    dimensions: DimensionsBody | None = None
    warranty_information: Information | None = None
    shipping_information: Information | None = None
    return_policy: Information | None = None
    minimum_order_quantity: Minimum | None = None
    pack_size: PackSize | None = None
    unit: Unit | None = None
    barcode: Barcode | None = None
    attributes: Attributes | None = None
    zones: Zones | None = None
    translations: TranslationChanges | None = None
    group: GroupBody | None = None
    options: Options | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _not_null(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name != "group":
            raise ValueError("must not be null: leave it out to keep it as it is")
        return value

    @property
    def given(self) -> Mapping[str, Any]:
        """The fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}
