"""What a discount took off a whole basket is spread over its lines, so that each that comes back is paid back as it was paid."""

from __future__ import annotations

from tests.builders import Client
from tests.orders.returning import Bought
from tests.pricing.promoting import a_coupon


async def test_a_part_of_a_discounted_basket_gives_back_what_it_really_cost(client: Client) -> None:
    company_id, admin = await client.a_company(), await client.signed_in("admin")
    products = [await client.a_product(company_id=company_id, price=price) for price in (10, 20, 33.33)]
    coupon = await a_coupon(admin, type="fixed", value=10, target={"scope": "companies", "ids": [company_id]})
    bought = await Bought.delivered(client, products, 1, couponCode=coupon["code"])
    # 10.00 over 10.00, 20.00 and 33.33 by largest remainder: 1.58, 3.16, 5.26; then 8 % tax on what is left of each.
    costs = [(8.42, 0.67), (16.84, 1.35), (28.07, 2.25)]
    assert (bought.order["subtotal"], bought.order["tax"]) == (53.33, 4.27)

    paid_back = []
    for product in products:
        one_line = Bought(bought.admin, bought.buyer, bought.order, [product])
        paid_back.append((await one_line.take(await one_line.sent_back(1), "refunded"))["refunded"])

    assert paid_back == [round(net + tax, 2) for net, tax in costs]
    assert round(sum(paid_back), 2) == bought.order["total"]
