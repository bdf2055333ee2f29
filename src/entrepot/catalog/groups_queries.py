"""The SQL of groups."""

from __future__ import annotations

from entrepot.kernel import clock
from entrepot.kernel.db import Tx


async def claim_group(tx: Tx, company_id: int, key: str, title: str | None, first_title: str) -> int:
    """The id of the company's group of this key, renamed if a title is given; made when there is none.

    `first_title` is what a new one is called that was given no title.
    """
    group_id: int = await tx.value(
        """
        insert into product_groups as g (company_id, key, title, created_at) values ($1, $2, coalesce($3, $4), $5)
        on conflict (company_id, key) do update set title = coalesce($3, g.title)
        returning id
        """,
        company_id,
        key,
        title,
        first_title,
        clock.now(),
    )
    return group_id
