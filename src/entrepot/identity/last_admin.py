"""The last administrator stays: nobody else could make another one."""

from __future__ import annotations

from entrepot.identity import user_queries
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import Conflict


class LastAdmin(Conflict):
    code = "LAST_ADMIN"
    message = "This is the last administrator: make another one first"


async def refuse_last_admin(tx: Tx, user_id: int) -> None:
    """Ask before an administrator is deleted, deactivated or given another role, and before other rows are locked.

    Administrators whose deletion is scheduled do not count. Holds until the transaction ends.

    Raises:
        LastAdmin: no administrator would be left.
    """
    if await user_queries.lock_admins(tx, user_id) == [user_id]:
        raise LastAdmin
