"""Reading a stock count from CSV: `sku` (or `productId`), `warehouse` (its code, if the company has several), `onHand`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

import msgspec

from entrepot.kernel.errors import Invalid
from entrepot.kernel.types import MAX_ID

MOST_LINES: Final = 20_000
MOST_PIECES: Final = 1_000_000_000
_DELIMITERS: Final = ",;\t"
_NAMES: Final = {
    "sku": "sku",
    "productid": "product_id",
    "warehouse": "warehouse",
    "onhand": "on_hand",
    "counted": "on_hand",
    "count": "on_hand",
}


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file, which is counted from 1; with `fault`, one that cannot be read."""

    line: int
    sku: str = ""
    product_id: int | None = None
    warehouse: str = ""
    on_hand: int = 0
    fault: str = ""


def read_counts(content: bytes) -> list[Counted]:
    """The lines of the file, those included that cannot be read. Raises Invalid for a file that is no such table."""
    rows = _rows(content)
    columns = _columns(next(rows, (1, []))[1])
    counted = []
    for line, row in rows:
        if any(cell.strip() for cell in row):
            counted.append(_counted(line, columns, row))
        if len(counted) > MOST_LINES:
            raise Invalid({"file": [f"must have at most {MOST_LINES:,} lines: send it in parts"]})
    return counted


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid({"file": ["must be a CSV file in UTF-8"]}) from None
    if "\0" in text:
        raise Invalid({"file": ["must be a CSV file in UTF-8"]})
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Invalid({"file": [f"line {reader.line_num} cannot be read: {error}"]}) from None


def _columns(head: list[str]) -> list[str | None]:
    """What each column holds; None: nothing that we know."""
    columns = [_NAMES.get("".join(char for char in name.lower() if char.isalnum())) for name in head]
    if "on_hand" not in columns or not {"sku", "product_id"} & set(columns):
        raise Invalid({"file": ["must begin with a line that names the columns sku (or productId), warehouse, onHand"]})
    return columns


def _counted(line: int, columns: list[str | None], row: list[str]) -> Counted:
    cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name is not None}
    product_id = _number(cells.get("product_id", ""), 1, MAX_ID)
    on_hand = _number(cells.get("on_hand", ""), 0, MOST_PIECES)
    sku = cells.get("sku", "")[:64]
    fault = ""
    if on_hand is None:
        fault = f"onHand must be a whole number from 0 to {MOST_PIECES:,}"
    elif cells.get("product_id") and product_id is None:
        fault = "productId must be the id of a product"
    elif not sku and product_id is None:
        fault = "name the product by sku or productId"
    return Counted(
        line=line,
        sku=sku,
        product_id=product_id,
        warehouse=cells.get("warehouse", "")[:50],
        on_hand=on_hand or 0,
        fault=fault,
    )


def _number(cell: str, least: int, most: int) -> int | None:
    if not cell.isascii() or not cell.isdigit() or len(cell) > 19:
        return None
    number = int(cell)
    return number if least <= number <= most else None
