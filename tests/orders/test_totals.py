"""What an order costs: per line, per company, by zone; parts sum exactly to the whole."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel import clock
from entrepot.pricing import Basket, BasketLine, Rules, TaxRate, TaxRules, price
from tests.builders import Client, an_order

SUMS = ("subtotal", "discount", "tax", "shipping", "total")


def assert_parts_sum(order: dict[str, Any]) -> None:
    for field in SUMS:
        assert round(sum(part[field] for part in order["parts"]), 2) == order[field]
    assert round(order["subtotal"] + order["tax"] + order["shipping"], 2) == order["total"]


@pytest.mark.parametrize(
    ("price", "discount", "quantity", "expected"),
    [
        (1199.99, 5.5, 2, (2267.98, 132.0, 181.44, 2449.42)),
        (10, 0, 1, (10, 0, 0.8, 10.8)),
        (0.01, 0, 1, (0.01, 0, 0, 0.01)),
        (0.06, 0, 1, (0.06, 0, 0, 0.06)),
        (0.07, 0, 1, (0.07, 0, 0.01, 0.08)),
        (0.05, 10, 1, (0.04, 0.01, 0, 0.04)),  # half a cent of discount counts as one
        (9.99, 33.33, 3, (19.98, 9.99, 1.6, 21.58)),
        (19.99, 100, 5, (0, 99.95, 0, 0)),
        (999_999_999_999.99, 0, 1, (999_999_999_999.99, 0, 80_000_000_000, 1_079_999_999_999.99)),
    ],
)
async def test_a_line(
    client: Client, price: float, discount: float, quantity: int, expected: tuple[float, ...]
) -> None:
    product = await client.a_product(price=price, discountPercentage=discount)
    buyer = await client.signed_in()

    order = (await buyer.post("/orders", an_order((product["id"], quantity)))).json()

    assert (order["subtotal"], order["discount"], order["tax"], order["total"]) == expected
    assert_parts_sum(order)


async def test_a_part_for_each_company(client: Client) -> None:
    first, second = await client.a_company(commission_bp=1250), await client.a_company()
    products = [
        await client.a_product(company_id=company, price=price)
        for company, price in ((second, 1.11), (first, 2.22), (second, 3.33), (first, 0.07))
    ]
    buyer = await client.signed_in()

    order = (await buyer.post("/orders", an_order(*((product["id"], 3) for product in products)))).json()

    assert [(part["companyId"], part["subtotal"], part["tax"]) for part in order["parts"]] == [
        (first, 6.87, 0.55),
        (second, 13.32, 1.07),
    ]
    assert_parts_sum(order)
    commission = await client.app.shop.database.pool.fetch(
        "select commission_minor from order_parts p join orders o on o.id = p.order_id where o.number = $1 order by company_id",
        order["id"],
    )
    assert [row[0] for row in commission] == [86, 0]


async def test_shipping_by_zone_and_free_from_a_threshold(client: Client) -> None:
    zone = await client.a_zone()
    slug = await client.value("select slug from zones where id = $1", zone)
    fee, free = await client.a_company(zones={zone: (499, None)}), await client.a_company(zones={zone: (700, 2000)})
    paid = await client.a_product(company_id=fee, price=100)
    threshold = await client.a_product(company_id=free, price=9.99)
    buyer = await client.signed_in()

    for quantity, shipping in ((1, 11.99), (2, 11.99), (3, 4.99)):
        body = an_order((paid["id"], 1), (threshold["id"], quantity), zone=slug)
        order = (await buyer.post("/orders", body)).json()

        assert order["shipping"] == shipping, quantity
        assert_parts_sum(order)


async def test_the_threshold_itself_is_free(client: Client) -> None:
    zone = await client.a_zone()
    company = await client.a_company(zones={zone: (700, 2000)})
    product = await client.a_product(company_id=company, price=20)
    buyer = await client.signed_in("shop_owner", zone_id=zone)

    assert (await buyer.post("/orders", an_order((product["id"], 1)))).json()["shipping"] == 0


async def test_prices_are_frozen_when_the_order_is_placed(client: Client) -> None:
    product = await client.a_product(price=10)
    buyer = await client.signed_in()
    order = (await buyer.post("/orders", an_order((product["id"], 1)))).json()

    await client.value("update products set price_minor = 99900, title = 'Another' where id = $1", product["id"])

    again = (await buyer.get(f"/orders/{order['id']}")).json()
    assert (again["total"], again["products"][0]["title"]) == (order["total"], product["title"])


async def test_an_order_worth_more_than_can_be_written_is_refused(client: Client) -> None:
    product = await client.a_product(price=999_999_999_999, stock=1_000_000)
    buyer = await client.signed_in()

    reply = await buyer.post("/orders", an_order((product["id"], 1_000_000)))

    assert (reply.status_code, reply.json()["code"]) == (422, "ORDER_TOO_LARGE")


lines = st.builds(
    BasketLine,
    product_id=st.integers(1, 50),
    company_id=st.integers(1, 4),
    quantity=st.integers(1, 10_000),
    price_minor=st.integers(0, 10**9),
    discount_bp=st.integers(0, 10_000),
    delivery_fee_minor=st.integers(0, 5_000),
    free_delivery_from_minor=st.none() | st.integers(0, 10**6),
    commission_bp=st.integers(0, 10_000),
)


@given(st.lists(lines, min_size=1, max_size=12), st.integers(0, 10_000))
def test_totals_are_never_negative_and_add_up(basket: list[BasketLine], tax_bp: int) -> None:
    rules = Rules(tax=TaxRules(default=TaxRate(tax_bp)))
    priced = price(Basket(lines=tuple(basket), currency="USD", at=clock.now()), rules)

    assert priced.total_minor == priced.subtotal_minor + priced.tax_minor + priced.shipping_minor
    for part in priced.parts:
        assert part.subtotal_minor == sum(line.discounted_minor for line in part.lines)
        assert part.discount_minor == sum(line.total_minor - line.discounted_minor for line in part.lines)
        assert part.tax_minor == sum(line.tax_minor for line in part.lines)
        assert 0 <= part.commission_minor <= part.subtotal_minor
        assert all(0 <= line.discounted_minor <= line.total_minor for line in part.lines)
        assert all(0 <= line.tax_minor <= line.discounted_minor for line in part.lines)
    assert sum(len(part.lines) for part in priced.parts) == len(basket)
