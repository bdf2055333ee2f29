"""Text messages: what Twilio is sent, and what its answers mean."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import msgspec
import pytest

from entrepot import app as composition
from entrepot.kernel import sms
from entrepot.kernel.db import Database
from entrepot.kernel.mail import Outbox
from entrepot.kernel.sms import FolderTexter, NoTexter, TextMessage, TextNotSent, TwilioTexter
from entrepot.settings import load_settings

ACCOUNT, SECRET, NUMBER = "AC0123", "secret-of-the-account", "+12025550100"
TEXT = TextMessage("+4915112345", "123456 is your code & more: ü")


class Asked(msgspec.Struct):
    """A request as it came."""

    method: str
    path: str
    user: str
    form: dict[str, str]


class Twilio(ThreadingHTTPServer):
    """Understands what Twilio's API does, and answers as it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[Asked] = []
        self.status, self.body = 201, b'{"sid": "SM0123", "status": "queued"}'

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def texter(self, *, secret: str = SECRET, sender: str = NUMBER) -> TwilioTexter:
        return TwilioTexter(ACCOUNT, secret, sender, self.url)


class _Handler(BaseHTTPRequestHandler):
    server: Twilio

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        form = {name: values[0] for name, values in parse_qs(sent, strict_parsing=True).items()}
        user, _, secret = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
        self.server.asked.append(Asked(self.command, self.path, user, form))
        wrong = (user, secret) != (ACCOUNT, SECRET)
        self.send_response(401 if wrong else self.server.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"code": 20003, "message": "Authenticate"}' if wrong else self.server.body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    server = Twilio()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_message_is_a_form_below_the_account(twilio: Twilio) -> None:
    await twilio.texter().send(TEXT)
    form = {"To": TEXT.to, "From": NUMBER, "Body": TEXT.body}
    assert twilio.asked == [Asked("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", ACCOUNT, form)]


async def test_a_messaging_service_chooses_the_sender(twilio: Twilio) -> None:
    await twilio.texter(sender="MG0123").send(TEXT)
    assert twilio.asked[0].form == {"To": TEXT.to, "MessagingServiceSid": "MG0123", "Body": TEXT.body}


async def test_a_wrong_secret_is_ours_to_mend_and_tried_again(twilio: Twilio) -> None:
    with pytest.raises(TextNotSent, match="401"):
        await twilio.texter(secret="wrong").send(TEXT)


@pytest.mark.parametrize("status", [429, 500, 503, 302])
async def test_what_is_refused_for_now_is_tried_again(twilio: Twilio, status: int) -> None:
    twilio.status = status
    with pytest.raises(TextNotSent, match=str(status)):
        await twilio.texter().send(TEXT)


@pytest.mark.parametrize("body", [b'{"code": 21211, "message": "+4915112345 is not valid"}', b"<html>", b"{}", b"[]"])
async def test_a_number_that_is_none_is_not(twilio: Twilio, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    twilio.status, twilio.body = 400, body
    await twilio.texter().send(TEXT)
    assert "refused for good" in caplog.text
    assert TEXT.to not in caplog.text
    assert ("21211" in caplog.text) is (b"21211" in body)


async def test_who_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "TIMEOUT_S", 0.5)
    with pytest.raises(TextNotSent):
        await TwilioTexter(ACCOUNT, SECRET, NUMBER, "http://127.0.0.1:9").send(TEXT)


async def test_without_a_provider_messages_are_written_beside_the_mails(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    await FolderTexter(outbox).send(TEXT)
    assert [(message.to, message.text.strip()) for message in outbox.messages()] == [(TEXT.to, TEXT.body)]


async def test_production_without_a_provider_says_so() -> None:
    with pytest.raises(TextNotSent, match="TWILIO"):
        await NoTexter().send(TEXT)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, FolderTexter),
        ({"twilio_account_sid": ACCOUNT, "twilio_auth_token": SECRET}, FolderTexter),
        ({"twilio_account_sid": ACCOUNT, "twilio_auth_token": SECRET, "twilio_from": NUMBER}, TwilioTexter),
    ],
)
def test_the_settings_choose(given: dict[str, str], kind: type, tmp_path: Path) -> None:
    settings = load_settings(_env_file=None, home=tmp_path, **given)
    assert isinstance(composition.open_shop(settings, Database(None, "")).texter, kind)
