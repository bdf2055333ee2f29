"""Mails: what is written in which language, how it reaches a server, and what happens when it does not."""

from __future__ import annotations

import asyncio
import re
import stat
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from entrepot import app as composition
from entrepot.identity.mail_texts import LANGUAGES, MailKind, compose, compose_text
from entrepot.identity.recovery_queries import Recipient
from entrepot.kernel import clock, jobs, mail
from entrepot.kernel.mail import FolderMailer, Mail, MailNotSent, NoMailer, Outbox, Tls, WrongAddress, message_of
from entrepot.settings import Settings, SettingsError, load_settings
from tests.builders import Client
from tests.identity.post import token_in
from tests.identity.smtp import SENDER, Inbox, a_certificate, a_mailer, an_smtp_server, free_port

MAIL = Mail("jane@example.com", "Größe", "Text\n", "<p>Text</p>")
WRITTEN_IN = {"ar", "ckb", "de", "en", "es", "fa", "fr", "he", "ru", "tr"}
FROM_RIGHT_TO_LEFT = {"ar", "ckb", "fa", "he"}
PLACEHOLDER = re.compile(r"{(\w*)}")


def settings_with(**given: Any) -> Settings:
    return load_settings(_env_file=None, **given)


def a_recipient(**fields: Any) -> Recipient:
    return Recipient(
        **{
            "user_id": 1,
            "email": "jane@example.com",
            "verified": True,
            "pending_email": None,
            "first_name": "Jane",
            "language": "en",
            **fields,
        }
    )


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


# ---- texts ----


def test_every_language_has_every_text() -> None:
    assert set(LANGUAGES) == WRITTEN_IN
    english = LANGUAGES["en"]
    for tag, language in LANGUAGES.items():
        assert set(language.mails) == set(MailKind), tag
        for kind, text in language.mails.items():
            assert all((text.subject, text.lead, text.note)), (tag, kind)
            assert bool(text.action) is bool(english.mails[kind].action), (tag, kind)
            assert tag == "en" or text.lead != english.mails[kind].lead, f"{tag}: {kind} is not translated"


def test_every_language_fills_in_the_same() -> None:
    for tag, language in LANGUAGES.items():
        assert PLACEHOLDER.findall(language.greeting) == ["name"], tag
        assert set(PLACEHOLDER.findall(language.text_message)) == {"code", "shop"}, tag
        for kind, text in language.mails.items():
            said = set(PLACEHOLDER.findall(text.subject + text.lead + text.note))
            assert said == ({"shop", "email"} if kind is MailKind.EMAIL_CHANGED else {"shop"}), (tag, kind)


@pytest.mark.parametrize("tag", sorted(WRITTEN_IN))
def test_a_mail_is_written_in_the_direction_of_its_language(tag: str) -> None:
    written = compose(
        MailKind.RESET_PASSWORD, a_recipient(language=tag), "jane@example.com", Settings(), link="https://x.example/#t"
    )
    direction = "rtl" if tag in FROM_RIGHT_TO_LEFT else "ltr"
    assert f'<html lang="{tag}" dir="{direction}">' in written.html
    assert "https://x.example/#t" in written.text
    assert 'href="https://x.example/#t"' in written.html
    assert "Jane" in written.text


@pytest.mark.parametrize(("wanted", "chosen"), [("de-AT", "de"), ("DE", "de"), ("xx", "en"), ("pt-br", "en")])
def test_the_language_is_the_users_or_english(wanted: str, chosen: str) -> None:
    written = compose(MailKind.CODE, a_recipient(language=wanted), "jane@example.com", Settings(), code="012345")
    assert f'lang="{chosen}"' in written.html
    assert "012345" in written.text


def test_what_people_have_written_is_text_and_not_html() -> None:
    settings = settings_with(shop_name="Tom & <b>Jerry</b>")
    written = compose(
        MailKind.EMAIL_CHANGED, a_recipient(email="<i>@example.com", first_name="Zoë O'Neil"), "a@b.example", settings
    )
    assert "<b>" not in written.html
    assert "<i>" not in written.html
    assert "Tom &amp; &lt;b&gt;Jerry&lt;/b&gt;" in written.html
    assert "Zoë O&#x27;Neil" in written.html
    assert "Zoë O'Neil" in written.text


@pytest.mark.parametrize(
    "name", ["visit evil.example now", "http://evil.example", "{shop}", "Ann\r\nBcc: x", "1000 $", "a@b"]
)
def test_a_name_that_is_none_is_not_repeated(name: str) -> None:
    written = compose(MailKind.CODE, a_recipient(first_name=name), "jane@example.com", Settings(), code="012345")
    assert name not in written.text
    assert written.text.startswith("Hello,\n")


def test_braces_in_what_people_have_written_mean_nothing() -> None:
    text = compose_text(a_recipient(), "+4915112345", settings_with(shop_name="{code.__class__}"), "012345")
    assert "{code.__class__}" in text.body


# ---- headers ----


@pytest.mark.parametrize(
    "to",
    [
        "jane@example.com\r\nBcc: all@example.com",
        "jane@example.com\nBcc: all@example.com",
        "jane@example.com, all@example.com",
        "jane@example.com> NOTIFY=SUCCESS",
        "Jane <jane@example.com>",
        "jane",
        "@example.com",
        "jane@example.com\0",
        "a" * 300 + "@example.com",
    ],
)
def test_an_address_is_one_bare_address(to: str) -> None:
    with pytest.raises(WrongAddress):
        message_of(Mail(to, "Subject", "", ""), SENDER)


def test_a_subject_is_one_line() -> None:
    message = message_of(Mail("jane@example.com", "One\r\nBcc: all@example.com", "", ""), SENDER)
    assert message["Subject"] == "One Bcc: all@example.com"
    assert message["Bcc"] is None
    assert message.as_bytes().count(b"Bcc") == 1


def test_a_domain_is_written_as_dns_knows_it() -> None:
    assert message_of(Mail("jane@münchen.example", "Subject", "", ""), SENDER)["To"] == "jane@xn--mnchen-3ya.example"


@pytest.mark.parametrize("sender", ["nobody", "Shop", "a@b.example\nBcc: x@y.example"])
def test_a_sender_that_is_none_is_refused_at_start(sender: str) -> None:
    with pytest.raises(SettingsError, match="EMAIL_FROM"):
        settings_with(email_from=sender)


def test_mails_come_from_the_shops_address_unless_said_otherwise() -> None:
    assert settings_with(public_url="https://shop.example/x").sender == "noreply@shop.example"
    assert settings_with(email_from="Möbel & Co <a@b.example>").sender.endswith("<a@b.example>")


# ---- a server ----


@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
async def test_a_mail_reaches_a_server(tls: Tls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, context = a_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    inbox = Inbox()
    with an_smtp_server(inbox, tls=tls, context=context) as port:
        await a_mailer(port, tls).send(MAIL)
    message = inbox.messages[0]
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, MAIL.to, MAIL.subject)
    assert message["Message-ID"].endswith("@example.com>")
    assert html_of(message).strip() == MAIL.html
    assert (inbox.envelopes[0].mail_from, inbox.envelopes[0].rcpt_tos) == ("shop@example.com", [MAIL.to])


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for_gets_nothing(tls: Tls, tmp_path: Path) -> None:
    _, context = a_certificate(tmp_path)
    inbox = Inbox()
    with an_smtp_server(inbox, tls=tls, context=context) as port, pytest.raises(MailNotSent):
        await a_mailer(port, tls).send(MAIL)
    assert inbox.messages == []


async def test_a_server_without_tls_gets_nothing_where_tls_is_asked_for() -> None:
    inbox = Inbox()
    with an_smtp_server(inbox) as port, pytest.raises(MailNotSent):
        await a_mailer(port, "starttls").send(MAIL)
    assert inbox.messages == []


async def test_the_server_is_told_who_sends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, context = a_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    inbox = Inbox()
    options: dict[str, Any] = {"authenticator": inbox.authenticate, "auth_required": True}
    with an_smtp_server(inbox, tls="starttls", context=context, **options) as port:
        await a_mailer(port, "starttls", "shop", "right").send(MAIL)
        with pytest.raises(MailNotSent, match="535"):
            await a_mailer(port, "starttls", "shop", "wrong").send(MAIL)
    assert (len(inbox.messages), set(inbox.users)) == (1, {"shop"})


@pytest.mark.parametrize(("recipient", "data"), [("450 later", "250 OK"), ("250 OK", "451 later secret-words")])
async def test_what_a_server_refuses_for_now_is_tried_again(recipient: str, data: str) -> None:
    inbox = Inbox()
    inbox.reply_to_recipient, inbox.reply = recipient, data
    with an_smtp_server(inbox) as port, pytest.raises(MailNotSent) as refused:
        await a_mailer(port).send(MAIL)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("recipient", "data"), [("550 nobody", "250 OK"), ("250 OK", "554 spam")])
async def test_what_a_server_refuses_for_good_is_not(
    recipient: str, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    inbox.reply_to_recipient, inbox.reply = recipient, data
    with an_smtp_server(inbox) as port:
        await a_mailer(port).send(MAIL)
    assert "refused for good" in caplog.text
    assert MAIL.to not in caplog.text


async def test_a_server_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT_S", 0.2)
    leave = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await leave.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    with pytest.raises(MailNotSent):
        await a_mailer(server.sockets[0].getsockname()[1]).send(MAIL)
    leave.set()
    server.close()


async def test_a_mail_is_sent_when_the_server_is_back_and_its_last_link_counts(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real worker, against a server that is away at first."""
    monkeypatch.setattr(jobs, "DISPATCH_INTERVAL_S", 0.05)
    monkeypatch.setattr(jobs, "LOOK_AGAIN_AFTER_S", 0.3)
    shop, port = client.app.shop, free_port()
    monkeypatch.setattr(shop, "mailer", a_mailer(port))
    user = await client.signed_in()
    worker = composition.worker_of(shop)
    task = asyncio.create_task(worker.run())
    inbox = Inbox()
    try:
        await client.post("/auth/forgot-password", {"email": user.user["email"]})
        tried = "select count(*) from mailed_tokens where user_id = $1"
        await _until(lambda: client.value(f"{tried} having count(*) >= 2", user.user["id"]))  # so the first has failed
        with an_smtp_server(inbox, port=port):
            await _until(lambda: _here(inbox, user.user["email"]))
    finally:
        worker.stop()
        await asyncio.wait([task], timeout=10)
        task.cancel()
    (message,) = _mails_to(inbox, user.user["email"])
    body = message.get_body(("plain",))
    assert body is not None
    posted = mail.Posted(clock.now(), "", "", str(body.get_content()))
    reply = await client.post("/auth/reset-password", {"token": token_in(posted), "newPassword": "Better456"})
    assert reply.status_code == 200, reply.text


def _mails_to(inbox: Inbox, email: str) -> list[EmailMessage]:
    """Not those that other tests have left to do."""
    return [message for message in inbox.messages if message["To"] == email]


async def _here(inbox: Inbox, email: str) -> bool:
    return bool(_mails_to(inbox, email))


async def _until(met: Any, within_s: float = 45) -> None:
    deadline = asyncio.get_running_loop().time() + within_s
    while not await met():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await asyncio.sleep(0.05)


# ---- no server ----


async def test_without_a_server_mails_are_written_for_their_owner_only(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "mails")
    mailer = FolderMailer(outbox, SENDER)
    await mailer.send(MAIL)
    await mailer.send(Mail("joe@example.com", "Second", "Second text", "<p></p>"))
    assert [(posted.to, posted.subject, posted.text.strip()) for posted in outbox.messages()] == [
        ("joe@example.com", "Second", "Second text"),
        (MAIL.to, MAIL.subject, "Text"),
    ]
    assert stat.S_IMODE((tmp_path / "mails").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "mails").iterdir()} == {0o600}


async def test_the_folder_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "MAX_KEPT", 3)
    outbox = Outbox(tmp_path)
    for number in range(5):
        await FolderMailer(outbox, SENDER).send(Mail("a@example.com", str(number), "", ""))
    assert [posted.subject for posted in outbox.messages()] == ["4", "3", "2"]


async def test_production_without_a_server_says_so_and_writes_nothing() -> None:
    with pytest.raises(MailNotSent, match="SMTP_HOST"):
        await NoMailer().send(MAIL)
