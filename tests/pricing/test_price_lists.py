"""Price lists, over HTTP: who makes them, for whom they are, and that cart, quote and order charge them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from entrepot.identity import UserErased
from entrepot.pricing import forget_buyer
from tests.builders import Client, an_order, unique


async def a_list(maker: Client, prices: dict[int, list[tuple[int, float]]], **fields: Any) -> dict[str, Any]:
    """A price list with tiers (from quantity, price) by product."""
    reply = await maker.post("/price-lists", {"name": unique("List"), **fields})
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    body = {
        "prices": [
            {
                "productId": product_id,
                "tiers": [{"fromQuantity": quantity, "price": price} for quantity, price in tiers],
            }
            for product_id, tiers in prices.items()
        ]
    }
    set_ = await maker.put(f"/price-lists/{made['id']}/prices", body)
    assert set_.status_code == 200, set_.text
    return made


async def price_of(buyer: Client, product_id: int, quantity: int = 1, **asked: Any) -> float:
    """What a piece costs in a quote, and the same in an order."""
    line = {"products": [{"id": product_id, "quantity": quantity}], **asked}
    quoted = (await buyer.post("/checkout/quote", line)).json()
    price: float = quoted["lines"][0]["price"]
    return price


async def test_a_shop_owner_pays_its_own_price_everywhere(client: Client) -> None:
    company_id = await client.a_company()
    product = await client.a_product(company_id=company_id, price=10, discountPercentage=10)
    seller = await client.signed_in("seller", company_id=company_id)
    await a_list(seller, {product["id"]: [(1, 8), (12, 6.5)]}, forRole="shop_owner")
    owner, user = await client.signed_in("shop_owner"), await client.signed_in()

    await owner.post("/cart/items", {"productId": product["id"], "quantity": 12})
    cart = (await owner.get("/cart")).json()
    checked = (await owner.post("/cart/validate-checkout")).json()
    quoted = (await owner.post("/checkout/quote")).json()
    order = (await owner.post("/orders", an_order((product["id"], 12)))).json()

    assert (cart["products"][0]["price"], cart["products"][0]["discountPercentage"], cart["total"]) == (6.5, 0, 78)
    assert cart["discountedTotal"] == checked["subtotal"] == quoted["subtotal"] == order["subtotal"] == 78
    assert checked["total"] == quoted["total"] == order["total"]
    assert (quoted["lines"][0]["price"], quoted["lines"][0]["listPrice"]) == (6.5, 10)
    assert await price_of(owner, product["id"]) == 8
    assert await price_of(user, product["id"], 12) == 10
    assert (await client.get(f"/products/{product['id']}")).json()["price"] == 10  # the page is the same for everybody


async def test_the_list_says_what_more_pieces_would_cost(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10)
    await a_list(admin, {product["id"]: [(10, 9), (100, 7)]})

    shown = (await client.get(f"/prices?products={product['id']}")).json()["products"]
    quoted = (await client.post("/checkout/quote", {"products": [{"id": product["id"], "quantity": 12}]})).json()

    assert [(own["price"], own["listPrice"], own["tiers"]) for own in shown] == [
        (10, 10, [{"fromQuantity": 10, "price": 9}, {"fromQuantity": 100, "price": 7}])
    ]
    assert quoted["lines"][0]["price"] == 9
    assert quoted["lines"][0]["nextTier"] == {"fromQuantity": 100, "price": 7}


async def test_for_whom_a_list_is(client: Client) -> None:
    """A role, a company's people, a zone, or named buyers; all that are given must fit."""
    admin = await client.signed_in("admin")
    zone_id = await client.a_zone()
    zone = await client.value("select slug from zones where id = $1", zone_id)
    company_id, buying_id = await client.a_company(zones={zone_id: (0, None)}), await client.a_company()
    named, employee = await client.signed_in(), await client.signed_in("seller", company_id=buying_id)
    owner_there = await client.signed_in("shop_owner", zone_id=zone_id)
    owner = await client.signed_in("shop_owner")
    audience: dict[str, dict[str, Any]] = {
        "role": {"forRole": "shop_owner"},
        "company": {"forCompanyId": buying_id},
        "zone": {"forZone": zone},
        "named": {"forBuyers": [named.user["id"]]},
        "both": {"forRole": "shop_owner", "forZone": zone},
        "nobody": {"forBuyers": []},
    }
    products = {name: (await client.a_product(company_id=company_id, price=10))["id"] for name in audience}
    for name, fields in audience.items():
        await a_list(admin, {products[name]: [(1, 5)]}, **fields)

    async def cheap_for(buyer: Client) -> set[str]:
        shown = (await buyer.get(f"/prices?products={','.join(map(str, products.values()))}")).json()["products"]
        return {name for name, own in zip(products, shown, strict=True) if own["price"] == 5}

    assert await cheap_for(client) == set()
    assert await cheap_for(named) == {"named"}
    assert await cheap_for(employee) == {"company"}
    assert await cheap_for(owner) == {"role"}
    assert await cheap_for(owner_there) == {"role", "zone", "both"}


@pytest.mark.parametrize(
    ("dates", "counts"),
    [
        ({}, True),
        ({"startsAt": "2000-01-01T00:00:00Z"}, True),
        ({"endsAt": "2999-01-01T00:00:00Z"}, True),
        ({"startsAt": "2999-01-01T00:00:00Z"}, False),
        ({"endsAt": "2000-01-01T00:00:00Z"}, False),
    ],
)
async def test_when_a_list_counts(client: Client, dates: dict[str, str], counts: bool) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10)
    await a_list(admin, {product["id"]: [(1, 5)]}, **dates)

    assert await price_of(client, product["id"]) == (5 if counts else 10)


async def test_a_list_is_changed_and_deleted(client: Client) -> None:
    admin, owner = await client.signed_in("admin"), await client.signed_in("shop_owner")
    product, other = await client.a_product(price=10), await client.a_product(price=10)
    made = await a_list(admin, {product["id"]: [(1, 5)], other["id"]: [(1, 4)]}, forRole="seller")
    assert await price_of(owner, product["id"]) == 10

    changed = (await admin.put(f"/price-lists/{made['id']}", {"forRole": "shop_owner", "name": "Shops"})).json()
    assert (changed["forRole"], changed["name"], changed["products"]) == ("shop_owner", "Shops", 2)
    assert await price_of(owner, product["id"]) == 5

    await admin.put(f"/price-lists/{made['id']}/prices", {"prices": [{"productId": product["id"], "tiers": []}]})
    assert (await price_of(owner, product["id"]), await price_of(owner, other["id"])) == (10, 4)
    listed = (await admin.get(f"/price-lists/{made['id']}/prices")).json()
    assert [(row["productId"], row["tiers"]) for row in listed["prices"]] == [
        (other["id"], [{"fromQuantity": 1, "price": 4}])
    ]

    assert (await admin.put(f"/price-lists/{made['id']}", {"forRole": None})).json()["forRole"] is None
    assert await price_of(client, other["id"]) == 4
    assert (await admin.delete(f"/price-lists/{made['id']}")).status_code == 204
    assert await price_of(owner, other["id"]) == 10
    assert (await admin.get(f"/price-lists/{made['id']}")).status_code == 404


async def test_a_seller_prices_its_own_goods_for_its_own_customers(client: Client) -> None:
    company_id = await client.a_company()
    seller = await client.signed_in("seller", company_id=company_id)
    own, foreign = await client.a_product(company_id=company_id), await client.a_product()
    customer, stranger = await client.signed_in(), await client.signed_in()
    await customer.post("/orders", an_order((own["id"], 1)))

    made = await seller.post("/price-lists", {"name": "Regulars", "forBuyers": [customer.user["id"]]})
    assert (made.status_code, made.json()["companyId"]) == (201, company_id)
    prices = [{"productId": product["id"], "tiers": [{"price": 1}]} for product in (own, foreign)]
    refused = await seller.put(f"/price-lists/{made.json()['id']}/prices", {"prices": prices})
    assert (refused.status_code, list(refused.json()["details"])) == (400, ["prices.1.productId"])

    unknown = await seller.post("/price-lists", {"name": "All", "forBuyers": [stranger.user["id"], 2**62]})
    assert list(unknown.json()["details"]) == ["forBuyers.0", "forBuyers.1"]
    assert (await seller.post("/price-lists", {"name": "X", "companyId": await client.a_company()})).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"prices": []}, "prices"),
        ({"prices": [{"productId": 1, "tiers": [{"price": -1}]}]}, "prices.0.tiers.0.price"),
        ({"prices": [{"productId": 1, "tiers": [{"price": 0.001}]}]}, "prices.0.tiers.0.price"),
        ({"prices": [{"productId": 1, "tiers": [{"price": 2}, {"price": 1}]}]}, "prices.0.tiers.1.fromQuantity"),
        ({"prices": [{"productId": 1, "tiers": []}, {"productId": 1, "tiers": []}]}, "prices.1.productId"),
        ({"prices": [{"productId": 1, "tiers": [{"price": 1}] * 21}]}, "prices.0.tiers"),
        ({"prices": [{"productId": 2**62, "tiers": []}]}, "prices.0.productId"),
    ],
)
async def test_prices_that_are_none(client: Client, body: dict[str, Any], field: str) -> None:
    admin = await client.signed_in("admin")
    made = (await admin.post("/price-lists", {"name": "List"})).json()

    reply = await admin.put(f"/price-lists/{made['id']}/prices", body)

    assert (reply.status_code, list(reply.json()["details"])) == (400, [field])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": ""}, 400, "VALIDATION_ERROR"),
        ({"name": "A", "forRole": "king"}, 400, "VALIDATION_ERROR"),
        ({"name": "A", "forZone": "nowhere-at-all"}, 400, "VALIDATION_ERROR"),
        ({"name": "A", "forCompanyId": 2**62}, 400, "VALIDATION_ERROR"),
        ({"name": "A", "companyId": 2**62}, 400, "VALIDATION_ERROR"),
        ({"name": "A", "forBuyers": [0]}, 400, "VALIDATION_ERROR"),
        (
            {"name": "A", "startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"},
            422,
            "PRICE_LIST_ENDS_EARLY",
        ),
    ],
)
async def test_lists_that_are_none(client: Client, body: dict[str, Any], status: int, code: str) -> None:
    admin = await client.signed_in("admin")

    reply = await admin.post("/price-lists", body)

    assert (reply.status_code, reply.json()["code"]) == (status, code)


@pytest.mark.parametrize("products", ["", "x", "1,,2", "0", "-1", "1.5", "9" * 30, ",".join(["1"] * 101)])
async def test_products_that_are_none(client: Client, products: str) -> None:
    reply = await client.get("/prices", params={"products": products})

    assert (reply.status_code, list(reply.json()["details"])) == (400, ["products"])


async def test_a_seller_has_so_many_lists_whatever_happens_at_once(client: Client) -> None:
    company_id = await client.a_company()
    seller = await client.signed_in("seller", company_id=company_id)
    await client.value(
        """
        insert into price_lists (company_id, name, currency, created_at, updated_at)
        select $1, 'List', 'USD', now(), now() from generate_series(1, 97)
        """,
        company_id,
    )

    replies = await asyncio.gather(*(seller.post("/price-lists", {"name": "One more"}) for _ in range(8)))

    assert sorted(reply.status_code for reply in replies) == [201] * 3 + [422] * 5


async def test_prices_that_are_set_at_once_are_one_or_the_other(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10)
    made = (await admin.post("/price-lists", {"name": "List"})).json()
    bodies = [
        {
            "prices": [
                {"productId": product["id"], "tiers": [{"fromQuantity": n, "price": n} for n in range(first, 20, 2)]}
            ]
        }
        for first in (1, 2)
    ]

    replies = await asyncio.gather(*(admin.put(f"/price-lists/{made['id']}/prices", body) for body in bodies * 4))

    assert {reply.status_code for reply in replies} == {200}
    tiers = (await admin.get(f"/price-lists/{made['id']}/prices")).json()["prices"][0]["tiers"]
    assert {"tiers": tiers, "productId": product["id"]} in [body["prices"][0] for body in bodies]


async def test_packs_are_not_broken(client: Client) -> None:
    product = await client.a_product(packSize=12, minimumOrderQuantity=20, stock=100)
    buyer = await client.signed_in()
    assert product["packSize"] == 12

    for quantity, codes, suggested in (
        (12, {"BELOW_MINIMUM_QUANTITY"}, 24),
        (29, {"NOT_WHOLE_PACKS"}, 24),
        (31, {"NOT_WHOLE_PACKS"}, 36),
        (98, {"NOT_WHOLE_PACKS"}, 96),
        (24, set(), None),
    ):
        wanted = {"products": [{"id": product["id"], "quantity": quantity}]}
        problems = (await buyer.post("/checkout/quote", wanted)).json()["problems"]
        order = await buyer.post("/orders", an_order((product["id"], quantity)))

        assert {problem["code"] for problem in problems} == codes
        assert {problem["suggestedQuantity"] for problem in problems} <= {suggested}
        assert order.status_code == (422 if codes else 201)
        assert not codes or order.json()["code"] in codes


async def test_who_is_erased_is_on_no_list(client: Client) -> None:
    admin, buyer = await client.signed_in("admin"), await client.signed_in()
    made = (await admin.post("/price-lists", {"name": unique("List")})).json()
    await client.value("insert into price_list_buyers values ($1, $2)", made["id"], buyer.user["id"])

    async with client.app.shop.database.transaction() as tx:
        await forget_buyer(tx, UserErased(user_id=buyer.user["id"]))

    assert await client.value("select count(*) from price_list_buyers where price_list_id = $1", made["id"]) == 0
