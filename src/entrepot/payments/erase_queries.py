"""The SQL of what payments forgets."""

from __future__ import annotations

from entrepot.kernel.db import Tx


async def empty_reasons(tx: Tx, user_id: int) -> None:
    """Empty the reasons that a buyer itself gave for what was taken off its orders."""
    await tx.run(
        """
        with own as (
            select id from orders where user_id = $1
        ), credited as (
            update credits set reason = '' where order_id in (select id from own) and actor_id = $1 and reason <> ''
        )
        update refunds set reason = '' where order_id in (select id from own) and actor_id = $1 and reason <> ''
        """,
        user_id,
    )
