"""One's own cart: filling, changing and emptying it, at live prices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client, an_order


async def test_a_user_without_a_cart_sees_an_empty_one(client: Client) -> None:
    buyer = await client.signed_in()

    reply = await buyer.get("/cart")

    assert reply.status_code == 200
    assert reply.json() == {
        "id": None,
        "products": [],
        "total": 0,
        "discountedTotal": 0,
        "userId": buyer.user["id"],
        "totalProducts": 0,
        "totalQuantity": 0,
        "currency": "USD",
        "notices": [],
    }
    assert await client.value("select count(*) from carts where user_id = $1", buyer.user["id"]) == 0


async def test_a_cart_has_the_contracts_shape(client: Client) -> None:
    product = await client.a_product(price=1199.99, discountPercentage=5.5, stock=7)
    buyer = await client.signed_in()

    reply = await buyer.post("/cart/items", {"productId": product["id"], "quantity": 2})

    assert reply.status_code == 201, reply.text
    cart = reply.json()
    assert isinstance(cart.pop("id"), int)
    assert cart == {
        "products": [
            {
                "id": product["id"],
                "title": product["title"],
                "price": 1199.99,
                "quantity": 2,
                "total": 2399.98,
                "discountPercentage": 5.5,
                "discountedTotal": 2267.98,
                "thumbnail": "https://example.com/picture.jpg",
                "currency": "USD",
                "minimumOrderQuantity": 1,
                "stock": 7,
                "availability": "available",
                "companyId": product["companyId"],
                "removed": False,
            }
        ],
        "total": 2399.98,
        "discountedTotal": 2267.98,
        "userId": buyer.user["id"],
        "totalProducts": 1,
        "totalQuantity": 2,
        "currency": "USD",
        "notices": [],
    }
    assert "x-cart-token" not in reply.headers
    assert (await buyer.get("/cart")).json()["products"] == cart["products"]


async def test_adding_again_adds_up_to_a_bound(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()

    await buyer.post("/cart/items", {"productId": product["id"]})
    again = await buyer.post("/cart/items", {"productId": product["id"], "quantity": 3})
    far = await buyer.post("/cart/items", {"productId": product["id"], "quantity": 1_000_000})

    assert again.json()["totalQuantity"] == 4
    assert far.json()["totalQuantity"] == 1_000_000


async def test_lines_stay_in_the_order_in_which_they_came(client: Client) -> None:
    first, second, third = [await client.a_product() for _ in range(3)]
    buyer = await client.signed_in()

    await buyer.post("/cart", {"products": [{"id": third["id"]}, {"id": first["id"]}]})
    reply = await buyer.post("/cart/items", {"productId": second["id"]})

    assert [line["id"] for line in reply.json()["products"]] == [third["id"], first["id"], second["id"]]
    assert [line["id"] for line in (await buyer.get("/cart")).json()["products"]] == [
        third["id"],
        first["id"],
        second["id"],
    ]


async def test_more_than_there_is_may_be_put_in_and_is_told(client: Client) -> None:
    product = await client.a_product(stock=3)
    buyer = await client.signed_in()

    cart = (await buyer.post("/cart/items", {"productId": product["id"], "quantity": 5})).json()

    assert cart["products"][0]["quantity"] == 5
    assert cart["products"][0]["availability"] == "insufficient"
    assert cart["notices"] == [
        {
            "code": "INSUFFICIENT_STOCK",
            "message": "only 3 left",
            "productId": product["id"],
            "suggestedQuantity": 3,
        }
    ]


async def test_what_is_not_sold_cannot_be_put_in(client: Client) -> None:
    deleted, inactive = await client.a_product(), await client.a_product()
    await client.value("update products set deleted_at = now() where id = $1", deleted["id"])
    await client.value("update companies set status = 'inactive' where id = $1", inactive["companyId"])
    buyer = await client.signed_in()

    for product_id in (deleted["id"], inactive["id"], 2**62):
        reply = await buyer.post("/cart/items", {"productId": product_id})
        assert reply.status_code == 404
        assert reply.json()["code"] == "PRODUCT_NOT_FOUND"
    assert (await buyer.get("/cart")).json()["products"] == []


async def test_prices_are_live(client: Client) -> None:
    product = await client.a_product(price=10)
    buyer = await client.signed_in()
    await buyer.post("/cart/items", {"productId": product["id"], "quantity": 3})

    await client.value("update products set price_minor = 1234 where id = $1", product["id"])

    assert (await buyer.get("/cart")).json()["total"] == 37.02


async def test_a_product_that_is_not_sold_any_more_is_shown_as_such(client: Client) -> None:
    kept, gone = await client.a_product(price=5), await client.a_product(price=7)
    buyer = await client.signed_in()
    await buyer.post("/cart", {"products": [{"id": gone["id"], "quantity": 2}, {"id": kept["id"], "quantity": 1}]})

    await client.value("update products set deleted_at = now() where id = $1", gone["id"])
    cart = (await buyer.get("/cart")).json()

    shown = cart["products"][0]
    assert (shown["id"], shown["title"], shown["quantity"]) == (gone["id"], gone["title"], 2)
    assert (shown["removed"], shown["availability"], shown["price"], shown["total"]) == (True, "unavailable", 0, 0)
    assert cart["total"] == 5
    assert [(notice["code"], notice["productId"]) for notice in cart["notices"]] == [
        ("PRODUCTS_UNAVAILABLE", gone["id"])
    ]
    assert (await buyer.post("/cart/items", {"productId": gone["id"]})).status_code == 404
    assert (await buyer.delete(f"/cart/items/{gone['id']}")).status_code == 204
    assert (await buyer.get("/cart")).json()["notices"] == []


async def test_changing_a_quantity(client: Client) -> None:
    product, other = await client.a_product(), await client.a_product()
    buyer = await client.signed_in()
    await buyer.post("/cart", {"products": [{"id": product["id"], "quantity": 2}, {"id": other["id"], "quantity": 1}]})

    changed = await buyer.put(f"/cart/items/{product['id']}", {"quantity": 9})
    removed = await buyer.put(f"/cart/items/{product['id']}", {"quantity": 0})
    missing = await buyer.put(f"/cart/items/{product['id']}", {"quantity": 1})

    assert [(line["id"], line["quantity"]) for line in changed.json()["products"]] == [
        (product["id"], 9),
        (other["id"], 1),
    ]
    assert [line["id"] for line in removed.json()["products"]] == [other["id"]]
    assert missing.status_code == 404
    assert missing.json()["code"] == "CART_ITEM_NOT_FOUND"


async def test_removing_and_emptying(client: Client) -> None:
    product, other = await client.a_product(), await client.a_product()
    buyer = await client.signed_in()
    await buyer.post("/cart", {"products": [{"id": product["id"]}, {"id": other["id"]}]})

    removed = await buyer.delete(f"/cart/items/{product['id']}")
    again = await buyer.delete(f"/cart/items/{product['id']}")
    assert (removed.status_code, removed.content) == (204, b"")
    assert (again.status_code, again.json()["code"]) == (404, "CART_ITEM_NOT_FOUND")

    assert (await buyer.delete("/cart")).status_code == 204
    assert (await buyer.delete("/cart")).status_code == 204
    assert (await buyer.get("/cart")).json()["products"] == []


async def test_syncing_takes_the_larger_quantity_and_can_be_repeated(client: Client) -> None:
    more, fewer, new = [await client.a_product() for _ in range(3)]
    buyer = await client.signed_in()
    await buyer.post("/cart", {"products": [{"id": more["id"], "quantity": 2}, {"id": fewer["id"], "quantity": 5}]})
    kept = [
        {"id": more["id"], "quantity": 4},
        {"id": fewer["id"], "quantity": 1},
        {"id": new["id"], "quantity": 3},
        {"id": 2**60, "quantity": 1},
    ]

    for _ in range(2):
        reply = await buyer.post("/cart", {"products": kept})

        assert reply.status_code == 200
        quantities = {line["id"]: line["quantity"] for line in reply.json()["products"]}
        assert quantities == {more["id"]: 4, fewer["id"]: 5, new["id"]: 3}
        assert [(notice["code"], notice["productId"]) for notice in reply.json()["notices"]] == [
            ("PRODUCTS_UNAVAILABLE", 2**60)
        ]


async def test_syncing_an_empty_cart_gives_the_shops(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    await buyer.post("/cart/items", {"productId": product["id"]})

    reply = await buyer.post("/cart", {"products": []})

    assert [line["id"] for line in reply.json()["products"]] == [product["id"]]


async def test_the_cart_is_bought_when_an_order_names_no_products(client: Client) -> None:
    product = await client.a_product(price=4)
    buyer = await client.signed_in()
    await buyer.post("/cart/items", {"productId": product["id"], "quantity": 3})

    order = {name: value for name, value in an_order().items() if name != "products"}
    reply = await buyer.post("/orders", order)

    assert reply.status_code == 201, reply.text
    assert reply.json()["subtotal"] == 12
    assert (await buyer.get("/cart")).json()["products"] == []
    assert (await buyer.post("/orders", order)).json()["code"] == "EMPTY_ORDER"


async def test_titles_come_in_the_language_of_the_request(client: Client) -> None:
    product = await client.a_product()
    await client.value(
        "insert into product_translations (product_id, language, title) values ($1, 'ar', 'منتج')", product["id"]
    )
    buyer = await client.signed_in()
    await buyer.post("/cart/items", {"productId": product["id"]})

    reply = await buyer.get("/cart", headers={"Accept-Language": "ar-IQ"})

    assert reply.json()["products"][0]["title"] == "منتج"


async def test_lines_in_another_currency_are_shown_but_not_counted(client: Client) -> None:
    dollars, yen = await client.a_product(price=3), await client.a_product(price=50)
    await client.value("update products set currency = 'JPY' where id = $1", yen["id"])
    buyer = await client.signed_in()

    cart = (await buyer.post("/cart", {"products": [{"id": dollars["id"]}, {"id": yen["id"]}]})).json()

    assert (cart["currency"], cart["total"]) == ("USD", 3)
    assert (cart["products"][1]["currency"], cart["products"][1]["total"]) == ("JPY", 5000)
    assert [notice["code"] for notice in cart["notices"]] == ["MIXED_CURRENCIES"]


GARBAGE: list[tuple[str, str, Any, str]] = [
    ("POST", "/cart", {}, "products"),
    ("POST", "/cart", {"products": "all"}, "products"),
    ("POST", "/cart", {"products": [{"id": 1}] * 201}, "products"),
    ("POST", "/cart", {"products": [{"id": 1, "quantity": 0}]}, "products.0.quantity"),
    ("POST", "/cart", {"products": [{"id": 0}]}, "products.0.id"),
    ("POST", "/cart", {"products": [{"quantity": 1}]}, "products.0.id"),
    ("POST", "/cart/items", {}, "productId"),
    ("POST", "/cart/items", {"productId": 2**63}, "productId"),
    ("POST", "/cart/items", {"productId": 1, "quantity": -1}, "quantity"),
    ("POST", "/cart/items", {"productId": 1, "quantity": 1_000_001}, "quantity"),
    ("POST", "/cart/items", {"productId": 1, "quantity": 1.5}, "quantity"),
    ("POST", "/cart/items", {"productId": 1, "price": 0}, "price"),
    ("PUT", "/cart/items/1", {"quantity": None}, "quantity"),
    ("PUT", "/cart/items/1", {"quantity": 10**30}, "quantity"),
    ("POST", "/cart/validate-checkout", {"products": []}, "products"),
    ("POST", "/cart/validate-checkout", {"zone": "x" * 101}, "zone"),
    ("POST", "/cart/validate-checkout", {"zone": "nowhere"}, "zone"),
    ("POST", "/cart/quick-stock-check", {"products": [{"id": "x"}]}, "products.0.id"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), GARBAGE)
async def test_what_does_not_fit_is_refused_by_field(
    client: Client, method: str, path: str, body: Any, field: str
) -> None:
    buyer = await client.signed_in()

    reply = await buyer.request(method, path, json=body)

    assert reply.status_code == 400, reply.text
    assert reply.json()["code"] == "VALIDATION_ERROR"
    assert field in reply.json()["details"]
    assert (await buyer.get("/cart")).json()["id"] is None


@pytest.mark.parametrize("item", ["0", "-1", "x", str(2**63), "1.5"])
async def test_an_item_that_cannot_be_is_not_found(client: Client, item: str) -> None:
    buyer = await client.signed_in()

    assert (await buyer.put(f"/cart/items/{item}", {"quantity": 1})).status_code == 404
    assert (await buyer.delete(f"/cart/items/{item}")).status_code == 404
