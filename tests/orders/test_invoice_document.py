"""Invoices as PDFs: what is printed, in every language, and that no text of a user can do harm."""

import os
import re
import subprocess
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from entrepot.kernel.typesetting import printable, typeset
from entrepot.orders import invoice_document
from entrepot.orders.invoice_document import (
    LANGUAGES,
    InvoiceDocument,
    InvoiceKind,
    InvoiceLine,
    InvoicePart,
    InvoiceParty,
    amount,
    percent,
    render_invoice,
)

RIGHT_TO_LEFT = {"ar", "ckb", "fa", "he"}
SOURCES = Path(invoice_document.__file__).parent
LAPTOP = InvoiceLine(
    title="MacBook Pro",
    sku="APL-MBP-14",
    quantity=2,
    unit="pcs",
    unit_price_minor=119_999,
    discount_minor=13_200,
    tax_rate_bp=800,
    tax_minor=18_144,
    total_minor=226_798,
)


def a_line(title: str = "Desk lamp", **changes: Any) -> InvoiceLine:
    return msgspec.structs.replace(LAPTOP, title=title, **changes)


def an_invoice(*lines: InvoiceLine, **changes: Any) -> InvoiceDocument:
    """The order of the API's example: two laptops with a discount of 5.5 %, and 8 % tax."""
    plain = InvoiceDocument(
        invoice_number="INV-2025-000142",
        order_number="ORD-2025122401",
        issued_on=date(2025, 12, 24),
        ordered_on=date(2025, 12, 23),
        seller=InvoiceParty(name="Northwind Ltd", address=("12 Harbour Street", "Bristol"), tax_id="GB 123 4567 89"),
        buyer=InvoiceParty(name="Emily Johnson", address=("626 Main Street", "Phoenix"), email="emily@example.com"),
        parts=(InvoicePart(sold_by="Northwind Ltd", lines=lines or (LAPTOP,)),),
        subtotal_minor=226_798,
        discount_minor=13_200,
        tax_minor=18_144,
        total_minor=244_942,
        currency="USD",
        currency_digits=2,
        payment_method="card",
        payment_status="unpaid",
    )
    return msgspec.structs.replace(plain, **changes)


def read(document: InvoiceDocument) -> PdfReader:
    return PdfReader(BytesIO(render_invoice(document)))


def words_of(document: InvoiceDocument) -> str:
    return plain(" ".join(page.extract_text() for page in read(document).pages))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def fonts_of(reader: PdfReader) -> set[str]:
    names = [font.get_object().get("/BaseFont") for page in reader.pages for font in _fonts(page)]
    return {str(name).partition("+")[2] for name in names}


def _fonts(page: Any) -> Any:
    return page["/Resources"]["/Font"].values()


def places_of(document: InvoiceDocument) -> dict[str, float]:
    """How far from the left edge of the first page each piece of text starts."""
    places: dict[str, float] = {}

    def remember(text: str, page: list[float], line: list[float], _font: object, _size: object) -> None:
        if text.strip():
            places.setdefault(text.strip(), page[4] + line[4])

    read(document).pages[0].extract_text(visitor_text=remember)
    return places


# ---- what is printed


def test_an_invoice_says_everything() -> None:
    words = words_of(an_invoice())
    for expected in (
        "Invoice INV-2025-000142 Unpaid",
        "Northwind Ltd 12 Harbour Street Bristol Tax ID GB 123 4567 89",
        "Emily Johnson 626 Main Street Phoenix emily@example.com",
        "Issue date 24 December 2025",
        "Order ORD-2025122401",
        "Order date 23 December 2025",
        "Payment Card",
        "MacBook Pro APL-MBP-14 2 pcs 1,199.99 -132.00 181.44 8% 2,267.98",
        "Goods 2,399.98 USD Discount -132.00 USD Subtotal 2,267.98 USD Shipping 0.00 USD Tax 8% 181.44 USD",
        "Total 2,449.42 USD",
        "Page 1 of 1",
    ):
        assert expected in words


def test_a_paid_invoice_says_when() -> None:
    words = words_of(an_invoice(payment_status="paid", paid_on=date(2025, 12, 31)))
    assert "Paid on 31 December 2025" in words
    assert "INV-2025-000142 Paid" in words


def test_a_credit_note_names_its_invoice() -> None:
    words = words_of(
        an_invoice(
            kind=InvoiceKind.CREDIT_NOTE,
            invoice_number="CN-2025-000017",
            credited_invoice_number="INV-2025-000142",
            payment_status="partially_refunded",
        )
    )
    assert "Credit note CN-2025-000017 Partially refunded" in words
    assert "For invoice INV-2025-000142" in words


def test_a_payment_method_and_status_without_a_label_are_printed_as_they_are() -> None:
    words = words_of(an_invoice(payment_method="Store credit", payment_status="disputed"))
    assert "Payment Store credit" in words
    assert "disputed" in words


def test_parts_are_grouped_by_selling_company() -> None:
    own = InvoicePart(sold_by="Northwind Ltd", delivery="Courier", shipping_minor=500, lines=(a_line("Lamp"),))
    other = InvoicePart(sold_by="Acme GmbH", delivery="Pick-up", lines=(a_line("Chair"),))
    words = words_of(an_invoice(parts=(own, other)))
    order = ["Sold by Northwind Ltd Delivery Courier", "Lamp", "Shipping 5.00", "Sold by Acme GmbH", "Pick-up", "Chair"]
    assert [words.index(item) for item in order] == sorted(words.index(item) for item in order)


def test_what_there_is_nothing_to_say_about_is_left_out() -> None:
    line = a_line(discount_minor=0, sku=None, unit=None)
    words = words_of(an_invoice(line, discount_minor=0, buyer=InvoiceParty(name="Emily")))
    for absent in ("Discount", "Goods", "Sold by", "Delivery", "Ship to", "Notes", "None", "Paid on"):
        assert absent not in words


def test_tax_is_shown_by_rate_where_the_lines_say_it_all() -> None:
    lines = (a_line(tax_rate_bp=1900, tax_minor=190), a_line(tax_rate_bp=550, tax_minor=55))
    assert "Tax 19% 1.90 USD Tax 5.5% 0.55 USD" in words_of(an_invoice(*lines, tax_minor=245))
    assert "Tax 3.00 USD" in words_of(an_invoice(*lines, tax_minor=300))


def test_notes_keep_their_lines() -> None:
    text = read(an_invoice(notes="First line.\r\nSecond line.")).pages[0].extract_text()
    assert re.search(r"First line\. *\nSecond line\.", text)


def test_300_lines_flow_over_pages_with_their_headings() -> None:
    lines = tuple(a_line(f"Article {number}") for number in range(1, 301))
    part = InvoicePart(sold_by="Acme GmbH", delivery="Courier", lines=lines)
    pages = [plain(page.extract_text()) for page in read(an_invoice(parts=(part,))).pages]
    assert len(pages) > 5
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "# Item Qty Unit price" in page
        assert "Sold by Acme GmbH" in page
    assert all(f"Article {number} " in " ".join(pages) for number in range(1, 301))
    assert "Total 2,449.42 USD" in pages[-1]


# ---- languages


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_label(code: str) -> None:
    labels = LANGUAGES[code].labels
    assert labels.keys() == LANGUAGES["en"].labels.keys()
    assert all(label.strip() for label in labels.values())
    assert "{page}" in labels["page"]
    assert "{pages}" in labels["page"]
    assert all(printable(label) == label for label in labels.values())
    assert (LANGUAGES[code].direction == "rtl") == (code in RIGHT_TO_LEFT)


def test_every_label_is_used() -> None:
    sources = (SOURCES / "invoice.typ").read_text() + (SOURCES / "invoice_document.py").read_text()
    named = {label for label in LANGUAGES["en"].labels if not label.startswith(("status_", "method_", "reason_"))}
    assert {label for label in named if not re.search(rf"\b{label}\b", sources)} == set()


@pytest.mark.parametrize(
    ("code", "total", "issued"),
    [
        ("en", "2,449.42 USD", "24 December 2025"),
        ("de", "2.449,42 USD", "24.12.2025"),
        ("fr", "2 449,42 USD", "24/12/2025"),
        ("es", "2.449,42 USD", "24/12/2025"),
        ("ru", "2 449,42 USD", "24.12.2025"),
        ("tr", "2.449,42 USD", "24.12.2025"),
        ("ar", "2,449.42 USD", "24/12/2025"),
        ("ckb", "2,449.42 USD", "24/12/2025"),
        ("fa", "2,449.42 USD", "2025/12/24"),
        ("he", "2,449.42 USD", "24/12/2025"),
    ],
)
def test_every_language_renders(code: str, total: str, issued: str) -> None:
    reader = read(an_invoice(language=code))
    words = plain(reader.pages[0].extract_text())
    assert len(reader.pages) == 1
    assert "\N{REPLACEMENT CHARACTER}" not in words
    assert reader.metadata is not None
    assert reader.metadata.title == f"{LANGUAGES[code].labels['invoice']} INV-2025-000142"
    for expected in (total, issued, "INV-2025-000142", "APL-MBP-14", "MacBook Pro"):
        assert expected in words
    if code not in RIGHT_TO_LEFT:
        assert LANGUAGES[code].labels["payment_method"] in words


@pytest.mark.parametrize(
    ("tag", "title"), [("de-AT", "Rechnung"), ("DE", "Rechnung"), ("pt-BR", "Invoice"), ("", "Invoice")]
)
def test_a_language_tag_finds_its_labels_or_english_ones(tag: str, title: str) -> None:
    assert f"{title} INV-2025-000142" in words_of(an_invoice(language=tag))


def test_columns_are_mirrored_in_right_to_left_languages() -> None:
    rightwards, leftwards = places_of(an_invoice()), places_of(an_invoice(language="ar"))
    order = ["APL-MBP-14", "2", "1,199.99", "-132.00", "181.44", "2,267.98"]
    assert [rightwards[text] for text in order] == sorted(rightwards[text] for text in order)
    assert [leftwards[text] for text in order] == sorted((leftwards[text] for text in order), reverse=True)


def test_text_of_any_script_is_printed_whatever_the_language() -> None:
    lines = (a_line("Лампа «Север»"), a_line("كابل USB-C بطول 2 م"), a_line("כיסא ErgoPlus"), a_line("دەرگای ڕەش"))
    for language in ("en", "ar"):
        reader = read(an_invoice(*lines, language=language))
        words = plain(reader.pages[0].extract_text())
        assert "Лампа «Север»" in words
        assert all(set(word) <= set(words) for word in ("كابل", "כיסא", "دەرگای", "ڕەش", "USB-C", "ErgoPlus"))
        assert {"NotoSans-Regular", "NotoSansArabic-Regular", "NotoSansHebrew-Regular"} <= fonts_of(reader)


def test_only_the_fonts_of_the_project_are_used() -> None:
    document = an_invoice(a_line("Лампа كابل כיסא 日本 🔥 ≤ ∑ देव"), language="ckb")
    assert all(font.startswith("NotoSans") for font in fonts_of(read(document)))


# ---- figures


@pytest.mark.parametrize(
    ("minor", "digits", "code", "text"),
    [
        (0, 2, "en", "0.00"),
        (5, 2, "en", "0.05"),
        (-5, 2, "de", "-0,05"),
        (123_456_789, 2, "en", "1,234,567.89"),
        (123_456_789, 2, "de", "1.234.567,89"),
        (123_456_789, 2, "fr", "1\u202f234\u202f567,89"),
        (123_456_789, 2, "ru", "1\u00a0234\u00a0567,89"),
        (123_456_789, 0, "ar", "123,456,789"),
        (123_456_789, 3, "ckb", "123,456.789"),
    ],
)
def test_amounts(minor: int, digits: int, code: str, text: str) -> None:
    assert amount(minor, digits, LANGUAGES[code]) == text


@given(minor=st.integers(-(10**15), 10**15), digits=st.integers(0, 4), code=st.sampled_from(list(LANGUAGES)))
def test_an_amount_loses_no_digit(minor: int, digits: int, code: str) -> None:
    text = amount(minor, digits, LANGUAGES[code])
    assert int(re.sub(r"[^0-9-]", "", text)) == minor
    assert len(text.rpartition(LANGUAGES[code].decimal)[2]) == digits or digits == 0


@pytest.mark.parametrize(
    ("basis_points", "code", "text"),
    [(800, "en", "8%"), (550, "en", "5.5%"), (0, "en", "0%"), (1000, "tr", "%10"), (1925, "de", "19,25\u00a0%")],
)
def test_percentages(basis_points: int, code: str, text: str) -> None:
    assert percent(basis_points, LANGUAGES[code]) == text


@pytest.mark.parametrize(("currency", "digits", "total"), [("IQD", 0, "244,942 IQD"), ("KWD", 3, "244.942 KWD")])
def test_a_currency_has_its_own_number_of_digits(currency: str, digits: int, total: str) -> None:
    assert f"Total {total}" in words_of(an_invoice(currency=currency, currency_digits=digits))


# ---- the same bytes


def test_the_same_document_gives_the_same_bytes() -> None:
    documents = [an_invoice(language=code) for code in LANGUAGES]
    first = [render_invoice(document) for document in documents]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(render_invoice, documents * 2)) == first * 2
    assert len(set(first)) == len(documents)


def test_neither_machine_nor_time_shows_in_the_bytes(tmp_path: Path) -> None:
    program = (
        "import sys, msgspec; from entrepot.orders.invoice_document import *;"
        "sys.stdout.buffer.write(render_invoice(msgspec.json.decode(sys.stdin.buffer.read(), type=InvoiceDocument)))"
    )
    elsewhere = {**os.environ, "TZ": "Asia/Baghdad", "LANG": "C", "HOME": str(tmp_path), "SOURCE_DATE_EPOCH": "1"}
    document = an_invoice(language="ar")
    there = subprocess.run(
        [sys.executable, "-c", program],
        input=msgspec.json.encode(document),
        env=elsewhere,
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    here = render_invoice(document)
    assert there.stdout == here
    assert str(Path.cwd()).encode() not in here


def test_the_pdf_is_dated_by_the_invoice() -> None:
    metadata = read(an_invoice()).metadata
    assert metadata is not None
    assert metadata.creation_date == metadata.modification_date == datetime(2025, 12, 24, tzinfo=UTC)
    assert metadata.author == "Northwind Ltd"


# ---- hostile text


@pytest.mark.parametrize(
    "text",
    [
        '#read("/etc/passwd")',
        "*bold* _italic_ `raw`",
        "$x$ and $ unclosed",
        '#panic("x") #let a = 1; ]}) \\u{41} // /* <label> @ref',
        "= Heading - list + item",
        '{"title": "x"} "quoted" \\" \\\\',
        "{page} {} {0} %s",
    ],
)
def test_markup_is_printed_as_it_was_written(text: str) -> None:
    everywhere = an_invoice(
        a_line(text, sku=text, unit=text),
        seller=InvoiceParty(name=text, address=(text,), tax_id=text, email=text),
        buyer=InvoiceParty(name=text, address=(text,), phone=text),
        shipping_address=(text,),
        notes=text,
        payment_method=text,
        payment_status=text,
        invoice_number=text,
        order_number=text,
    )
    printed = words_of(everywhere).replace(" ", "")
    assert printed.count(text.replace(" ", "")) >= 8


def test_words_wider_than_their_column_are_broken_and_stay_whole_for_search() -> None:
    words = words_of(an_invoice(a_line("W" * 200, sku="Z" * 60), notes="n" * 400))
    assert max(len(word) for word in words.split()) < 120
    assert words.count("W") == 200
    assert words.count("Z") == 60
    assert "\N{ZERO WIDTH SPACE}" not in words


def test_texts_without_end_are_cut() -> None:
    endless = "word " * 5_000
    reader = read(
        an_invoice(
            a_line(endless, sku=endless, unit=endless),
            seller=InvoiceParty(name=endless, address=(endless,) * 50, email=endless),
            notes="\n".join("note" for _ in range(50_000)),
        )
    )
    assert len(reader.pages) < 8


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("plain", "plain"),
        ("  two  spaces\there ", "two spaces here"),
        ("bell\x07 null\x00 escape\x1b[31m", "bell null escape[31m"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
        ("Lamp 🔥 👨‍👩‍👧 ❤️ red", "Lamp red"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("50㎡ １２３ ﬁne", "50m2 123 ﬁne"),
        ("5 − 3 ≤ 2 → Ø ∅ ½ °", "5 - 3 <= 2 -> Ø Ø ½ °"),
        ("日本 abc", "\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} abc"),
        ("Cafe\N{COMBINING ACUTE ACCENT}", "Café"),
        ("می\N{ZERO WIDTH NON-JOINER}خواهم", "می\N{ZERO WIDTH NON-JOINER}خواهم"),
        ("o" + "\N{COMBINING GRAVE ACCENT BELOW}" * 50, "o" + "\N{COMBINING GRAVE ACCENT BELOW}" * 4),
        ("שָׁלוֹם مُشَكَّل", "שָׁלוֹם مُشَكَّل"),
    ],
)
def test_what_cannot_be_typeset_is_left_out(text: str, printed: str) -> None:
    assert printable(text) == unicodedata.normalize("NFC", printed)


@given(st.text())
def test_printable_text_stays_as_it_is(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    once.encode()


# ---- typesetting itself


def test_typesetting_passes_data_and_not_code() -> None:
    data = {"title": "#sys.version *x*", "rows": [{"n": 1}, {"n": 2.5}], "flag": None}
    pdf = typeset(
        '#data.title #data.rows.map(row => str(row.n)).join(";")', data, timestamp=datetime(2025, 1, 1, tzinfo=UTC)
    )
    assert plain(PdfReader(BytesIO(pdf)).pages[0].extract_text()) == "#sys.version *x* 1;2.5"


@pytest.mark.parametrize("path", ["/etc/passwd", "../glyphs.py", "../../../../../../etc/passwd", "/../__init__.py"])
def test_a_template_reads_no_file(path: str) -> None:
    with pytest.raises(typst.TypstError):
        typeset(f'#read("{path}")', {}, timestamp=datetime(2025, 1, 1, tzinfo=UTC))


def test_the_fonts_carry_their_licence() -> None:
    fonts = Path(typeset.__code__.co_filename).with_name("fonts")
    licence = (fonts / "OFL.txt").read_text()
    assert "SIL OPEN FONT LICENSE" in licence
    assert all(font.name in licence for font in fonts.glob("*.ttf"))
