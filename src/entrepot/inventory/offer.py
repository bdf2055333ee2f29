"""Offering returned stock to those who waited for it: to as many as there are pieces, first come first served.

What is offered is held for a while, so that who waited longest can buy it in peace; then it goes to the next. It all happens
in the transaction that brings the stock back: nobody can be faster than who waited.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from entrepot.inventory import stock_queries, waiting_queries
from entrepot.inventory.events import AwaitedStockCameBack, StockChanged, StockOffered
from entrepot.inventory.stock_queries import Level
from entrepot.inventory.waiting_queries import Next, Offer, WaiterStatus
from entrepot.kernel import clock
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.events import publish, publish_all

MOST_AT_ONCE: Final = 500
"""Waiters that one transaction offers a product to."""
PRODUCTS_AT_ONCE: Final = 500
"""Products that one event names at most."""
BATCH: Final = 200


async def offer_returned(tx: Tx, product_ids: Sequence[int]) -> None:
    """Let who waits for these products, whose stock is locked, be offered what is there again.

    Publishes AwaitedStockCameBack; `answer_waiters` acts on it, in this transaction.
    """
    awaited = await waiting_queries.list_waited_for(tx, product_ids) if product_ids else []
    for start in range(0, len(awaited), PRODUCTS_AT_ONCE):
        await publish(tx, AwaitedStockCameBack(product_ids=awaited[start : start + PRODUCTS_AT_ONCE]))


async def answer_waiters(hold: timedelta, tx: Tx, event: AwaitedStockCameBack) -> None:
    """Offer what came back; how long it is held is a setting, which verbs of other modules do not know."""
    await offer_to_waiters(tx, event.product_ids, hold)


async def offer_to_waiters(tx: Tx, product_ids: Sequence[int], hold: timedelta) -> int:
    """Hold what there is of these products for those who wait, on locked stock; returns how many were offered something.

    Publishes StockOffered.
    """
    offered = 0
    for product_id in product_ids:
        waiting = await waiting_queries.list_next(tx, product_id, MOST_AT_ONCE)
        if not waiting:
            continue
        offers = shared_out(await stock_queries.list_open_levels(tx, product_id), waiting)
        if offers:
            await waiting_queries.hold_offers(tx, product_id, offers, clock.now() + hold)
            waiter_ids = [offer.waiter_id for offer in offers]
            await publish(tx, StockOffered(product_id=product_id, waiter_ids=waiter_ids))
            offered += len(offers)
    return offered


def shared_out(levels: Sequence[Level], waiting: Sequence[Next]) -> list[Offer]:
    """Pieces for each who waits, in order, as long as a warehouse has enough for the next."""
    left = {level.warehouse_id: level.available for level in levels}
    offers = []
    for waiter in waiting:
        place = next((warehouse_id for warehouse_id, pieces in left.items() if pieces >= waiter.quantity), None)
        if place is None:
            break
        left[place] -= waiter.quantity
        offers.append(Offer(waiter.id, place, waiter.quantity))
    return offers


async def offer_now(tx: Tx, product_id: int, hold: timedelta) -> int:
    """Let offers lapse whose time is over, and offer what there is to the next; returns how many were offered something.

    Publishes StockChanged.
    """
    await stock_queries.lock_totals(tx, [product_id])
    ended = await waiting_queries.end_offers(tx, [product_id], WaiterStatus.LAPSED, held_until=clock.now())
    offered = await offer_to_waiters(tx, [product_id], hold)
    if ended or offered:
        await publish_all(tx, [StockChanged(product_ids=[product_id], reason="offer")])
    return offered


async def offer_all(database: Database, hold: timedelta) -> int:
    """As `offer_now`, for every product that needs it, each in a transaction of its own."""
    offered = 0
    for product_id in await waiting_queries.list_to_offer(database.reader, clock.now(), BATCH):
        async with database.transaction() as tx:
            offered += await offer_now(tx, product_id, hold)
    return offered
