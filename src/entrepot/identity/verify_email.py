"""Verifying an address: a mailed link says that whoever uses the account reads its mail.

A new address becomes the user's own here, and not before; the old one is told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import msgspec

from entrepot.identity import asking, recovery_queries, security_queries
from entrepot.identity.asking import VERIFICATION_MAILS
from entrepot.identity.events import EmailChangeRequested, UserEmailVerified
from entrepot.identity.mail_texts import MailKind, compose
from entrepot.identity.model import EmailVerifiedAlready, WrongLink
from entrepot.identity.recovery_queries import Recipient
from entrepot.identity.security_log import SecurityAction, record
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Tx
from entrepot.kernel.errors import RateLimited
from entrepot.kernel.events import publish
from entrepot.kernel.jobs import enqueue
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.shop import Shop

JOB: Final = "identity.mail_verification"
CHANGED_JOB: Final = "identity.mail_email_changed"
PURPOSE: Final = "verify_email"
LIFETIME: Final = timedelta(hours=24)


class ToVerify(msgspec.Struct, frozen=True, rename="camel"):
    """The job: mail a link to the address that this user has not verified yet."""

    user_id: int


class ToTell(msgspec.Struct, frozen=True, rename="camel"):
    """The job: tell the address that a user had before."""

    user_id: int
    email: str


async def request_email_change(tx: Tx, actor: Actor, user_id: int, email: str) -> None:
    """Have a link mailed to the address that a user wants. Another one that waits is forgotten."""
    await recovery_queries.set_pending_email(tx, user_id, email)
    await publish(tx, EmailChangeRequested(user_id=user_id, email=email), actor_id=actor.user_id)


async def ask_again(tx: Tx, actor: Actor) -> None:
    """Have the link mailed once more, to the address that waits to be verified.

    Raises:
        EmailVerifiedAlready: none does.
        RateLimited: asked for too often.
    """
    recipient = await recovery_queries.find_recipient(tx, actor.id)
    if recipient is None or _address_to_verify(recipient) is None:
        raise EmailVerifiedAlready
    verdict = await asking.count(tx, VERIFICATION_MAILS, f"user:{actor.id}")
    if not verdict.allowed:
        raise RateLimited(verdict.reset_s)
    await enqueue(tx, JOB, [msgspec.to_builtins(ToVerify(actor.id))])


async def mail_verification(shop: Shop, payload: dict[str, Any]) -> None:
    """Mail a link to the address that waits to be verified, if one does. A retry makes another link.

    Raises:
        MailNotSent: the mail server does not take it now.
    """
    token = new_secret()
    async with shop.database.transaction() as tx:
        recipient = await recovery_queries.find_recipient(tx, msgspec.convert(payload, ToVerify).user_id)
        address = _address_to_verify(recipient) if recipient is not None else None
        if recipient is None or address is None:
            return
        await security_queries.insert_mailed_token(
            tx,
            token_hash=hash_secret(token),
            user_id=recipient.user_id,
            purpose=PURPOSE,
            email=address,
            lifetime=LIFETIME,
        )
    link = f"{shop.settings.pages}/verify-email#token={token}"
    await shop.mailer.send(compose(MailKind.VERIFY_EMAIL, recipient, address, shop.settings, link=link))


def _address_to_verify(recipient: Recipient) -> str | None:
    return recipient.pending_email or (None if recipient.verified else recipient.email)


async def verify_email(tx: Tx, actor: Actor, token: str) -> None:
    """Spend a mailed link: its address is verified, and the user's own.

    Raises:
        WrongLink: unknown, used, replaced or too old, or the user wants another address by now.
        EmailExists: decided by the database: somebody else has registered the address meanwhile.
    """
    mailed = await security_queries.claim_mailed_token(tx, hash_secret(token), PURPOSE)
    before = await recovery_queries.claim_email(tx, mailed.user_id, mailed.email) if mailed is not None else None
    if mailed is None or before is None:
        raise WrongLink
    await record(tx, actor, mailed.user_id, SecurityAction.EMAIL_VERIFIED)
    if before.email.lower() != mailed.email.lower():
        await record(tx, actor, mailed.user_id, SecurityAction.EMAIL_CHANGED)
        await enqueue(tx, CHANGED_JOB, [msgspec.to_builtins(ToTell(mailed.user_id, before.email))])
    await publish(tx, UserEmailVerified(user_id=mailed.user_id, email=mailed.email), actor_id=mailed.user_id)


async def mail_email_changed(shop: Shop, payload: dict[str, Any]) -> None:
    """Tell the old address, in case that it was not its owner who changed it. Raises MailNotSent."""
    to_tell = msgspec.convert(payload, ToTell)
    recipient = await recovery_queries.find_recipient(shop.database.reader, to_tell.user_id)
    if recipient is not None:
        await shop.mailer.send(compose(MailKind.EMAIL_CHANGED, recipient, to_tell.email, shop.settings))
