"""A forgotten password: a mailed link, with which a new one is set, once.

Asking says nothing about whether there is an account: the request only leaves a job, whoever asks for whatever address.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import msgspec

from entrepot.identity import asking, lock_out, recovery_queries, security_queries, session_queries
from entrepot.identity.asking import RESET_MAILS, Asker
from entrepot.identity.events import UserEmailVerified
from entrepot.identity.mail_texts import MailKind, compose
from entrepot.identity.model import WrongLink
from entrepot.identity.passwords import hash_password
from entrepot.identity.security_log import SecurityAction, record
from entrepot.kernel.actors import Actor
from entrepot.kernel.db import Database, Tx
from entrepot.kernel.events import publish
from entrepot.kernel.jobs import enqueue
from entrepot.kernel.secrets import hash_secret, new_secret
from entrepot.shop import Shop

JOB: Final = "identity.mail_password_reset"
PURPOSE: Final = "reset_password"
LIFETIME: Final = timedelta(hours=1)


class Asked(msgspec.Struct, frozen=True):
    """The job: mail a link to whoever has this address, if anybody has."""

    email: str
    asker: Asker


async def ask_for_reset(tx: Tx, actor: Actor, email: str) -> None:
    """Leave it to a job to mail a link. What was asked for too often is passed over in silence."""
    email = email.lower()
    if (await asking.count(tx, RESET_MAILS, email)).allowed:
        await enqueue(tx, JOB, [msgspec.to_builtins(Asked(email, Asker.of(actor)))])


async def mail_reset(shop: Shop, payload: dict[str, Any]) -> None:
    """Mail a link. Sent again after a failure, it is another link, and the one before it counts no more.

    Raises:
        MailNotSent: the mail server does not take it now.
    """
    asked = msgspec.convert(payload, Asked)
    token = new_secret()
    async with shop.database.transaction() as tx:
        recipient = await recovery_queries.find_recipient_by_email(tx, asked.email)
        if recipient is None:
            return
        await security_queries.insert_mailed_token(
            tx,
            token_hash=hash_secret(token),
            user_id=recipient.user_id,
            purpose=PURPOSE,
            email=recipient.email,
            lifetime=LIFETIME,
        )
    link = f"{shop.settings.pages}/reset-password#token={token}"
    await shop.mailer.send(compose(MailKind.RESET_PASSWORD, recipient, recipient.email, shop.settings, link=link))
    async with shop.database.transaction() as tx:
        await record(tx, asked.asker.actor, recipient.user_id, SecurityAction.PASSWORD_RESET_ASKED)


async def reset_password(database: Database, actor: Actor, token: str, password: str) -> None:
    """Set a new password, sign all devices out, and unlock the account.

    Whoever has the link reads the mail of the address, so that the address is verified as well. The password is hashed
    outside the transaction.

    Raises:
        WrongLink: unknown, used, replaced or too old.
    """
    token_hash = hash_secret(token)
    if not await recovery_queries.is_mailed_token(database.reader, token_hash, PURPOSE):
        raise WrongLink
    password_hash = await hash_password(password)
    async with database.transaction() as tx:
        mailed = await security_queries.claim_mailed_token(tx, token_hash, PURPOSE)
        if mailed is None:
            raise WrongLink
        before = await recovery_queries.claim_password_reset(tx, mailed.user_id, mailed.email, password_hash)
        if before is None:
            raise WrongLink
        await recovery_queries.cancel_mailed_tokens(tx, mailed.user_id)
        await recovery_queries.forget_failures(tx, lock_out.account_of(mailed.user_id, ""))
        await session_queries.revoke_sessions(tx, mailed.user_id, None, "password reset")
        await record(tx, actor, mailed.user_id, SecurityAction.PASSWORD_RESET)
        if not before.verified:
            await record(tx, actor, mailed.user_id, SecurityAction.EMAIL_VERIFIED)
            await publish(tx, UserEmailVerified(user_id=mailed.user_id, email=before.email), actor_id=mailed.user_id)
