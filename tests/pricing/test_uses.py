"""Limits of promotions: they hold whatever happens at once, and what an order gives back can be used again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from entrepot.pricing import CouponOver, OpenedPromotion, PromotionOver, claim_uses, release_uses
from tests.builders import Client
from tests.pricing.promoting import a_coupon, a_promotion, about, ordered, with_cart


async def _orders(client: Client, count: int) -> list[tuple[int, int]]:
    """(order id, user id) of orders that have used nothing, each of a new user."""
    product = await client.a_product(stock=1_000)
    made = []
    for _ in range(count):
        buyer = await client.signed_in("user")
        number = (await ordered(buyer, (product["id"], 1)))["id"]
        row = await client.app.shop.database.pool.fetchrow("select id, user_id from orders where number = $1", number)
        made.append((row["id"], row["user_id"]))
    return made


async def _claim(client: Client, order_id: int, user_id: int | None, *ids: int, **more: Any) -> bool:
    """Whether it was counted."""
    try:
        async with client.app.shop.database.transaction() as tx:
            await claim_uses(tx, order_id=order_id, user_id=user_id, discounts=dict.fromkeys(ids, 100), **more)
    except PromotionOver:
        return False
    return True


async def _release(client: Client, order_id: int) -> None:
    async with client.app.shop.database.transaction() as tx:
        await release_uses(tx, order_id)


async def _used(client: Client, promotion_id: int) -> int:
    used: int = await client.value("select used from promotions where id = $1", promotion_id)
    return used


async def test_a_limit_is_reached_and_not_overstepped(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    promotions = [await a_promotion(admin, target=about(product["id"]), totalLimit=limit) for limit in (3, 5)]
    ids = [promotion["id"] for promotion in promotions]
    orders = await _orders(client, 8)

    claimed = await asyncio.gather(
        *(
            _claim(client, order_id, user_id, *(ids if place % 2 else reversed(ids)))
            for place, (order_id, user_id) in enumerate(orders)
        )
    )

    assert sum(claimed) == 3, "both or neither: where one is used up, nothing is counted"
    assert [await _used(client, id_) for id_ in ids] == [3, 3]


async def test_what_is_given_back_can_be_used_again(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    made = await a_promotion(admin, target=about(product["id"]), totalLimit=1, perUserLimit=1)
    (first, user), (second, other) = await _orders(client, 2)

    assert await _claim(client, first, user, made["id"])
    assert (await admin.get(f"/promotions/{made['id']}")).json()["status"] == "used_up"
    assert not await _claim(client, second, other, made["id"])
    await asyncio.gather(*(_release(client, first) for _ in range(5)))
    assert await _used(client, made["id"]) == 0, "given back once, however often it is asked for"
    assert await _claim(client, second, other, made["id"])
    assert not await _claim(client, first, user, made["id"])


async def test_claims_and_releases_at_once_leave_the_count_true(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    made = await a_promotion(admin, target=about(product["id"]), totalLimit=4)
    orders = await _orders(client, 10)

    async def use(order_id: int, user_id: int, *, give_back: bool) -> None:
        if await _claim(client, order_id, user_id, made["id"]) and give_back:
            await _release(client, order_id)

    await asyncio.gather(*(use(*order, give_back=place % 2 == 0) for place, order in enumerate(orders)))

    open_uses = await client.value(
        "select count(*) from promotion_uses where promotion_id = $1 and released_at is null", made["id"]
    )
    assert await _used(client, made["id"]) == open_uses <= 4


async def test_a_limit_that_is_set_while_it_is_used_counts_what_was_used(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    made = await a_promotion(admin, target=about(product["id"]))
    orders = await _orders(client, 8)

    replies = await asyncio.gather(
        *(_claim(client, *order, made["id"]) for order in orders[:4]),
        admin.put(f"/promotions/{made['id']}", {"totalLimit": 20}),
        *(_claim(client, *order, made["id"]) for order in orders[4:]),
    )

    claimed = sum(reply for reply in replies if isinstance(reply, bool))
    open_uses = await client.value("select count(*) from promotion_uses where promotion_id = $1", made["id"])
    assert await _used(client, made["id"]) == open_uses == claimed


async def test_a_limit_for_each_user_is_each_users_own(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    made = await a_promotion(admin, target=about(product["id"]), perUserLimit=1)
    orders = await _orders(client, 4)
    user = orders[0][1]

    mine = await asyncio.gather(*(_claim(client, order_id, user, made["id"]) for order_id, _ in orders[:3]))
    assert sum(mine) == 1
    assert await _claim(client, orders[3][0], orders[3][1], made["id"])


async def test_guests_use_what_is_not_counted_for_each(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    limited = await a_promotion(admin, target=about(product["id"]), perUserLimit=1)
    first_only = await a_promotion(admin, target=about(product["id"]), firstOrderOnly=True)
    free = await a_promotion(admin, target=about(product["id"]))
    (order_id, _), _ = await _orders(client, 2)

    assert not await _claim(client, order_id, None, limited["id"])
    assert not await _claim(client, order_id, None, first_only["id"])
    assert await _claim(client, order_id, None, free["id"])


async def test_a_promotion_for_first_orders_is_used_once(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    made = await a_promotion(admin, target=about(product["id"]), firstOrderOnly=True)
    orders = await _orders(client, 4)

    claimed = await asyncio.gather(*(_claim(client, order_id, orders[0][1], made["id"]) for order_id, _ in orders))

    assert sum(claimed) == 1


async def test_a_code_opens_its_own_promotion_alone(client: Client) -> None:
    admin = await client.signed_in("admin")
    coupon, other = await a_coupon(admin), await a_coupon(admin)
    (order_id, user_id), _ = await _orders(client, 2)

    opened = OpenedPromotion(other["promotionId"], coupon["id"], coupon["code"])

    with pytest.raises(CouponOver):
        await _claim(client, order_id, user_id, other["promotionId"], coupon=opened)


async def test_orders_with_a_promotion_without_limit_do_not_wait_for_each_other(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    made = await a_promotion(admin, target=about(product["id"]))
    (first, user), (second, other) = await _orders(client, 2)
    database = client.app.shop.database

    async with database.transaction() as held:
        await claim_uses(held, order_id=first, user_id=user, discounts={made["id"]: 1})
        async with database.transaction() as beside:
            await beside.run("set local lock_timeout = '1s'")
            await claim_uses(beside, order_id=second, user_id=other, discounts={made["id"]: 1})


async def test_a_cancelled_order_gives_its_coupon_back(client: Client) -> None:
    admin, product = await client.signed_in("admin"), await client.a_product()
    coupon = await a_coupon(admin, totalLimit=1)
    buyer = await with_cart(client, (product["id"], 1))
    assert (await buyer.post("/checkout/apply-coupon", {"code": coupon["code"]})).status_code == 200
    number = (await ordered(buyer, (product["id"], 1)))["id"]
    order_id = await client.value("select id from orders where number = $1", number)
    assert await client.value("select used from coupons where id = $1", coupon["id"]) == 1

    await _release(client, order_id)

    assert await client.value("select used from coupons where id = $1", coupon["id"]) == 0
    again = await with_cart(client, (product["id"], 1))
    assert (await again.post("/checkout/apply-coupon", {"code": coupon["code"]})).status_code == 200
