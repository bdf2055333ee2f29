"""The SQL of becoming a seller."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.kernel import clock
from entrepot.kernel.actors import Role
from entrepot.kernel.db import Db, Tx


async def lock_role(tx: Tx, user_id: int) -> Role | None:
    role: str | None = await tx.value(
        "select role from users where id = $1 and deleted_at is null for no key update", user_id
    )
    return Role(role) if role in set(Role) else None


async def set_role(tx: Tx, user_id: int, role: Role) -> int:
    return await tx.run("update users set role = $2, updated_at = $3 where id = $1", user_id, role, clock.now())


async def claim_approval(db: Db, user_ids: Sequence[int]) -> list[int]:
    """Those who waited, and wait no more."""
    return await db.values(
        """
        update users set status = 'active', updated_at = $2
        where id = any($1::bigint[]) and status = 'pending' and deleted_at is null returning id
        """,
        list(user_ids),
        clock.now(),
    )
