"""Jobs of search."""

from __future__ import annotations

from typing import Any, Final

from entrepot.kernel.jobs import Job
from entrepot.search import asked, popularity
from entrepot.shop import Shop


async def count_popularity(shop: Shop, _: dict[str, Any]) -> None:
    async with shop.database.transaction() as tx:
        await popularity.count_popularity(tx)


async def forget_past_queries(shop: Shop, _: dict[str, Any]) -> None:
    async with shop.database.transaction() as tx:
        await asked.forget_past_queries(tx)


JOBS: Final = [
    Job(name="search.count_popularity", run=count_popularity, cron="7 * * * *"),
    Job(name="search.forget_past_queries", run=forget_past_queries, cron="53 3 * * *"),
]
