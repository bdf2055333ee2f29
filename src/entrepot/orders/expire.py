"""Unpaid card orders give their stock back when their time is over."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from entrepot import inventory, payments, pricing
from entrepot.inventory import StockChanged
from entrepot.kernel import clock
from entrepot.kernel.db import TROUBLE, Database, Tx
from entrepot.kernel.errors import Refused
from entrepot.kernel.events import publish_all
from entrepot.orders import queries
from entrepot.orders.events import OrderExpired
from entrepot.payments import CreditKind

log = logging.getLogger("entrepot.orders")

BATCH: Final = 200
PATIENCE: Final = timedelta(days=7)


async def expire_unpaid(database: Database, patience: timedelta = PATIENCE) -> int:
    """Cancel all orders that were not paid in time, each in a transaction of its own; returns how many.

    A charge that is under way keeps its order, but no longer than `patience`; one that succeeds later is given back. An order
    that cannot be cancelled is left to the next run, and keeps no other from its turn.
    """
    expired = 0
    last = None
    while batch := await queries.list_expired(database.reader, clock.now(), patience, last, BATCH):
        for last in batch:
            try:
                async with database.transaction() as tx:
                    expired += await expire(tx, last.id, patience)
            except (*TROUBLE, Refused) as error:
                log.error("order %d is not expired, tried again later: %s", last.id, error)
    return expired


async def expire(tx: Tx, order_id: int, patience: timedelta = PATIENCE) -> bool:
    """Cancel one order and release its stock, unless it was paid meanwhile."""
    await queries.lock_order(tx, order_id)
    order = await queries.claim_expired(tx, order_id, clock.now(), patience)
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
