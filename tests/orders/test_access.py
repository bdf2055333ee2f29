"""Who sees which orders, and how much of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, an_order


class Sale:
    """An order of two companies' products by a shop owner in a zone, and everybody around it."""

    def __init__(self, order: dict[str, Any], people: dict[str, Client], companies: list[int]) -> None:
        self.order = order
        self.people = people
        self.companies = companies


@pytest.fixture
async def sale(client: Client) -> Sale:
    zone, elsewhere = await client.a_zone(), await client.a_zone()
    companies = [await client.a_company(zones={zone: (300, None)}) for _ in range(3)]
    mine, theirs = [await client.a_product(company_id=company, price=10) for company in companies[:2]]
    people = {
        "buyer": await client.signed_in("shop_owner", zone_id=zone),
        "another buyer": await client.signed_in("shop_owner", zone_id=zone),
        "seller": await client.signed_in("seller", company_id=companies[0]),
        "seller of another company": await client.signed_in("seller", company_id=companies[2]),
        "seller without a company": await client.signed_in("seller"),
        "location admin": await client.signed_in("location_admin", zone_ids=[zone]),
        "location admin elsewhere": await client.signed_in("location_admin", zone_ids=[elsewhere]),
        "location admin of nothing": await client.signed_in("location_admin"),
        "courier": await client.signed_in("courier"),
        "admin": await client.signed_in("admin"),
    }
    reply = await people["buyer"].post(
        "/orders", an_order((mine["id"], 1), (theirs["id"], 2), paymentMethod="cash_on_delivery")
    )
    assert reply.status_code == 201, reply.text
    return Sale(reply.json(), people, companies)


SIGHTS = {
    "buyer": 38.4, "another buyer": None, "seller": 13.8, "seller of another company": None, "seller without a company": None,
    "location admin": 38.4, "location admin elsewhere": None, "location admin of nothing": None, "courier": None, "admin": 38.4,
}  # fmt: skip
"""The total that each of them is shown; None for those who may not see the order."""


async def test_who_may_read_an_order_and_its_invoice(sale: Sale) -> None:
    for name, total in SIGHTS.items():
        for path in ("", "/invoice"):
            reply = await sale.people[name].get(f"/orders/{sale.order['id']}{path}")

            assert reply.status_code == (403 if total is None else 200), (name, path)
            if total is None:
                assert reply.json()["code"] == "FORBIDDEN"
                assert str(sale.order["total"]) not in reply.text
            elif not path:
                assert reply.json()["total"] == total, name


async def test_an_order_that_there_is_not(sale: Sale) -> None:
    for name in SIGHTS:
        reply = await sale.people[name].get("/orders/ORD-1999010101")

        assert (reply.status_code, reply.json()["code"]) == (404, "ORDER_NOT_FOUND"), name


async def test_who_finds_it_in_the_list(sale: Sale) -> None:
    for name, total in SIGHTS.items():
        page = (await sale.people[name].get("/orders", params={"limit": 100})).json()

        found = [order for order in page["orders"] if order["id"] == sale.order["id"]]
        assert [order["total"] for order in found] == ([] if total is None else [total]), name
        if name != "admin":
            assert page["total"] == len(page["orders"]) == len(found), name


async def test_a_seller_sees_its_part_alone(sale: Sale) -> None:
    shown = (await sale.people["seller"].get(f"/orders/{sale.order['id']}")).json()

    assert [part["companyId"] for part in shown["parts"]] == sale.companies[:1]
    assert {line["companyId"] for line in shown["products"]} == {sale.companies[0]}
    assert (shown["subtotal"], shown["tax"], shown["shipping"], shown["total"]) == (10, 0.8, 3, 13.8)


async def test_a_seller_sees_all_of_what_it_buys_itself(sale: Sale, client: Client) -> None:
    product = await client.a_product(company_id=sale.companies[1])
    seller = sale.people["seller"]
    order = (await seller.post("/orders", an_order((product["id"], 1)))).json()

    assert (await seller.get(f"/orders/{order['id']}")).json()["parts"] == order["parts"]


async def test_a_guest_sees_none(client: Client, sale: Sale) -> None:
    for path in ("/orders", f"/orders/{sale.order['id']}", f"/orders/{sale.order['id']}/invoice"):
        assert (await client.get(path)).status_code == 401
