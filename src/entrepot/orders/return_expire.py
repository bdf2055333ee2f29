"""Returns that were approved, and whose goods never came, come to an end."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from entrepot.kernel import clock
from entrepot.kernel.db import TROUBLE, Database, Tx
from entrepot.kernel.errors import Refused
from entrepot.kernel.events import publish
from entrepot.orders import queries, return_queries
from entrepot.orders.events import ReturnCancelled
from entrepot.orders.life_model import By, Party
from entrepot.orders.return_model import ReturnStatus
from entrepot.orders.return_queries import Awaited

log = logging.getLogger("entrepot.orders")

BATCH: Final = 200


async def expire_returns(database: Database, wait: timedelta) -> int:
    """Cancel returns that were approved longer ago than `wait`, each in a transaction of its own; returns how many."""
    expired = 0
    while True:
        before = expired
        for awaited in await return_queries.list_awaited(database.reader, clock.now() - wait, BATCH):
            try:
                async with database.transaction() as tx:
                    expired += await expire_return(tx, awaited)
            except (*TROUBLE, Refused) as error:
                log.error("return %d is not cancelled, tried again later: %s", awaited.id, error)
        if expired == before:
            return expired


async def expire_return(tx: Tx, awaited: Awaited) -> bool:
    """Cancel one, unless its goods came meanwhile. They can be asked to be given back again, while there is time for it."""
    await queries.lock_order(tx, awaited.order_id)
    by = By(None, Party.SHOP)
    claimed = await return_queries.claim_status(
        tx, awaited.id, ReturnStatus.APPROVED, ReturnStatus.CANCELLED, by, "nothing came in time"
    )
    if claimed is None:
        return False
    await return_queries.free_lines(tx, awaited.id)
    await publish(
        tx,
        ReturnCancelled(return_id=awaited.id, order_id=awaited.order_number, company_id=awaited.company_id),
    )
    return True
