"""The SQL of what payments do to orders."""

from __future__ import annotations

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
