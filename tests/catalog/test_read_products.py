"""Reading products: their whole shape, in the reader's language, and nothing that is gone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Client

DUMMYJSON = {
    "id", "title", "description", "category", "price", "discountPercentage", "rating", "stock", "tags", "brand", "sku", "weight",
    "dimensions", "warrantyInformation", "shippingInformation", "availabilityStatus", "reviews", "returnPolicy",
    "minimumOrderQuantity", "meta", "images", "thumbnail",
}  # fmt: skip
OURS = {
    "companyId", "sellerId", "currency", "zones", "unit", "languages", "groupId", "options", "attributes", "createdAt",
    "updatedAt",
    "isDeleted",
    "packSize",
}  # fmt: skip


async def test_a_product_has_dummyjsons_fields_and_ours(client: Client) -> None:
    made = await client.a_product(
        price=19.99, discountPercentage=12.5, tags=["a", "b", "a"], weight=1.234, dimensions={"width": 1.2, "height": 3,
        "depth": 0.5},
        images=["https://example.com/1.jpg", "public/products/2.jpg"], sku="SKU-7", barcode="4006381333931", unit="box",
        warrantyInformation="1 year", shippingInformation="Tomorrow", returnPolicy="30 days", minimumOrderQuantity=3,
        attributes={"voltage": "230 V"}, stock=4,
    )  # fmt: skip
    product = (await client.get(f"/products/{made['id']}")).json()

    assert product == made
    assert product.keys() == DUMMYJSON | OURS
    assert product["dimensions"] == {"width": 1.2, "height": 3, "depth": 0.5}
    assert product["meta"].keys() == {"createdAt", "updatedAt", "barcode", "qrCode"}
    assert (product["price"], product["discountPercentage"], product["weight"], product["rating"]) == (
        19.99,
        12.5,
        1.234,
        0,
    )
    assert (product["tags"], product["stock"], product["availabilityStatus"]) == (["a", "b"], 4, "Low Stock")
    assert product["images"][0] == "https://example.com/1.jpg"
    assert product["images"][1].endswith("/media/products/2.jpg")


@pytest.mark.parametrize(
    ("stock", "status"), [(0, "Out of Stock"), (1, "Low Stock"), (5, "Low Stock"), (6, "In Stock")]
)
async def test_how_much_is_left_in_words(client: Client, stock: int, status: str) -> None:
    assert (await client.a_product(stock=stock))["availabilityStatus"] == status


async def test_the_newest_reviews_with_masked_addresses(client: Client) -> None:
    product = await client.a_product()
    for n in range(5):
        await client.value(
            """
            insert into reviews (product_id, rating, comment, reviewer_name, reviewer_email, created_at, updated_at)
            values ($1, $2::integer, 'Good', 'Jane', 'jane@example.com', now() + $2::integer * interval '1 second', now())
            """,
            product["id"],
            n + 1,
        )
    await client.value("update reviews set deleted_at = now() where product_id = $1 and rating = 5", product["id"])

    shown = (await client.get(f"/products/{product['id']}?fresh=1")).json()["reviews"]

    assert [review["rating"] for review in shown] == [4, 3, 2]
    assert {review["reviewerEmail"] for review in shown} == {"j***@example.com"}


async def translate(client: Client, product: dict[str, Any], **titles: str) -> None:
    for language, title in titles.items():
        await client.value(
            "insert into product_translations (product_id, language, title) values ($1, $2, $3)",
            product["id"],
            language.replace("_", "-"),
            title,
        )


async def test_titles_in_the_language_asked_for(client: Client) -> None:
    product = await client.a_product()
    await translate(client, product, ar="منتج", pt="Produto", de="Ware", zh_hant="產品")
    path, company = f"/products/{product['id']}", product["companyId"]
    english = product["title"]

    for lang, accept, title in (
        ("ar", None, "منتج"), (None, "ar", "منتج"), ("pt-BR", None, "Produto"), (None, "pt-BR, en;q=0.9", "Produto"),
        ("ru", None, english),
        (None, None, english), ("de", "ar", "Ware"), (None, "en;q=0.5, de;q=0.9", "Ware"), ("zh-Hant-TW", None, "產品"), ("en",
        "ar", english),
    ):  # fmt: skip
        params = {"lang": lang} if lang else {}
        headers = {"Accept-Language": accept} if accept else {}
        assert (await client.get(path, params=params, headers=headers)).json()["title"] == title, (lang, accept)
        listed = (await client.get("/products", params={"company": company, **params}, headers=headers)).json()[
            "products"
        ]
        assert [one["title"] for one in listed] == [title], (lang, accept)


async def test_what_is_deleted_is_gone(client: Client) -> None:
    product = await client.a_product()
    await client.value("update products set deleted_at = now() where id = $1", product["id"])
    await client.products_changed(product["id"])
    reply = await client.get(f"/products/{product['id']}")

    assert (reply.status_code, reply.json()["code"]) == (404, "PRODUCT_NOT_FOUND")
    assert (await client.get("/products", params={"company": product["companyId"]})).json()["total"] == 0


async def test_the_tree_of_categories_parents_first(client: Client) -> None:
    parent = await client.a_category()
    parent_id = await client.value("select id from categories where slug = $1", parent)
    child = await client.a_category(parent_id)
    grandchild = await client.a_category(await client.value("select id from categories where slug = $1", child))
    gone = await client.a_category(parent_id)
    await client.value("update categories set deleted_at = now() where slug = $1", gone)

    for path in ("/products/categories", "/products/category-list"):
        slugs = (await client.get(f"{path}?fresh={parent}")).json()
        assert [slug for slug in slugs if slug in (parent, child, grandchild, gone)] == [parent, child, grandchild]

    product = await client.a_product(category=grandchild)
    for slug in (parent, child, grandchild):
        listed = (await client.get(f"/products/category/{slug}")).json()
        assert [one["id"] for one in listed["products"]] == [product["id"]], slug
    reply = await client.get("/products/category/nothing")
    assert (reply.status_code, reply.json()["code"]) == (404, "CATEGORY_NOT_FOUND")
    assert (await client.get(f"/products/category/{gone}")).status_code == 404
