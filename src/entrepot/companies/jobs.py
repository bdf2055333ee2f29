"""Jobs of companies."""

from __future__ import annotations

from typing import Any, Final

from entrepot.companies import member_queries
from entrepot.kernel import clock
from entrepot.kernel.jobs import Job
from entrepot.shop import Shop


async def forget_invitations(shop: Shop, _: dict[str, Any]) -> None:
    """Delete invitations that nobody has accepted in time, and the addresses with them."""
    async with shop.database.transaction() as tx:
        await member_queries.delete_old_invitations(tx, clock.now())


JOBS: Final = [Job(name="companies.forget_invitations", run=forget_invitations, cron="23 4 * * *")]
