"""Mail: handed to an SMTP server, or, where none is configured, written into a folder that developers look into."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import secrets
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Final, Literal, Protocol

import aiosmtplib
import msgspec

from entrepot.kernel import clock

log = logging.getLogger("entrepot.mail")

TIMEOUT_S: Final = 20
MAX_KEPT: Final = 1_000
"""Mails that the folder holds; older ones make room."""

_ADDRESS: Final = re.compile(r'[^\s<>",;:()\[\]\\@\x00-\x1f\x7f]{1,64}@[^\s<>",;:()\[\]\\@\x00-\x1f\x7f]{1,253}')

Tls = Literal["starttls", "tls", "none"]


class Mail(msgspec.Struct, frozen=True):
    """A mail to one person, as text and as HTML. `to` is a bare address."""

    to: str
    subject: str
    text: str
    html: str


class MailNotSent(Exception):
    """A mail could not be handed over, and may be tried again. The message holds nothing of the mail."""


class WrongAddress(ValueError):
    """What is given as an address is none."""


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None:
        """Hand a mail over. One that its recipient's server will never take is logged, and forgotten.

        Raises:
            MailNotSent: it is worth to try again.
            WrongAddress: it cannot be sent to this address.
        """


class SmtpServer(msgspec.Struct, frozen=True):
    host: str
    port: int
    user: str | None
    password: str | None
    tls: Tls


class SmtpMailer:
    """Hands mails to an SMTP server."""

    def __init__(self, server: SmtpServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        server = self._server
        try:
            await aiosmtplib.send(
                message_of(mail, self._sender),
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls == "tls",
                start_tls=server.tls == "starttls",
                timeout=TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            codes = _codes(error)
            reason = " ".join([type(error).__name__, *map(str, codes)])
            if not _is_final(error, codes):
                raise MailNotSent(reason) from None
            log.warning("a mail was refused for good: %s", reason)


def _codes(error: Exception) -> list[int]:
    """The codes of the server's replies. Its words are left out: they may quote the mail."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return [refused.code for refused in error.recipients]
    return [error.code] if isinstance(error, aiosmtplib.SMTPResponseException) else []


def _is_final(error: Exception, codes: list[int]) -> bool:
    """Refused because of the recipient or the mail. A refused password or sender is ours to mend, and tried again."""
    about_this_mail = isinstance(error, aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPDataError)
    return about_this_mail and bool(codes) and all(code >= 500 for code in codes)


class FolderMailer:
    """Writes mails into a folder."""

    def __init__(self, outbox: Outbox, sender: str) -> None:
        self._outbox = outbox
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        await asyncio.to_thread(self._outbox.put, message_of(mail, self._sender))


class NoMailer:
    """For production without a server: nothing secret is left in a folder, and nobody believes that it was sent."""

    async def send(self, mail: Mail) -> None:  # noqa: ARG002
        raise MailNotSent("SMTP_HOST is not set")


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it is sent. Headers are encoded by the standard library, which lets no line break into one.

    Raises:
        WrongAddress
    """
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = an_address(mail.to)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = make_msgid(domain=parseaddr(sender)[1].partition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def an_address(text: str) -> str:
    """A bare address, its domain in the form that DNS knows. Raises WrongAddress."""
    if not _ADDRESS.fullmatch(text):
        raise WrongAddress("not an e-mail address")
    local, _, domain = text.partition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        raise WrongAddress("not an e-mail address") from None


class Posted(msgspec.Struct, frozen=True):
    """A message in the folder."""

    at: datetime
    to: str
    subject: str
    text: str


class Outbox:
    """A folder of messages, one file each, readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, message: EmailMessage) -> None:
        """Add a message; the oldest make room when there are too many."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{clock.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}.eml"
        draft = path.with_suffix(".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(message.as_bytes(policy=policy.SMTPUTF8))
        draft.replace(path)
        for old in self._files()[MAX_KEPT:]:
            old.unlink(missing_ok=True)

    def messages(self) -> list[Posted]:
        """All that are there, the newest first."""
        return [_posted(path) for path in self._files()]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.eml"), reverse=True)


def _posted(path: Path) -> Posted:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    text = message.get_body(("plain",))
    return Posted(
        parsedate_to_datetime(message["Date"]),
        str(message["To"]),
        str(message["Subject"]),
        str(text.get_content()) if text is not None else "",
    )
