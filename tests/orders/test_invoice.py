"""Invoices: made once, numbered without gaps, the same bytes ever after."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from entrepot.kernel import clock
from tests.builders import Client, an_order


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def number_in(pdf: bytes) -> str:
    found = re.search(r"INV-\d{4}-\d{6}", text_of(pdf))
    assert found is not None
    return found[0]


async def an_order_of(client: Client, buyer: Client, **product: Any) -> dict[str, Any]:
    bought = await client.a_product(**product)
    order: dict[str, Any] = (
        await buyer.post("/orders", an_order((bought["id"], 2), paymentMethod="cash_on_delivery"))
    ).json()
    return order


async def test_the_same_bytes_ever_after(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_order_of(client, buyer, price=1199.99, discountPercentage=5.5)
    replies = await asyncio.gather(*(buyer.get(f"/orders/{order['id']}/invoice") for _ in range(6)))
    with clock.moved(timedelta(minutes=10)):
        replies.append(await buyer.get(f"/orders/{order['id']}/invoice"))

    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1
    assert replies[0].headers["content-type"] == "application/pdf"
    assert replies[0].headers["content-disposition"] == f'attachment; filename="invoice-{order["id"]}.pdf"'
    text = text_of(replies[0].content)
    assert order["id"] in text
    assert "2,449.42" in text


@pytest.mark.parametrize(
    ("asked", "printed"),
    [("en", "Invoice"), ("de", "Rechnung"), ("de-AT", "Rechnung"), ("tlh", "Invoice"), (None, "Invoice")],
)
async def test_in_the_language_asked_for(client: Client, asked: str | None, printed: str) -> None:
    buyer = await client.signed_in()
    order = await an_order_of(client, buyer)

    reply = await buyer.get(f"/orders/{order['id']}/invoice", params={"lang": asked} if asked else {})

    assert printed.lower() in text_of(reply.content).lower()


async def test_all_languages_of_an_invoice_have_one_number(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_order_of(client, buyer)
    pdfs = [
        (await buyer.get(f"/orders/{order['id']}/invoice?lang={lang}")).content for lang in ("en", "de", "ru", "fr")
    ]

    assert len({number_in(pdf) for pdf in pdfs}) == 1
    assert len(set(pdfs)) > 1


async def test_a_seller_gets_the_invoice_of_its_part_with_its_own_number(client: Client) -> None:
    companies = [await client.a_company(), await client.a_company()]
    products = [await client.a_product(company_id=company) for company in companies]
    sellers = [await client.signed_in("seller", company_id=company) for company in companies]
    buyer = await client.signed_in()
    order = (
        await buyer.post(
            "/orders", an_order(*((product["id"], 1) for product in products), paymentMethod="cash_on_delivery")
        )
    ).json()

    pdfs = [(await reader.get(f"/orders/{order['id']}/invoice")).content for reader in (buyer, *sellers)]

    assert len({number_in(pdf) for pdf in pdfs}) == 3
    texts = [text_of(pdf) for pdf in pdfs]
    assert all(product["sku"] in texts[0] for product in products)
    assert products[0]["sku"] in texts[1]
    assert products[1]["sku"] not in texts[1]


async def test_numbers_have_no_gap_when_twenty_are_made_at_once(client: Client) -> None:
    buyer = await client.signed_in()
    product = await client.a_product(stock=100)
    orders = [
        (await buyer.post("/orders", an_order((product["id"], 1), paymentMethod="cash_on_delivery"))).json()["id"]
        for _ in range(20)
    ]
    last = await client.value("select coalesce(max(last_number), 0) from invoice_counters where series = $1", year())

    replies = await asyncio.gather(*(buyer.get(f"/orders/{number}/invoice") for number in orders for _ in range(2)))

    assert {reply.status_code for reply in replies} == {200}
    made = await client.app.shop.database.pool.fetch(
        "select i.number from invoices i join orders o on o.id = i.order_id where o.number = any($1) order by 1", orders
    )
    assert [row[0] for row in made] == [f"INV-{year()}-{last + n:06d}" for n in range(1, 21)]


def year() -> str:
    return f"{clock.now():%Y}"


async def test_a_tag_that_is_none_is_refused(client: Client) -> None:
    buyer = await client.signed_in()
    order = await an_order_of(client, buyer)

    reply = await buyer.get(f"/orders/{order['id']}/invoice?lang=../../etc")

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["lang"])
