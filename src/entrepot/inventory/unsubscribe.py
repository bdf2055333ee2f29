"""Waiting no longer without signing in: by the link in the mail, which only its reader knows."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from entrepot.inventory import waiting_queries
from entrepot.inventory.model import WrongUnsubscribeLink
from entrepot.inventory.wait import wait_for_nothing
from entrepot.kernel.db import Tx
from entrepot.kernel.keys import SigningKeys

PURPOSE: Final = "inventory.unsubscribe"
_TOKEN: Final = re.compile(r"([1-9][0-9]{0,17})\.([0-9a-f]{64})", re.ASCII)


def unsubscribe_token(keys: SigningKeys, waiter_id: int) -> str:
    """Nothing is stored for it: it is signed with a secret of the shop, and works as long as that one counts."""
    return f"{waiter_id}.{_signature(keys.peppers(PURPOSE)[0], waiter_id)}"


async def unsubscribe(tx: Tx, keys: SigningKeys, token: str) -> int:
    """Let whoever was mailed this token wait for nothing any longer; returns for how many products it did.

    Raises WrongUnsubscribeLink.
    """
    match = _TOKEN.fullmatch(token)
    if match is None or not _is_signed(keys, int(match[1]), match[2]):
        raise WrongUnsubscribeLink
    person = await waiting_queries.find_person(tx, int(match[1]))
    return await wait_for_nothing(tx, person) if person is not None else 0


def _is_signed(keys: SigningKeys, waiter_id: int, signature: str) -> bool:
    return any(hmac.compare_digest(_signature(pepper, waiter_id), signature) for pepper in keys.peppers(PURPOSE))


def _signature(pepper: bytes, waiter_id: int) -> str:
    return hmac.new(pepper, str(waiter_id).encode(), hashlib.sha256).hexdigest()
