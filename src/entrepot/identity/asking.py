"""Who asked for a mail, as a job that is to send it is told: from where, and on which device."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from entrepot.kernel import rate_limits
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.rate_limits import Rule, Verdict

RESET_MAILS: Final = Rule("reset mails", "", 5, 3600, shared=True)
VERIFICATION_MAILS: Final = Rule("verification mails", "", 5, 3600, shared=True)
CODES: Final = Rule("codes", "", 5, 900, shared=True)
"""How often one person is written to, whoever asks for it and from wherever."""


class Asker(msgspec.Struct, frozen=True):
    """What the security log says of whoever asked."""

    address: str | None
    device_id: str | None
    user_agent: str | None

    @classmethod
    def of(cls, actor: Actor) -> Asker:
        return cls(actor.address, actor.device_id, actor.user_agent)

    @property
    def actor(self) -> Actor:
        return Actor(address=self.address, device_id=self.device_id, user_agent=self.user_agent)


async def count(tx: Tx, rule: Rule, subject: str) -> Verdict:
    """Count under the rule. The subject is an address or a number, which the table of limits need not know."""
    return await rate_limits.count(tx, rule, hashlib.sha256(subject.encode()).hexdigest())
