"""What a credit does to its order, in the transaction of the credit: a part whose price was all given back has ended."""

from __future__ import annotations

from entrepot.kernel.db import Tx
from entrepot.orders import life_queries as queries
from entrepot.orders import payment_queries
from entrepot.orders.cancel import let_go
from entrepot.orders.change_status import set_part_status
from entrepot.orders.life_model import By, Party
from entrepot.orders.model import OrderStatus
from entrepot.orders.transitions import CANCELLABLE, TRANSITIONS
from entrepot.payments import CreditKind, OrderCredited


async def order_credited(tx: Tx, credited: OrderCredited) -> None:
    """An order that costs nothing any more does not wait to be paid, and what a refund has given back all of has ended.

    The order is locked, and the ledger is not written yet: promotions and stock are locked before.
    """
    credit = await payment_queries.get_credit(tx, credited.credit_id)
    await payment_queries.stop_waiting(tx, credit.order_id)
    if credited.kind == CreditKind.REFUND:
        await end_given_back(tx, credit.order_id, By(credit.actor_id, Party.ADMIN), credit.reason)
    elif credited.kind == CreditKind.CANCELLATION:  # of the last pieces that no refund had paid for
        await end_given_back(tx, credit.order_id, By(None, Party.SHOP), "refunded before")


async def end_given_back(tx: Tx, order_id: int, by: By, reason: str) -> None:
    """Cancel what was not shipped of the parts whose price was all given back; those that were delivered are `refunded`.

    What is on its way stays so until it is delivered.
    """
    given_back = await payment_queries.list_given_back(tx, order_id)
    if not given_back:
        return
    parts = await queries.list_parts(tx, order_id)
    ended = [part.id for part in parts if part.id in given_back and part.status in CANCELLABLE]
    if ended:
        lines = await queries.list_lines(tx, order_id)
        pieces = {line.id: line.left for line in lines if line.part_id in ended and line.left}
        whole = all(part.id in ended for part in parts if part.status is not OrderStatus.CANCELLED)
        await let_go(tx, order_id, pieces, by, whole=whole)
        await set_part_status(tx, order_id, ended, OrderStatus.CANCELLED, by, note=reason)
    came = [part.id for part in parts if part.id in given_back and OrderStatus.REFUNDED in TRANSITIONS[part.status]]
    if came:
        await set_part_status(tx, order_id, came, OrderStatus.REFUNDED, by, note=reason)
