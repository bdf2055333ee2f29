"""Credit notes get their numbers when something is taken off, whether somebody looks or not."""

from __future__ import annotations

import asyncio
from typing import Any

from entrepot import app as composition
from entrepot.kernel import clock
from entrepot.orders.credit_note import issue_credit_notes
from tests.builders import Client
from tests.orders.handling import a_placed_order, pay
from tests.orders.returning import Bought
from tests.payments.paying import an_unpaid_order


async def notes_in_books(client: Client, number: str) -> list[dict[str, Any]]:
    """What was numbered, read past the routes that would number it."""
    rows = await client.app.shop.database.pool.fetch(
        """
        select n.number, n.part_id, (n.document ->> 'total_minor')::int as total_minor
        from invoices n join orders o on o.id = n.order_id where o.number = $1 and n.kind = 'credit_note' order by n.id
        """,
        number,
    )
    return [dict(row) for row in rows]


async def refund(client: Client, order: dict[str, Any], amount: int) -> None:
    admin = await client.signed_in("admin")
    reply = await admin.post("/payments/refunds", {"orderId": order["id"], "amount": amount, "reason": "late"})
    assert reply.status_code == 201, reply.text


async def a_paid_order(client: Client) -> dict[str, Any]:
    buyer = await client.signed_in()
    order = await an_unpaid_order(client, buyer)
    await pay(buyer, order)
    return order


async def test_the_worker_numbers_what_was_taken_off(client: Client) -> None:
    order = await a_paid_order(client)
    await refund(client, order, 500)
    assert await notes_in_books(client, order["id"]) == []

    worker = composition.worker_of(client.app.shop)
    task = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(60):
            while not (notes := await notes_in_books(client, order["id"])):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        worker.stop()
        await task

    assert [(note["total_minor"], note["part_id"]) for note in notes] == [(500, None)]


async def test_two_workers_at_once_number_it_once_and_without_gaps(client: Client) -> None:
    orders = [await a_paid_order(client) for _ in range(3)]
    for order in orders:
        await refund(client, order, 300)
        await refund(client, order, 200)
    series = f"CN-{clock.now():%Y}"
    counter = "select coalesce(max(last_number), 0) from invoice_counters where series = $1"
    before = await client.value(counter, series)

    await asyncio.gather(*(issue_credit_notes(client.app.shop, order["id"]) for order in orders for _ in range(6)))

    notes = [await notes_in_books(client, order["id"]) for order in orders]
    assert [[note["total_minor"] for note in made] for made in notes] == [[300, 200]] * 3
    numbers = sorted(int(note["number"].rpartition("-")[2]) for made in notes for note in made)
    assert numbers == list(range(before + 1, before + 7))


async def test_parts_that_have_an_invoice_get_theirs_too(client: Client) -> None:
    products = [await client.a_product(price=20), await client.a_product(price=30)]
    order = (await Bought.delivered(client, products, 1)).order
    seller = await client.signed_in("seller", company_id=products[0]["companyId"])
    assert (await seller.get(f"/orders/{order['id']}/invoice")).status_code == 200
    await refund(client, order, 540)

    for _ in range(2):
        await issue_credit_notes(client.app.shop, order["id"])

    assert [note["total_minor"] for note in await notes_in_books(client, order["id"])] == [540, 216]


async def test_what_was_never_invoiced_has_none(client: Client) -> None:
    buyer = await client.signed_in()
    unpaid = await an_unpaid_order(client, buyer)
    in_cash = await a_placed_order(buyer, await client.a_product())
    for order in (unpaid, in_cash):
        assert (await buyer.put(f"/orders/{order['id']}/cancel", {})).status_code == 200

        await issue_credit_notes(client.app.shop, order["id"])

        assert await notes_in_books(client, order["id"]) == []
        assert await client.value("select count(*) from invoices i join orders o on o.id = i.order_id where o.number = $1",
                                  order["id"]) == 0  # fmt: skip
    await issue_credit_notes(client.app.shop, "ORD-none")
