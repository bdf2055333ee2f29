"""Reviews: by those who bought a product, and a rating that is always the average of those that are left."""

from __future__ import annotations

import asyncio
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.catalog.erase import erase_person
from entrepot.catalog.reviews_api import ReviewSummary
from entrepot.identity import UserErased
from tests.builders import Client, an_order, unique

MISSING = 4611686018427387904


def refused(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


async def bought(buyer: Client, product_id: int, *, status: str = "delivered") -> None:
    """An order of this buyer with the product, whose part has this status by now."""
    reply = await buyer.post("/orders", an_order((product_id, 1), paymentMethod="cash_on_delivery"))
    assert reply.status_code == 201, reply.text
    await buyer.value(
        "update order_parts set status = $2 where order_id = (select id from orders where number = $1)",
        reply.json()["id"],
        status,
    )


async def a_buyer(client: Client, *product_ids: int) -> Client:
    buyer = await client.signed_in()
    for product_id in product_ids:
        await bought(buyer, product_id)
    return buyer


async def a_review(buyer: Client, product_id: int, rating: int = 5, comment: str = "Good.") -> dict[str, Any]:
    reply = await buyer.post(f"/products/{product_id}/reviews", {"rating": rating, "comment": comment})
    assert reply.status_code == 201, reply.text
    review: dict[str, Any] = reply.json()
    return review


async def page_of(client: Client, product_id: int, query: str = "") -> dict[str, Any]:
    """The reviews as they are now, past the cache."""
    reply = await client.get(f"/products/{product_id}/reviews?fresh={unique('x')}&{query}")
    assert reply.status_code == 200, reply.text
    page: dict[str, Any] = reply.json()
    return page


async def kept(client: Client, product_id: int) -> tuple[int, int, Decimal]:
    """What the product keeps of its reviews: the sum of the stars, how many there are, and the average."""
    row = await client.app.shop.database.pool.fetchrow(
        "select rating_sum, rating_count, rating from products where id = $1", product_id
    )
    return row["rating_sum"], row["rating_count"], row["rating"]


async def living(client: Client, product_id: int) -> tuple[int, int, Decimal]:
    """The same, counted."""
    row = await client.app.shop.database.pool.fetchrow(
        """
        select coalesce(sum(rating), 0) as stars, count(*) as count, coalesce(round(avg(rating), 2), 0) as average
        from reviews where product_id = $1 and deleted_at is null
        """,
        product_id,
    )
    return row["stars"], row["count"], row["average"]


async def test_a_buyer_reviews_changes_and_deletes(client: Client) -> None:
    product = await client.a_product()
    buyer = await a_buyer(client, product["id"])

    made = await a_review(buyer, product["id"], 4, "Solid.")
    assert made.keys() == {"id", "rating", "comment", "date", "reviewerName", "reviewerEmail"}
    assert (made["rating"], made["comment"], made["reviewerName"]) == (4, "Solid.", "Test Person")
    name, _, domain = buyer.user["email"].partition("@")
    assert made["reviewerEmail"] == f"{name[0]}***@{domain}"
    page = await page_of(client, product["id"])
    assert page["reviews"] == [made]
    assert page["summary"] == {"average": 4.0, "count": 1, "byRating": {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}}
    assert (page["total"], page["skip"], page["limit"]) == (1, 0, 1)
    assert (await client.get(f"/products/{product['id']}?fresh=1")).json()["rating"] == 4

    changed = (await buyer.put(f"/reviews/{made['id']}", {"rating": 2})).json()
    assert changed == {**made, "rating": 2}
    changed = (await buyer.put(f"/reviews/{made['id']}", {"comment": "Broke."})).json()
    assert (changed["rating"], changed["comment"]) == (2, "Broke.")
    assert await kept(client, product["id"]) == (2, 1, Decimal(2))

    assert (await buyer.delete(f"/reviews/{made['id']}")).status_code == 204
    assert await kept(client, product["id"]) == (0, 0, Decimal(0))
    assert (await page_of(client, product["id"]))["reviews"] == []
    for reply in (
        await buyer.delete(f"/reviews/{made['id']}"),
        await buyer.put(f"/reviews/{made['id']}", {"rating": 1}),
    ):
        assert refused(reply) == (404, "REVIEW_NOT_FOUND")


async def test_a_purchase_is_reviewed_once(client: Client) -> None:
    product = await client.a_product()
    buyer = await a_buyer(client, product["id"])
    path, body = f"/products/{product['id']}/reviews", {"rating": 5}
    review = await a_review(buyer, product["id"])
    assert refused(await buyer.post(path, body)) == (409, "REVIEW_EXISTS")
    await buyer.delete(f"/reviews/{review['id']}")
    assert refused(await buyer.post(path, body)) == (409, "REVIEW_EXISTS"), "a deleted one was one, too"
    await bought(buyer, product["id"])
    await a_review(buyer, product["id"], 3)
    assert refused(await buyer.post(path, body)) == (409, "REVIEW_EXISTS")


@pytest.mark.parametrize("status", ["pending", "confirmed", "processing", "shipped", "cancelled"])
async def test_who_has_not_got_it_does_not_review_it(client: Client, status: str) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    await bought(buyer, product["id"], status=status)
    reply = await buyer.post(f"/products/{product['id']}/reviews", {"rating": 5})
    assert refused(reply) == (403, "REVIEW_NOT_BOUGHT")


async def test_only_one_s_own_purchase_of_this_product_counts(client: Client) -> None:
    product, other = await client.a_product(), await client.a_product()
    path = f"/products/{product['id']}/reviews"
    await a_buyer(client, product["id"])
    for role in ("user", "admin", "seller", "shop_owner"):
        somebody = await client.signed_in(role)
        assert refused(await somebody.post(path, {"rating": 5})) == (403, "REVIEW_NOT_BOUGHT")
    assert refused(await (await a_buyer(client, other["id"])).post(path, {"rating": 5})) == (403, "REVIEW_NOT_BOUGHT")
    assert refused(await client.post(path, {"rating": 5})) == (401, "UNAUTHORIZED")
    assert await kept(client, product["id"]) == (0, 0, Decimal(0))


async def test_a_product_that_is_not_sold_is_not_reviewed(client: Client) -> None:
    gone, hidden = await client.a_product(), await client.a_product()
    buyer = await a_buyer(client, gone["id"], hidden["id"])
    await client.value("update products set deleted_at = now() where id = $1", gone["id"])
    await client.value("update companies set status = 'inactive' where id = $1", hidden["companyId"])
    for product_id in (gone["id"], hidden["id"], MISSING):
        reply = await buyer.post(f"/products/{product_id}/reviews", {"rating": 5})
        assert refused(reply) == (404, "PRODUCT_NOT_FOUND")
        assert refused(await client.get(f"/products/{product_id}/reviews")) == (404, "PRODUCT_NOT_FOUND")


async def test_what_is_wrong_is_said_by_field(client: Client) -> None:
    product = await client.a_product()
    buyer = await a_buyer(client, product["id"])
    path = f"/products/{product['id']}/reviews"
    for body, field in (
        ({}, "rating"),
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": 4.5}, "rating"),
        ({"rating": None}, "rating"),
        ({"rating": 5, "comment": "x" * 5001}, "comment"),
        ({"rating": 5, "comment": None}, "comment"),
        ({"rating": 5, "userId": 1}, "userId"),
    ):
        reply = await buyer.post(path, body)
        assert refused(reply) == (400, "VALIDATION_ERROR"), body
        assert field in reply.json()["details"]
    review = await a_review(buyer, product["id"])
    changes: tuple[dict[str, Any], ...] = ({"rating": 0}, {"rating": 6}, {"comment": "x" * 5001}, {"reviewerName": "X"})
    for change in changes:
        assert refused(await buyer.put(f"/reviews/{review['id']}", change)) == (400, "VALIDATION_ERROR"), change
    for query in ("sort=best", "rating=0", "rating=6", "rating=x", "cursor=x", "limit=-1", "skip=1&page=1"):
        assert refused(await client.get(f"{path}?{query}")) == (400, "VALIDATION_ERROR"), query
    assert (await buyer.put(f"/reviews/{review['id']}", {})).json() == review


async def test_a_review_belongs_to_its_author(client: Client) -> None:
    product = await client.a_product()
    review = await a_review(await a_buyer(client, product["id"]), product["id"])
    for somebody in (await client.signed_in(), await client.signed_in("seller", company_id=product["companyId"])):
        assert refused(await somebody.put(f"/reviews/{review['id']}", {"rating": 1})) == (403, "FORBIDDEN")
        assert refused(await somebody.delete(f"/reviews/{review['id']}")) == (403, "FORBIDDEN")
        assert refused(await somebody.delete(f"/reviews/{MISSING}")) == (404, "REVIEW_NOT_FOUND")
    admin = await client.signed_in("admin")
    assert refused(await admin.put(f"/reviews/{review['id']}", {"rating": 1})) == (403, "FORBIDDEN"), (
        "nobody writes for others"
    )
    assert refused(await client.delete(f"/reviews/{review['id']}")) == (401, "UNAUTHORIZED")

    assert (await admin.delete(f"/reviews/{review['id']}")).status_code == 204
    entry = await client.app.shop.database.pool.fetchrow(
        "select action, actor_id, before from admin_log where subject_kind = 'review' and subject_id = $1",
        str(review["id"]),
    )
    assert (entry["action"], entry["actor_id"]) == ("review.deleted", admin.user["id"])
    said = {"productId": product["id"], "rating": 5, "comment": "Good."}
    assert said.items() <= entry["before"].items()


async def test_one_s_own_deletion_is_no_privilege(client: Client) -> None:
    product = await client.a_product()
    admin = await client.signed_in("admin")
    await bought(admin, product["id"])
    review = await a_review(admin, product["id"])
    await admin.delete(f"/reviews/{review['id']}")
    assert not await client.value("select exists (select from admin_log where subject_kind = 'review' and subject_id = $1)",
                                  str(review["id"]))  # fmt: skip


async def test_facts_are_published(client: Client) -> None:
    product = await client.a_product()
    buyer = await a_buyer(client, product["id"])
    marker = await client.value("select max(id) from events")
    review = await a_review(buyer, product["id"], 4)
    await buyer.put(f"/reviews/{review['id']}", {"rating": 1})
    await buyer.delete(f"/reviews/{review['id']}")
    rows = await client.app.shop.database.pool.fetch(
        "select name, data, company_ids from events where id > $1 and (data ->> 'productId')::bigint = $2 order by id",
        marker,
        product["id"],
    )
    assert [row["name"] for row in rows] == [
        "review.posted", "product.changed", "review.changed", "product.changed", "review.deleted", "product.changed",
    ]  # fmt: skip
    assert [row["data"]["rating"] for row in rows[::2]] == [4, 1, 1]
    assert {tuple(row["company_ids"]) for row in rows} == {(product["companyId"],)}


async def test_cached_replies_follow(client: Client) -> None:
    product = await client.a_product()
    buyer = await a_buyer(client, product["id"])
    path = f"/products/{product['id']}"
    await client.app.tail.poll()
    assert (await client.get(f"{path}/reviews")).json()["total"] == 0
    assert (await client.get(path)).json()["rating"] == 0
    await a_review(buyer, product["id"], 3)
    await client.app.tail.poll()
    assert (await client.get(f"{path}/reviews")).json()["total"] == 1
    assert (await client.get(path)).json()["rating"] == 3


async def some_reviews(client: Client, product_id: int, ratings: list[int]) -> list[int]:
    """Reviews a second apart, the oldest first."""
    return [
        await client.value(
            """
            insert into reviews (product_id, rating, comment, reviewer_name, created_at, updated_at)
            values ($1, $2, 'Good', 'Jane', timestamptz '2026-01-01' + $3 * interval '1 second', now()) returning id
            """,
            product_id,
            rating,
            number,
        )
        for number, rating in enumerate(ratings)
    ]


async def test_sorts_filters_and_pages(client: Client) -> None:
    product_id = (await client.a_product())["id"]
    ratings = [5, 3, 5, 1, 4, 3, 5]
    ids = await some_reviews(client, product_id, ratings)
    of = dict(zip(ids, ratings, strict=True))
    orders = {
        "newest": ids[::-1],
        "oldest": ids,
        "highest": sorted(ids, key=lambda review: (-of[review], -review)),
        "lowest": sorted(ids, key=lambda review: (of[review], -review)),
    }
    for sort, expected in orders.items():
        whole = await page_of(client, product_id, f"sort={sort}")
        assert [review["id"] for review in whole["reviews"]] == expected, sort
        assert whole["summary"] == {"average": 3.71, "count": 7, "byRating": {"1": 1, "2": 0, "3": 2, "4": 1, "5": 3}}
        pieces, query = [], f"sort={sort}&limit=3"
        while query:
            piece = await page_of(client, product_id, query)
            assert piece["total"] == 7
            pieces += [review["id"] for review in piece["reviews"]]
            query = f"sort={sort}&limit=3&cursor={piece['nextCursor']}" if "nextCursor" in piece else ""
        assert pieces == expected, sort
        for query in ("limit=2&skip=2", "limit=2&page=2"):
            assert [
                review["id"] for review in (await page_of(client, product_id, f"sort={sort}&{query}"))["reviews"]
            ] == expected[2:4]
        fives = await page_of(client, product_id, f"sort={sort}&rating=5&limit=2")
        assert [review["id"] for review in fives["reviews"]] == [one for one in expected if of[one] == 5][:2]
        assert (fives["total"], fives["summary"]["count"]) == (3, 7)
    assert (await page_of(client, product_id, "rating=2"))["reviews"] == []
    cursor = (await page_of(client, product_id, "limit=1"))["nextCursor"]
    assert refused(await client.get(f"/products/{product_id}/reviews?sort=highest&cursor={cursor}")) == (
        400,
        "VALIDATION_ERROR",
    )


async def test_thirty_reviewers_at_once(client: Client) -> None:
    product = await client.a_product(stock=1000)
    buyers = [await a_buyer(client, product["id"]) for _ in range(30)]
    await asyncio.gather(*(a_review(buyer, product["id"], 1 + n % 5) for n, buyer in enumerate(buyers)))
    assert await kept(client, product["id"]) == await living(client, product["id"]) == (90, 30, Decimal(3))


async def test_one_purchase_reviewed_by_many_requests_at_once(client: Client) -> None:
    product = await client.a_product()
    buyer = await a_buyer(client, product["id"])
    replies = await asyncio.gather(
        *(buyer.post(f"/products/{product['id']}/reviews", {"rating": 5}) for _ in range(12))
    )
    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 11
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} == {"REVIEW_EXISTS"}
    assert await kept(client, product["id"]) == (5, 1, Decimal(5))


async def test_changes_and_deletions_in_between_leave_the_average(client: Client) -> None:
    product = await client.a_product(stock=1000)
    buyers = [await a_buyer(client, product["id"]) for _ in range(8)]
    reviews = [await a_review(buyer, product["id"], 3) for buyer in buyers]
    admin = await client.signed_in("admin")

    def change(n: int, rating: int) -> Any:
        return buyers[n].put(f"/reviews/{reviews[n]['id']}", {"rating": rating})

    calls = [change(n % 8, 1 + (n * 7) % 5) for n in range(40)]
    calls += [buyers[n].delete(f"/reviews/{reviews[n]['id']}") for n in (0, 1, 2, 0, 1)]
    calls += [admin.delete(f"/reviews/{reviews[n]['id']}") for n in (2, 3, 3)]
    calls = calls[::3] + calls[1::3] + calls[2::3]
    statuses = {reply.status_code for reply in await asyncio.gather(*calls)}
    assert statuses <= {200, 204, 404}
    assert await kept(client, product["id"]) == await living(client, product["id"])
    assert (await kept(client, product["id"]))[1] == 4
    for n in (0, 3):
        assert refused(await change(n, 5)) == (404, "REVIEW_NOT_FOUND")


async def test_one_review_changed_by_many_requests_at_once(client: Client) -> None:
    product = await client.a_product()
    buyer = await a_buyer(client, product["id"])
    review = await a_review(buyer, product["id"], 1)
    replies = await asyncio.gather(*(buyer.put(f"/reviews/{review['id']}", {"rating": 1 + n % 5}) for n in range(25)))
    assert {reply.status_code for reply in replies} == {200}
    assert await kept(client, product["id"]) == await living(client, product["id"])


# What is done by which of the buyers, with how many stars.
STEPS = st.lists(
    st.tuples(st.sampled_from(["post", "post", "change", "delete"]), st.integers(0, 3), st.integers(1, 5)), max_size=20
)


class Reviewers:
    """Four buyers of a product, two of whom bought it twice, and the reviews that there are."""

    def __init__(self, product_id: int, buyers: list[Client]) -> None:
        self.product_id = product_id
        self.buyers = buyers
        self.reviews: list[tuple[int, int]] = []

    @classmethod
    async def made(cls, client: Client, people: list[Client]) -> Reviewers:
        product = await client.a_product(stock=1000)
        for buyer in (*people, *people[:2]):
            await bought(buyer, product["id"])
        return cls(product["id"], people)

    async def step(self, verb: str, number: int, rating: int) -> None:
        buyer = self.buyers[number]
        own = [review for review, author in self.reviews if author == number]
        if verb == "post":
            reply = await buyer.post(f"/products/{self.product_id}/reviews", {"rating": rating})
            assert reply.status_code in (201, 409), reply.text
            if reply.status_code == 201:
                self.reviews.append((reply.json()["id"], number))
        elif own and verb == "change":
            assert (await buyer.put(f"/reviews/{own[-1]}", {"rating": rating})).status_code in (200, 404)
        elif own:
            assert (await buyer.delete(f"/reviews/{own[-1]}")).status_code in (204, 404)


@pytest.fixture
async def people(client: Client) -> list[Client]:
    return [await client.signed_in() for _ in range(4)]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_any_sequence_leaves_the_average(
    client: Client, people: list[Client], steps: list[tuple[str, int, int]]
) -> None:
    reviewers = await Reviewers.made(client, people)
    for step in steps:
        await reviewers.step(*step)
        assert await kept(client, reviewers.product_id) == await living(client, reviewers.product_id)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_any_mix_at_once_leaves_the_average(
    client: Client, people: list[Client], steps: list[tuple[str, int, int]]
) -> None:
    reviewers = await Reviewers.made(client, people)
    for number in range(4):
        await reviewers.step("post", number, 3)
    await asyncio.gather(*(reviewers.step(*step) for step in steps * 2))
    assert await kept(client, reviewers.product_id) == await living(client, reviewers.product_id)


async def test_an_erased_person_is_not_named(client: Client) -> None:
    product = await client.a_product()
    buyer = await a_buyer(client, product["id"])
    await a_review(buyer, product["id"], 2, "Me too.")
    await client.app.tail.poll()
    assert (await client.get(f"/products/{product['id']}/reviews")).json()["reviews"][0][
        "reviewerName"
    ] == "Test Person"
    async with client.app.shop.database.transaction() as tx:
        await erase_person(tx, UserErased(user_id=buyer.user["id"]))
    await client.app.tail.poll()
    review = (await client.get(f"/products/{product['id']}/reviews")).json()["reviews"][0]
    assert (review["reviewerName"], review["reviewerEmail"], review["comment"]) == ("Deleted user", "", "Me too.")
    assert await kept(client, product["id"]) == (2, 1, Decimal(2))


@given(st.dictionaries(st.integers(1, 5), st.integers(0, 10_000)))
def test_the_summary_rounds_as_the_product_does(counts: dict[int, int]) -> None:
    summary = ReviewSummary.of(counts)
    assert summary.count == sum(summary.by_rating.values()) == sum(counts.values())
    assert list(summary.by_rating) == ["1", "2", "3", "4", "5"]
    if summary.count:
        exact = Decimal(sum(stars * count for stars, count in counts.items())) / summary.count
        assert summary.average == float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))
        assert 1 <= summary.average <= 5
    else:
        assert summary.average == 0
