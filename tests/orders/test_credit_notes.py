"""Credit notes and the invoices of parts: numbered without gaps, in the name of who sells, the same bytes ever after."""

from __future__ import annotations

import asyncio
import io
import re
from typing import Any

from pypdf import PdfReader

from entrepot.kernel import clock
from tests.builders import Client, an_order
from tests.orders.returning import Bought, deliver
from tests.payments.paying import an_intent, confirm
from tests.payments.telling import an_event, an_intent_object, tell


def text_of(pdf: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


async def notes_of(client: Client, number: str, query: str = "") -> list[dict[str, Any]]:
    reply = await client.get(f"/orders/{number}/credit-notes{query}")
    assert reply.status_code == 200, reply.text
    assert reply.json()["total"] >= len(reply.json()["creditNotes"])
    notes: list[dict[str, Any]] = reply.json()["creditNotes"]
    return notes


async def with_seat(client: Client) -> int:
    """A company with an address and a tax number."""
    company_id = await client.a_company(commission_bp=1500)
    await client.value(
        "update companies set name = $2, tax_id = $3, email = 'sales@example.com', address = $4 where id = $1",
        company_id,
        f"Harbour Tools {company_id}",
        f"GB{company_id:09}",
        {"address": "12 Harbour Road", "city": "Bristol", "state": "", "zipCode": "BS1 4RN", "country": "UK"},
    )
    return company_id


async def test_a_part_is_invoiced_in_the_name_of_who_sells_it(client: Client) -> None:
    company_id = await with_seat(client)
    products = [await client.a_product(company_id=company_id, price=20), await client.a_product(price=30)]
    bought = await Bought.placed(client, products)
    seller = await client.signed_in("seller", company_id=company_id)
    path = f"/orders/{bought.number}/invoice"

    for_buyer = await bought.buyer.get(f"{path}?companyId={company_id}")
    for_seller = await seller.get(path)

    assert for_buyer.content == for_seller.content
    text = text_of(for_buyer.content)
    for said in (
        f"Harbour Tools {company_id}",
        "12 Harbour Road",
        "Bristol BS1 4RN",
        f"GB{company_id:09}",
        "43.20 USD",
    ):
        assert said in text
    assert products[0]["sku"] in text
    assert products[1]["sku"] not in text
    assert "Commission" not in text
    whole = text_of((await bought.buyer.get(path)).content)
    assert "108.00 USD" in whole
    assert products[1]["sku"] in whole
    strange = await bought.buyer.get(f"{path}?companyId={await client.a_company()}")
    assert (strange.status_code, list(strange.json()["details"])) == (400, ["companyId"])
    foreign = await seller.get(f"{path}?companyId={products[1]['companyId']}")
    assert (foreign.status_code, list(foreign.json()["details"])) == (400, ["companyId"])


async def test_a_return_has_a_credit_note_that_names_its_invoice(client: Client) -> None:
    product = await client.a_product(price=20, discountPercentage=10)
    bought = await Bought.delivered(client, [product], 3)
    assert await notes_of(bought.buyer, bought.number) == []
    await bought.take(await bought.sent_back(2), "refunded")

    replies = await asyncio.gather(*(notes_of(bought.buyer, bought.number) for _ in range(8)))

    assert all(reply == replies[0] for reply in replies)
    (note,) = replies[0]
    assert (note["kind"], note["total"], note["currency"]) == ("return", 38.88, "USD")
    assert re.fullmatch(r"CN-\d{4}-\d{6}", note["number"])
    path = f"/orders/{bought.number}/credit-notes/{note['number']}"
    pdfs = await asyncio.gather(*(bought.buyer.get(path) for _ in range(6)))
    assert {reply.status_code for reply in pdfs} == {200}
    assert len({reply.content for reply in pdfs}) == 1
    assert pdfs[0].headers["content-disposition"] == f'attachment; filename="credit-note-{note["number"]}.pdf"'
    text = text_of(pdfs[0].content)
    for said in ("Credit note", note["number"], note["invoiceNumber"], "Return", product["sku"], "36.00", "38.88 USD"):
        assert said in text
    assert "Shipping" not in text
    assert note["invoiceNumber"] in text_of((await bought.buyer.get(f"/orders/{bought.number}/invoice")).content)
    assert "Gutschrift" in text_of((await bought.buyer.get(f"{path}?lang=de")).content)


async def test_a_seller_sees_the_credit_notes_of_its_part(client: Client) -> None:
    products = [await client.a_product(price=20), await client.a_product(price=30)]
    sellers = [await client.signed_in("seller", company_id=product["companyId"]) for product in products]
    bought = await Bought.delivered(client, products)
    await bought.admin.post("/payments/refunds", {"orderId": bought.number, "amount": 5400, "reason": "late"})
    await bought.take(await bought.sent_back(1), "refunded")

    for_buyer = await notes_of(bought.buyer, bought.number)
    own, other = [await notes_of(seller, bought.number) for seller in sellers]

    assert [note["total"] for note in for_buyer] == [54, 10.8]
    assert [note["total"] for note in own] == [21.6, 10.8]
    assert [note["total"] for note in other] == [32.4]
    assert await notes_of(bought.buyer, bought.number, f"?companyId={products[0]['companyId']}") == own
    path = f"/orders/{bought.number}/credit-notes"
    assert products[1]["sku"] not in text_of((await sellers[0].get(f"{path}/{own[0]['number']}")).content)
    for strange in (other[0]["number"], for_buyer[0]["number"], "CN-2026-999999", "x"):
        reply = await sellers[0].get(f"{path}/{strange}")
        assert (reply.status_code, reply.json()["code"]) == (404, "CREDIT_NOTE_NOT_FOUND")
    assert (await (await client.signed_in()).get(path)).status_code == 403
    assert (await client.get(path)).status_code == 401
    assert [note["number"] for note in await notes_of(bought.buyer, bought.number, "?skip=1&limit=1")] == [
        for_buyer[1]["number"]
    ]


async def test_what_came_to_nothing_has_neither(client: Client) -> None:
    bought = await Bought.placed(client, [await client.a_product()])
    assert (await bought.buyer.put(f"/orders/{bought.number}/cancel", {"reason": "too late"})).status_code == 200

    assert await notes_of(bought.buyer, bought.number) == []
    assert (await bought.buyer.get(f"/orders/{bought.number}/invoice")).json()["code"] == "INVOICE_NOT_READY"


async def test_an_invoiced_order_that_is_cancelled_has_a_credit_note_of_all_of_it(client: Client) -> None:
    bought = await Bought.placed(client, [await client.a_product(price=10)])
    assert (await bought.buyer.get(f"/orders/{bought.number}/invoice")).status_code == 200
    await bought.buyer.put(f"/orders/{bought.number}/cancel", {"reason": "too late"})

    (note,) = await notes_of(bought.buyer, bought.number)

    assert (note["kind"], note["total"]) == ("cancellation", bought.order["total"])


async def test_what_was_cancelled_before_it_was_paid_is_not_invoiced(client: Client) -> None:
    products = [await client.a_product(price=10), await client.a_product(price=30)]
    bought = await Bought.placed(client, products, 3, paymentMethod="card")
    cancelled = await bought.buyer.put(
        f"/orders/{bought.number}/cancel",
        {"reason": "fewer", "lines": [{"productId": products[0]["id"], "quantity": 1}]},
    )
    assert cancelled.status_code == 200, cancelled.text
    await bought.buyer.put(f"/orders/{bought.number}/cancel", {"reason": "no", "companyId": products[1]["companyId"]})
    paid = await confirm(bought.buyer, await an_intent(bought.buyer, bought.order, 2160))
    assert paid.json()["status"] == "succeeded", paid.text

    text = text_of((await bought.buyer.get(f"/orders/{bought.number}/invoice")).content)

    assert "21.60 USD" in text
    assert products[1]["sku"] not in text
    assert await notes_of(bought.buyer, bought.number) == []
    gone = await bought.buyer.get(f"/orders/{bought.number}/invoice?companyId={products[1]['companyId']}")
    assert gone.json()["code"] == "INVOICE_NOT_READY"
    await deliver(bought.admin, bought.number, companyId=products[0]["companyId"])
    await bought.take(await bought.sent_back(2), "refunded")
    assert [note["total"] for note in await notes_of(bought.buyer, bought.number)] == [21.6]


async def test_numbers_have_no_gap_when_many_are_made_at_once(client: Client) -> None:
    product = await client.a_product(price=10, stock=100)
    series = f"CN-{clock.now():%Y}"
    orders = []
    for _ in range(6):
        bought = await Bought.delivered(client, [product])
        await bought.take(await bought.sent_back(1), "refunded")
        orders.append(bought)
    last = await client.value("select coalesce(max(last_number), 0) from invoice_counters where series = $1", series)

    found = await asyncio.gather(*(notes_of(bought.buyer, bought.number) for bought in orders for _ in range(3)))

    numbers = {note["number"] for notes in found for note in notes}
    assert numbers == {f"{series}-{last + n:06d}" for n in range(1, 7)}


async def test_tax_that_prices_contain_is_said(client: Client) -> None:
    country = f"Country {await client.a_company()}"
    admin = await client.signed_in("admin")
    rate = {"country": country, "rate": 20, "inclusive": True}
    reply = await admin.put("/tax/rates", {"rates": [rate]})
    assert reply.status_code == 200, reply.text
    product = await client.a_product(price=12)
    buyer = await client.signed_in()
    body = an_order((product["id"], 2), paymentMethod="cash_on_delivery")
    body["shippingAddress"] = {**body["shippingAddress"], "country": country}
    order = (await buyer.post("/orders", body)).json()
    assert order["taxIncluded"] == 4

    text = text_of((await buyer.get(f"/orders/{order['id']}/invoice")).content)

    assert "Tax included 20% 4.00 USD" in text
    assert "Total 24.00 USD" in text


async def test_what_is_cancelled_while_it_is_charged_is_invoiced_and_then_credited(client: Client) -> None:
    """The charge of everything was under way: that is what was paid, so that is what the invoice says."""
    product, buyer = await client.a_product(price=50), await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 2)))).json()
    intent_id = await an_intent(buyer, order)
    assert (await confirm(buyer, intent_id, "pm_usBankAccount_processing")).json()["status"] == "processing"

    lines = [{"productId": product["id"], "quantity": 1}]
    assert (await buyer.put(f"/orders/{order['id']}/cancel", {"lines": lines})).status_code == 200
    told = an_event("payment_intent.succeeded", an_intent_object(intent_id, amount=10800))
    assert (await tell(client, told)).status_code == 200
    await settled(buyer, order["id"])

    invoice = await buyer.get(f"/orders/{order['id']}/invoice")
    assert "108.00 USD" in text_of(invoice.content)
    (note,) = await notes_of(buyer, order["id"])
    assert note["total"] == 54.0


async def settled(buyer: Client, number: str) -> None:
    for _ in range(100):
        if (await buyer.get(f"/orders/{number}")).json()["paymentStatus"] not in ("unpaid", "failed"):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it was never paid")


async def test_address_and_mail_stand_in_lines_of_their_own(client: Client) -> None:
    product, buyer = await client.a_product(), await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 1), paymentMethod="invoice"))).json()
    invoice = await buyer.get(f"/orders/{order['id']}/invoice")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(invoice.content)).pages)
    assert any(line.strip() == buyer.user["email"] for line in text.splitlines()), text
