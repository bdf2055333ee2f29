"""The SQL of what payments do to orders."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.kernel import clock
from entrepot.kernel.db import Tx


async def set_refunded(tx: Tx, order_id: int) -> int:
    """A locked order says what was given back of its payments: all, some, or only what was paid too much."""
    return await tx.run(
        """
        update orders o set updated_at = $2, payment_status = case
            when paid.kept_minor = 0 then 'refunded'
            when exists (select from credits c where c.order_id = o.id) then 'partially_refunded'
            else o.payment_status end
        from (select sum(captured_minor - refunded_minor) as kept_minor from payment_intents where order_id = $1) paid
        where o.id = $1
        """,
        order_id,
        clock.now(),
    )


class Balance(msgspec.Struct, frozen=True):
    """What an order costs by now (what was sold, and not taken back), and what is kept of its payments."""

    costs_minor: int
    kept_minor: int


async def get_balance(tx: Tx, order_id: int) -> Balance:
    """Of a locked order."""
    return await tx.one(
        Balance,
        """
        select (o.total_minor - coalesce((select sum(c.total_minor) from credits c where c.order_id = o.id), 0))::bigint
                   as costs_minor,
               (select coalesce(sum(i.captured_minor - i.refunded_minor), 0)::bigint from payment_intents i
                where i.order_id = o.id) as kept_minor
        from orders o where o.id = $1
        """,
        order_id,
    )


class MadeCredit(msgspec.Struct, frozen=True):
    """Of which order something was taken back, by whom, and why."""

    order_id: int
    actor_id: int | None
    reason: str


async def get_credit(tx: Tx, credit_id: int) -> MadeCredit:
    return await tx.one(MadeCredit, "select order_id, actor_id, reason from credits where id = $1", credit_id)


async def stop_waiting(tx: Tx, order_id: int) -> int:
    """A locked order of which nothing is left to be paid does not expire."""
    return await tx.run(
        """
        update orders o set expires_at = null
        where id = $1 and expires_at is not null
          and total_minor = (select sum(c.total_minor) from credits c where c.order_id = o.id)
        """,
        order_id,
    )


async def list_given_back(tx: Tx, order_id: int) -> list[int]:
    """The parts of a locked order that a refund has taken part in, and of whose price nothing is left.

    What costs nothing from the start is not among them, unless all its pieces were refunded with something else.
    """
    return await tx.values(
        """
        select p.id
        from order_parts p, lateral (
            select sum(l.goods_minor + l.tax_minor + l.shipping_minor) as total_minor, sum(l.quantity) as quantity,
                   sum(l.goods_minor + l.tax_minor + l.shipping_minor) filter (where c.kind = 'refund') as refunded_minor
            from credit_lines l join credits c on c.id = l.credit_id where l.part_id = p.id
        ) back
        where p.order_id = $1 and p.total_minor = back.total_minor
          and (back.refunded_minor > 0
               or back.refunded_minor = 0
                  and back.quantity = (select sum(l.quantity) from order_lines l where l.part_id = p.id))
        order by p.id
        """,
        order_id,
    )


class DuePieces(msgspec.Struct, frozen=True):
    """Of how many pieces of a line the price is due back: those that were cancelled or came back, beyond what was credited."""

    line_id: int
    quantity: int


async def list_due(tx: Tx, line_ids: Sequence[int]) -> list[DuePieces]:
    """Of a locked order. Pieces that a refund has paid for count first: whoever was refunded one of two and gives one back
    gets nothing for it, and keeps the other one."""
    return await tx.many(
        DuePieces,
        """
        select l.id as line_id, greatest(0,
                   l.cancelled_quantity
                   + (select coalesce(sum(b.received), 0) from return_lines b where b.line_id = l.id)
                   - (select coalesce(sum(c.quantity), 0) from credit_lines c where c.line_id = l.id))::integer as quantity
        from order_lines l where l.id = any($1::bigint[])
        """,
        list(line_ids),
    )
