"""Text messages to telephones: through Twilio, or, where it is not configured, into the folder of mails."""

from __future__ import annotations

import asyncio
import logging
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Protocol

import httpx2
import msgspec

from entrepot.kernel import clock
from entrepot.kernel.mail import Outbox

log = logging.getLogger("entrepot.sms")

TIMEOUT_S: Final = 10
MESSAGING_SERVICE: Final = "MG"
"""How the ids of Twilio's messaging services begin, which choose a sender by themselves."""


class TextMessage(msgspec.Struct, frozen=True):
    """`to` is a telephone number as people write it without spaces, best with its country: +4915112345678."""

    to: str
    body: str


class TextNotSent(Exception):
    """A message could not be handed over, and may be tried again. The message of this error holds nothing of it."""


class Texter(Protocol):
    async def send(self, text: TextMessage) -> None:
        """Hand a message over. One that can never arrive is logged, and forgotten.

        Raises:
            TextNotSent: it is worth to try again.
        """


class TwilioTexter:
    """Sends through Twilio's HTTP API, or one that speaks like it."""

    def __init__(self, account_sid: str, auth_token: str, sender: str, api_url: str) -> None:
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._sender = sender
        self._url = f"{api_url.rstrip('/')}/2010-04-01/Accounts/{account_sid}/Messages.json"

    async def send(self, text: TextMessage) -> None:
        sender = "MessagingServiceSid" if self._sender.startswith(MESSAGING_SERVICE) else "From"
        try:
            async with httpx2.AsyncClient(timeout=TIMEOUT_S) as http:
                reply = await http.post(
                    self._url,
                    data={"To": text.to, sender: self._sender, "Body": text.body},
                    auth=(self._account_sid, self._auth_token),
                )
        except httpx2.HTTPError as error:
            raise TextNotSent(type(error).__name__) from None
        if reply.status_code == 400:
            log.warning("a text message was refused for good: %s", _code_of(reply))
        elif not reply.is_success:
            raise TextNotSent(f"status {reply.status_code}")


class _Refusal(msgspec.Struct):
    code: int = 0


def _code_of(reply: httpx2.Response) -> str:
    """Twilio's number for what is wrong. Its words are left out: they name the telephone."""
    try:
        return f"error {msgspec.json.decode(reply.content, type=_Refusal).code}"
    except msgspec.DecodeError:
        return "status 400"


class FolderTexter:
    """Writes messages into the folder of mails."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def send(self, text: TextMessage) -> None:
        message = EmailMessage()
        message["To"] = " ".join(text.to.split())
        message["Subject"] = "Text message"
        message["Date"] = format_datetime(clock.now())
        message.set_content(text.body)
        await asyncio.to_thread(self._outbox.put, message)


class NoTexter:
    """For production without a provider: nothing secret is left in a folder, and nobody believes that it was sent."""

    async def send(self, text: TextMessage) -> None:  # noqa: ARG002
        raise TextNotSent("TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM are not set")
