"""Exports: what goes out comes back in as it was."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.catalog.export import export_xlsx
from entrepot.catalog.import_cells import items, number
from entrepot.catalog.import_table import defused, in_plain_words, list_cell
from tests.builders import Client, unique
from tests.catalog.test_import import a_seller, counts, imported, products_of

AWKWARD: Final[list[dict[str, Any]]] = [
    {"title": '=HYPERLINK("http://evil.example")', "sku": "-1", "tags": ["@a", "+b", "'=c"]},
    {"title": "'=quoted already", "description": "Line one\nline two\r\nand three", "sku": "007", "barcode": "000123"},
    {"title": 'Commas, "quotes"; and | bars', "tags": ["a|b", "[c]", "d"], "sku": "a,b;c"},
    {"title": "شاي أخضر 🍵 \u200f", "sku": "شاي", "translations": {"ku": {"title": "چا", "description": "=سوز"}}},
    {"title": "Tab\tinside", "attributes": {"a=b|c": "d|e", "n": 1.5, "yes": True, "no": False, "text": "1.50"}, "sku": "T"},
    {"title": "Cheap", "price": 0.01, "discountPercentage": 33.33, "weight": 0.001, "dimensions": {"depth": 0.1}, "sku": "C"},
    {"title": "Dear", "price": 99_999_999.99, "stock": 1_000_000, "packSize": 3, "unit": "=box", "sku": "D"},
]  # fmt: skip


async def some_awkward_products(client: Client, seller: Client) -> None:
    category, group = await client.a_category(), unique("group")
    zones = [await client.value("select slug from zones where id = $1", await client.a_zone()) for _ in range(2)]
    rows: list[dict[str, Any]] = [
        {
            "description": "Product description here...", "price": 99.99, "category": category, "brand": "=Acme & Söhne",
            "thumbnail": "https://example.com/image.jpg", "stock": place, "zones": zones[:place % 3],
            "images": [f"https://example.com/{one}.jpg?a=1|2,3" for one in range(place)],
            **({"group": {"key": group, "title": "+Group"}, "options": {"size": str(place)}} if place % 2 else {}),
            "warrantyInformation": "-", "returnPolicy": "''=", **fields,
        }
        for place, fields in enumerate(AWKWARD)
    ]  # fmt: skip
    report = (await seller.post("/products/bulk", {"products": rows})).json()
    assert report["created"] == len(AWKWARD), report


async def shown(client: Client, company_id: int) -> list[dict[str, Any]]:
    """All that is shown of a company's products but who and when they are."""
    own = {"id", "companyId", "sellerId", "groupId", "group", "variants", "meta", "createdAt", "updatedAt", "reviews"}
    products = []
    for row in await products_of(client, company_id):
        for lang in ("en", "ku"):
            product = (await client.get(f"/products/{row['id']}?lang={lang}")).json()
            products.append({name: value for name, value in product.items() if name not in own} | {
                "barcode": product["meta"]["barcode"], "group_title": (product.get("group") or {}).get("title"),
            })  # fmt: skip
    return products


async def test_an_export_imports_back_to_the_same_catalog(client: Client) -> None:
    seller, company_id = await a_seller(client)
    other, other_id = await a_seller(client)
    await some_awkward_products(client, seller)
    export = await seller.get("/products/export")

    assert export.status_code == 200
    assert export.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in export.headers["content-disposition"]
    assert counts(await imported(seller, export.content)) == (0, 0, len(AWKWARD), 0)
    found = await imported(other, export.content)
    assert counts(found) == (len(AWKWARD), 0, 0, 0), found
    assert await shown(client, other_id) == await shown(client, company_id)
    assert (await other.get("/products/export")).content == export.content


async def test_so_does_a_spreadsheet(client: Client, tmp_path: Path) -> None:
    seller, company_id = await a_seller(client)
    other, other_id = await a_seller(client)
    await some_awkward_products(client, seller)
    path = tmp_path / "products.xlsx"
    count = await export_xlsx(client.app.shop.database.reader, client.app.shop, company_id, path)
    content = path.read_bytes()

    assert count == len(AWKWARD)
    found = await imported(other, content, "products.xlsx")
    assert counts(found) == (len(AWKWARD), 0, 0, 0), found
    assert await shown(client, other_id) == await shown(client, company_id)


async def test_no_cell_is_a_formula(client: Client) -> None:
    seller, _ = await a_seller(client)
    await some_awkward_products(client, seller)
    text = (await seller.get("/products/export")).text
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


async def test_a_long_export_has_every_product_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrepot.catalog.export.PAGE", 3)
    seller, company_id = await a_seller(client)
    await some_awkward_products(client, seller)
    rows = list(csv.DictReader(io.StringIO((await seller.get("/products/export")).text, newline="")))
    assert sorted(in_plain_words(row["sku"]) for row in rows) == sorted(
        product["sku"] for product in await products_of(client, company_id)
    )


async def test_an_export_is_for_those_who_may_sell(client: Client) -> None:
    seller, company_id = await a_seller(client)
    admin = await client.signed_in("admin")
    other = await client.a_company()

    assert (await seller.get(f"/products/export?company={other}")).status_code == 403
    assert (await admin.get(f"/products/export?company={company_id}")).status_code == 200
    empty = (await seller.get("/products/export")).text
    assert empty.startswith("sku,title,")
    assert empty.count("\n") == 1


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert in_plain_words(defused(text)) == text
    assert not defused(text).startswith(("=", "+", "-", "@"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip).filter(bool)))
def test_a_list_comes_back_as_it_was(texts: list[str]) -> None:
    cell = list_cell(texts)
    assert (items(cell) if cell else []) == texts


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", "12"), ("12.50", "12.50"), ("12,5", "12.5"), ("-3", "-3"), ("1234,56", "1234.56"), ("007", "7")],
)
def test_numbers_that_can_be_read(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["1,234", "1.234,50", "1,234.50", "12 $", "$12", "", "1e5", "NaN", "--1", "1.2.3", "١٢"]
)
def test_numbers_that_cannot(text: str) -> None:
    if text == "١٢":
        assert number(text) == 12
        return
    with pytest.raises(ValueError):
        number(text)
