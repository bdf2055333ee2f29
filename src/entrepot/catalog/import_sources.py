"""What a file holds, of whichever kind it is: its records, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from entrepot.catalog import import_records, import_shopify
from entrepot.catalog.import_records import Record
from entrepot.catalog.import_table import MAX_ROWS, Kind, Line, Table, Unreadable, kind_of, table_at
from entrepot.kernel.money import Currency
from entrepot.kernel.spreadsheets import UnreadableSpreadsheet, table_of


class Source(msgspec.Struct, frozen=True):
    """A file that can be imported: its kind as people call it, how many records it has, and how to read them."""

    format: str
    total: int
    records: Callable[[], Iterator[Record]]


def check_beginning(path: Path) -> None:
    """Look at the beginning of a file, as soon as it is here. Raises Unreadable for what can be told already."""
    if kind_of(path) is Kind.CSV:
        table = table_at(path, _known_columns, whole=False)
        _begin(table.lines())


async def open_source(path: Path, folder: Path, currency: Currency) -> Source:
    """Look through all of a file. What it is turned into meanwhile goes into the folder. Raises Unreadable."""
    if kind_of(path) is Kind.XLSX:
        text = folder / "sheet.csv"
        try:
            await table_of(path, text)
        except UnreadableSpreadsheet as error:
            raise Unreadable(str(error)) from None
        table = Table(text, "utf-8", ",", numbered=True)
    else:
        table = await asyncio.to_thread(table_at, path, _known_columns, whole=True)
    return await asyncio.to_thread(_look_through, table, currency)


def _look_through(table: Table, currency: Currency) -> Source:
    shopify = _begin(table.lines())

    def records() -> Iterator[Record]:
        lines = table.lines()
        return import_shopify.records(lines, currency) if shopify else import_records.records(lines)

    total = 0
    for _ in records() if shopify else islice(table.lines(), 1, None):  # of ours, each line is a record
        total += 1
        if total > MAX_ROWS:
            raise Unreadable(f"The file has more than {MAX_ROWS:,} products: divide it")
    return Source("shopify" if shopify else "xlsx" if table.numbered else "csv", total, records)


def _begin(lines: Iterator[Line]) -> bool:
    """Whether it is Shopify's. Raises Unreadable for a header that is nobody's."""
    header = import_records.header_of(lines)
    if import_shopify.is_shopify(header.cells):
        return True
    import_records.records(iter([header]))
    return False


def _known_columns(header: Sequence[str]) -> int:
    return max(import_records.known_columns(header), import_shopify.known_columns(header))
