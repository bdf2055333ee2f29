"""Telling those who waited, by mail and in their language, that something is held for them; nobody is told twice."""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

import msgspec

from entrepot.inventory import waiting_queries
from entrepot.inventory.unsubscribe import unsubscribe_token
from entrepot.inventory.waiting_queries import Told
from entrepot.kernel.db import Tx
from entrepot.kernel.jobs import enqueue
from entrepot.kernel.languages import FALLBACK, candidates
from entrepot.kernel.mail import Mail, MailNotSent, WrongAddress
from entrepot.shop import Shop

TELL_ONE: Final = "inventory.tell_waiter"


class MailText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences of the mail; `action` is what the link to the product is called, `leave` the one to wait no longer."""

    direction: str
    subject: str
    lead: str
    note: str
    action: str
    leave: str


TEXTS: Final[Mapping[str, MailText]] = msgspec.toml.decode(
    (resources.files("entrepot.inventory") / "mails.toml").read_bytes(), type=dict[str, MailText]
)


async def tell_waiters(shop: Shop, payload: dict[str, Any]) -> None:
    """A job for each who was offered something, so that one mail that fails keeps back no other."""
    async with shop.database.transaction() as tx:
        await enqueue(tx, TELL_ONE, [{"waiterId": waiter_id} for waiter_id in payload["waiterIds"]])


async def tell_waiter(shop: Shop, payload: dict[str, Any]) -> None:
    """Tell one, unless it was told, or nothing is held for it any more. Raises MailNotSent."""
    waiter_id: int = payload["waiterId"]
    async with shop.database.transaction() as tx:
        told = await waiting_queries.claim_telling(tx, waiter_id)
    if told is None:
        return
    try:
        pages, token = shop.settings.pages, unsubscribe_token(shop.keys, waiter_id)
        await shop.mailer.send(
            compose(told, f"{pages}/products/{told.product_id}", f"{pages}/notify-me/unsubscribe#token={token}")
        )
    except WrongAddress:
        return
    except MailNotSent:
        async with shop.database.transaction() as tx:
            await _forget(tx, waiter_id)
        raise


async def _forget(tx: Tx, waiter_id: int) -> None:
    await waiting_queries.forget_telling(tx, waiter_id)


def compose(told: Told, link: str, leave_link: str) -> Mail:
    """The mail, as text and as HTML."""
    text = next(TEXTS[language] for language in (*candidates(told.language), FALLBACK) if language in TEXTS)
    words = {"title": told.title, "quantity": told.quantity, "until": f"{told.held_until:%Y-%m-%d %H:%M}"}
    subject = " ".join(text.subject.format(**words).split())
    lead, note = text.lead.format(**words), text.note
    page = (
        f'<html dir="{text.direction}"><body><p>{html.escape(lead)}</p><p><a href="{html.escape(link)}">'
        f"{html.escape(text.action)}</a></p><p>{html.escape(note)}</p>"
        f'<p><a href="{html.escape(leave_link)}">{html.escape(text.leave)}</a></p></body></html>'
    )
    plain = f"{lead}\n\n{text.action}: {link}\n\n{note}\n\n{text.leave}: {leave_link}\n"
    return Mail(to=told.email, subject=subject, text=plain, html=page)
