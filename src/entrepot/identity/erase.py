"""Erasing people whose deletion is due. Their orders stay whole, and everything that has to add up.

What stays: the row with its id and role, so that whatever points at it still does; orders, payments and invoices with the
address they were made for, because books have to be kept for years (in most countries six to ten); what happened to the
account and when, without from where. An operator deletes what is past that time.
"""

from __future__ import annotations

from typing import Final

from entrepot.identity import deletion_queries
from entrepot.identity.avatar import is_avatar
from entrepot.identity.deletion_queries import Due
from entrepot.identity.events import UserErased
from entrepot.kernel import clock
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.events import erase_emails, publish
from entrepot.kernel.files import Files

BATCH: Final = 200


async def erase_due(database: Database, files: Files) -> int:
    """Erase everybody whose time has come, each in a transaction of its own; returns how many."""
    erased, after_id = 0, 0
    while due := await deletion_queries.list_due(database.reader, clock.now(), after_id, BATCH):
        for one in due:
            if one.image is not None and is_avatar(one.image):
                await files.delete(one.image)  # before the row forgets where it is
            async with database.transaction() as tx:
                erased += await erase(tx, one)
        after_id = due[-1].user_id
    return erased


async def erase(tx: Tx, due: Due) -> bool:
    """Erase one person, unless that happened meanwhile."""
    email = await deletion_queries.claim_erasure(tx, due, clock.now())
    if email is None:
        return False
    await deletion_queries.erase_traces(tx, due.user_id, email)
    await erase_emails(tx, due.user_id)
    await publish(tx, UserErased(user_id=due.user_id))
    return True
