"""The SQL that reads the promotions which count for anyone who buys one piece."""

from __future__ import annotations

from typing import Final

from entrepot.kernel import clock
from entrepot.kernel.db import Db
from entrepot.pricing.promotions import MAX_UNENDED, StoredPromotion
from entrepot.pricing.promotions_queries import promotion

_FOR_ANYONE: Final = """
    p.deleted_at is null and p.is_active and not p.needs_code and (p.ends_at is null or p.ends_at > $1)
    and cardinality(p.zone_ids) = 0 and cardinality(p.roles) = 0 and not p.first_order_only and p.per_user_limit is null
    and (p.total_limit is null or p.used < p.total_limit) and p.minimum_quantity <= 1
    and (p.effect ->> 'kind' = 'percentage' or (p.effect ->> 'kind' = 'fixed' and (p.effect ->> 'per_piece')::boolean))
    """


async def list_for_anyone(db: Db) -> list[StoredPromotion]:
    """Those that run, and those that will."""
    return await db.many(
        StoredPromotion,
        f"select {promotion('false')}, false as managed from promotions p where {_FOR_ANYONE} order by p.id limit {MAX_UNENDED}",
        clock.now(),
    )
