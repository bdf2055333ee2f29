"""The SQL of past queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from entrepot.kernel.db import Db, Tx


class PastQuery(msgspec.Struct, frozen=True):
    text: str
    times: int


async def list_shown(db: Db, hours: int, limit: int) -> list[PastQuery]:
    """What was asked in so many hours at least and found something, the most asked first."""
    return await db.many(
        PastQuery,
        "select text, times from search_queries where hours >= $1 and results > 0 order by times desc, text limit $2",
        hours,
        limit,
    )


async def add_asked(tx: Tx, texts: Sequence[str], times: Sequence[int], results: Sequence[int], now: datetime) -> None:
    """`texts` in their order, so that two processes that write the same ones wait for each other in no circle."""
    await tx.run(
        """
        insert into search_queries as q (text, times, hours, results, last_asked_at)
        select text, times, 1, results, $4 from unnest($1::text[], $2::bigint[], $3::integer[]) as a (text, times, results)
        order by text collate "C"
        on conflict (text) do update set
            times = q.times + excluded.times, results = excluded.results,
            hours = q.hours + (date_trunc('hour', q.last_asked_at) < date_trunc('hour', excluded.last_asked_at))::integer,
            last_asked_at = greatest(q.last_asked_at, excluded.last_asked_at)
        """,
        list(texts),
        list(times),
        list(results),
        now,
    )


async def forget_old(tx: Tx, rare_before: datetime, all_before: datetime, hours: int, most: int) -> int:
    """What was seldom asked goes soon, the rest later; of more than `most`, the least asked go as well."""
    return await tx.run(
        """
        delete from search_queries
        where last_asked_at < $2 or (hours < $3 and last_asked_at < $1)
           or text in (select text from search_queries order by times desc, text offset $4)
        """,
        rare_before,
        all_before,
        hours,
        most,
    )
