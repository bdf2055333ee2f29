"""Price histories: a row for each change, and the lowest price that a reduction is measured by."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import Client
from tests.catalog.writing import selling


async def history_of(client: Client, product: dict[str, Any], query: str = "") -> dict[str, Any]:
    await client.app.tail.poll()
    reply = await client.get(f"/products/{product['id']}/price-history{query}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def test_each_change_is_remembered_the_last_first(client: Client) -> None:
    product, seller = await selling(client, price=100)
    path = f"/products/{product['id']}"
    for change in (
        {"price": 90.5},
        {"title": "No other price"},
        {"price": 90.5},
        {"discountPercentage": 10},
        {"stock": 1},
    ):
        assert (await seller.put(path, change)).status_code == 200

    found = await history_of(client, product)

    assert [(row["price"], row["discountPercentage"]) for row in found["history"]] == [(90.5, 10), (90.5, 0), (100, 0)]
    assert found["history"][0].keys() == {"price", "discountPercentage", "currency", "changedAt"}
    assert found["history"][2]["changedAt"] == product["createdAt"]
    assert (found["total"], found["skip"], found["limit"], found["lowest30Days"]) == (3, 0, 3, 90.5)


async def test_the_history_by_pages(client: Client) -> None:
    product, seller = await selling(client, price=1)
    for price in range(2, 6):
        await seller.put(f"/products/{product['id']}", {"price": price})

    by_skip = [await history_of(client, product, f"?limit=2&skip={skip}") for skip in (0, 2, 4, 6)]
    assert [[row["price"] for row in page["history"]] for page in by_skip] == [[5, 4], [3, 2], [1], []]
    assert {page["total"] for page in by_skip} == {5}
    seen, cursor = [], ""
    while True:
        page = await history_of(client, product, f"?limit=2{cursor}")
        seen += [row["price"] for row in page["history"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == [5, 4, 3, 2, 1]
    assert (await client.get(f"/products/{product['id']}/price-history?cursor=nonsense")).status_code == 400


async def test_a_product_that_is_older_than_histories(client: Client) -> None:
    product, seller = await selling(client, price=7)
    await client.value("delete from price_changes where product_id = $1", product["id"])

    found = await history_of(client, product)
    assert [(row["price"], row["changedAt"]) for row in found["history"]] == [(7, product["createdAt"])]
    assert (found["total"], found["lowest30Days"]) == (1, 7)
    assert (await history_of(client, product, "?skip=1"))["history"] == []

    await seller.put(f"/products/{product['id']}", {"price": 8})
    found = await history_of(client, product)
    assert [row["price"] for row in found["history"]] == [8, 7]
    assert found["history"][1]["changedAt"] == product["createdAt"]


async def test_there_is_one_row_for_each_change_whoever_comes_first(client: Client) -> None:
    product, seller = await selling(client, price=100)
    await client.value("delete from price_changes where product_id = $1", product["id"])

    prices = [*range(1, 13), *range(1, 13)]
    replies = await asyncio.gather(*(seller.put(f"/products/{product['id']}", {"price": price}) for price in prices))

    assert {reply.status_code for reply in replies} == {200}
    rows = await client.app.shop.database.pool.fetch(
        "select price_minor, changed_at from price_changes where product_id = $1 order by id", product["id"]
    )
    steps = [row["price_minor"] for row in rows]
    assert steps[0] == 10_000
    assert all(before != after for before, after in itertools.pairwise(steps)), "no row without a change"
    assert steps[-1] == await client.value("select price_minor from products where id = $1", product["id"])
    assert [row["changed_at"] for row in rows] == sorted(row["changed_at"] for row in rows)


LOWEST: list[tuple[str, list[tuple[int, float, float]], float | None]] = [
    # days ago, price, discount in percent; the lowest price
    ("never changed", [(100, 20, 0)], 20),
    ("lower once, long ago", [(100, 5, 0), (90, 20, 0)], 20),
    ("lower until 20 days ago", [(100, 5, 0), (20, 20, 0)], 5),
    ("raised today", [(100, 5, 0), (0, 20, 0)], 5),
    ("reduced today: the price before", [(100, 20, 0), (0, 20, 25)], 20),
    ("raised, then reduced: the price before the raise", [(100, 20, 0), (10, 30, 0), (5, 30, 50)], 20),
    ("the raise is older than 30 days when it is reduced", [(100, 20, 0), (50, 30, 0), (5, 30, 50)], 30),
    (
        "reduced more and more: the price before the first step",
        [(100, 20, 0), (9, 20, 10), (5, 20, 20), (1, 15, 20)],
        20,
    ),
    ("reduced with a pause: the earlier reduction counts", [(100, 20, 0), (9, 20, 50), (5, 20, 0), (1, 20, 10)], 10),
    ("a reduction that ended 40 days before this one", [(100, 20, 0), (60, 20, 50), (45, 20, 0), (1, 20, 10)], 20),
    ("reduced for 90 days: the 30 before", [(100, 20, 0), (90, 20, 50)], 20),
    ("reduced from the beginning", [(100, 20, 50)], None),
    ("discounts of its own count after the discount", [(100, 20, 50), (10, 20, 0)], 10),
    ("rounded half up", [(100, 0.99, 50), (10, 1, 0)], 0.49),
]


@pytest.mark.parametrize(("what", "rows", "lowest"), LOWEST, ids=[row[0] for row in LOWEST])
async def test_the_lowest_price_of_30_days(
    client: Client, what: str, rows: list[tuple[int, float, float]], lowest: float | None
) -> None:
    product = await client.a_product()
    await client.value("delete from price_changes where product_id = $1", product["id"])
    for days, price, discount in rows:
        await client.value(
            """
            insert into price_changes (product_id, price_minor, discount_bp, currency, changed_at)
            values ($1, $2, $3, 'USD', now() - $4::interval)
            """,
            product["id"],
            round(price * 100),
            round(discount * 100),
            timedelta(days=days),
        )

    assert (await history_of(client, product))["lowest30Days"] == lowest


async def test_of_what_is_not_sold_there_is_no_history(client: Client) -> None:
    product = await client.a_product()
    await client.value("update companies set status = 'inactive' where id = $1", product["companyId"])

    for product_id in (product["id"], 4611686018427387904):
        reply = await client.get(f"/products/{product_id}/price-history?fresh=1")
        assert (reply.status_code, reply.json()["code"]) == (404, "PRODUCT_NOT_FOUND")
