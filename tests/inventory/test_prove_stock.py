"""The doctor proves the books, points to what drifted, and sets it right with an entry in the history."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot import inventory
from tests.builders import Client, an_order
from tests.cli.conftest import home
from tests.cli.test_serve import run
from tests.inventory.books import assert_books_balance, rewrite

__all__ = ["home"]


async def drift_of(client: Client, product: int) -> list[str]:
    found = [drift async for drift in inventory.find_drift(client.app.shop.database.reader, product, product)]
    return [fault for drift in found for fault in drift.faults]


async def set_right(client: Client, product: int) -> bool:
    async with client.app.shop.database.transaction() as tx:
        return await inventory.set_right(tx, product)


async def a_product_with_a_hold(client: Client) -> int:
    product: int = (await client.a_product(stock=10))["id"]
    buyer = await client.signed_in()
    assert (await buyer.post("/orders", an_order((product, 4)))).status_code == 201
    return product


async def test_sound_books_are_left_alone(client: Client) -> None:
    product = await a_product_with_a_hold(client)
    before = await client.value("select count(*) from stock_movements where product_id = $1", product)

    assert await drift_of(client, product) == []
    assert await set_right(client, product)
    assert await client.value("select count(*) from stock_movements where product_id = $1", product) == before


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("update stock_levels set on_hand = on_hand + 3 where product_id = $1", "13 on hand, and the history makes 10"),
        ("update stock_levels set reserved = 1 where product_id = $1", "1 reserved, and orders hold 4"),
        ("update product_stock set available = 9 where product_id = $1", "9 in all, and its warehouses have 6 to sell"),
        ("delete from product_stock where product_id = $1", "no total, and its warehouses have 6 to sell"),
        ("delete from stock_movements where product_id = $1 and reason = 'sale'", "and the history makes 0"),
        ("update stock_reservations set status = 'released' where product_id = $1", "4 reserved, and orders hold 0"),
        (
            "update stock_movements set on_hand_after = 7 where product_id = $1 and reason = 'sale'",
            "the last entry of the history says 7 and 4",
        ),
    ],
)
async def test_drift_is_found_and_set_right(client: Client, harm: str, says: str) -> None:
    product = await a_product_with_a_hold(client)
    on_shelf = "select sum(on_hand) from stock_levels where product_id = $1"
    await rewrite(client, harm, product)
    there = await client.value(on_shelf, product)

    assert any(says in fault for fault in await drift_of(client, product)), await drift_of(client, product)
    assert await set_right(client, product)

    assert await drift_of(client, product) == []
    assert await client.value(on_shelf, product) == there
    await assert_books_balance(client, [product])


async def test_a_level_that_is_gone_comes_back_empty(client: Client) -> None:
    product = (await client.a_product(stock=10))["id"]
    await client.value("delete from stock_levels where product_id = $1", product)

    assert await set_right(client, product)

    assert (await client.get(f"/products/{product}")).json()["stock"] == 0
    assert await drift_of(client, product) == []


async def test_more_held_than_there_is_cannot_be_set_right(client: Client) -> None:
    product = await a_product_with_a_hold(client)
    await client.value("update stock_levels set on_hand = 2, reserved = 2 where product_id = $1", product)

    (drift,) = [drift async for drift in inventory.find_drift(client.app.shop.database.reader, product, product)]

    assert not drift.repairable
    assert not await set_right(client, product)

    await client.value(
        "update stock_levels set on_hand = 10 where product_id = $1", product
    )  # it was found behind a shelf
    assert await set_right(client, product)
    await assert_books_balance(client, [product])


def test_the_command_says_that_all_is_well(home: Path) -> None:
    run(home, "migrate")

    well = run(home, "doctor", "--stock")

    assert (well.returncode, "sum of its history" in well.stdout) == (0, True), well.stdout + well.stderr
    assert run(home, "doctor", "--repair").returncode == 1
