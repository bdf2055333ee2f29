"""What a body says of a product, in the units in which the database keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from entrepot.kernel.fields import basis_points, minor_of
from entrepot.kernel.files import Files
from entrepot.kernel.money import Currency

SAME: Final = frozenset(
    {
        "title",
        "description",
        "sku",
        "warranty_information",
        "shipping_information",
        "return_policy",
        "minimum_order_quantity",
        "pack_size",
        "unit",
        "barcode",
        "attributes",
        "options",
    }
)
"""Fields that are columns as they are."""


def columns_of(given: Mapping[str, Any], currency: Currency, files: Files) -> dict[str, Any]:
    """The columns that the fields of a NewProduct or a ProductChange are; fields that are no columns are left out.

    Amounts become minor units, percentages basis points, kilograms grams, centimetres millimetres; addresses of our own
    files become their keys.

    Raises:
        Invalid: a price with more digits than the currency.
    """
    columns = {name: value for name, value in given.items() if name in SAME}
    if "price" in given:
        columns["price_minor"] = minor_of("price", given["price"], currency)
    if "discount_percentage" in given:
        columns["discount_bp"] = basis_points(given["discount_percentage"])
    if "tags" in given:
        columns["tags"] = list(dict.fromkeys(given["tags"]))
    if "weight" in given:
        columns["weight_g"] = round(given["weight"] * 1000)
    if "dimensions" in given:
        sides = given["dimensions"]
        columns |= {f"{name}_mm": round(getattr(sides, name) * 10) for name in sides.model_fields_set}
    if "thumbnail" in given:
        columns["thumbnail"] = files.location(given["thumbnail"])
    return columns
