"""Changing products: what is given and nothing else, by whose they are, and all at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.builders import Client, unique
from tests.catalog.writing import selling
from tests.inventory.books import assert_books_balance

CHANGES: dict[str, Any] = {
    "title": "Another title",
    "description": "Another description.",
    "price": 89.99,
    "discountPercentage": 12.5,
    "thumbnail": "https://example.com/other.jpg",
    "images": ["https://example.com/b.jpg", "https://example.com/a.jpg"],
    "brand": "Otherbrand",
    "stock": 150,
    "tags": ["new", "shiny"],
    "weight": 1.25,
    "warrantyInformation": "2 years",
    "shippingInformation": "Tomorrow",
    "returnPolicy": "Never",
    "minimumOrderQuantity": 4,
    "unit": "box",
    "attributes": {"voltage": "230 V", "poles": 3, "earthed": True, "length": 1.5},
    "options": {"colour": "blue"},
}
"""Fields that the product shows as they were sent."""


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_each_field_changes_alone(client: Client, method: str) -> None:
    product, seller = await selling(client)
    before = (await client.get(f"/products/{product['id']}?fresh=before")).json()

    for field, value in CHANGES.items():
        reply = await seller.request(method, f"/products/{product['id']}", json={field: value})
        assert reply.status_code == 200, reply.text
        after = reply.json()
        assert after[field] == value
        follows = {"updatedAt", "meta", "availabilityStatus", field}
        assert {name: after[name] for name in after.keys() - follows} == {
            name: before[name] for name in before.keys() - follows
        }
        assert after["updatedAt"] >= before["updatedAt"]
        before = after

    assert (await client.get(f"/products/{product['id']}?fresh={method}")).json() == before
    await assert_books_balance(client, [product["id"]])


async def test_what_has_another_name_or_unit(client: Client) -> None:
    product, seller = await selling(client, dimensions={"width": 1, "height": 2, "depth": 3})
    path, category, zone = f"/products/{product['id']}", await client.a_category(), await client.a_zone()
    slug = await client.value("select slug from zones where id = $1", zone)
    body = {
        "category": category,
        "sku": unique("SKU"),
        "barcode": "4006381333931",
        "dimensions": {"width": 7.5},
        "zones": [slug],
    }

    changed = (await seller.put(path, body)).json()

    assert (changed["category"], changed["sku"], changed["zones"]) == (category, body["sku"], [slug])
    assert changed["meta"]["barcode"] == body["barcode"]
    assert changed["dimensions"] == {"width": 7.5, "height": 2, "depth": 3}
    assert (await seller.put(path, {"zones": []})).json()["zones"] == []


async def test_nothing_given_changes_nothing(client: Client) -> None:
    product, seller = await selling(client)
    reply = await seller.put(f"/products/{product['id']}", {})

    assert (reply.status_code, reply.json()["updatedAt"]) == (200, product["updatedAt"])


async def test_a_change_is_seen_at_once(client: Client) -> None:
    product, seller = await selling(client)
    path = f"/products/{product['id']}"
    assert (await client.get(path)).json()["price"] == 10

    await seller.put(path, {"price": 11})
    await client.app.tail.poll()

    assert (await client.get(path)).json()["price"] == 11


async def test_pictures_are_set_in_their_order(client: Client) -> None:
    addresses = [f"https://example.com/{n}.jpg" for n in range(4)]
    product, seller = await selling(client, images=addresses[:3])
    ids = "select array_agg(id order by location) from product_images where product_id = $1 and location = any($2)"
    before = await client.value(ids, product["id"], addresses[1:3])

    changed = (
        await seller.put(f"/products/{product['id']}", {"images": [*reversed(addresses[1:]), addresses[2]]})
    ).json()

    assert changed["images"] == [addresses[3], addresses[2], addresses[1]]
    assert await client.value(ids, product["id"], addresses[1:3]) == before, "a picture that stays is the same one"
    assert (await seller.put(f"/products/{product['id']}", {"images": []})).json()["images"] == []


async def test_our_own_addresses_are_kept_as_keys(client: Client) -> None:
    product, seller = await selling(client, images=["public/products/1.webp"], thumbnail="public/products/2.webp")
    sent_back = {"images": product["images"], "thumbnail": product["thumbnail"]}

    assert (await seller.put(f"/products/{product['id']}", sent_back)).status_code == 200

    stored = "select thumbnail from products where id = $1"
    assert await client.value(stored, product["id"]) == "public/products/2.webp"
    assert await client.value("select location from product_images where product_id = $1", product["id"]) == (
        "public/products/1.webp"
    )


async def test_translations_by_language(client: Client) -> None:
    product, seller = await selling(client, translations={"AR": {"title": "منتج"}, "de": {"title": "Ware"}})
    path = f"/products/{product['id']}"
    assert product["languages"] == ["ar", "de"]

    change = {"translations": {"de": None, "pt-BR": {"title": "Produto", "description": "Bom"}}}
    changed = (await seller.put(path, change)).json()

    assert changed["languages"] == ["ar", "pt-br"]
    assert changed["title"] == product["title"], "the reply is in the product's own words"
    brazilian = (await client.get(f"{path}?lang=pt-BR&fresh=1")).json()
    assert (brazilian["title"], brazilian["description"]) == ("Produto", "Bom")
    assert (await client.get(f"{path}?lang=de&fresh=1")).json()["title"] == product["title"]
    arabic = (await client.get(f"{path}?lang=ar&fresh=1")).json()
    assert (arabic["title"], arabic["description"]) == ("منتج", product["description"]), "what is not translated stays"


async def test_no_more_languages_than_there_may_be(client: Client) -> None:
    product, seller = await selling(client)
    path = f"/products/{product['id']}"
    thirty = {f"a{chr(97 + n % 26)}{'x' * (n // 26)}": {"title": "T"} for n in range(30)}

    assert (await seller.put(path, {"translations": thirty})).status_code == 200
    more = await seller.put(path, {"translations": {"ku": {"title": "T"}}})
    swapped = await seller.put(path, {"translations": {"ku": {"title": "T"}, "aa": None}})

    assert (more.status_code, list(more.json()["details"])) == (400, ["translations"])
    assert (swapped.status_code, len(swapped.json()["languages"])) == (200, 30)


async def test_whose_product_it_is(client: Client) -> None:
    here, there = await client.a_zone(), await client.a_zone()
    company = await client.a_company(zones={here: (0, None)})
    product = await client.a_product(company_id=company)
    mine = await client.signed_in("seller", company_id=company)
    foreign = await client.signed_in("seller", company_id=await client.a_company())
    local = await client.signed_in("location_admin", zone_ids=[here])
    elsewhere = await client.signed_in("location_admin", zone_ids=[there])
    path = f"/products/{product['id']}"

    for method in ("PUT", "PATCH", "DELETE"):
        body = None if method == "DELETE" else {"title": "Changed"}
        for somebody in (foreign, elsewhere, await client.signed_in("seller")):
            reply = await somebody.request(method, path, json=body)
            assert (reply.status_code, reply.json()["code"]) == (403, "FORBIDDEN"), method
    assert (await client.get(f"{path}?fresh=1")).json()["title"] == product["title"]
    for somebody in (mine, local, await client.signed_in("admin")):
        assert (await somebody.put(path, {"title": "Changed"})).status_code == 200
    assert (await local.put(f"/vendors/products/{product['id']}", {"title": "No"})).status_code == 403


async def test_what_nobody_may_know_of_is_not_found(client: Client) -> None:
    product, seller = await selling(client)
    foreign = await client.signed_in("seller", company_id=await client.a_company())
    await client.value("update companies set status = 'inactive' where id = $1", product["companyId"])
    path = f"/products/{product['id']}"

    assert (await foreign.put(path, {"title": "Changed"})).json()["code"] == "PRODUCT_NOT_FOUND"
    assert (await foreign.delete(path)).status_code == 404
    assert (await foreign.put("/products/4611686018427387904", {"title": "Changed"})).status_code == 404
    assert (await seller.put(path, {"title": "Changed"})).json()["title"] == "Changed", "its own company prepares it"


async def test_a_location_admin_begins_and_ends_sales_in_its_own_zones(client: Client) -> None:
    here, there = await client.a_zone(), await client.a_zone()
    slugs = {zone: await client.value("select slug from zones where id = $1", zone) for zone in (here, there)}
    company = await client.a_company(zones={here: (0, None), there: (0, None)})
    local = await client.signed_in("location_admin", zone_ids=[here])
    product = await client.a_product(company_id=company, zones=[slugs[there]])
    path = f"/products/{product['id']}"

    assert (await local.put(path, {"zones": [slugs[here], slugs[there]]})).status_code == 200
    assert (await local.put(path, {"zones": []})).status_code == 200, "it was sold in both already"
    assert (await local.put(path, {"zones": [slugs[there]]})).status_code == 200
    for zones in ([slugs[here]], [slugs[here], await _another_slug(client)]):
        refused = await local.put(path, {"zones": zones})
        assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    body = {"title": "New", "description": "A product of a test.", "price": 1, "category": await client.a_category(),
            "thumbnail": "https://example.com/a.jpg", "brand": "B", "stock": 1, "companyId": company}  # fmt: skip
    assert (await local.post("/products", {**body, "zones": [slugs[there]]})).status_code == 403
    assert (await local.post("/products", {**body, "zones": [slugs[here]]})).json()["zones"] == [slugs[here]]


async def _another_slug(client: Client) -> str:
    slug: str = await client.value("select slug from zones where id = $1", await client.a_zone())
    return slug


WRONG: list[tuple[str, Any]] = [
    *((field, None) for field in ("title", "price", "category", "brand", "images", "zones", "translations", "options", "stock")),
    ("title", "ab"), ("description", "short"), ("price", 0), ("price", 1.999), ("discountPercentage", 100.5),
    ("category", "nothing"), ("zones", ["nowhere"]), ("stock", -1), ("stock", 1.5), ("thumbnail", "javascript:alert(1)"),
    ("attributes", {"a": {"b": 1}}), ("attributes", {"a": [1]}), ("attributes", {"a": None}), ("attributes", {"": 1}),
    ("attributes", {"a" * 51: 1}), ("attributes", {"a": "b" * 201}), ("attributes", {"a": 10**15}),
    ("attributes", {str(n): n for n in range(51)}),
    ("options", {"a" * 31: "b"}), ("options", {"": "b"}), ("options", {str(n): "x" for n in range(6)}),
    ("translations", {"english": {"title": "T"}}), ("translations", {"AR": {"title": "T"}, "ar": {"title": "T"}}),
    ("translations", {f"a{chr(97 + n % 26)}{'x' * (n // 26)}": {"title": "T"} for n in range(31)}),
    ("companyId", 1), ("id", 1), ("rating", 5),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda value: str(value)[:30])
async def test_a_field_that_does_not_fit_is_named(client: Client, field: str, value: Any) -> None:
    product, seller = await selling(client)
    reply = await seller.put(f"/products/{product['id']}", {field: value})

    assert (reply.status_code, reply.json()["code"]) == (400, "VALIDATION_ERROR")
    assert list(reply.json()["details"]) == [field]


async def test_what_is_wrong_inside_a_field_is_named(client: Client) -> None:
    product, seller = await selling(client)
    body = {
        "group": {"key": "", "colour": "red"}, "translations": {"ar": {"title": "", "text": "x"}}, "dimensions": {"width": -1},
        "options": {"size": 42}, "images": ["x"], "tags": [""],
    }  # fmt: skip
    reply = await seller.put(f"/products/{product['id']}", body)

    assert reply.json()["details"].keys() == {
        "group.key", "group.colour", "translations.ar.title", "translations.ar.text", "dimensions.width", "options.size",
        "images.0", "tags.0",
    }  # fmt: skip


async def test_what_only_the_shop_knows_to_be_wrong_is_named_at_once(client: Client) -> None:
    product, seller = await selling(client)
    body = {"price": 1.999, "category": "nothing", "zones": ["nowhere"], "brand": unique("Brand")}
    reply = await seller.put(f"/products/{product['id']}", body)

    assert reply.json()["details"].keys() == {"price", "category", "zones"}
    assert await client.value("select count(*) from brands where name = $1", body["brand"]) == 0


async def test_a_sku_of_another_product_of_the_company(client: Client) -> None:
    product, seller = await selling(client)
    other = await client.a_product(company_id=product["companyId"])

    reply = await seller.put(f"/products/{product['id']}", {"sku": other["sku"], "price": 99})

    assert (reply.status_code, reply.json()["code"]) == (409, "SKU_EXISTS")
    assert (await client.get(f"/products/{product['id']}?fresh=1")).json()["price"] == product["price"]


async def test_administrators_changes_are_written_down(client: Client) -> None:
    product, seller = await selling(client)
    admin = await client.signed_in("admin")
    path = f"/products/{product['id']}"

    await seller.put(path, {"title": "By the seller"})
    await admin.put(path, {"title": "By us", "discountPercentage": 5, "translations": {"ar": {"title": "منتج"}}})
    await admin.put(path, {"title": "By us"})

    logged = await client.app.shop.database.pool.fetch(
        "select actor_id, before::text, after::text from admin_log where subject_kind = 'product' and subject_id = $1"
        " and action = 'product.changed'",
        str(product["id"]),
    )
    (row,) = logged
    assert row["actor_id"] == admin.user["id"]
    assert '"title": "By the seller"' in row["before"]
    assert '"title": "By us"' in row["after"]
    assert '"discountBp": 500' in row["after"]
    assert '"ar": "منتج"' in row["after"]
    assert "priceMinor" not in row["after"], "only what differs"


async def test_the_stock_of_a_location_admin_is_that_of_its_zones(client: Client) -> None:
    product, _ = await selling(client, stock=7)
    zone = await client.a_zone()
    await client.value("insert into company_zones values ($1, $2, 0, null)", product["companyId"], zone)
    local = await client.signed_in("location_admin", zone_ids=[zone])

    reply = await local.put(f"/products/{product['id']}", {"stock": 9, "title": "Changed"})

    assert (reply.status_code, reply.json()["code"]) == (422, "NO_WAREHOUSE")
    assert (await client.get(f"/products/{product['id']}?fresh=1")).json()["title"] == product["title"]


async def test_changes_of_different_fields_at_once_all_count(client: Client) -> None:
    product, seller = await selling(client)
    path = f"/products/{product['id']}"
    fields = [*CHANGES.items(), ("sku", unique("SKU")), ("barcode", "1"), ("dimensions", {"depth": 9})]

    replies = await asyncio.gather(*(seller.request("PATCH", path, json={field: value}) for field, value in fields))

    assert Counter(reply.status_code for reply in replies) == {200: len(fields)}
    after = (await client.get(f"{path}?fresh=1")).json()
    assert {field: after[field] for field in CHANGES} == CHANGES
    assert (after["sku"], after["meta"]["barcode"], after["dimensions"]["depth"]) == (fields[-3][1], "1", 9)
    await assert_books_balance(client, [product["id"]])


async def test_the_same_pictures_words_and_zones_at_once(client: Client) -> None:
    product, seller = await selling(client)
    zone = await client.value("select slug from zones where id = $1", await client.a_zone())
    body = {
        "images": [f"https://example.com/{n}.jpg" for n in range(5)], "zones": [zone], "translations": {"ar": {"title": "منتج"}}
    }  # fmt: skip

    replies = await asyncio.gather(*(seller.put(f"/products/{product['id']}", body) for _ in range(8)))

    assert {reply.status_code for reply in replies} == {200}
    assert replies[0].json()["images"] == body["images"]


async def test_the_same_key_changes_once(client: Client) -> None:
    product, seller = await selling(client)
    key = {"Idempotency-Key": unique("key")}

    first = await seller.put(f"/products/{product['id']}", {"price": 11}, headers=key)
    again = await seller.put(f"/products/{product['id']}", {"price": 11}, headers=key)
    other = await seller.put(f"/products/{product['id']}", {"price": 12}, headers=key)

    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")


async def test_sellers_write_the_products_of_their_company_below_vendors(client: Client) -> None:
    product, seller = await selling(client)
    body = {"title": "New Product", "description": "Product description here...", "price": 99.99, "category": product["category"],
            "thumbnail": "https://example.com/a.jpg", "brand": "B", "stock": 3}  # fmt: skip
    foreign = await client.a_product()

    made = await seller.post("/vendors/products", body)
    path = f"/vendors/products/{made.json()['id']}"
    changed = await seller.put(path, {"price": 5})
    deleted = await seller.delete(path)

    assert (made.status_code, made.json()["companyId"]) == (201, product["companyId"])
    assert (changed.status_code, changed.json()["price"]) == (200, 5)
    assert (deleted.status_code, deleted.json()["isDeleted"]) == (200, True)
    assert (await seller.put(f"/vendors/products/{foreign['id']}", {"price": 5})).status_code == 403
    assert (await seller.delete(f"/vendors/products/{foreign['id']}")).status_code == 403
    assert (await seller.post("/vendors/products", {**body, "companyId": foreign["companyId"]})).status_code == 403
