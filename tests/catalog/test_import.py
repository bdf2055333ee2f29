"""Imports: what files hold, what becomes of them, and that nothing is lost or made twice however they end."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
import xlsxwriter

from entrepot.catalog import import_run
from entrepot.catalog.import_run import run_import
from entrepot.kernel import spreadsheets
from entrepot.settings import Settings
from tests.builders import Client, unique
from tests.inventory.books import assert_books_balance

HEADER = ["sku", "title", "description", "price", "category", "brand", "stock", "thumbnail"]


async def a_seller(client: Client) -> tuple[Client, int]:
    company_id = await client.a_company()
    return await client.signed_in("seller", company_id=company_id), company_id


async def some_rows(client: Client, count: int, **fields: Any) -> list[dict[str, Any]]:
    category = fields.pop("category", None) or await client.a_category()
    return [
        {
            "sku": f"SKU-{place:05d}", "title": f"Product {place}", "description": "A product of a file.", "price": "9.90",
            "category": category, "brand": "Brand", "stock": str(place), "thumbnail": "https://example.com/1.jpg", **fields,
        }
        for place in range(count)
    ]  # fmt: skip


def as_csv(rows: Sequence[Mapping[str, Any]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


async def send(client: Client, content: bytes, name: str = "products.csv", query: str = "", **options: Any) -> Any:
    return await client.post(f"/products/import{query}", files={"file": (name, content, "text/csv")}, **options)


async def imported(client: Client, content: bytes, name: str = "products.csv", query: str = "") -> dict[str, Any]:
    """Send a file, have it read as the worker does, and say what became of it."""
    reply = await send(client, content, name, query)
    assert reply.status_code == 202, reply.text
    import_id = reply.json()["id"]
    await run_import(client.app.shop, {"importId": import_id})
    return await report(client, import_id)


async def report(client: Client, import_id: int) -> dict[str, Any]:
    reply = await client.get(f"/products/import/{import_id}?limit=0")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def counts(found: Mapping[str, Any]) -> tuple[int, int, int, int]:
    return found["created"], found["updated"], found["unchanged"], found["failed"]


async def products_of(client: Client, company_id: int) -> list[dict[str, Any]]:
    rows = await client.app.shop.database.pool.fetch(
        "select * from products where company_id = $1 and deleted_at is null order by sku", company_id
    )
    return [dict(row) for row in rows]


async def test_a_file_is_queued_read_and_reported(client: Client) -> None:
    seller, company_id = await a_seller(client)
    reply = await send(seller, as_csv(await some_rows(client, 3)))

    assert reply.status_code == 202
    queued = reply.json()
    assert (queued["status"], queued["rowsTotal"], queued["companyId"]) == ("queued", None, company_id)
    assert await client.value("select count(*) from pgqueuer where entrypoint = 'catalog.import_products'") >= 1

    await run_import(client.app.shop, {"importId": queued["id"]})
    done = await report(seller, queued["id"])
    assert (done["status"], done["format"], done["rowsTotal"], done["rowsDone"]) == ("done", "csv", 3, 3)
    assert counts(done) == (3, 0, 0, 0)
    assert done["finishedAt"] >= done["startedAt"] >= done["createdAt"]
    products = await products_of(client, company_id)
    assert [product["sku"] for product in products] == ["SKU-00000", "SKU-00001", "SKU-00002"]
    assert {product["seller_id"] for product in products} == {seller.user["id"]}
    await assert_books_balance(client, [product["id"] for product in products])


async def test_the_worker_s_job_reads_it(client: Client) -> None:
    """Through the queue, as in a running shop."""
    seller, _ = await a_seller(client)
    import_id = (await send(seller, as_csv(await some_rows(client, 2)))).json()["id"]
    payload = await client.value(
        "select payload from pgqueuer where entrypoint = 'catalog.import_products' order by id desc limit 1"
    )
    assert str(import_id) in payload.decode()


async def test_a_file_can_be_imported_again(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = await some_rows(client, 4)
    await imported(seller, as_csv(rows))
    before = await products_of(client, company_id)
    events = await client.value("select count(*) from events where $1 = any(company_ids)", company_id)

    assert counts(await imported(seller, as_csv(rows))) == (0, 0, 4, 0)
    assert await products_of(client, company_id) == before
    assert await client.value("select count(*) from events where $1 = any(company_ids)", company_id) == events

    rows[1]["price"], rows[2]["stock"] = "5", "77"
    again = await imported(seller, as_csv([*rows, {**rows[0], "sku": "NEW"}]))
    assert counts(again) == (1, 2, 2, 0)
    await assert_books_balance(client, [product["id"] for product in await products_of(client, company_id)])


async def test_columns_that_are_left_out_change_nothing(client: Client) -> None:
    seller, company_id = await a_seller(client)
    await imported(seller, as_csv(await some_rows(client, 1, tags="a|b", barcode="0012")))

    assert counts(await imported(seller, b"SKU;Price\nSKU-00000;3,50\n")) == (0, 1, 0, 0)
    (product,) = await products_of(client, company_id)
    assert (product["price_minor"], product["tags"], product["barcode"]) == (350, ["a", "b"], "0012")

    assert counts(await imported(seller, b"sku,tags,title\nSKU-00000,,\n")) == (0, 1, 0, 0)
    (product,) = await products_of(client, company_id)
    assert (product["tags"], product["title"]) == ([], "Product 0")


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), ("|", "utf-8"), (";", "cp1252"), (",", "utf-16")],
)
async def test_files_are_read_as_programs_write_them(client: Client, delimiter: str, encoding: str) -> None:
    seller, company_id = await a_seller(client)
    title = 'Käse "alt", grün; groß\nzwei Zeilen' if encoding == "cp1252" else 'شاي "قديم", ürün; €\nline two'
    rows = await some_rows(client, 2, title=title)

    found = await imported(seller, as_csv(rows, delimiter=delimiter, encoding=encoding))

    assert counts(found) == (2, 0, 0, 0), found
    assert {product["title"] for product in await products_of(client, company_id)} == {title}


async def test_errors_name_line_column_and_value(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = await some_rows(client, 8)
    rows[0]["title"] = "Two\nlines"
    rows[1]["price"] = "1.234,50"
    rows[2]["price"] = "12 $"
    rows[3]["stock"] = "many"
    rows[4]["category"] = "no-such-category"
    rows[5] |= {"title": "X", "price": "-1", "category": "no-such-category"}
    rows[6]["sku"] = ""
    rows[7]["thumbnail"] = "ftp://nowhere"

    found = await imported(seller, as_csv(rows))

    assert counts(found) == (1, 0, 0, 7)
    errors = {(error["line"], error["column"]): error for error in found["errors"]}
    assert errors.keys() == {
        (4, "price"), (5, "price"), (6, "stock"), (7, "category"), (8, "title"), (8, "price"), (8, "category"),
        (9, "sku"), (10, "thumbnail"),
    }  # fmt: skip
    assert errors[4, "price"]["value"] == "1.234,50"
    assert "two ways" in errors[4, "price"]["message"]
    assert found["total"] == 9
    assert len(await products_of(client, company_id)) == 1


async def test_errors_are_paged_and_the_first_thousand_kept(client: Client) -> None:
    seller, _ = await a_seller(client)
    found = await imported(seller, b"sku,price\n" + b"".join(b"S-%d,none\n" % place for place in range(600)))

    assert (found["status"], found["failed"], found["total"]) == ("done", 600, 1000)
    page = (await seller.get(f"/products/import/{found['id']}?skip=995&limit=10")).json()
    assert (len(page["errors"]), page["skip"], page["limit"]) == (5, 995, 5)


async def test_lines_that_are_no_csv_are_told_of_and_the_others_read(client: Client) -> None:
    seller, _ = await a_seller(client)
    rows = await some_rows(client, 3)
    lines = as_csv(rows).splitlines(keepends=True)
    broken = [
        *lines[:2],
        b'BAD,"quoted"wrong,x,1,x,x,1,x\n',
        b"\n",
        b",,,,,,,\n",
        *lines[2:3],
        lines[3].strip() + b",extra\n",
    ]

    found = await imported(seller, b"".join(broken))

    assert counts(found) == (2, 0, 0, 2), found
    assert [error["line"] for error in found["errors"]] == [3, 7]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"title,price\nA,1\n", "sku"),
        (b"sku,colour,price\nA,blue,1\n", "colour"),
        (b"sku,price,Price\nA,1,2\n", "twice"),
        (b"a,b,c\n1,2,3\n", "must name the columns"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "XLSX"),
        (b"sku,price\n\x81\x8d\x8f,1\n", "no text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_table_is_refused_at_once(client: Client, content: bytes, says: str) -> None:
    seller, _ = await a_seller(client)
    reply = await send(seller, content)
    if content:
        assert (reply.status_code, reply.json()["code"]) == (422, "UNREADABLE_IMPORT"), reply.text
        assert says in reply.json()["message"]
    else:
        assert reply.status_code in (400, 422)


async def test_what_is_found_out_later_fails_the_import(client: Client) -> None:
    seller, company_id = await a_seller(client)
    late = as_csv(await some_rows(client, 1)) + b"x" * 70_000 + b"\n" + b"\x81,\xc3\n"
    found = await imported(seller, late)
    assert (found["status"], found["rowsDone"]) == ("failed", 0)
    assert "no text" in found["message"]
    zipped = await imported(seller, b"PK\x03\x04 and no more", "products.xlsx")
    assert zipped["status"] == "failed"
    assert await products_of(client, company_id) == []


def as_xlsx(rows: Sequence[Mapping[str, Any]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for column, name in enumerate(rows[0]):
        sheet.write(0, column, name)
        for line, row in enumerate(rows, 1):
            sheet.write(line, column, row[name])
    book.close()
    return out.getvalue()


async def test_a_spreadsheet_is_read(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = await some_rows(client, 3, price=12.5, stock=7, barcode=4006381333931)
    rows[1]["price"] = "cheap"
    found = await imported(seller, as_xlsx(rows), "products.xlsx")

    assert (found["format"], counts(found)) == ("xlsx", (2, 0, 0, 1))
    assert [(error["line"], error["column"], error["value"]) for error in found["errors"]] == [(3, "price", "cheap")]
    product = (await products_of(client, company_id))[0]
    assert (product["price_minor"], product["barcode"]) == (1250, "4006381333931")


async def test_a_spreadsheet_that_takes_for_ever_is_given_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "TIMEOUT_S", 0)
    seller, _ = await a_seller(client)

    found = await imported(seller, as_xlsx(await some_rows(client, 2)), "products.xlsx")

    assert (found["status"], found["rowsDone"]) == ("failed", 0)
    assert "send it as CSV" in found["message"]


async def test_a_spreadsheet_that_asks_for_all_memory_harms_nobody(client: Client) -> None:
    seller, _ = await a_seller(client)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "sku")
    sheet.write(1_048_575, 16_383, "the last cell of all")
    book.close()

    found = await imported(seller, out.getvalue(), "bomb.xlsx")

    assert found["status"] == "failed"
    assert "memory" in found["message"]


SHOPIFY_COLUMNS: Final = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,"
    "Image Src,Image Position,Gift Card,Variant Image,Status"
)
SHOPIFY_ROWS: Final = (
    {"Handle": "shirt", "Title": "Soft shirt",
     "Body (HTML)": "<p>Soft &amp; light</p><ul><li>Cotton</li><li>Warm</li></ul><script>no()</script>",
     "Vendor": "Acme", "Product Category": "Apparel > Shirts", "Type": "{type}", "Tags": "cotton, summer",
     "Published": "TRUE", "Option1 Name": "Size", "Option1 Value": "S", "Option2 Name": "Colour",
     "Option2 Value": "Blue", "Variant SKU": "SHIRT-S", "Variant Grams": "250", "Variant Inventory Qty": "5",
     "Variant Price": "80.00", "Variant Compare At Price": "100.00", "Variant Barcode": "'0012",
     "Image Src": "https://cdn.example.com/2.jpg", "Image Position": "2", "Status": "active"},
    {"Handle": "shirt", "Option1 Value": "M", "Option2 Value": "Blue", "Variant SKU": "SHIRT-M",
     "Variant Grams": "260", "Variant Inventory Qty": "-2", "Variant Price": "100.00",
     "Image Src": "https://cdn.example.com/1.jpg", "Image Position": "1",
     "Variant Image": "https://cdn.example.com/m.jpg"},
    {"Handle": "shirt", "Image Src": "https://cdn.example.com/3.jpg", "Image Position": "3"},
    {"Handle": "mug", "Title": "Plain mug", "Vendor": "Acme", "Type": "{type}", "Published": "TRUE",
     "Option1 Name": "Title", "Option1 Value": "Default Title", "Variant Grams": "300", "Variant Inventory Qty": "9",
     "Variant Price": "999.99", "Variant Compare At Price": "1199.99", "Status": "active"},
    {"Handle": "draft", "Title": "Not yet there", "Vendor": "Acme", "Type": "{type}", "Published": "FALSE",
     "Option1 Name": "Title", "Option1 Value": "Default Title", "Variant SKU": "DRAFT", "Variant Grams": "1",
     "Variant Inventory Qty": "1", "Variant Price": "5", "Status": "draft"},
)  # fmt: skip


def shopify(category: str) -> bytes:
    """An export as Shopify writes it; `category` is the type of its products."""
    rows = [{**row, **({"Type": category} if "Type" in row else {})} for row in SHOPIFY_ROWS]
    text = io.StringIO()
    writer = csv.DictWriter(text, SHOPIFY_COLUMNS.split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


async def test_shopify_s_export_is_read(client: Client) -> None:
    seller, company_id = await a_seller(client)
    content = shopify(await client.a_category())

    found = await imported(seller, content)

    assert (found["format"], counts(found)) == ("shopify", (3, 0, 0, 1)), found
    assert [(error["line"], error["column"]) for error in found["errors"]] == [(6, "Status")]
    products = {product["sku"]: product for product in await products_of(client, company_id)}
    assert products.keys() == {"mug", "SHIRT-M", "SHIRT-S"}
    small = (await client.get(f"/products/{products['SHIRT-S']['id']}")).json()
    assert small["description"] == "Soft & light\n- Cotton\n- Warm"
    assert (small["price"], small["discountPercentage"], small["stock"], small["weight"]) == (100, 20, 5, 0.25)
    assert small["images"] == [f"https://cdn.example.com/{place}.jpg" for place in (1, 2, 3)]
    assert (small["tags"], small["options"]) == (["cotton", "summer"], {"Size": "S", "Colour": "Blue"})
    assert small["meta"]["barcode"] == "0012"
    medium = products["SHIRT-M"]
    assert medium["thumbnail"] == "https://cdn.example.com/m.jpg"
    assert medium["group_id"] == products["SHIRT-S"]["group_id"] is not None
    mug = products["mug"]
    assert (mug["price_minor"], mug["discount_bp"], mug["group_id"]) == (
        99999,
        0,
        None,
    )  # 16.67 % off would not be 999.99
    assert counts(await imported(seller, content)) == (0, 0, 3, 1)


async def test_administrators_may_have_categories_made(client: Client) -> None:
    admin = await client.signed_in("admin")
    seller, company_id = await a_seller(client)
    name = f"Garden & Home {unique('x')}"
    content = shopify(name)

    refused = await send(seller, content, query="?createCategories=true")
    assert refused.status_code == 403
    assert counts(await imported(seller, content)) == (0, 0, 0, 4)

    found = await imported(admin, content, query=f"?company={company_id}&createCategories=true")
    assert counts(found) == (3, 0, 0, 1), found
    slug = name.lower().replace(" & ", "-").replace(" ", "-")
    assert await client.value("select name from categories where slug = $1", slug) == name


async def test_everything_that_a_product_has_comes_from_a_file(client: Client) -> None:
    seller, company_id = await a_seller(client)
    zone = await client.value("select slug from zones where id = $1", await client.a_zone())
    fields = {
        "tags": '["a|b", "c"]', "images": "https://example.com/1.jpg|https://example.com/2.jpg", "zones": zone,
        "attributes": '{"voltage": "230 V", "loud": true}', "attribute:watts": "60", "group": "lamps", "groupTitle": "Lamps",
        "option:colour": "blue", "title:ar": "مصباح", "description:ar": "ضوء", "discount percentage": "12.5", "width": "1.5",
        "minimum_order_quantity": "3", "Return Policy": "None",
    }  # fmt: skip
    found = await imported(seller, as_csv(await some_rows(client, 1, **fields)))
    assert counts(found) == (1, 0, 0, 0), found

    (row,) = await products_of(client, company_id)
    product = (await client.get(f"/products/{row['id']}?lang=ar")).json()
    assert (product["title"], product["description"], product["tags"]) == ("مصباح", "ضوء", ["a|b", "c"])
    assert product["attributes"] == {"voltage": "230 V", "loud": True, "watts": "60"}
    assert (product["options"], product["zones"]) == ({"colour": "blue"}, [zone])
    assert (product["discountPercentage"], product["minimumOrderQuantity"]) == (12.5, 3)
    assert (product["dimensions"]["width"], product["returnPolicy"], len(product["images"])) == (1.5, "None", 2)


async def test_a_sku_that_comes_again_changes_what_it_made(client: Client) -> None:
    seller, company_id = await a_seller(client)
    rows = await some_rows(client, 2)
    found = await imported(seller, as_csv([*rows, {**rows[0], "title": "The last word"}]))
    assert counts(found) == (2, 1, 0, 0)
    assert [product["title"] for product in await products_of(client, company_id)] == ["The last word", "Product 1"]


async def test_an_import_that_is_killed_goes_on_where_it_was(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle of a batch, again and again: every row is done once, and counted once."""
    monkeypatch.setattr(import_run, "BATCH", 4)
    seller, company_id = await a_seller(client)
    import_id = (await send(seller, as_csv(await some_rows(client, 22, stock="3")))).json()["id"]
    written = import_run._write_in
    deaths = [1, 2, 1]
    batches = 0

    async def dying(*args: Any) -> bool:
        nonlocal batches
        done = await written(*args)
        batches += 1
        if deaths and batches > deaths[0]:
            deaths.pop(0)
            batches = 0
            raise asyncio.CancelledError  # what was written is rolled back, as when the process dies before its commit
        return done

    monkeypatch.setattr(import_run, "_write_in", dying)
    ends = []
    for _ in range(4):
        try:
            await run_import(client.app.shop, {"importId": import_id})
            ends.append("done")
        except asyncio.CancelledError:
            ends.append(str((await report(seller, import_id))["rowsDone"]))

    assert ends == ["4", "12", "16", "done"]
    found = await report(seller, import_id)
    assert (found["status"], found["rowsDone"], counts(found)) == ("done", 22, (22, 0, 0, 0))
    products = await products_of(client, company_id)
    assert len({product["sku"] for product in products}) == len(products) == 22
    await assert_books_balance(client, [product["id"] for product in products])


KILLED: Final = """
import asyncio, sys
from pathlib import Path
from entrepot import app
from entrepot.catalog import import_run
from entrepot.settings import load_settings

async def main(dsn, home, import_id):
    settings = load_settings(_env_file=None, home=Path(home), log_level="warning")
    database = await app.open_database(settings, dsn)
    import_run.BATCH = 10
    await import_run.run_import(app.open_shop(settings, database), {"importId": int(import_id)})

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_process_that_is_killed_leaves_nothing_half_done(client: Client, dsn: str, settings: Settings) -> None:
    seller, company_id = await a_seller(client)
    import_id = (await send(seller, as_csv(await some_rows(client, 2_000, stock="1")))).json()["id"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, dsn, str(settings.home), str(import_id)
    )
    async with asyncio.timeout(60):
        while not (done := (await report(seller, import_id))["rowsDone"]):  # noqa: ASYNC110  another process does it
            await asyncio.sleep(0.02)
    process.kill()
    await process.wait()
    assert 0 < done < 2_000

    await run_import(client.app.shop, {"importId": import_id})

    found = await report(seller, import_id)
    assert (found["status"], found["rowsDone"], counts(found)) == ("done", 2_000, (2_000, 0, 0, 0))
    products = await products_of(client, company_id)
    assert len({product["sku"] for product in products}) == len(products) == 2_000
    await assert_books_balance(client, [product["id"] for product in products])


async def test_one_import_run_twice_at_once_is_done_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_run, "BATCH", 3)
    seller, company_id = await a_seller(client)
    import_id = (await send(seller, as_csv(await some_rows(client, 20)))).json()["id"]

    await asyncio.gather(*(run_import(client.app.shop, {"importId": import_id}) for _ in range(4)))

    found = await report(seller, import_id)
    assert (found["status"], found["rowsDone"], counts(found)) == ("done", 20, (20, 0, 0, 0))
    assert len(await products_of(client, company_id)) == 20


async def test_two_imports_of_one_file_at_once_make_each_product_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "BATCH", 5)
    seller, company_id = await a_seller(client)
    rows = await some_rows(client, 30)
    ids = [(await send(seller, as_csv(order))).json()["id"] for order in (rows, rows[::-1], rows)]

    await asyncio.gather(*(run_import(client.app.shop, {"importId": import_id}) for import_id in ids))

    found = [await report(seller, import_id) for import_id in ids]
    assert {one["status"] for one in found} == {"done"}
    assert [sum(column) for column in zip(*map(counts, found), strict=True)] == [30, 0, 60, 0]
    assert len(await products_of(client, company_id)) == 30


async def test_lines_that_stand_in_each_other_s_way_fail_alone(client: Client) -> None:
    """Two variants that swap their options: neither is free before the other one is."""
    seller, _ = await a_seller(client)
    rows = [
        {**row, "group": "lamps", "option:size": size}
        for row, size in zip(await some_rows(client, 3), "SML", strict=True)
    ]
    await imported(seller, as_csv(rows))
    rows[0]["option:size"], rows[1]["option:size"], rows[2]["title"] = "M", "S", "Another title"

    found = await imported(seller, as_csv(rows))

    assert found["status"] == "done"
    assert (found["failed"], found["updated"]) == (2, 1)
    assert [(error["line"], error["column"], error["value"]) for error in found["errors"]] == [
        (2, "option:size", "M"),
        (3, "option:size", "S"),
    ]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ((), "cannot be written as things stand now: import the file again"),
        (("L",), "another product of the group has the same options"),  # seen when the lines are tried one by one
    ],
)
async def test_a_line_that_the_database_refuses_fails_alone(client: Client, more: Sequence[str], message: str) -> None:
    """Somebody gives another product of the group the same options, at the same moment."""
    seller, company_id = await a_seller(client)
    sizes = ("S", "M", *more)
    rows = [
        {**row, "group": "lamps", "option:size": size}
        for row, size in zip(await some_rows(client, len(sizes)), sizes, strict=True)
    ]
    await imported(seller, as_csv(rows[:1]))
    import_id = (await send(seller, as_csv(rows[1:]))).json()["id"]
    taking = """update products set options = '{"size": "M"}' where company_id = $1"""
    async with client.app.shop.database.pool.acquire() as rival:
        async with rival.transaction():
            await rival.execute(taking, company_id)
            importing = asyncio.create_task(run_import(client.app.shop, {"importId": import_id}))
            await until_somebody_waits(client)
        await importing

    found = await report(seller, import_id)
    assert (found["status"], *counts(found)) == ("done", len(more), 0, 0, 1)
    assert [(error["line"], error["message"]) for error in found["errors"]] == [(2, message)]


async def until_somebody_waits(client: Client) -> None:
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not await client.value(waiting):  # noqa: ASYNC110  the database does not tell
            await asyncio.sleep(0.005)


async def test_an_import_is_its_owner_s_and_administrators(client: Client) -> None:
    seller, company_id = await a_seller(client)
    colleague = await client.signed_in("seller", company_id=company_id)
    admin = await client.signed_in("admin")
    import_id = (await send(seller, as_csv(await some_rows(client, 1)))).json()["id"]

    statuses = [
        (await one.get(f"/products/import/{import_id}")).status_code for one in (seller, admin, colleague, client)
    ]
    assert statuses == [200, 200, 404, 401]


async def test_nobody_imports_for_a_company_that_is_not_theirs(client: Client) -> None:
    seller, _ = await a_seller(client)
    content = as_csv(await some_rows(client, 1))
    other = await send(seller, content, query=f"?company={await client.a_company()}")
    nowhere = await send(await client.signed_in("location_admin", zone_ids=[await client.a_zone()]), content)
    assert (other.status_code, nowhere.status_code) == (403, 403)


async def test_rights_are_those_of_the_moment(client: Client) -> None:
    seller, company_id = await a_seller(client)
    import_id = (await send(seller, as_csv(await some_rows(client, 1)))).json()["id"]
    await client.value("delete from company_members where user_id = $1", seller.user["id"])
    await run_import(client.app.shop, {"importId": import_id})
    assert counts(await report(seller, import_id)) == (0, 0, 0, 1)

    await client.value("update users set status = 'deactivated' where id = $1", seller.user["id"])
    import_id = await client.value(
        """
        insert into imports (company_id, actor_id, actor_role, file_name, file_key, size_bytes, created_at, moved_at)
        select company_id, actor_id, actor_role, file_name, file_key, size_bytes, now(), now() from imports
        where id = $1 returning id
        """,
        import_id,
    )
    await run_import(client.app.shop, {"importId": import_id})
    assert await client.value("select status from imports where id = $1", import_id) == "cancelled"
    assert await products_of(client, company_id) == []


async def test_a_large_file_with_a_key_is_imported_once(client: Client) -> None:
    seller, _ = await a_seller(client)
    content = as_csv(await some_rows(client, 1)) + b"\n" * 2_000_000
    key = {"Idempotency-Key": unique("key")}

    first = await send(seller, content, headers=key)
    # The same form again: httpx chooses another boundary, but the file is the same, and that is what counts.
    second = await send(seller, content, headers=key)
    other = await send(seller, content + b"\n", headers=key)

    assert (first.status_code, second.status_code, other.status_code) == (202, 202, 409)
    assert second.json() == first.json()


async def test_a_file_that_is_too_large_is_not_read_to_its_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seller, _ = await a_seller(client)
    size = client.app.shop.settings.import_max_size + 10_000

    async def endless() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
        while True:
            yield b"x" * 65_536

    headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(size)}
    reply = await seller.request("POST", "/products/import", content=endless(), headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_form_without_its_file_is_refused(client: Client) -> None:
    seller, _ = await a_seller(client)
    content = ("f.csv", b"sku\n1\n", "text/csv")
    for files in ({"other": content}, {"file": content, "more": content}):
        assert (await seller.post("/products/import", files=files)).status_code == 400
    assert (await seller.post("/products/import", {"file": "x"})).status_code == 415


async def test_a_file_that_did_not_arrive_fails(client: Client) -> None:
    seller, _ = await a_seller(client)
    import_id = (await send(seller, as_csv(await some_rows(client, 1)))).json()["id"]
    key = await client.value("select file_key from imports where id = $1", import_id)
    await client.app.shop.files.delete(key)
    await run_import(client.app.shop, {"importId": import_id})
    assert (await report(seller, import_id))["status"] == "failed"
