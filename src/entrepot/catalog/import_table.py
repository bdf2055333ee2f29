"""Tables to import: what kind of file it is, how it is written, and its lines one after the other, in constant memory."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from entrepot.kernel.errors import Unprocessable

HEAD_BYTES: Final = 65_536
MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 500
DELIMITERS: Final = ",;\t|"


class Unreadable(Unprocessable):
    """The file as a whole cannot be imported; the message says why, and what to do."""

    code = "UNREADABLE_IMPORT"
    message = "The file is no table of products: send CSV, XLSX or Shopify's export of products"


class Kind(StrEnum):
    """How a file is written."""

    CSV = "csv"
    XLSX = "xlsx"


class Line(msgspec.Struct, frozen=True):
    """A line of a table, by the number that an editor shows where it begins; `problem` says why it has no cells."""

    number: int
    cells: list[str]
    problem: str | None = None


class Table(msgspec.Struct, frozen=True):
    """A table as text. `numbered`: each line begins with its number, since it was another file's."""

    path: Path
    encoding: str
    delimiter: str
    numbered: bool = False

    def lines(self) -> Iterator[Line]:
        """All lines that are not empty, the header first. Reads on as they are asked for."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            while True:
                number = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Line(number, [], f"cannot be read as CSV: {error}")
                    continue
                if self.numbered:
                    number, cells = int(cells[0]), cells[1:]
                if any(cell.strip() for cell in cells):
                    yield Line(number, [in_plain_words(cell) for cell in cells])


def kind_of(path: Path) -> Kind:
    """By its content. Raises Unreadable for what is no table."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return Kind.XLSX
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("This is a workbook of an old kind, or one with a password: save it as XLSX or CSV")
    if not head:
        raise Unreadable("The file is empty")
    return Kind.CSV


def table_at(path: Path, known_columns: Callable[[Sequence[str]], int], *, whole: bool) -> Table:
    """How a CSV file is written: UTF-8, UTF-16 with a mark at its beginning, or else Windows-1252.

    The delimiter is the one with which the header has most columns that are known. `whole` looks through all of the file
    for what is not text; otherwise only its beginning is looked at.

    Raises:
        Unreadable: it is no text.
    """
    encoding = _encoding_of(path, whole)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = file.read(HEAD_BYTES)
    delimiter = max(DELIMITERS, key=lambda one: known_columns(_header(head, one)))
    return Table(path, encoding, delimiter)


def _header(head: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(head.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error:
        return []


def _encoding_of(path: Path, whole: bool) -> str:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in head:
        raise Unreadable
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        if _is_text(path, encoding, whole):
            return encoding
    raise Unreadable("The file is no text in UTF-8, UTF-16 or Windows-1252: save it as CSV in UTF-8")


def _is_text(path: Path, encoding: str, whole: bool) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(HEAD_BYTES):
                decoder.decode(chunk)
                if not whole:
                    return True
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


# Spreadsheets carry out a cell that begins with one of these. In our files an apostrophe stands before it; one more where
# there were some already, so that what is read is what was written.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_DEFUSED: Final = re.compile(r"'+[=+\-@\t\r]")


def defused(text: str) -> str:
    """A text as it stands in a file, where no spreadsheet takes it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def in_plain_words(cell: str) -> str:
    """The text that `defused` has written, without the spaces around it."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def list_cell(items: Sequence[str]) -> str:
    """Several texts in one cell: with | between them, or as JSON where one of them has that, or a bracket, in it."""
    if any("|" in item or item.strip() != item or not item for item in items) or (items and items[0].startswith("[")):
        return msgspec.json.encode(items).decode()
    return "|".join(items)
