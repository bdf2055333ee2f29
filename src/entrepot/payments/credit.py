"""Taking back what was sold: cancelled, returned, or given in. What was paid for it is given back at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish
from entrepot.payments import credit_queries as queries
from entrepot.payments.credit_allocate import by_amount, by_quantity, the_rest
from entrepot.payments.credit_model import Credit, CreditKind, LineCredit, Piece, Sold
from entrepot.payments.events import OrderCredited
from entrepot.payments.ledger import record_credit
from entrepot.payments.refund_due import settle_order


async def credit(
    tx: Tx,
    order_id: int,
    *,
    kind: CreditKind | str,
    reason: str,
    actor_id: int | None,
    lines: Sequence[LineCredit] = (),
    shipping_of: Iterable[int] = (),
    amount_minor: int | None = None,
    return_id: int | None = None,
) -> Credit | None:
    """Take back pieces of lines (and the delivery of the parts `shipping_of`), or an amount of all that is left.

    A piece gives back what it cost: its share of every discount, and its tax. The caller has locked the order. None when it
    is nothing.

    Raises:
        NothingLeft: it is more than is left.
    """
    sold = await queries.get_sold(tx, order_id)
    pieces = by_quantity(sold, lines, shipping_of) if amount_minor is None else by_amount(sold, amount_minor)
    return await _make(tx, sold, pieces, CreditKind(kind), reason, actor_id, return_id)


async def credit_rest(
    tx: Tx,
    order_id: int,
    *,
    kind: CreditKind | str,
    reason: str,
    actor_id: int | None,
    part_ids: Iterable[int] | None = None,
    return_id: int | None = None,
) -> Credit | None:
    """Take back all that is left of these parts, or of the whole order. The caller has locked it. None when nothing is
    left, so it may be called again."""
    sold = await queries.get_sold(tx, order_id)
    return await _make(tx, sold, the_rest(sold, part_ids), CreditKind(kind), reason, actor_id, return_id)


async def _make(
    tx: Tx,
    sold: Sold,
    pieces: Sequence[Piece],
    kind: CreditKind,
    reason: str,
    actor_id: int | None,
    return_id: int | None,
) -> Credit | None:
    if not pieces:
        return None
    made = await queries.insert_credit(
        tx,
        order_id=sold.order_id,
        currency=sold.currency,
        kind=kind,
        reason=reason,
        actor_id=actor_id,
        return_id=return_id,
        pieces=pieces,
    )
    new = Credit(
        id=made.id,
        order_id=sold.order_id,
        kind=kind,
        reason=reason,
        currency=sold.currency,
        total_minor=sum(piece.total_minor for piece in pieces),
        created_at=made.created_at,
        pieces=pieces,
    )
    await publish(  # before the ledger is written: what becomes of the order locks promotions and stock
        tx,
        OrderCredited(
            order_id=sold.number,
            credit_id=new.id,
            kind=kind,
            total_minor=new.total_minor,
            currency=new.currency,
            company_ids=sorted({piece.company_id for piece in pieces}),
        ),
        actor_id=actor_id,
    )
    await record_credit(tx, new, actor_id)
    refund_ids = await settle_order(tx, sold.order_id, credit_id=new.id, reason=reason, actor_id=actor_id)
    return Credit(
        id=new.id,
        order_id=new.order_id,
        kind=kind,
        reason=reason,
        currency=new.currency,
        total_minor=new.total_minor,
        created_at=new.created_at,
        pieces=pieces,
        refund_ids=refund_ids,
    )
