"""Becoming a seller and ceasing to be one: who sells for which company is decided by companies, the role follows."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.identity import selling_queries
from entrepot.identity.events import UserRoleChanged, UserStatusChanged
from entrepot.identity.model import UserStatus
from entrepot.identity.security_log import SecurityAction, record
from entrepot.kernel.actors import Actor, Role
from entrepot.kernel.db import Tx
from entrepot.kernel.events import publish


async def start_selling(tx: Tx, actor: Actor, user_id: int) -> bool:
    """Give a buyer the seller's role; False for who can be neither: administrators, couriers, shop owners."""
    before = await selling_queries.lock_role(tx, user_id)
    if before not in (Role.USER, Role.SELLER):
        return False
    await _set_role(tx, actor, user_id, before, Role.SELLER)
    return True


async def stop_selling(tx: Tx, actor: Actor, user_id: int) -> None:
    """Make a seller a buyer again; it counts at once."""
    before = await selling_queries.lock_role(tx, user_id)
    if before is Role.SELLER:
        await _set_role(tx, actor, user_id, before, Role.USER)


async def approve_sellers(tx: Tx, actor: Actor, user_ids: Sequence[int]) -> None:
    """Let those of these sellers in who wait for approval."""
    for user_id in await selling_queries.claim_approval(tx, user_ids):
        await record(tx, actor, user_id, SecurityAction.ACTIVATED)
        await publish(tx, UserStatusChanged(user_id=user_id, status=UserStatus.ACTIVE), actor_id=actor.user_id)


async def _set_role(tx: Tx, actor: Actor, user_id: int, before: Role, after: Role) -> None:
    if before is after:
        return
    await selling_queries.set_role(tx, user_id, after)
    await record(tx, actor, user_id, SecurityAction.ROLE_CHANGED, {"from": before, "to": after})
    await publish(tx, UserRoleChanged(user_id=user_id, role=after), actor_id=actor.user_id)
