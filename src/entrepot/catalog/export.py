"""Exporting a company's products: a table that imports back to the same catalog, a page at a time."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
import xlsxwriter

from entrepot.catalog import export_queries
from entrepot.catalog.export_queries import ExportRow
from entrepot.catalog.import_records import COLUMNS
from entrepot.catalog.import_table import defused, list_cell
from entrepot.kernel.db import Db
from entrepot.shop import Shop

PAGE: Final = 500
MEDIA_TYPE: Final = "text/csv"


async def export_csv(db: Db, shop: Shop, company_id: int) -> AsyncIterator[bytes]:
    """The company's products as CSV in UTF-8, in pieces; what changes meanwhile is in it or not."""
    yield _csv([list(COLUMNS)])
    async for rows in _pages(db, company_id):
        yield await asyncio.to_thread(_csv_of, rows, shop)


async def export_xlsx(db: Db, shop: Shop, company_id: int, path: Path) -> int:
    """The same as a spreadsheet, into a file; returns how many products there were."""
    count = 0
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Products")
        sheet.write_row(0, 0, list(COLUMNS))
        async for rows in _pages(db, company_id):
            await asyncio.to_thread(_write_rows, sheet, rows, count + 1, shop)
            count += len(rows)
    return count


def _write_rows(sheet: Any, rows: Sequence[ExportRow], first: int, shop: Shop) -> None:
    for line, row in enumerate(rows, first):
        for column, text in enumerate(cells_of(row, shop)):
            sheet.write_string(line, column, text)


async def _pages(db: Db, company_id: int) -> AsyncIterator[list[ExportRow]]:
    after_id = 0
    while rows := await export_queries.list_page(db, company_id, after_id, PAGE):
        yield rows
        after_id = rows[-1].id


def _csv_of(rows: Sequence[ExportRow], shop: Shop) -> bytes:
    return _csv([cells_of(row, shop) for row in rows])


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def cells_of(row: ExportRow, shop: Shop) -> list[str]:
    """A product's cells, in the order of COLUMNS."""
    digits = shop.currency_of(row.currency).digits
    cells = {
        "sku": row.sku,
        "title": row.title,
        "description": row.description,
        "price": _decimal(row.price_minor, digits),
        "discountPercentage": _decimal(row.discount_bp, 2),
        "category": row.category,
        "brand": row.brand or "",
        "stock": str(row.stock),
        "tags": list_cell(row.tags),
        "images": list_cell([shop.files.url(location) for location in row.images]),
        "thumbnail": shop.files.url(row.thumbnail),
        "weight": _decimal(row.weight_g, 3),
        "width": _decimal(row.width_mm, 1),
        "height": _decimal(row.height_mm, 1),
        "depth": _decimal(row.depth_mm, 1),
        "warrantyInformation": row.warranty_information,
        "shippingInformation": row.shipping_information,
        "returnPolicy": row.return_policy,
        "minimumOrderQuantity": str(row.minimum_order_quantity),
        "packSize": str(row.pack_size),
        "unit": row.unit,
        "barcode": row.barcode,
        "zones": list_cell(row.zones),
        "group": row.group_key or "",
        "groupTitle": row.group_title or "",
        "options": _json(row.options),
        "attributes": _json(row.attributes),
        "translations": _json(row.translations),
    }
    return [defused(cells[name]) for name in COLUMNS]


def _decimal(minor: int, digits: int) -> str:
    """Without zeros behind the point that say nothing."""
    text = format(Decimal(minor).scaleb(-digits), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _json(value: Mapping[str, Any]) -> str:
    return msgspec.json.encode(value, order="sorted").decode() if value else ""
