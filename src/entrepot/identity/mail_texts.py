"""What identity writes to people, in their language: each mail as text and as HTML, made from the same sentences.

The sentences stand in `mails/*.toml`, a file for each language. What a user has written goes into them as plain text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from typing import Final, Literal

import msgspec

from entrepot.identity.recovery_queries import Recipient
from entrepot.kernel.languages import FALLBACK, candidates
from entrepot.kernel.mail import Mail
from entrepot.kernel.sms import TextMessage
from entrepot.settings import Settings


class MailKind(StrEnum):
    RESET_PASSWORD = "reset_password"  # noqa: S105
    VERIFY_EMAIL = "verify_email"
    CODE = "code"
    EMAIL_CHANGED = "email_changed"


class MailText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences of a mail; `action` is what its link is called."""

    subject: str
    lead: str
    note: str
    action: str = ""


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    direction: Literal["ltr", "rtl"]
    greeting: str
    greeting_without_name: str
    text_message: str
    mails: dict[MailKind, MailText]


LANGUAGES: Final[Mapping[str, Language]] = {
    file.name.removesuffix(".toml"): msgspec.toml.decode(file.read_bytes(), type=Language)
    for file in (resources.files("entrepot.identity") / "mails").iterdir()
    if file.name.endswith(".toml")
}

_NAME: Final = re.compile(r"[^\W\d_][^\W\d_'’ -]*(?:['’ -][^\W\d_]+){0,3}", re.UNICODE)
"""Letters, with single spaces, hyphens and apostrophes. What else stands in a name is not repeated to whoever owns the
address, which need not be whoever wrote the name: an address of a page, for one."""


def compose(
    kind: MailKind,
    recipient: Recipient,
    to: str,
    settings: Settings,
    *,
    link: str | None = None,
    code: str | None = None,
) -> Mail:
    """A mail to `to`, in the recipient's language if there is a text in it, otherwise in English."""
    tag, language = _language(recipient.language)
    text = language.mails[kind]
    name = recipient.first_name if _NAME.fullmatch(recipient.first_name) else None
    said = {"shop": settings.shop_name, "name": name or "", "email": recipient.email}
    greeting = (language.greeting if name else language.greeting_without_name).format_map(said)
    lead, note = text.lead.format_map(said), text.note.format_map(said)
    return Mail(
        to=to,
        subject=text.subject.format_map(said),
        text="\n\n".join(
            [greeting, lead, *(part for part in (link, code) if part is not None), note, settings.shop_name]
        )
        + "\n",
        html=_PAGE.format(
            tag=tag,
            direction=language.direction,
            greeting=html.escape(greeting),
            lead=html.escape(lead),
            middle=_middle(text.action, link, code),
            note=html.escape(note),
            shop=html.escape(settings.shop_name),
        ),
    )


def compose_text(recipient: Recipient, to: str, settings: Settings, code: str) -> TextMessage:
    """A code for a telephone."""
    _, language = _language(recipient.language)
    return TextMessage(to, language.text_message.format(code=code, shop=settings.shop_name))


def _language(wanted: str) -> tuple[str, Language]:
    tag = next((tag for tag in candidates(wanted) if tag in LANGUAGES), FALLBACK)
    return tag, LANGUAGES[tag]


def _middle(action: str, link: str | None, code: str | None) -> str:
    """A button, with its address below for those whose program shows none; or a code, which reads from left to right."""
    if link is not None:
        address = html.escape(link)
        return _LINK.format(address=address, action=html.escape(action))
    return _CODE.format(code=html.escape(code)) if code is not None else ""


_PAGE: Final = """<!doctype html>
<html lang="{tag}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin: 0; padding: 24px; background: #f4f4f2; color: #1c1c1a; font: 16px/1.5 sans-serif">
<div dir="{direction}" style="max-width: 520px; margin: 0 auto; padding: 32px; background: #ffffff; border-radius: 8px">
<p>{greeting}</p>
<p>{lead}</p>
{middle}<p style="color: #6a6a66; font-size: 14px">{note}</p>
<p style="margin-bottom: 0">{shop}</p>
</div>
</body>
</html>
"""
_LINK: Final = """<p style="margin: 28px 0"><a href="{address}" style="display: inline-block; padding: 12px 24px; \
background: #1c1c1a; color: #ffffff; border-radius: 6px; text-decoration: none">{action}</a></p>
<p dir="ltr" style="font-size: 13px; word-break: break-all"><a href="{address}" style="color: #6a6a66">{address}</a></p>
"""
_CODE: Final = """<p style="margin: 28px 0; font-size: 32px; letter-spacing: 6px"><bdi dir="ltr">{code}</bdi></p>
"""
