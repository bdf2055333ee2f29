"""Lock-outs: wrong passwords in a row lock an account, and an address that tries many, for a while.

It makes no difference whether the account exists. Outcomes are counted by the database one after the other, so that of
many guesses sent at once no more count than of as many sent in turn: a right password that comes in after the lock is
refused as well.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from entrepot.identity import security_queries
from entrepot.identity.model import AccountLocked
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx

ACCOUNT_LIMIT: Final = 5
ADDRESS_LIMIT: Final = 50
"""An address may be a whole office behind one router, so it may err more often than one person."""
LOCK: Final = timedelta(minutes=15)


async def refuse_locked(db: Db, actor: Actor, account: str) -> None:
    """Raise AccountLocked while the account or the address is locked."""
    until = await security_queries.find_lock(db, [account, _address(actor)], clock.now())
    if until is not None:
        raise AccountLocked.of(max(1, math.ceil((until - clock.now()).total_seconds())))


async def count_failure(tx: Tx, actor: Actor, account: str) -> bool:
    """Count a wrong password; True when the account or the address is locked now."""
    locked = [
        await security_queries.count_failure(tx, subject, limit, LOCK)
        for subject, limit in ((account, ACCOUNT_LIMIT), (_address(actor), ADDRESS_LIMIT))
    ]
    return any(until is not None for until in locked)


async def claim_success(tx: Tx, account: str) -> None:
    """Forget an account's failures. Raises AccountLocked when it was locked while the password was being checked."""
    if not await security_queries.claim_success(tx, account, clock.now()):
        raise AccountLocked.of(int(LOCK.total_seconds()))


def account_of(user_id: int | None, login: str) -> str:
    """What failures are counted on: the user, by whatever name it was tried; or the name, if nobody has it."""
    return f"user:{user_id}" if user_id is not None else f"login:{login.strip().lower()[:254]}"


def _address(actor: Actor) -> str:
    return f"address:{actor.address or ''}"
