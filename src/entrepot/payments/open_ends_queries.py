"""The SQL of what waits for people."""

from __future__ import annotations

import msgspec

from entrepot.kernel.db import Db


class OpenEnd(msgspec.Struct, frozen=True):
    """Something that nothing but a person brings to an end."""

    name: str
    remark: str


async def list_open_ends(db: Db, limit: int) -> list[OpenEnd]:
    """Refunds that failed and were not sent again, and what providers told that was refused; the oldest first."""
    return await db.many(
        OpenEnd,
        """
        (select 'refund ' || id as name,
                format('%s %s are owed, and failed: %s', amount_minor, currency, coalesce(failure_code, 'failed')) as remark
         from refunds where status = 'failed' and replaced_by is null order by created_at, id limit $1)
        union all
        (select format('webhook %s of %s', event_id, provider), 'was refused: ' || coalesce(remark, '')
         from webhook_receipts where outcome = 'refused' order by done_at, id limit $1)
        """,
        limit,
    )
