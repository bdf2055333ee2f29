"""Waiting for what is sold out: fair, held for a while, nobody told twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from entrepot import app as composition
from entrepot import inventory
from entrepot.identity import UserEmailVerified, UserErased
from entrepot.inventory import StockChange, wait
from entrepot.inventory.offer import offer_all
from entrepot.inventory.tell_waiters import tell_waiter
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.mail import Outbox
from entrepot.settings import Settings
from tests.builders import Client, an_order, unique
from tests.inventory.books import assert_books_balance

ADMIN = Actor(role=Role.ADMIN)
HOLD = timedelta(minutes=30)
"""As `NOTIFY_HOLD` is, if nothing else is set."""


async def restock(client: Client, product: int, pieces: int) -> None:
    async with client.app.shop.database.transaction() as tx:
        await inventory.set_stock(tx, ADMIN, StockChange(product_id=product, adjustment=pieces))


async def check(who: Client, product: int) -> Any:
    return (await who.get(f"/notify-me/check/{product}")).json()


async def statuses(client: Client, product: int) -> list[str]:
    found: list[str] = await client.value(
        "select array_agg(status order by id) from stock_waiters where product_id = $1", product
    )
    return found


async def sold_out(client: Client, **fields: Any) -> int:
    product: int = (await client.a_product(stock=0, **fields))["id"]
    return product


async def test_subscribing_checking_and_leaving(client: Client) -> None:
    product = await sold_out(client)
    first, second = await client.signed_in(), await client.signed_in()

    made = await first.post(f"/notify-me/{product}")
    again = await first.post(f"/notify-me/{product}", {})
    await second.post(f"/notify-me/{product}")

    assert (made.status_code, made.json()["status"], made.json()["position"]) == (201, "waiting", 1)
    assert again.json() == made.json()
    assert (await check(second, product))["subscription"]["position"] == 2
    assert (await check(await client.signed_in(), product)) == {
        "productId": product,
        "subscribed": False,
        "subscription": None,
    }
    mine = (await first.get("/notify-me/my-subscriptions")).json()
    assert [wait["productId"] for wait in mine["subscriptions"]] == [product]
    assert (await first.delete(f"/notify-me/{product}")).status_code == 204
    assert (await first.delete(f"/notify-me/{product}")).status_code == 204
    assert (await check(first, product))["subscribed"] is False
    assert (await check(second, product))["subscription"]["position"] == 1


async def test_what_can_be_bought_is_not_waited_for(client: Client) -> None:
    user = await client.signed_in()
    product = (await client.a_product(stock=1))["id"]

    assert (await user.post(f"/notify-me/{product}")).json()["code"] == "NOT_SOLD_OUT"
    assert (await user.post(f"/notify-me/{2**40}")).status_code == 404
    assert (await client.post(f"/notify-me/{await sold_out(client)}")).json()["details"].keys() == {"email"}


async def test_asking_at_the_same_time_makes_one_place(client: Client) -> None:
    product, user = await sold_out(client), await client.signed_in()

    replies = await asyncio.gather(*(user.post(f"/notify-me/{product}") for _ in range(6)))

    assert {reply.status_code for reply in replies} == {201}
    assert await statuses(client, product) == ["waiting"]


async def test_returning_stock_goes_to_who_waited_longest_and_is_held(client: Client) -> None:
    product = await sold_out(client)
    waiting = [await client.signed_in() for _ in range(3)]
    stranger = await client.signed_in()
    for user in waiting:
        await user.post(f"/notify-me/{product}")

    await restock(client, product, 2)

    assert await statuses(client, product) == ["offered", "offered", "waiting"]
    assert (await client.get(f"/products/{product}")).json()["stock"] == 0
    await assert_books_balance(client, [product])
    for other in (stranger, waiting[2]):
        assert (await other.post("/orders", an_order((product, 1)))).json()["code"] == "INSUFFICIENT_STOCK"
    assert (await waiting[0].post("/orders", an_order((product, 1)))).status_code == 201
    assert (await waiting[0].post("/orders", an_order((product, 1)))).status_code == 422
    assert await statuses(client, product) == ["bought", "offered", "waiting"]
    await assert_books_balance(client, [product])


async def test_an_offer_that_lapses_goes_to_the_next_and_to_nobody_twice(client: Client) -> None:
    product = await sold_out(client)
    first, second = await client.signed_in(), await client.signed_in()
    for user in (first, second):
        await user.post(f"/notify-me/{product}")
    await restock(client, product, 1)

    await offer_all(client.app.shop.database, HOLD)
    assert await statuses(client, product) == ["offered", "waiting"]
    with clock.moved(HOLD + timedelta(seconds=1)):
        await offer_all(client.app.shop.database, HOLD)
        assert await statuses(client, product) == ["lapsed", "offered"]
        with clock.moved(HOLD + timedelta(seconds=1)):
            await offer_all(client.app.shop.database, HOLD)

    assert await statuses(client, product) == ["lapsed", "lapsed"]
    assert (await client.get(f"/products/{product}")).json()["stock"] == 1
    await assert_books_balance(client, [product])


async def test_who_leaves_lets_the_next_have_it(client: Client) -> None:
    product = await sold_out(client)
    first, second = await client.signed_in(), await client.signed_in()
    for user in (first, second):
        await user.post(f"/notify-me/{product}")
    await restock(client, product, 1)

    await first.delete(f"/notify-me/{product}")

    assert await statuses(client, product) == ["cancelled", "offered"]
    assert (await second.post("/orders", an_order((product, 1)))).status_code == 201
    await assert_books_balance(client, [product])


async def test_an_order_that_is_released_goes_to_who_waits(client: Client) -> None:
    product = (await client.a_product(stock=1))["id"]
    buyer, waiter = await client.signed_in(), await client.signed_in()
    number = (await buyer.post("/orders", an_order((product, 1)))).json()["id"]
    await waiter.post(f"/notify-me/{product}")
    order = await client.value("select id from orders where number = $1", number)

    async with client.app.shop.database.transaction() as tx:
        await inventory.release(tx, order, actor_id=None)

    assert await statuses(client, product) == ["offered"]
    await assert_books_balance(client, [product])


async def test_as_many_are_held_as_an_order_needs_at_least(client: Client) -> None:
    product = await sold_out(client, minimumOrderQuantity=5)
    waiting = [await client.signed_in() for _ in range(2)]
    for user in waiting:
        await user.post(f"/notify-me/{product}")

    await restock(client, product, 9)

    assert await statuses(client, product) == ["offered", "waiting"]
    assert (await client.get(f"/products/{product}")).json()["stock"] == 4
    assert (await waiting[0].post("/orders", an_order((product, 7)))).status_code == 201
    await assert_books_balance(client, [product])


async def test_a_guest_is_told_by_mail_once(client: Client) -> None:
    product = await sold_out(client, title="Chair <b>&</b> table")
    email = f"{unique('guest')}@example.com"
    assert (await client.post(f"/notify-me/{product}", {"email": email})).status_code == 201
    assert (await client.post(f"/notify-me/{product}", {"email": email.upper()})).json()["position"] == 1
    assert await statuses(client, product) == ["waiting"]
    await restock(client, product, 5)
    waiter = await client.value("select id from stock_waiters where product_id = $1", product)

    await asyncio.gather(*(tell_waiter(client.app.shop, {"waiterId": waiter}) for _ in range(3)))

    posted = [mail for mail in Outbox(client.app.shop.settings.mails_folder).messages() if mail.to == email]
    assert [mail.subject for mail in posted] == ["Chair <b>&</b> table is back"]
    assert f"/products/{product}" in posted[0].text


async def test_many_waiters_and_buyers_at_once_stay_fair(client: Client) -> None:
    product = await sold_out(client)
    waiting = [await client.signed_in() for _ in range(6)]
    strangers = [await client.signed_in() for _ in range(6)]
    for user in waiting:
        await user.post(f"/notify-me/{product}")

    async def buy(user: Client) -> int:
        return (await user.post("/orders", an_order((product, 1)))).status_code

    await restock(client, product, 4)
    bought = await asyncio.gather(*(buy(user) for pair in zip(strangers, waiting, strict=True) for user in pair))

    assert Counter(bought[0::2]) == {422: 6}
    assert bought[1::2] == [201] * 4 + [422] * 2
    await assert_books_balance(client, [product])


async def test_what_administrators_see_and_do(client: Client) -> None:
    zone = await client.a_zone()
    company = await client.a_company()
    await client.value("update warehouses set zone_id = $2 where company_id = $1", company, zone)
    product, other = await sold_out(client, company_id=company), await sold_out(client, company_id=company)
    north = await client.signed_in("location_admin", zone_ids=[zone])
    elsewhere = await client.signed_in("location_admin", zone_ids=[await client.a_zone()])
    users = [await client.signed_in() for _ in range(2)]
    for user in users:
        await user.post(f"/notify-me/{product}")
    await users[0].post(f"/notify-me/{other}")

    stats = (await north.get("/notify-me/stats")).json()
    assert stats["counts"]["waiting"] == 3
    assert [(row["productId"], row["waiting"]) for row in stats["products"]] == [(product, 2), (other, 1)]
    assert (await elsewhere.get("/notify-me/stats")).json()["total"] == 0
    requests = (await north.get(f"/notify-me/product/{product}/requests")).json()
    assert [row["userId"] for row in requests["requests"]] == [user.user["id"] for user in reversed(users)]
    assert (await elsewhere.get(f"/notify-me/product/{product}/requests")).status_code == 404
    assert (await elsewhere.post(f"/notify-me/product/{product}/notify")).status_code == 404

    # A piece that came by without anybody noticing, as a restored backup would bring it.
    await client.value("update stock_levels set on_hand = 1 where product_id = $1", product)
    async with client.app.shop.database.transaction() as tx:
        await inventory.set_right(tx, product)
    result = await north.post(f"/notify-me/product/{product}/notify")
    assert result.json() == {"productId": product, "notified": 1, "waiting": 1}

    await users[0].delete(f"/notify-me/{product}")
    assert (await elsewhere.delete("/notify-me/clear-notified")).json() == {"cleared": 0}
    assert (await north.delete("/notify-me/clear-notified")).json() == {"cleared": 1}
    assert await statuses(client, product) == ["offered"]


async def test_who_is_erased_waits_for_nothing(client: Client) -> None:
    product = await sold_out(client)
    first, second = await client.signed_in(), await client.signed_in()
    for user in (first, second):
        await user.post(f"/notify-me/{product}")
    await restock(client, product, 1)

    async with client.app.shop.database.transaction() as tx:
        await inventory.erase_person(tx, UserErased(user_id=first.user["id"]))

    assert await statuses(client, product) == ["offered"]
    assert (await check(second, product))["subscription"]["status"] == "offered"
    await assert_books_balance(client, [product])


async def a_guest_waits(client: Client, *products: int) -> str:
    """Its address."""
    email = f"{unique('guest')}@example.com"
    for product in products:
        assert (await client.post(f"/notify-me/{product}", {"email": email})).status_code == 201
    return email


async def test_a_guest_buys_what_is_held_for_its_address(client: Client) -> None:
    product = await sold_out(client)
    email = await a_guest_waits(client, product)
    await restock(client, product, 1)

    stranger = await client.post("/orders", an_order((product, 1), email=f"{unique('guest')}@example.com"))
    assert stranger.json()["code"] == "INSUFFICIENT_STOCK"
    bought = await client.post("/orders", an_order((product, 1), email=email.title()))

    assert bought.status_code == 201, bought.text
    assert await statuses(client, product) == ["bought"]
    await assert_books_balance(client, [product])


async def test_a_user_buys_what_is_held_and_what_anybody_can(client: Client) -> None:
    product, user = await sold_out(client), await client.signed_in()
    await user.post(f"/notify-me/{product}")
    await restock(client, product, 3)

    assert await seen_in_cart(user, product) == 3
    assert await seen_in_cart(await client.signed_in(), product) == 2
    assert (await user.post("/orders", an_order((product, 4)))).json()["details"] == {
        f"products.{product}": ["only 3 left"]
    }
    assert await statuses(client, product) == ["offered"]
    assert (await user.post("/orders", an_order((product, 3)))).status_code == 201
    assert await statuses(client, product) == ["bought"]
    await assert_books_balance(client, [product])


async def seen_in_cart(user: Client, product: int) -> int:
    """How many pieces its cart says that it can buy."""
    reply = await user.post("/cart/items", {"productId": product, "quantity": 1})
    (line,) = reply.json()["products"]
    stock: int = line["stock"]
    return stock


async def test_what_a_guest_waits_for_becomes_its_users(client: Client) -> None:
    both, only = await sold_out(client), await sold_out(client)
    email = await a_guest_waits(client, both, only)
    user = await client.signed_in()
    await user.post(f"/notify-me/{both}")
    await restock(client, only, 1)

    verified = UserEmailVerified(user_id=user.user["id"], email=email.upper())
    async with client.app.shop.database.transaction() as tx:
        await inventory.claim_guest_waits(tx, verified)

    assert (await check(user, only))["subscription"]["status"] == "offered"
    assert (await user.post("/orders", an_order((only, 1)))).status_code == 201
    owners = "select array_agg(user_id is not null order by id) from stock_waiters where product_id = $1"
    assert await client.value(owners, both) == [False, True]
    await assert_books_balance(client, [both, only])


async def test_the_link_in_the_mail_ends_all_waiting_without_signing_in(client: Client) -> None:
    product, other = await sold_out(client), await sold_out(client)
    email = await a_guest_waits(client, product, other)
    second = await client.signed_in()
    await second.post(f"/notify-me/{product}")
    await restock(client, product, 1)
    waiter = await client.value("select min(id) from stock_waiters where product_id = $1", product)
    await tell_waiter(client.app.shop, {"waiterId": waiter})
    (mail,) = [mail for mail in Outbox(client.app.shop.settings.mails_folder).messages() if mail.to == email]
    token = mail.text.rpartition("/notify-me/unsubscribe#token=")[2].strip()

    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    for wrong in (forged, f"{waiter + 1}.{token.partition('.')[2]}", "1", f"{'9' * 40}.{'a' * 64}", "٣." + "a" * 64):
        reply = await client.post("/notify-me/unsubscribe", {"token": wrong})
        assert (reply.status_code, reply.json()["code"]) == (404, "UNSUBSCRIBE_LINK_UNKNOWN")
    replies = await asyncio.gather(*(client.post("/notify-me/unsubscribe", {"token": token}) for _ in range(4)))

    assert {reply.status_code for reply in replies} == {200}
    assert (await client.post("/notify-me/unsubscribe", {"token": token})).json() == {"products": 0}
    assert await statuses(client, product) == ["cancelled", "offered"]
    assert await statuses(client, other) == ["cancelled"]
    await assert_books_balance(client, [product, other])


async def test_nobody_waits_for_everything(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait, "MOST_AWAITED", 1)
    user, email = await client.signed_in(), f"{unique('guest')}@example.com"
    first, second = await sold_out(client), await sold_out(client)

    for who, body in ((user, {}), (client, {"email": email})):
        assert (await who.post(f"/notify-me/{first}", body)).status_code == 201
        assert (await who.post(f"/notify-me/{first}", body)).status_code == 201
        assert (await who.post(f"/notify-me/{second}", body)).json()["code"] == "TOO_MANY_SUBSCRIPTIONS"


async def test_whole_packs_are_held(client: Client) -> None:
    product, user = await sold_out(client, minimumOrderQuantity=6, packSize=6), await client.signed_in()
    await client.value("update products set minimum_order_quantity = 5 where id = $1", product)
    await user.post(f"/notify-me/{product}")

    await restock(client, product, 7)

    assert (await check(user, product))["subscription"]["quantity"] == 6


async def test_how_long_it_is_held_is_a_setting(dsn: str, settings: Settings, client: Client) -> None:
    product, user = await sold_out(client), await client.signed_in()
    await user.post(f"/notify-me/{product}")
    changed = settings.model_copy(update={"notify_hold": timedelta(hours=5)})
    database = await composition.open_database(changed, dsn)

    async with database.transaction() as tx:
        await inventory.set_stock(tx, ADMIN, StockChange(product_id=product, adjustment=1))
    await database.close()

    held = datetime.fromisoformat((await check(user, product))["subscription"]["heldUntil"]) - clock.now()
    assert timedelta(hours=4, minutes=59) < held <= timedelta(hours=5)
