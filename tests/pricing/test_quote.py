"""The quote, over HTTP: what it says is what the order charges, or the order is refused with what changed."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from entrepot.orders import expire_unpaid
from tests.builders import ADDRESS, Client, an_order, unique
from tests.pricing.promoting import a_coupon, a_promotion, about

TOTALS = ("subtotal", "discount", "tax", "shipping", "total", "currency")


async def quoted(buyer: Client, *lines: tuple[int, int], **asked: Any) -> dict[str, Any]:
    wanted = [{"id": product_id, "quantity": quantity} for product_id, quantity in lines]
    reply = await buyer.post("/checkout/quote", {"products": wanted, **asked})
    assert reply.status_code == 200, reply.text
    quote: dict[str, Any] = reply.json()
    return quote


async def test_the_contracts_example_to_the_cent(client: Client) -> None:
    product = await client.a_product(price=1199.99, discountPercentage=5.5)

    quote = await quoted(client, (product["id"], 2))

    assert (quote["subtotal"], quote["tax"], quote["total"]) == (2267.98, 181.44, 2449.42)
    assert [(step["kind"], step["amount"], step["total"]) for step in quote["steps"]] == [
        ("goods", 2399.98, 2399.98),
        ("line_discount", -132.0, 2267.98),
        ("tax", 181.44, 2449.42),
    ]


async def test_the_order_charges_what_the_quote_says(client: Client) -> None:
    """Two companies, a fee, tiers, promotions, a coupon, and a tax of the place."""
    admin = await client.signed_in("admin")
    zone_id = await client.a_zone()
    zone = await client.value("select slug from zones where id = $1", zone_id)
    first, second = [await client.a_company(zones={zone_id: (fee, None)}, commission_bp=1_000) for fee in (495, 0)]
    one = await client.a_product(company_id=first, price=19.99, discountPercentage=12.49)
    two = await client.a_product(company_id=second, price=7.77)
    three = await client.a_product(company_id=second, price=0.07)
    await a_promotion(admin, target=about(one["id"], two["id"]), type="percentage", value=15)
    await a_promotion(admin, target=about(two["id"], three["id"]), type="fixed", value=1)
    coupon = await a_coupon(admin, type="percentage", value=7)
    lists = (await admin.post("/price-lists", {"name": "Few", "companyId": second})).json()
    tiers = {"prices": [{"productId": two["id"], "tiers": [{"fromQuantity": 3, "price": 6.49}]}]}
    assert (await admin.put(f"/price-lists/{lists['id']}/prices", tiers)).status_code == 200
    state = unique("Region")
    rate = {"rates": [{"country": "KZ", "state": state, "rate": 12}]}
    assert (await admin.put("/tax/rates", rate)).status_code == 200
    buyer = await client.signed_in()
    lines = [(one["id"], 3), (two["id"], 5), (three["id"], 7)]

    quote = await quoted(buyer, *lines, zone=zone, country="Kazakhstan", state=state, couponCode=coupon["code"].lower())
    order_body = an_order(
        *lines,
        zone=zone,
        couponCode=coupon["code"],
        quote=quote["quote"],
        expectedTotal=quote["total"],
        shippingAddress={**ADDRESS, "country": "KZ", "state": state},
    )
    reply = await buyer.post("/orders", order_body)

    assert reply.status_code == 201, reply.text
    order = reply.json()
    assert (quote["valid"], quote["problems"]) == (True, [])
    assert {name: quote[name] for name in TOTALS} == {name: order[name] for name in TOTALS}
    assert order["couponCode"] == coupon["code"]
    assert {one["promotionId"]: one["amount"] for one in quote["applied"]} == {
        one["promotionId"]: one["amount"] for one in order["discounts"]
    }
    assert len(quote["applied"]) == 3
    shown = {line["id"]: line for line in quote["lines"]}
    for line in order["products"]:
        explained = shown[line["id"]]
        assert (line["price"], line["discountedTotal"], line["tax"]) == tuple(
            explained[name] for name in ("price", "discountedTotal", "tax")
        )
        assert explained["steps"][-1]["total"] == pytest.approx(line["discountedTotal"] + line["tax"])
    assert shown[two["id"]]["price"] == 6.49
    assert quote["steps"][-1]["total"] == order["total"]
    assert round(sum(step["amount"] for step in quote["steps"]), 2) == order["total"]


async def test_what_lowered_an_order_is_frozen_in_it(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    company_id = await client.a_company()
    product, other = await client.a_product(price=10, company_id=company_id), await client.a_product(price=10)
    promotion = await a_promotion(admin, target=about(product["id"], other["id"]), type="percentage", value=25)
    lines = an_order((product["id"], 2), (other["id"], 1))

    order = (await buyer.post("/orders", lines)).json()
    assert (await admin.delete(f"/promotions/{promotion['id']}")).status_code in (200, 204)
    again = (await buyer.get(f"/orders/{order['id']}")).json()
    seller = await client.signed_in("seller", company_id=company_id)
    partly = (await seller.get(f"/orders/{order['id']}")).json()

    assert again["discounts"] == order["discounts"]
    assert [(one["promotionId"], one["name"], one["amount"]) for one in again["discounts"]] == [
        (promotion["id"], promotion["name"], 7.5)
    ]
    assert [one["amount"] for one in partly["discounts"]] == [5]
    assert [line["discounts"][0]["amount"] for line in partly["products"]] == [5]


async def test_an_order_is_refused_with_what_changed(client: Client) -> None:
    buyer = await client.signed_in()
    product, same = await client.a_product(price=10), await client.a_product(price=5)
    lines = [(product["id"], 2), (same["id"], 1)]
    quote = await quoted(buyer, *lines)
    await client.value("update products set price_minor = 1100 where id = $1", product["id"])

    refused = await buyer.post("/orders", an_order(*lines, quote=quote["quote"]))
    by_total = await buyer.post("/orders", an_order(*lines, expectedTotal=quote["total"]))
    renewed = await quoted(buyer, *lines)
    taken = await buyer.post("/orders", an_order(*lines, quote=renewed["quote"], expectedTotal=renewed["total"]))

    assert (refused.status_code, refused.json()["code"]) == (409, "QUOTE_CHANGED")
    assert refused.json()["details"] == {
        f"products.{product['id']}.price": ["was 10.0, is 11.0"],
        f"products.{product['id']}.discountedTotal": ["was 20.0, is 22.0"],
        f"products.{product['id']}.tax": ["was 1.6, is 1.76"],
        "tax": ["was 2.0, is 2.16"],
        "total": ["was 27.0, is 29.16"],
    }
    assert (by_total.status_code, by_total.json()["code"]) == (409, "QUOTE_CHANGED")
    assert taken.status_code == 201, taken.text
    assert await client.value("select count(*) from orders where user_id = $1", buyer.user["id"]) == 1


async def test_an_order_of_other_goods_is_not_what_was_quoted(client: Client) -> None:
    first, second = await client.a_product(price=10), await client.a_product(price=10)
    buyer = await client.signed_in()
    quote = await quoted(buyer, (first["id"], 1))

    other = await buyer.post("/orders", an_order((second["id"], 1), quote=quote["quote"]))
    more = await buyer.post("/orders", an_order((first["id"], 2), quote=quote["quote"]))

    assert set(other.json()["details"]) == {f"products.{first['id']}", f"products.{second['id']}"}
    assert f"products.{first['id']}.quantity" in more.json()["details"]


def a_token(*fields: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(fields)).decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "é",
        "=" * 100,
        "A" * 30_000,
        a_token(),
        a_token(1, 2, 3, 4, 5),
        a_token("USD", {"a": 1}, 0, 0, 0),
        a_token("USD", {1: [1, 2, 3]}, 0, 0, 0),
        a_token("USD", {}, None, 0, 0),
    ],
)
async def test_what_is_no_quote_is_refused(client: Client, token: str) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()

    reply = await buyer.post("/orders", an_order((product["id"], 1), quote=token))

    assert reply.status_code == 400, reply.text
    assert list(reply.json()["details"]) == ["quote"]


async def test_a_quote_of_strange_amounts_is_another_one(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()

    for token in (
        a_token("USD", {-(2**63): [2**64 - 1, -1, 0, 0]}, 2**64 - 1, -(2**63), 0),
        a_token("X" * 1000, {}, 0, 0, 0),
    ):
        reply = await buyer.post("/orders", an_order((product["id"], 1), quote=token))
        assert (reply.status_code, reply.json()["code"]) == (409, "QUOTE_CHANGED")


async def test_more_than_can_be_written_is_quoted_and_not_ordered(client: Client) -> None:
    product = await client.a_product(price=999_999_999_999, stock=1_000_000)

    quote = await quoted(client, (product["id"], 1_000_000))
    reply = await client.post(
        "/orders", {**an_order((product["id"], 1_000_000), quote=quote["quote"]), "email": "guest@example.com"}
    )

    assert quote["total"] > 10**17
    assert reply.json()["code"] == "ORDER_TOO_LARGE"


async def test_the_cart_is_quoted(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10)
    await a_promotion(admin, target=about(product["id"]), type="percentage", value=10)
    buyer = await client.signed_in()
    cart = (await buyer.post("/cart/items", {"productId": product["id"], "quantity": 3})).json()

    quote = (await buyer.post("/checkout/quote")).json()
    applied = (await buyer.post("/promotions/apply")).json()

    assert quote["subtotal"] == cart["discountedTotal"] == applied["subtotal"] == 27
    assert quote["total"] == applied["total"]
    assert [one["amount"] for one in cart["discounts"]] == [3]


async def test_nothing_is_quoted_as_nothing(client: Client) -> None:
    empty = (await client.post("/checkout/quote", {})).json()
    unknown = await quoted(client, (2**60, 1))

    assert [problem["code"] for problem in empty["problems"]] == ["EMPTY_ORDER"]
    assert [problem["code"] for problem in unknown["problems"]] == ["PRODUCTS_UNAVAILABLE"]
    assert empty["total"] == unknown["total"] == 0
    assert empty["lines"] == unknown["lines"] == []


async def test_a_coupon_that_does_not_count_is_told_and_refused(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(price=10)
    large = await a_coupon(admin, minimumSpend=1000)

    for code, problem, status in (
        (large["code"], "COUPON_NOT_APPLICABLE", 422),
        ("NO-SUCH-CODE", "COUPON_NOT_FOUND", 404),
    ):
        quote = await quoted(buyer, (product["id"], 1), couponCode=code)
        refused = await buyer.post("/orders", an_order((product["id"], 1), couponCode=code))

        assert [one["code"] for one in quote["problems"]] == [problem]
        assert (refused.status_code, refused.json()["code"]) == (status, problem)


async def test_a_code_for_one_use_is_used_once(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10, stock=100)
    coupon = await a_coupon(admin, totalLimit=1)
    buyers = [await client.signed_in() for _ in range(6)]

    body = an_order((product["id"], 1), couponCode=coupon["code"])
    replies = await asyncio.gather(*(buyer.post("/orders", body) for buyer in buyers))

    assert sorted(reply.status_code for reply in replies)[:2] in ([201, 409], [201, 422])
    assert [reply.json()["subtotal"] for reply in replies if reply.status_code == 201] == [9]
    assert {reply.json()["code"] for reply in replies if reply.status_code != 201} == {"COUPON_USED_UP"}


async def test_an_expired_order_gives_its_coupon_back(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    product = await client.a_product(price=10)
    coupon = await a_coupon(admin, totalLimit=1)
    body = an_order((product["id"], 1), couponCode=coupon["code"])
    order = (await buyer.post("/orders", body)).json()
    assert (await buyer.post("/orders", body)).json()["code"] == "COUPON_USED_UP"

    await client.value(
        "update orders set expires_at = $2 where number = $1", order["id"], datetime(2000, 1, 1, tzinfo=UTC)
    )
    await expire_unpaid(client.app.shop.database)

    assert (await buyer.post("/orders", body)).status_code == 201


async def test_a_basket_is_priced_in_the_currency_asked_for(client: Client) -> None:
    """A rate of its own, in a currency that no other test deals in."""
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    zone_id = await client.a_zone()
    zone = await client.value("select slug from zones where id = $1", zone_id)
    product = await client.a_product(company_id=await client.a_company(zones={zone_id: (200, None)}), price=10)
    assert (await admin.put("/currencies/XPF", {"rate": 110.5})).status_code == 200

    quote = await quoted(buyer, (product["id"], 2), zone=zone, currency="XPF")
    order = (
        await buyer.post("/orders", an_order((product["id"], 2), zone=zone, currency="XPF", quote=quote["quote"]))
    ).json()
    unknown = await buyer.post("/orders", an_order((product["id"], 2), currency="XUA"))

    assert (quote["subtotal"], quote["tax"], quote["shipping"], quote["total"]) == (2210, 177, 221, 2608)
    assert {name: order[name] for name in TOTALS} == {name: quote[name] for name in TOTALS}
    assert (order["currency"], order["exchangeRate"]) == ("XPF", 110.5)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "CURRENCY_NOT_DEALT_IN")


async def test_a_shipping_method_that_is_not_offered(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()

    quote = await quoted(buyer, (product["id"], 1), shippingMethod="by-balloon")
    refused = await buyer.post("/orders", an_order((product["id"], 1), shippingMethod="by-balloon"))

    assert [problem["code"] for problem in quote["problems"]] == ["SHIPPING_METHOD_NOT_OFFERED"]
    assert (refused.status_code, refused.json()["code"]) == (422, "SHIPPING_METHOD_NOT_OFFERED")
    assert quote["shippingMethods"][0] == "standard"


async def test_the_zone_is_the_one_named_or_that_of_the_address_or_ones_own(client: Client) -> None:
    near, far, home = [await client.a_zone() for _ in range(3)]
    slugs = {zone: await client.value("select slug from zones where id = $1", zone) for zone in (near, far, home)}
    company = await client.a_company(zones={near: (100, None), far: (900, None), home: (400, None)})
    product = await client.a_product(company_id=company, price=10)
    buyer = await client.signed_in("shop_owner", zone_id=home)
    line = [{"id": product["id"], "quantity": 1}]

    async def shipping(named: str | None, city: str) -> float:
        """What it costs, asked for in a quote, checked, and ordered."""
        to: dict[str, Any] = {"zone": named} if named is not None else {}
        address = {**ADDRESS, "city": city}
        asked = {"products": line, "country": "USA", "state": "NY", "city": city, **to}
        quoted = (await buyer.post("/checkout/quote", asked)).json()
        checked = (await buyer.post("/cart/validate-checkout", asked)).json()
        body = an_order((product["id"], 1), shippingAddress=address, quote=quoted["quote"], **to)
        order = await buyer.post("/orders", body)
        assert order.status_code == 201, order.text
        assert quoted["shipping"] == checked["shipping"] == order.json()["shipping"]
        fee: float = quoted["shipping"]
        return fee

    assert await shipping(slugs[far], slugs[near]) == 9
    assert await shipping(None, slugs[near]) == 1
    assert await shipping(None, "Nowhere") == 4


async def test_a_cart_goes_to_the_default_address(client: Client) -> None:
    zone, home = await client.a_zone(), await client.a_zone()
    slug = await client.value("select slug from zones where id = $1", zone)
    company = await client.a_company(zones={home: (400, None)})
    product = await client.a_product(company_id=company, price=10)
    buyer = await client.signed_in("shop_owner", zone_id=home)
    await buyer.post("/cart/items", {"productId": product["id"], "quantity": 1})
    assert (await buyer.get("/cart")).json()["notices"] == []

    made = await buyer.post("/addresses", {**ADDRESS, "label": "Shop", "city": slug, "isDefault": True})
    assert made.status_code == 201, made.text

    cart, quote = (await buyer.get("/cart")).json(), (await buyer.post("/checkout/quote")).json()
    assert [[notice["code"] for notice in found] for found in (cart["notices"], quote["problems"])] == [
        ["ZONE_NOT_SERVED"]
    ] * 2
