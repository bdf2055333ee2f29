"""Unpaid card orders give their stock back when their time is over."""

from __future__ import annotations

from typing import Final

from entrepot import inventory, payments, pricing
from entrepot.inventory import StockChanged
from entrepot.kernel import clock
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.events import publish_all
from entrepot.orders import queries
from entrepot.orders.events import OrderExpired
from entrepot.payments import CreditKind

BATCH: Final = 200


async def expire_unpaid(database: Database) -> int:
    """Cancel orders that were not paid in time, each in a transaction of its own; returns how many."""
    expired = 0
    for order_id in await queries.list_expired(database.reader, clock.now(), BATCH):
        async with database.transaction() as tx:
            expired += await expire(tx, order_id)
    return expired


async def expire(tx: Tx, order_id: int) -> bool:
    """Cancel one order and release its stock, unless it was paid meanwhile."""
    await queries.lock_order(tx, order_id)
    order = await queries.claim_expired(tx, order_id, clock.now())
    if order is None:
        return False
    await pricing.release_uses(tx, order.id)  # before stock, as an order that is placed locks them in this order
    product_ids = await inventory.release(tx, order.id, actor_id=None)
    await payments.credit_rest(tx, order.id, kind=CreditKind.EXPIRY, reason="not paid in time", actor_id=None)
    await publish_all(
        tx,
        [
            OrderExpired(order_id=order.number, intent_id=None, company_ids=order.company_ids),
            StockChanged(product_ids=product_ids, reason="release"),
        ],
    )
    return True
