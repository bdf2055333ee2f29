"""Signing in with a code of six digits, sent to a telephone or by mail.

Asking and guessing tell nothing about whether there is an account. A code lives for five minutes and stands five guesses,
whoever makes them and however many at once; five wrong ones in a quarter of an hour, over several codes, lock the number or
address. It is stored as an HMAC with a secret that is not in the database: a million codes are tried in no time.

Sign-in by telephone: the number belongs to the only active user who has answered a code sent to it. Until somebody has, it
belongs to the only active user who has written it into the account; if there are several, to nobody, so that nobody
receives codes for an account by writing its number into another one.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from entrepot.identity import asking, lock_out, queries, recovery_queries
from entrepot.identity.asking import CODES, Asker
from entrepot.identity.mail_texts import MailKind, compose, compose_text
from entrepot.identity.model import AccountPending, InvalidCredentials, UserStatus
from entrepot.identity.recovery_queries import Recipient
from entrepot.identity.security_log import SecurityAction, record
from entrepot.identity.sign_in import SignedIn, open_session
from entrepot.kernel import clock
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Db, Tx
from entrepot.kernel.jobs import enqueue
from entrepot.kernel.keys import SigningKeys
from entrepot.shop import Shop

log = logging.getLogger("entrepot.codes")

JOB: Final = "identity.send_code"
LIFETIME: Final = timedelta(minutes=5)
DIGITS: Final = 6
MAX_TRIES: Final = 5

_NO_PART_OF_A_NUMBER: Final = re.compile(r"[^0-9+]")


class WrongCode(InvalidCredentials):
    message = "The code is wrong or has expired"


class Subject(msgspec.Struct, frozen=True):
    """Where a code goes."""

    kind: Literal["phone", "email"]
    value: str

    @classmethod
    def of(cls, phone: str | None, email: str | None) -> Subject:
        """However the number or address is written: as the database compares it."""
        if phone is None:
            return cls("email", (email or "").strip().lower())
        bare = _NO_PART_OF_A_NUMBER.sub("", phone)
        return cls("phone", f"+{bare[2:]}" if bare.startswith("00") else bare)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.value}"


class Asked(msgspec.Struct, frozen=True):
    """The job: send a code to whoever has this number or address, if anybody has."""

    subject: Subject
    asker: Asker
    at: datetime


async def ask_for_code(tx: Tx, actor: Actor, subject: Subject) -> None:
    """Leave it to a job to send a code. What was asked for too often is passed over in silence."""
    if (await asking.count(tx, CODES, subject.key)).allowed:
        await enqueue(tx, JOB, [msgspec.to_builtins(Asked(subject, Asker.of(actor), clock.now()))])


async def send_code(shop: Shop, payload: dict[str, Any]) -> None:
    """Send a code. A retry sends another one; after the life of a code nobody waits for it any more.

    Raises:
        MailNotSent, TextNotSent: nobody takes it now.
    """
    asked = msgspec.convert(payload, Asked)
    if clock.now() > asked.at + LIFETIME:
        log.warning("a code could not be sent in time")
        return
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    async with shop.database.transaction() as tx:
        recipient = await _recipient(tx, asked.subject)
        if recipient is None:
            return
        code_hash = _hash(shop.keys.peppers(JOB)[0], asked.subject, code)
        await recovery_queries.replace_code(tx, asked.subject.key, recipient.user_id, code_hash, LIFETIME)
    if asked.subject.kind == "email":
        await shop.mailer.send(compose(MailKind.CODE, recipient, recipient.email, shop.settings, code=code))
    else:
        await shop.texter.send(compose_text(recipient, asked.subject.value, shop.settings, code))
    async with shop.database.transaction() as tx:
        details = {"by": asked.subject.kind}
        await record(tx, asked.asker.actor, recipient.user_id, SecurityAction.CODE_SENT, details)


async def _recipient(db: Db, subject: Subject) -> Recipient | None:
    if subject.kind == "email":
        return await recovery_queries.find_recipient_by_email(db, subject.value)
    return await recovery_queries.find_recipient_by_phone(db, subject.value)


async def sign_in_with_code(shop: Shop, actor: Actor, subject: Subject, code: str) -> SignedIn:
    """Open a session for whoever has the code that was sent last.

    Raises:
        WrongCode: another code, none, or too many tries.
        AccountLocked: too many wrong ones for this number or address, or from where the actor is.
        AccountPending: right, but the account waits for approval.
    """
    account = f"code:{subject.key}"
    await lock_out.refuse_locked(shop.database.reader, actor, account)
    async with shop.database.transaction() as tx:
        guess = await recovery_queries.claim_try(tx, subject.key, MAX_TRIES)
        if guess is not None and _fits(shop.keys, subject, code, guess.code_hash):
            user = await queries.find_user(tx, guess.user_id)
            if user is not None and user.status is UserStatus.PENDING:
                raise AccountPending
            if user is not None and user.status is UserStatus.ACTIVE:
                await lock_out.claim_success(tx, account)
                await recovery_queries.set_code_used(tx, subject.key)
                if subject.kind == "phone":
                    await recovery_queries.set_verified_phone(tx, user.id, subject.value)
                return SignedIn(user, await open_session(tx, user, actor, shop.keys, shop.settings))
        locked = await lock_out.count_failure(tx, actor, account)
        action = SecurityAction.LOCKED if locked else SecurityAction.SIGN_IN_FAILED
        await record(tx, actor, guess.user_id if guess is not None else None, action, {"by": "code"})
    raise WrongCode


def _fits(keys: SigningKeys, subject: Subject, code: str, code_hash: bytes) -> bool:
    """With every secret that still counts: the key may have been changed since the code was sent."""
    return any(hmac.compare_digest(_hash(pepper, subject, code), code_hash) for pepper in keys.peppers(JOB))


def _hash(pepper: bytes, subject: Subject, code: str) -> bytes:
    return hmac.digest(pepper, f"{subject.key} {code}".encode(), "sha256")
