"""Idempotency keys: the same request is carried out once, and answered alike ever after."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from datetime import timedelta

import asyncpg

from entrepot.kernel import clock, idempotency
from entrepot.kernel.db import Tx
from tests.builders import PASSWORD, Client, an_order, unique
from tests.payments.paying import an_intent, an_unpaid_order, confirm, slow_bank, under_way


def key() -> dict[str, str]:
    return {"Idempotency-Key": unique("key")}


async def orders_of(buyer: Client) -> int:
    count: int = await buyer.value("select count(*) from orders where user_id = $1", buyer.user["id"])
    return count


async def test_a_hundred_at_once_place_one_order_and_all_get_it(client: Client) -> None:
    product = await client.a_product(stock=500)
    buyer = await client.signed_in()
    headers, body = key(), an_order((product["id"], 1))

    replies = await asyncio.gather(*(buyer.post("/orders", body, headers=headers) for _ in range(100)))

    assert Counter(reply.status_code for reply in replies) == {201: 100}
    assert len({reply.content for reply in replies}) == 1
    assert {reply.headers["content-type"] for reply in replies} == {"application/json"}
    assert sum("idempotency-replayed" in reply.headers for reply in replies) == 99
    assert await orders_of(buyer) == 1


async def test_another_request_with_the_same_key_is_a_conflict(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    headers = key()
    assert (await buyer.post("/orders", an_order((product["id"], 1)), headers=headers)).status_code == 201

    for path, body in (("/orders", an_order((product["id"], 2))), ("/payments/intents", {"amount": 1})):
        reply = await buyer.post(path, body, headers=headers)

        assert (reply.status_code, reply.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert await orders_of(buyer) == 1


async def test_different_bodies_with_one_key_at_once_place_one_order(client: Client) -> None:
    product = await client.a_product(stock=500)
    buyer = await client.signed_in()
    headers = key()

    replies = await asyncio.gather(
        *(buyer.post("/orders", an_order((product["id"], 1 + n)), headers=headers) for n in range(20))
    )

    assert Counter(reply.status_code for reply in replies) == {201: 1, 409: 19}
    assert await orders_of(buyer) == 1


async def test_a_request_that_failed_can_be_tried_again(client: Client) -> None:
    product = await client.a_product(stock=1)
    buyer = await client.signed_in()
    headers, body = key(), an_order((product["id"], 2))
    assert (await buyer.post("/orders", body, headers=headers)).status_code == 422

    await client.value("update stock_levels set on_hand = 5 where product_id = $1", product["id"])
    await client.value("update product_stock set available = 5 where product_id = $1", product["id"])

    assert (await buyer.post("/orders", body, headers=headers)).status_code == 201
    assert await orders_of(buyer) == 1


async def test_two_users_may_use_one_key(client: Client) -> None:
    product = await client.a_product()
    buyers = [await client.signed_in() for _ in range(2)]
    headers, body = key(), an_order((product["id"], 1))

    first, second = [await buyer.post("/orders", body, headers=headers) for buyer in buyers]

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_guests_with_different_carts_may_use_one_key(client: Client) -> None:
    product = await client.a_product()
    headers, body = key(), an_order((product["id"], 1), email="guest@example.com")

    replies = [
        await client.post("/orders", body, headers={**headers, "X-Cart-Token": token})
        for token in ("one", "two", "one")
    ]

    assert [reply.status_code for reply in replies] == [201, 201, 201]
    assert replies[0].json()["id"] == replies[2].json()["id"] != replies[1].json()["id"]


async def test_both_addresses_of_a_route_are_one_request(client: Client) -> None:
    product = await client.a_product()
    buyer = await client.signed_in()
    headers, body = key(), an_order((product["id"], 1))

    first = await buyer.post("/orders", body, headers=headers)
    second = await buyer.post("http://shop.test/api/orders", body, headers=headers)

    assert first.json() == second.json()


async def test_a_key_is_forgotten_after_a_day(client: Client) -> None:
    buyer = await client.signed_in()
    headers = key()
    first = await buyer.post("/payments/intents", {"amount": 100}, headers=headers)
    await client.value(
        "update idempotency_keys set created_at = created_at - interval '25 hours' where scope = $1",
        f"user:{buyer.user['id']}",
    )

    second = await buyer.post("/payments/intents", {"amount": 200}, headers=headers)

    assert (second.status_code, second.json()["id"] == first.json()["id"]) == (201, False)


async def test_keys_past_their_time_are_deleted(client: Client, fresh_db: asyncpg.Connection) -> None:
    await fresh_db.execute(
        """
        insert into idempotency_keys (scope, key_hash, request_hash, status, created_at)
        select 'user:1', sha256(hours::text::bytea), '', 200, now() - hours * interval '1 hour' from generate_series(22, 26) hours
        """
    )
    assert await idempotency.forget_old(Tx(fresh_db)) == 3


# ---- handlers that open their own transactions, because they talk to the network in between ----


async def test_registering_twice_with_one_key_makes_one_account(client: Client) -> None:
    headers = key()
    body = {"email": f"{unique('a')}@example.com", "password": PASSWORD, "firstName": "Jane", "lastName": "Smith"}

    replies = await asyncio.gather(*(client.post("/auth/register", body, headers=headers) for _ in range(10)))
    replies.append(await client.post("/auth/register", body, headers=headers))

    assert {reply.status_code for reply in replies} <= {201, 409}
    assert replies[-1].status_code == 201
    done = [reply.json() for reply in replies if reply.status_code == 201]
    assert all(reply == done[0] for reply in done)
    assert {reply.json()["code"] for reply in replies if reply.status_code == 409} <= {"IDEMPOTENCY_CONFLICT"}


async def test_a_registration_that_failed_gives_its_key_back(client: Client) -> None:
    headers = key()
    body = {"email": f"{unique('a')}@example.com", "password": PASSWORD, "firstName": "Jane", "lastName": "Smith"}

    assert (await client.post("/auth/register", {**body, "zone": "nowhere"}, headers=headers)).status_code == 400
    assert (await client.post("/auth/register", body, headers=headers)).status_code == 201


async def test_a_decline_gives_the_key_back(client: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, amount=100)
    headers = key()

    assert (await confirm(buyer, intent, "pm_card_chargeDeclined", headers=headers)).status_code == 422
    assert (await confirm(buyer, intent, headers=headers)).status_code == 200


async def test_while_the_first_runs_the_second_is_told_so(client: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, await an_unpaid_order(client, buyer))
    headers = key()
    async with slow_bank(client, intent):
        first = asyncio.create_task(confirm(buyer, intent, headers=headers))
        await under_way(client, intent)

        second = await confirm(buyer, intent, headers=headers)

    assert (second.status_code, second.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert (await first).status_code == 200
    third = await confirm(buyer, intent, headers=headers)
    assert (third.json(), third.headers["idempotency-replayed"]) == ((await first).json(), "true")


async def test_a_key_whose_process_died_is_free_again_after_a_while(client: Client) -> None:
    buyer = await client.signed_in()
    intent = await an_intent(buyer, amount=100)
    headers = key()
    await confirm(buyer, intent, headers=headers)
    key_hash = hashlib.sha256(headers["Idempotency-Key"].encode()).digest()
    await client.value("update idempotency_keys set status = null, reply = null where key_hash = $1", key_hash)

    assert (await confirm(buyer, intent, headers=headers)).status_code == 409
    with clock.moved(timedelta(minutes=-1)):
        await client.value(
            "update idempotency_keys set created_at = $2 where key_hash = $1",
            key_hash,
            clock.now() - idempotency.GIVEN_UP_AFTER,
        )
    assert (await confirm(buyer, intent, headers=headers)).status_code == 200


async def test_what_is_stored_of_a_reply_tells_nothing_without_its_key(client: Client) -> None:
    buyer = await client.signed_in()
    headers = key()
    secret = (await buyer.post("/payments/intents", {"amount": 100}, headers=headers)).json()["clientSecret"]

    rows = await client.app.shop.database.pool.fetch(
        "select * from idempotency_keys where scope = $1", f"user:{buyer.user['id']}"
    )

    assert len(rows) == 1
    stored = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in rows[0].values())
    assert secret.encode() not in stored
    assert headers["Idempotency-Key"].encode() not in stored
