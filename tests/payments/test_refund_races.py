"""Refunds that meet something else on their way: an order that takes the payment, and another refund of the same order."""

from __future__ import annotations

import asyncio

from entrepot.payments import queries
from entrepot.payments.provider_model import RefundOutcome, RefundStatus
from entrepot.payments.refund_settle import settle_refund
from tests.builders import Client, an_order
from tests.payments.money import a_paid_order, row_id
from tests.payments.paying import an_intent, an_unpaid_order, confirm, standing

ROUNDS = 20


async def test_a_payment_is_refunded_or_buys_the_goods_and_never_both(client: Client) -> None:
    buyer, admin = await client.signed_in(), await client.signed_in("admin")
    product = await client.a_product(price=10, stock=100)
    for _ in range(ROUNDS):
        intent = await an_intent(buyer)
        assert (await confirm(buyer, intent)).status_code == 200

        placed, *refunds = await asyncio.gather(
            buyer.post("/orders", an_order((product["id"], 1), paymentIntentId=intent)),
            *(admin.post("/payments/refunds", {"paymentIntentId": intent}) for _ in range(3)),
        )

        assert {reply.status_code for reply in refunds} <= {201, 422}
        assert sum(reply.status_code == 201 for reply in refunds) == 1
        if placed.status_code == 201:
            order = placed.json()
            assert (await standing(client, order))[1] == "refunded"
            credited = await client.value(
                "select sum(total_minor)::bigint from credits where order_id = $1", await row_id(client, order)
            )
            assert credited == 1080, "what was bought with it was taken back as well"
        else:
            assert (placed.status_code, placed.json()["code"]) == (422, "PAYMENT_MISMATCH")


async def test_a_refund_sent_again_beside_the_rest_leaves_the_order_refunded(client: Client) -> None:
    buyer, admin = await client.signed_in(), await client.signed_in("admin")
    product = await client.a_product(price=10)
    for _ in range(5):
        order = await a_paid_order(client, buyer, (product["id"], 1))
        part = (await admin.post("/payments/refunds", {"orderId": order["id"], "amount": 300})).json()
        async with client.app.shop.database.transaction() as tx:
            assert await settle_refund(tx, part["id"], RefundOutcome(status=RefundStatus.FAILED))

        replies = await asyncio.gather(
            admin.post(f"/payments/refunds/{part['id']}/retry"),
            admin.post("/payments/refunds", {"orderId": order["id"]}),
        )

        assert [reply.status_code for reply in replies] == [201, 201]
        assert (await standing(client, order))[1] == "refunded"


async def test_a_refund_that_waits_for_an_order_to_take_the_payment_takes_the_order_back(client: Client) -> None:
    buyer, admin = await client.signed_in(), await client.signed_in("admin")
    intent = await an_intent(buyer)
    assert (await confirm(buyer, intent)).status_code == 200
    order = await an_unpaid_order(client, buyer, price=10)
    order_id = await row_id(client, order)
    user_id = await client.value("select user_id from payment_intents where id = $1", intent)
    async with client.app.shop.database.transaction() as tx:
        assert await queries.claim_for_order(tx, intent, user_id, order_id, 1080, "USD", "sandbox") is not None
        holder = await tx.value("select pg_backend_pid()")
        refund = asyncio.create_task(admin.post("/payments/refunds", {"paymentIntentId": intent}))
        while not await client.value(
            "select exists (select from pg_locks where $1 = any(pg_blocking_pids(pid)))", holder
        ):
            assert not refund.done()

    assert (await refund).status_code == 201
    credited = "select coalesce(sum(total_minor), 0)::bigint from credits where order_id = $1"
    assert await client.value(credited, order_id) == 1080
