"""A body as it is entered: its columns, with categories, brands and zones by their ids; all its faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from entrepot.catalog import categories_queries, product_queries
from entrepot.catalog.product_columns import columns_of
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Invalid
from entrepot.kernel.files import Files
from entrepot.kernel.money import Currency
from entrepot.kernel.slugs import slug_of
from entrepot.zones import zones_named


class Entry(msgspec.Struct, frozen=True):
    """What is to be written of a product; `zone_ids` is None where the body does not say."""

    columns: dict[str, Any]
    zone_ids: list[int] | None


async def entry_of(tx: Tx, given: Mapping[str, Any], currency: Currency, files: Files) -> Entry:
    """What the fields of a NewProduct or a ProductChange mean. A brand that is new is made.

    Raises:
        Invalid: a price with more digits than the currency, an unknown category, unknown zones.
    """
    columns: dict[str, Any] = {}
    zone_ids = None
    faults: dict[str, Any] = {}
    try:
        columns = columns_of(given, currency, files)
    except Invalid as invalid:
        faults |= invalid.details or {}
    if "category" in given:
        category = await categories_queries.find_category(tx, given["category"])
        if category is None:
            faults["category"] = ["there is no such category: see GET /products/categories"]
        else:
            columns["category_id"] = category.id
    if "zones" in given:
        try:
            zone_ids = [zone.id for zone in await zones_named(tx, given["zones"], "zones")]
        except Invalid as invalid:
            faults |= invalid.details or {}
    if faults:
        raise Invalid(faults)
    if "brand" in given:
        columns["brand_id"] = await product_queries.claim_brand(tx, given["brand"], slug_of(given["brand"]))
    return Entry(columns, zone_ids)
