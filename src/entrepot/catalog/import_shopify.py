"""Shopify's export of products: several lines with one handle are a product with its variants and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from itertools import groupby
from typing import Any, Final

from entrepot.catalog.import_cells import number, whole
from entrepot.catalog.import_records import Record, header_of
from entrepot.catalog.import_table import Line
from entrepot.kernel.money import Currency, share
from entrepot.kernel.slugs import slug_of

MAX_LINES: Final = 5_000
"""Of one product: with what is more, it is left out."""

MAX_IMAGES: Final = 20

# What Shopify calls its columns, in its older and its newer exports.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "description": ("body (html)", "description"),
    "vendor": ("vendor",),
    "type": ("type",),
    "category": ("product category",),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "sku": ("variant sku", "sku"),
    "grams": ("variant grams", "weight value (grams)"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "price": ("variant price", "price"),
    "compare": ("variant compare at price", "compare-at price"),
    "barcode": ("variant barcode", "barcode"),
    "image": ("image src", "product image url"),
    "position": ("image position",),
    "variant_image": ("variant image", "variant image url"),
    **{
        f"option{place}_{part}": (f"option{place} {part}",) for place in (1, 2, 3) for part in ("name", "value")
    },
}  # fmt: skip
_BY_COLUMN: Final = {column: name for name, columns in _NAMES.items() for column in columns}
_SOURCES: Final = {
    "title": "title", "description": "description", "price": "price", "discountPercentage": "compare",
    "category": "type", "brand": "vendor", "stock": "quantity", "sku": "sku", "tags": "tags", "weight": "grams",
    "barcode": "barcode", "images": "image", "group": "handle", "options": "option1_value", "status": "status",
}  # fmt: skip
"""Which of them each field comes from."""


def is_shopify(header: Sequence[str]) -> bool:
    known = {_BY_COLUMN.get(cell.strip().lower()) for cell in header}
    return {"handle", "title", "price"} <= known


def known_columns(header: Sequence[str]) -> int:
    """How many columns of Shopify's a header has."""
    return sum(cell.strip().lower() in _BY_COLUMN for cell in header) if is_shopify(header) else 0


def records(lines: Iterator[Line], currency: Currency) -> Iterator[Record]:
    """A record for each variant. Raises Unreadable."""
    header = header_of(lines).cells
    names = [_BY_COLUMN.get(cell.strip().lower()) for cell in header]
    titles = {name: cell for name, cell in zip(names, header, strict=True) if name is not None}
    read = (_Row(line, names) for line in lines)
    for _, group in groupby(read, key=lambda row: row.line.problem or row["handle"]):
        yield from _variants(group, titles, currency)


class _Row:
    """A line, by our names of its columns."""

    def __init__(self, line: Line, names: Sequence[str | None]) -> None:
        self.line = line
        self._cells = {name: cell.strip() for name, cell in zip(names, line.cells, strict=False) if name is not None}

    def __getitem__(self, name: str) -> str:
        return self._cells.get(name, "")

    @property
    def is_variant(self) -> bool:
        return any(self[name] for name in ("sku", "price", "option1_value"))


def _variants(group: Iterator[_Row], titles: Mapping[str, str], currency: Currency) -> Iterator[Record]:
    rows: list[_Row] = []
    for row in group:
        if row.line.problem is not None:
            yield Record(line=row.line.number, faults={"": [row.line.problem]})
        elif len(rows) < MAX_LINES:
            rows.append(row)
        else:
            yield Record(line=row.line.number, faults={"": [f"is one of more than {MAX_LINES:,} lines of a product"]})
    if not rows:
        return
    variants = [row for row in rows if row.is_variant] or rows[:1]
    pictures = sorted((row for row in rows if row["image"]), key=lambda row: _position(row["position"]))
    shared = _Shared(rows[0], [row["image"] for row in pictures], several=len(variants) > 1)
    for place, row in enumerate(variants):
        yield shared.record(row, place, titles, currency)


def _position(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 10**9


class _Shared:
    """What the variants of a product have in common: it stands in the first of its lines."""

    def __init__(self, first: _Row, images: list[str], *, several: bool) -> None:
        self._first = first
        self._images = images
        self._several = several

    def record(self, row: _Row, place: int, titles: Mapping[str, str], currency: Currency) -> Record:
        first, handle = self._first, self._first["handle"]
        images = list(dict.fromkeys([one for one in (row["variant_image"], *self._images) if one]))[:MAX_IMAGES]
        fields: dict[str, Any] = {
            "sku": row["sku"].removeprefix("'") or (f"{handle[:58]}-{place + 1}" if self._several else handle[:64]),
            "title": first["title"],
            "description": plain_text(first["description"]),
            "brand": first["vendor"],
            "tags": list(dict.fromkeys(tag.strip() for tag in first["tags"].split(",") if tag.strip())),
            "barcode": row["barcode"].removeprefix("'"),
            "images": images,
            **({"thumbnail": images[0]} if images else {}),
            **({"category": category} if (category := _category(first)) else {}),
            **self._grouped(row, handle),
        }
        faults: dict[str, list[str]] = {}
        if not first["title"]:
            faults["title"] = ["is missing: the lines of one handle stand together, the first with the title"]
        if first["status"].lower() not in ("", "active") or first["published"].lower() == "false":
            faults["status"] = ["is not active: publish it in Shopify, or leave it out"]
        _read(fields, faults, "price", lambda: _price(row, currency))
        _read(fields, faults, "stock", lambda: {"stock": max(0, whole(row["quantity"]))} if row["quantity"] else {})
        _read(fields, faults, "weight", lambda: {"weight": number(row["grams"]) / 1000} if row["grams"] else {})
        columns = {field: titles[source] for field, source in _SOURCES.items() if source in titles}
        if not first["type"] and "category" in titles:
            columns["category"] = titles["category"]
        cells = {title: row[name] or first[name] for name, title in titles.items()}
        return Record(line=row.line.number, fields=fields, faults=faults, columns=columns, cells=cells)

    def _grouped(self, row: _Row, handle: str) -> dict[str, Any]:
        """Several variants are a group, told apart by their options."""
        if not self._several:
            return {}
        options = {
            self._first[f"option{place}_name"] or f"Option {place}": row[f"option{place}_value"]
            for place in (1, 2, 3)
            if row[f"option{place}_value"]
        }
        return {"group": {"key": handle, "title": self._first["title"]}, "options": options}


def _read(fields: dict[str, Any], faults: dict[str, list[str]], field: str, read: Any) -> None:
    try:
        fields.update(read())
    except ValueError as error:
        faults.setdefault(field, []).append(str(error))


def _category(first: _Row) -> str:
    """The slug of the type, or else of the last part of Shopify's own category (`Home > Lamps`)."""
    name = first["type"] or first["category"].rpartition(">")[2].strip()
    return slug_of(name) if name else ""


def _price(row: _Row, currency: Currency) -> dict[str, Any]:
    """A price that was reduced is the former one with a discount, where the discount comes out to the cent.

    Otherwise it is the price as it is now, without a discount: what is paid must be right before what is announced.
    """
    if not row["price"]:
        return {}
    price = number(row["price"])
    before = number(row["compare"]) if row["compare"] else price
    if before > price > 0:
        now_minor, before_minor = currency.minor(price), currency.minor(before)
        discount_bp = (2 * (before_minor - now_minor) * 10_000 + before_minor) // (2 * before_minor)
        if before_minor - share(before_minor, discount_bp) == now_minor and discount_bp:
            return {"price": before, "discountPercentage": number(f"{discount_bp / 100:.2f}")}
    return {"price": price, "discountPercentage": 0}


_BREAKS: Final = frozenset({"p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6"})
_SILENT: Final = frozenset({"script", "style", "template", "noscript"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002  as HTMLParser wants it
        if tag in _SILENT:
            self._silent += 1
        if tag in _BREAKS:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self._silent:
            self._silent -= 1
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain_text(html: str) -> str:
    """The text of a piece of HTML, with a line for each paragraph and a dash before each item of a list."""
    if "<" not in html and "&" not in html:
        return html
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = (line.strip() for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line not in ("", "-"))
