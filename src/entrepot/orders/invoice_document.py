"""The invoice, or credit note, as a PDF: what is printed on it, and in which language."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

import msgspec

from entrepot.kernel.languages import FALLBACK, candidates
from entrepot.kernel.typesetting import typeset


class InvoiceKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceParty(msgspec.Struct, frozen=True, kw_only=True):
    """The seller or the buyer."""

    name: str
    address: tuple[str, ...] = ()
    tax_id: str | None = None
    email: str | None = None
    phone: str | None = None


class InvoiceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One article. The discount is what was taken off, zero or more; the total is what remains, before tax on top.

    A quantity of zero stands for an amount that was taken off without goods coming back.
    """

    title: str
    sku: str | None = None
    quantity: int
    unit: str | None = None
    unit_price_minor: int
    discount_minor: int = 0
    tax_rate_bp: int
    tax_minor: int
    tax_included_minor: int = 0
    total_minor: int


class InvoicePart(msgspec.Struct, frozen=True, kw_only=True):
    """What one company sold and delivers: `delivery` says how, in words."""

    sold_by: str
    delivery: str | None = None
    shipping_minor: int | None = None
    lines: tuple[InvoiceLine, ...]


class InvoiceDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is printed. Amounts are in minor units, of which `currency_digits` are behind the decimal sign.

    The subtotal is what remains after all discounts, as in an order: subtotal, shipping and tax make the total; the tax that
    prices contain is said besides. Discounts and the amounts of a credit note are positive figures, and `credit_kind` says
    what it is for. `language` is a tag such as `de-AT`; where its
    labels are not at hand they are in English. A payment method or status without a label is printed as it is.
    """

    kind: InvoiceKind = InvoiceKind.INVOICE
    invoice_number: str
    credited_invoice_number: str | None = None
    credit_kind: str | None = None
    order_number: str
    issued_on: date
    ordered_on: date
    paid_on: date | None = None
    seller: InvoiceParty
    buyer: InvoiceParty
    shipping_address: tuple[str, ...] = ()
    parts: tuple[InvoicePart, ...]
    subtotal_minor: int
    discount_minor: int = 0
    shipping_minor: int = 0
    tax_minor: int
    tax_included_minor: int = 0
    total_minor: int
    currency: str
    currency_digits: int
    payment_method: str
    payment_status: str
    notes: str | None = None
    language: str = "en"


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a language writes, and its words for what an invoice says."""

    direction: Literal["ltr", "rtl"]
    decimal: str
    group: str
    date: str
    percent: str
    labels: dict[str, str]
    months: tuple[str, ...] = ()


_HERE: Final = Path(__file__).parent
_TEMPLATE: Final = (_HERE / "invoice.typ").read_bytes()
LANGUAGES: Final[Mapping[str, Language]] = msgspec.toml.decode(
    (_HERE / "invoice_labels.toml").read_bytes(), type=dict[str, Language]
)

# Characters; what is longer is cut with an ellipsis, so that no row outgrows a page.
_TITLE_LIMIT: Final = 300
_NAME_LIMIT: Final = 160
_SHORT_LIMIT: Final = 80
_NUMBER_LIMIT: Final = 40
_NOTES_LIMIT: Final = 4_000
_NOTES_LINES_LIMIT: Final = 60
_ADDRESS_LINES_LIMIT: Final = 10


def render_invoice(document: InvoiceDocument) -> bytes:
    """The document as a PDF on A4. The same document gives the same bytes, whenever and wherever it is rendered.

    Any text is printed as text, never as markup. Takes 25 to 50 ms of processor time, and about 1 ms more for each line
    of a long one, without holding the interpreter lock; async code calls it in a thread.
    """
    issued_at = datetime.combine(document.issued_on, time(), UTC)
    return typeset(_TEMPLATE, _printed(document, *_language(document.language)), timestamp=issued_at)


def _language(tag: str) -> tuple[str, Language]:
    code = next((candidate for candidate in candidates(tag) if candidate in LANGUAGES), FALLBACK)
    return code, LANGUAGES[code]


def _printed(document: InvoiceDocument, code: str, language: Language) -> dict[str, object]:
    labels, status = language.labels, document.payment_status
    lines = [line for part in document.parts for line in part.lines]
    return {
        "language": code,
        "direction": language.direction,
        "labels": labels,
        "title": labels[document.kind],
        "number": _cut(document.invoice_number, _NUMBER_LIMIT),
        "facts": list(_facts(document, language)),
        "status": {"name": status, "label": _cut(labels.get(f"status_{status}", status), _NUMBER_LIMIT)},
        "seller": _party(document.seller),
        "buyer": _party(document.buyer),
        "shipping_address": _address(document.shipping_address),
        "has_discounts": any(line.discount_minor for line in lines),
        "parts": [_part(part, document, language) for part in document.parts],
        "totals": list(_totals(document, lines, language)),
        "total": _money(document.total_minor, document, language),
        "notes": _paragraphs(document.notes or ""),
    }


def _facts(document: InvoiceDocument, language: Language) -> Iterator[tuple[str, str]]:
    labels, method = language.labels, document.payment_method
    if document.credited_invoice_number:
        yield labels["credited_invoice"], _cut(document.credited_invoice_number, _NUMBER_LIMIT)
    if kind := document.credit_kind:
        yield labels["reason"], _cut(labels.get(f"reason_{kind}", kind), _SHORT_LIMIT)
    yield labels["issued_on"], _date(document.issued_on, language)
    yield labels["order_number"], _cut(document.order_number, _NUMBER_LIMIT)
    yield labels["ordered_on"], _date(document.ordered_on, language)
    yield labels["payment_method"], _cut(labels.get(f"method_{method}", method), _SHORT_LIMIT)
    if document.paid_on:
        yield labels["paid_on"], _date(document.paid_on, language)


def _party(party: InvoiceParty) -> dict[str, object]:
    return {
        "name": _cut(party.name, _NAME_LIMIT),
        "address": _address(party.address),
        "tax_id": _cut(party.tax_id or "", _NUMBER_LIMIT),
        "contacts": [_cut(contact, _NAME_LIMIT) for contact in (party.email, party.phone) if contact],
    }


def _address(lines: tuple[str, ...]) -> list[str]:
    return [_cut(line, _NAME_LIMIT) for line in lines[:_ADDRESS_LINES_LIMIT]]


def _part(part: InvoicePart, document: InvoiceDocument, language: Language) -> dict[str, object]:
    # Of an only part the letterhead says who sold it, and the totals what its shipping costs.
    alone = len(document.parts) == 1
    sold_by = "" if alone and part.sold_by == document.seller.name else part.sold_by
    shipping_minor = None if alone else part.shipping_minor
    return {
        "sold_by": _cut(sold_by, _NAME_LIMIT),
        "delivery": _cut(part.delivery or "", _NAME_LIMIT),
        "shipping": "" if shipping_minor is None else amount(shipping_minor, document.currency_digits, language),
        "lines": [_line(line, document.currency_digits, language) for line in part.lines],
    }


def _line(line: InvoiceLine, digits: int, language: Language) -> dict[str, str]:
    pieces = line.quantity > 0
    return {
        "title": _cut(line.title, _TITLE_LIMIT),
        "sku": _cut(line.sku or "", _SHORT_LIMIT),
        "quantity": amount(line.quantity, 0, language) if pieces else "",
        "unit": _cut(line.unit or "", _SHORT_LIMIT) if pieces else "",
        "unit_price": amount(line.unit_price_minor, digits, language) if pieces else "",
        "discount": amount(-line.discount_minor, digits, language) if line.discount_minor else "",
        "tax_rate": percent(line.tax_rate_bp, language),
        "tax": amount(line.tax_minor + line.tax_included_minor, digits, language),
        "total": amount(line.total_minor, digits, language),
    }


def _totals(document: InvoiceDocument, lines: list[InvoiceLine], language: Language) -> Iterator[tuple[str, str, str]]:
    """Label, tax rate and amount of each row above the total."""
    labels = language.labels
    if document.discount_minor:
        yield labels["goods"], "", _money(document.subtotal_minor + document.discount_minor, document, language)
        yield labels["discount"], "", _money(-document.discount_minor, document, language)
    yield labels["subtotal"], "", _money(document.subtotal_minor, document, language)
    if document.shipping_minor or document.kind is InvoiceKind.INVOICE:
        yield labels["shipping"], "", _money(document.shipping_minor, document, language)
    for label, taxes, tax_minor in (
        ("tax", [(line.tax_rate_bp, line.tax_minor) for line in lines], document.tax_minor),
        ("tax_included", [(line.tax_rate_bp, line.tax_included_minor) for line in lines], document.tax_included_minor),
    ):
        if tax_minor or (label == "tax" and not document.tax_included_minor):
            for rate, rate_minor in _by_rate(taxes, tax_minor):
                rate_text = "" if rate is None else percent(rate, language)
                yield labels[label], rate_text, _money(rate_minor, document, language)


def _by_rate(taxes: list[tuple[int, int]], tax_minor: int) -> list[tuple[int | None, int]]:
    """The tax by rate, where it comes from the lines alone; otherwise (shipping is taxed as well) as one sum."""
    by_rate: dict[int, int] = {}
    for rate, minor in taxes:
        by_rate[rate] = by_rate.get(rate, 0) + minor
    if not by_rate or sum(by_rate.values()) != tax_minor:
        return [(None, tax_minor)]
    return [(rate, by_rate[rate]) for rate in sorted(by_rate, reverse=True)]


def _money(minor: int, document: InvoiceDocument, language: Language) -> str:
    return f"{amount(minor, document.currency_digits, language)}\N{NO-BREAK SPACE}{document.currency}"


def amount(minor: int, digits: int, language: Language) -> str:
    """Minor units as the language writes them: 123456 with two digits is 1.234,56 in German."""
    whole, fraction = divmod(abs(minor), 10**digits)
    sign = "-" if minor < 0 else ""
    behind = f"{language.decimal}{fraction:0{digits}}" if digits else ""
    return sign + f"{whole:,}".replace(",", language.group) + behind


def percent(basis_points: int, language: Language) -> str:
    """Basis points as a percentage without superfluous digits: 550 is 5.5 %."""
    figure = amount(basis_points, 2, language)
    return language.percent.format(figure.rstrip("0").removesuffix(language.decimal))


def _date(day: date, language: Language) -> str:
    month_name = language.months[day.month - 1] if language.months else ""
    return language.date.format(day=day.day, month=day.month, year=day.year, month_name=month_name)


def _cut(text: str, limit: int) -> str:
    """One line of at most `limit` characters."""
    return _shortened(" ".join(text.split()), limit)


def _paragraphs(text: str) -> str:
    return _shortened("\n".join(text.splitlines()[:_NOTES_LINES_LIMIT]), _NOTES_LIMIT)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
