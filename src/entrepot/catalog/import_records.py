"""Records: what each line of a table of ours says of a product, in the words of `POST /products`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from entrepot.catalog.import_cells import items, names, number, whole
from entrepot.catalog.import_table import MAX_COLUMNS, Line, Unreadable

KEEP: Final = object()
"""An empty cell says nothing: what is there stays, and what is new gets its default, or needs a value."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A product as a file tells of it. `columns` says which column a field came from, `cells` what stands there.

    With `all_translations`, the product is to be in no other languages.
    """

    line: int
    fields: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    columns: Mapping[str, str] = {}
    cells: Mapping[str, str] = {}
    all_translations: bool = False

    @property
    def sku(self) -> str | None:
        sku = self.fields.get("sku")
        return sku if isinstance(sku, str) else None

    def column_of(self, field: str) -> str | None:
        """The column that a field, or a part of one such as `images.0`, came from; of a field with several, the first."""
        part = field
        while part:
            if part in self.columns:
                return self.columns[part]
            part = part.rpartition(".")[0]
        return next((column for name, column in self.columns.items() if field and name.startswith(f"{field}.")), None)


class Column(msgspec.Struct, frozen=True):
    """A column: the field it fills, and which part of it, how its text is read, and what an empty cell says."""

    path: tuple[str, ...]
    read: Callable[[str], Any] = str
    empty: Any = KEEP

    @property
    def field(self) -> str:
        return ".".join(self.path)


COLUMNS: Final[Mapping[str, Column]] = {
    "sku": Column(("sku",)),
    "title": Column(("title",)),
    "description": Column(("description",), empty=""),
    "price": Column(("price",), number),
    "discountPercentage": Column(("discountPercentage",), number, 0),
    "category": Column(("category",)),
    "brand": Column(("brand",), empty=""),
    "stock": Column(("stock",), whole),
    "tags": Column(("tags",), items, []),
    "images": Column(("images",), items, []),
    "thumbnail": Column(("thumbnail",)),
    "weight": Column(("weight",), number, 0),
    "width": Column(("dimensions", "width"), number, 0),
    "height": Column(("dimensions", "height"), number, 0),
    "depth": Column(("dimensions", "depth"), number, 0),
    "warrantyInformation": Column(("warrantyInformation",), empty=""),
    "shippingInformation": Column(("shippingInformation",), empty=""),
    "returnPolicy": Column(("returnPolicy",), empty=""),
    "minimumOrderQuantity": Column(("minimumOrderQuantity",), whole, 1),
    "packSize": Column(("packSize",), whole, 1),
    "unit": Column(("unit",), empty="piece"),
    "barcode": Column(("barcode",), empty=""),
    "zones": Column(("zones",), items, []),
    "group": Column(("group", "key"), empty=None),
    "groupTitle": Column(("group", "title")),
    "options": Column(("options",), names, {}),
    "attributes": Column(("attributes",), names, {}),
    "translations": Column(("translations",), names, {}),
}
"""In the order of an export. Besides these: `title:ar` and `description:ar`, `attribute:voltage`, `option:colour`."""

_PLAIN: Final = {name.lower(): name for name in COLUMNS}
_PREFIXED: Final = re.compile(r"(title|description|attribute|option)\s*:\s*(\S.*)", re.IGNORECASE)
_NEEDED: Final = ("sku",)


def known_columns(header: Sequence[str]) -> int:
    """How many columns of ours a header has."""
    return sum(_name_of(cell) is not None for cell in header)


def _name_of(cell: str) -> str | None:
    """What we call a column that may be written `Discount percentage` or `discount_percentage`."""
    if match := _PREFIXED.fullmatch(cell.strip()):
        return f"{match[1].lower()}:{match[2].strip()}"
    return _PLAIN.get(re.sub(r"[\s_-]", "", cell).lower())


def records(lines: Iterator[Line]) -> Iterator[Record]:
    """A record for each line.

    Raises:
        Unreadable: a header with columns that are not known, that stand there twice, or without `sku`.
    """
    header = header_of(lines)
    columns = _columns_of(header.cells)
    return (record_of(line, columns, header.cells) for line in lines)


def header_of(lines: Iterator[Line]) -> Line:
    """The first line. Raises Unreadable."""
    header = next(lines, None)
    if header is None:
        raise Unreadable("The file is empty")
    if header.problem is not None:
        raise Unreadable(f"The first line {header.problem}")
    if len(header.cells) > MAX_COLUMNS:
        raise Unreadable(f"The file has {len(header.cells):,} columns: {MAX_COLUMNS} are allowed")
    return header


def _columns_of(header: Sequence[str]) -> list[Column | None]:
    found = [_name_of(cell) for cell in header]
    unknown = [cell for cell, name in zip(header, found, strict=True) if name is None and cell.strip()]
    if len(unknown) == len(header) or not any(found):
        raise Unreadable(f"The first line must name the columns: {', '.join(COLUMNS)}")
    if unknown:
        raise Unreadable(
            f"These columns are not known: {', '.join(cell[:50] for cell in unknown[:10])}. There are: {', '.join(COLUMNS)}"
        )
    given = [name for name in found if name is not None]
    if twice := sorted({name for name in given if given.count(name) > 1}):
        raise Unreadable(f"These columns stand there twice: {', '.join(twice)}")
    if missing := [name for name in _NEEDED if name not in given]:
        raise Unreadable(f"The column {missing[0]} is missing: by it, products are found again")
    return [_column(name) for name in found]


def _column(name: str | None) -> Column | None:
    if name is None or name in COLUMNS:
        return COLUMNS.get(name or "")
    kind, _, detail = name.partition(":")
    if kind in ("title", "description"):
        return Column(("translations", detail.lower(), kind), empty=None)
    return Column((f"{kind}s", detail))


def record_of(line: Line, columns: Sequence[Column | None], header: Sequence[str]) -> Record:
    if line.problem is not None:
        return Record(line=line.number, faults={"": [line.problem]})
    fields: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    sources, cells = {}, {}
    if any(cell.strip() for cell in line.cells[len(columns) :]):
        faults[""] = [f"has {len(line.cells)} cells, and the first line names {len(columns)} columns"]
    for place, column in enumerate(columns):
        if column is None:
            continue
        text = line.cells[place].strip() if place < len(line.cells) else ""
        sources[column.field] = header[place]
        cells[header[place]] = text
        try:
            _put(fields, column, text)
        except ValueError as error:
            faults.setdefault(column.field, []).append(str(error))
    if not fields.get("sku") and "sku" not in faults:
        faults["sku"] = ["is missing: by it, products are found again"]
    _settle(fields)
    return Record(
        line=line.number,
        fields=fields,
        faults=faults,
        columns=sources,
        cells=cells,
        all_translations="translations" in sources,
    )


def _put(fields: dict[str, Any], column: Column, text: str) -> None:
    if "\0" in text:
        raise ValueError("contains a null character: remove it")
    value = column.read(text) if text else column.empty
    if value is KEEP:
        return
    *parents, name = column.path
    place = fields
    for parent in parents:
        place = place.setdefault(parent, {})
    if isinstance(value, dict) and isinstance(place.get(name), dict):
        place[name].update(value)
    else:
        place[name] = value


def _settle(fields: dict[str, Any]) -> None:
    """A group without a key is none; a language whose title is empty is one that the product is not in."""
    if "group" in fields and not fields["group"].get("key"):
        fields["group"] = None
    if isinstance(translations := fields.get("translations"), dict):
        for language, words in translations.items():
            if isinstance(words, dict) and not words.get("title"):
                translations[language] = None
            elif isinstance(words, dict):
                words["description"] = words.get("description") or ""
