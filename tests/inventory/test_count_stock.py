"""Stock counts from CSV: each line for itself, within what one may change."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.inventory.read_counts import Counted, read_counts
from entrepot.kernel.errors import Invalid
from tests.builders import Client, unique
from tests.inventory.books import assert_books_balance


async def counted(client: Client, text: str, query: str = "") -> Any:
    return await client.post(f"/inventory/counts{query}", files={"file": ("count.csv", text.encode(), "text/csv")})


async def test_what_was_counted_is_entered(client: Client) -> None:
    company = await client.a_company()
    one, two, three = [await client.a_product(company_id=company, stock=10) for _ in range(3)]
    first = await client.value("select code from warehouses where company_id = $1", company)
    second = await client.a_warehouse(company)
    code = await client.value("select lower(code) from warehouses where id = $1", second)
    seller = await client.signed_in("seller", company_id=company)

    reply = await counted(
        seller,
        f"SKU;Warehouse;On hand\n{one['sku']};{first};12\n{two['sku']};{code};3\n{three['sku']};{first};10\n\n"
        f"{one['sku']};;5\nno-such;{first};1\n{one['sku']};nowhere;1\n{one['sku']};{first};many\n",
        "?note=spring",
    )

    assert reply.status_code == 200, reply.text
    report = reply.json()
    assert [(line["line"], line["status"], line.get("code")) for line in report["results"]] == [
        (2, "updated", None),
        (3, "updated", None),
        (4, "unchanged", None),
        (6, "refused", "WAREHOUSE_NEEDED"),
        (7, "refused", "PRODUCT_NOT_FOUND"),
        (8, "refused", "WAREHOUSE_NOT_FOUND"),
        (9, "refused", "VALIDATION_ERROR"),
    ]
    assert (report["total"], report["updated"], report["unchanged"], report["refused"]) == (7, 2, 1, 4)
    assert (await client.get(f"/products/{two['id']}")).json()["stock"] == 13
    note = "select reason || ' ' || note from stock_movements where product_id = $1 order by id desc limit 1"
    assert await client.value(note, one["id"]) == "count spring"
    await assert_books_balance(client, [one["id"], two["id"], three["id"]])


async def test_a_sku_means_a_product_of_ones_own(client: Client) -> None:
    ours, theirs = await client.a_company(), await client.a_company()
    sku = unique("SAME").upper()
    own, other = [await client.a_product(company_id=company, stock=1, sku=sku) for company in (ours, theirs)]
    seller, admin = await client.signed_in("seller", company_id=ours), await client.signed_in("admin")
    text = f"sku,onHand\n{sku},7\n"

    assert (await counted(seller, text)).json()["updated"] == 1
    ambiguous = (await counted(admin, text)).json()
    assert [line["code"] for line in ambiguous["results"]] == ["SKU_AMBIGUOUS"]
    assert (await counted(admin, text, f"?company={theirs}")).json()["updated"] == 1
    foreign = (await counted(seller, f"productId,onHand\n{other['id']},9\n")).json()
    assert [line["code"] for line in foreign["results"]] == ["FORBIDDEN"]
    assert (await client.get(f"/products/{own['id']}")).json()["stock"] == 7
    assert (await client.get(f"/products/{other['id']}")).json()["stock"] == 7


@pytest.mark.parametrize(
    "text", ["", "onHand\n1\n", "sku,warehouse\nA,B\n", "\ud83d".encode("utf-16", "surrogatepass")]
)
async def test_what_is_no_count_is_refused(client: Client, text: str | bytes) -> None:
    admin = await client.signed_in("admin")
    content = text.encode() if isinstance(text, str) else text

    reply = await admin.post("/inventory/counts", files={"file": ("count.csv", content, "text/csv")})

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["file"])


def test_lines_are_read_as_spreadsheets_write_them() -> None:
    text = '\ufeff"Product ID"\tCounted\tColour\n"7"\t"3"\tblue\n\n8\t-1\tred\n٣\t1\t\n'

    assert read_counts(text.encode()) == [
        Counted(line=2, product_id=7, on_hand=3),
        Counted(line=4, product_id=8, fault="onHand must be a whole number from 0 to 1,000,000,000"),
        Counted(line=5, on_hand=1, fault="productId must be the id of a product"),
    ]
    with pytest.raises(Invalid):
        read_counts(b'sku,onHand\n"broken')
    with pytest.raises(Invalid):
        read_counts(b"sku,onHand\n" + b"A,1\n" * 20_001)
