"""Orders of several companies that are paid, and what the books say of them."""

from __future__ import annotations

import asyncio
from typing import Any

from entrepot.kernel.db import Database
from entrepot.payments import close_ledger
from tests.builders import Client, an_order
from tests.payments.paying import an_intent, confirm


async def a_paid_order(client: Client, buyer: Client, *lines: tuple[int, int], **fields: Any) -> dict[str, Any]:
    """A card order of (product id, quantity) lines, paid."""
    reply = await buyer.post("/orders", an_order(*lines, **fields))
    assert reply.status_code == 201, reply.text
    order: dict[str, Any] = reply.json()
    paid = await confirm(buyer, await an_intent(buyer, order))
    assert paid.status_code == 200, paid.text
    return order


async def row_id(client: Client, order: dict[str, Any]) -> int:
    order_id: int = await client.value("select id from orders where number = $1", order["id"])
    return order_id


async def books(client: Client, order: dict[str, Any]) -> dict[str, int]:
    """What stands on each kind of account for this order, in minor units; positive is debit."""
    rows = await client.app.shop.database.pool.fetch(
        """
        select a.kind, sum(e.amount_minor)::bigint as balance from ledger_entries e
        join ledger_accounts a on a.id = e.account_id where e.order_id = $1 group by a.kind
        """,
        await row_id(client, order),
    )
    return {row["kind"]: row["balance"] for row in rows if row["balance"]}


async def closed(database: Database) -> None:
    """Return when everything that stands in the ledger now is closed: other tests' transactions may have to end first."""
    newest = await database.reader.value("select max(id) from ledger_entries")
    while await database.reader.value("select closed_id from ledger_closing") < newest:
        await close_ledger(database)
        await asyncio.sleep(0.01)
