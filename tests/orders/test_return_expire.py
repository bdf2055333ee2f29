"""Returns that were approved, and whose goods never come, end: once, and never together with their goods."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from entrepot.kernel import clock
from entrepot.orders.return_expire import expire_returns
from tests.builders import Client
from tests.orders.returning import Bought, change

WAIT = timedelta(days=60)


async def expire(client: Client) -> int:
    return await expire_returns(client.app.shop.database, WAIT)


async def state(client: Client, return_id: int) -> str:
    status: str = await client.value("select status from returns where id = $1", return_id)
    return status


async def counted(client: Client, return_id: int) -> int:
    """How many pieces are on their way back."""
    pieces: int = await client.value(
        "select sum(l.return_quantity)::int from return_lines b join order_lines l on l.id = b.line_id where b.return_id = $1",
        return_id,
    )
    return pieces


async def told(client: Client, return_id: int) -> int:
    told: int = await client.value(
        "select count(*) from events where name = 'return.cancelled' and (data ->> 'returnId')::bigint = $1", return_id
    )
    return told


async def test_an_approved_return_ends_when_nothing_came(client: Client) -> None:
    bought = await Bought.delivered(client, [await client.a_product()])
    return_id = await bought.asked(2)
    await bought.take(return_id, "approved")
    with clock.moved(WAIT - timedelta(minutes=1)):
        await expire(client)
    assert await state(client, return_id) == "approved"

    with clock.moved(WAIT + timedelta(minutes=1)):
        await asyncio.gather(*(expire(client) for _ in range(4)))
        assert await expire(client) == 0

    shown = (await bought.buyer.get(f"/returns/{return_id}")).json()
    assert shown["status"] == "cancelled"
    assert [(step["status"], step["by"], step.get("note")) for step in shown["history"]][-1] == (
        "cancelled",
        "shop",
        "nothing came in time",
    )
    assert (await counted(client, return_id), await told(client, return_id)) == (0, 1)
    assert (await bought.ask(2)).status_code == 201, "the goods can be given back after all"


@pytest.mark.parametrize("last", ["requested", "rejected", "received"])
async def test_others_stay_as_they_are(client: Client, last: str) -> None:
    bought = await Bought.delivered(client, [await client.a_product()])
    return_id = await (bought.sent_back(1) if last == "received" else bought.asked(1))
    if last == "rejected":
        await bought.take(return_id, "rejected")

    with clock.moved(2 * WAIT):
        await expire(client)

    assert await state(client, return_id) == last


async def test_goods_that_come_at_the_last_moment(client: Client) -> None:
    for _ in range(4):
        bought = await Bought.delivered(client, [await client.a_product()])
        return_id = await bought.asked(2)
        await bought.take(return_id, "approved")
        with clock.moved(WAIT + timedelta(seconds=1)):
            came, *_ = await asyncio.gather(change(bought.admin, return_id, "received"), expire(client), expire(client))

        received = came.status_code == 200
        assert await state(client, return_id) == ("received" if received else "cancelled")
        assert (await counted(client, return_id), await told(client, return_id)) == ((2, 0) if received else (0, 1))
