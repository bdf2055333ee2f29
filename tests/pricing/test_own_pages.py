"""Product pages, lists and search as those see them who have prices of their own, over HTTP."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import pytest

from entrepot.kernel.db import Database, Db
from tests.builders import Client, unique
from tests.kernel.test_cached_replies import Counting
from tests.pricing.promoting import a_promotion, about
from tests.pricing.test_price_lists import a_list


async def _page(client: Client, product_id: int, query: str = "") -> dict[str, Any]:
    page: dict[str, Any] = (await client.get(f"/products/{product_id}{query}")).json()
    return page


async def _until(look: Callable[[], Any], expected: Any) -> None:
    """What is seen is as expected, within a second or so: what was made from it may be that old."""
    async with asyncio.timeout(20):
        while (seen := await look()) != expected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert seen == expected


async def test_a_page_shows_a_shop_owner_its_own_price_and_everybody_else_the_public_one(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10, discountPercentage=10)
    await a_list(admin, {product["id"]: [(1, 8), (12, 6.5)]}, forRole="shop_owner")
    owner, user = await client.signed_in("shop_owner"), await client.signed_in()

    for _ in range(2):  # the second time from the cache
        own, public = await _page(owner, product["id"]), await _page(client, product["id"])

        assert (own["price"], own["discountPercentage"], own["listPrice"]) == (8, 0, 10)
        assert own["tiers"] == [{"fromQuantity": 1, "price": 8}, {"fromQuantity": 12, "price": 6.5}]
        assert (public["price"], public["discountPercentage"]) == (10, 10)
        assert "listPrice" not in public
        assert "tiers" not in public
        assert await _page(user, product["id"]) == public
        assert {**own, "price": 10, "discountPercentage": 10} == {**public, "listPrice": 10, "tiers": own["tiers"]}
    quoted = await owner.post("/checkout/quote", {"products": [{"id": product["id"], "quantity": 1}]})
    assert quoted.json()["lines"][0]["price"] == own["price"]


async def test_lists_and_searches_show_it_too(client: Client) -> None:
    admin = await client.signed_in("admin")
    company_id, category, word = (
        await client.a_company(),
        await client.a_category(),
        unique("Ownpriced").replace("-", ""),
    )
    product = await client.a_product(company_id=company_id, category=category, price=10, title=f"{word} thing")
    await client.a_product(company_id=company_id, category=category, price=10, title=f"{word} other")
    await a_list(admin, {product["id"]: [(1, 8)]}, forRole="shop_owner")
    owner = await client.signed_in("shop_owner")

    async def prices(buyer: Client, path: str) -> list[float]:
        reply = (await buyer.get(path)).json()
        return sorted(one["price"] for one in reply.get("products", ()))

    for path in (
        f"/products?company={company_id}",
        f"/products?company={company_id}&select=title,price",
        f"/products/category/{category}",
        f"/companies/{company_id}/products",
        f"/products/search?q={word}",
        f"/products/suggest?q={word}",
    ):
        await _until(functools.partial(prices, client, path), [10, 10])  # the lists have heard of both
        assert await prices(owner, path) == [8, 10], path
        assert await prices(client, path) == [10, 10], path


async def test_only_the_fields_that_are_selected_are_shown(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10)
    await a_list(admin, {product["id"]: [(1, 8)]}, forRole="shop_owner")
    owner = await client.signed_in("shop_owner")

    async def shown(select: str) -> list[dict[str, Any]]:
        path = f"/products?company={product['companyId']}&select={select}"
        return list((await owner.get(path)).json()["products"])

    await _until(lambda: shown("title"), [{"id": product["id"], "title": product["title"]}])
    assert await shown("price") == [{"id": product["id"], "price": 8}]
    assert await shown("price,listPrice") == [{"id": product["id"], "price": 8, "listPrice": 10}]


async def test_variants_of_a_product_have_their_own_prices(client: Client) -> None:
    admin = await client.signed_in("admin")
    company_id, group = await client.a_company(), {"key": unique("group"), "title": "Shirt"}
    small, large = [
        await client.a_product(company_id=company_id, price=10, group=group, options={"size": size}) for size in "SL"
    ]
    await a_list(admin, {large["id"]: [(1, 8)]}, forRole="shop_owner")
    owner = await client.signed_in("shop_owner")

    page = await _page(owner, small["id"])

    assert (page["price"], [variant["price"] for variant in page["variants"]]) == (10, [8])


async def test_promotions_count_on_top_of_the_own_price(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=20, discountPercentage=10)
    made = await a_promotion(admin, target=about(product["id"]), value=50)
    await a_list(admin, {product["id"]: [(1, 10)]}, forRole="shop_owner")
    owner = await client.signed_in("shop_owner")
    await client.app.shelf.refresh()

    own, public = await _page(owner, product["id"]), await _page(client, product["id"])

    assert (own["price"], own["finalPrice"], public["finalPrice"]) == (10, 5, 9)
    assert own["promotions"] == public["promotions"] == [{"id": made["id"], "name": made["name"]}]


async def test_a_changed_list_is_seen_within_a_second(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10)
    buyer = await client.signed_in()

    async def price() -> float:
        return float((await _page(buyer, product["id"]))["price"])

    assert await price() == 10  # it is remembered that there was nothing for this buyer
    made = await a_list(admin, {product["id"]: [(1, 8)]}, forBuyers=[buyer.user["id"]])
    await _until(price, 8)
    await a_list(admin, {product["id"]: [(1, 7)]}, forBuyers=[buyer.user["id"]])
    assert await price() == 7
    await admin.put(f"/price-lists/{made['id']}", {"forBuyers": []})
    assert await price() == 7
    await client.value(
        "delete from price_lists where id in (select price_list_id from price_list_tiers where product_id = $1)",
        product["id"],
    )
    assert await price() == 10


async def test_whose_session_has_ended_sees_what_guests_see(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10)
    await a_list(admin, {product["id"]: [(1, 8)]}, forRole="shop_owner")
    owner = await client.signed_in("shop_owner")
    assert (await _page(owner, product["id"]))["price"] == 8

    await owner.post("/auth/logout")

    assert (await _page(owner, product["id"]))["price"] == 10


@pytest.mark.parametrize("header", ["Bearer x", "Bearer", "Basic eDp5", "", "Bearer \u00e9"])
async def test_a_wrong_token_is_nobodys(client: Client, header: str) -> None:
    product = await client.a_product(price=10)

    reply = await client.get(f"/products/{product['id']}", headers={"Authorization": header.encode("latin-1")})

    assert (reply.status_code, reply.json()["price"]) == (200, 10)


async def test_no_cache_gives_an_own_page_to_somebody_else(client: Client) -> None:
    admin = await client.signed_in("admin")
    product = await client.a_product(price=10)
    await a_list(admin, {product["id"]: [(1, 8)]}, forRole="shop_owner")
    owner, path = await client.signed_in("shop_owner"), f"/products/{product['id']}"

    own, public = await owner.get(path), await client.get(path)

    assert own.headers["cache-control"] == "private, no-cache"
    assert public.headers["cache-control"].startswith("public")
    assert all("Authorization" in reply.headers["vary"] for reply in (own, public))
    assert own.headers["etag"] != public.headers["etag"]
    again = {"If-None-Match": own.headers["etag"]}
    assert (await owner.get(path, headers=again)).status_code == 304
    assert (await client.get(path, headers=again)).status_code == 200
    assert (await owner.get(f"{path}?envelope=true")).json()["data"]["price"] == 8


async def test_who_has_no_list_is_served_from_the_cache_alone(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await client.value("delete from price_lists where for_role is null and for_company_id is null and not for_named")
    product, user = await client.a_product(price=10), await client.signed_in()
    path, database = f"/products/{product['id']}", client.app.shop.database
    await client.app.tail.poll()
    await user.get(path)

    counting = Counting(database.pool)
    with monkeypatch.context() as patch:
        patch.setattr(client.app.tail, "_database", Database(database.pool, database.dsn))  # it reads all the time
        patch.setattr(database, "reader", Db(counting))
        replies = [await user.get(path) for _ in range(20)]

    assert {reply.json()["price"] for reply in replies} == {10}
    assert counting.statements <= 2  # who it is, and whether there are lists, once a second
