"""Zones of sale: where a product is sold, of all the zones that its company delivers to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from entrepot.catalog import product_queries
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Forbidden


async def set_first_zones(tx: Tx, actor: Actor, product_id: int, zone_ids: Sequence[int]) -> None:
    """Where a new product is sold. Raises Forbidden for a location admin that names zones of others."""
    if zone_ids:
        _refuse_others(actor, set(zone_ids))
        await product_queries.set_zones(tx, product_id, zone_ids)


async def set_zones(tx: Tx, actor: Actor, product_id: int, company_id: int, zone_ids: Sequence[int]) -> None:
    """Where a locked product is sold from now on.

    Raises Forbidden for a location admin that would begin or end its sale in zones of others.
    """
    if actor.role is Role.LOCATION_ADMIN:
        named = await product_queries.list_zone_ids(tx, product_id)
        delivered = await product_queries.list_delivered_zone_ids(tx, company_id)
        _refuse_others(actor, changed_zones(named, zone_ids, delivered))
    await product_queries.set_zones(tx, product_id, zone_ids)


def changed_zones(before: Collection[int], after: Collection[int], delivered: Collection[int]) -> set[int]:
    """The zones where a sale begins or ends. To name none is to name all that the company delivers to."""
    return set(before or delivered) ^ set(after or delivered)


def _refuse_others(actor: Actor, zone_ids: set[int]) -> None:
    if actor.role is Role.LOCATION_ADMIN and not zone_ids <= set(actor.zone_ids):
        raise Forbidden("You administer other zones than these")
