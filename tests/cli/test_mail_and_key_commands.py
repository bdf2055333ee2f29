"""Reading mails that nobody sends, and changing the signing key, as a person does it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.cli.test_serve import run

from entrepot.kernel.keys import load_keys
from entrepot.kernel.mail import FolderMailer, Mail, Outbox
from entrepot.kernel.sms import FolderTexter, TextMessage


def post(home: Path) -> None:
    outbox = Outbox(home / "mails")
    asyncio.run(
        FolderMailer(outbox, "shop@example.com").send(
            Mail("jane@example.com", "[b]Größe[/b]", "First line\n[link]https://x.example[/link]\n", "<p></p>")
        )
    )
    asyncio.run(FolderTexter(outbox).send(TextMessage("+4915112345", "123456 is your code")))


def test_mails_are_listed_and_shown(tmp_path: Path) -> None:
    home = tmp_path / "home"
    none = run(home, "mails")
    assert (none.returncode, "There are no mails" in none.stdout) == (0, True), none.stderr
    post(home)

    listed = run(home, "mails")
    assert listed.returncode == 0, listed.stderr
    lines = [line.strip() for line in listed.stdout.splitlines() if "@" in line or "+49" in line]
    assert [line[0] for line in lines] == ["1", "2"], "the newest first"
    assert "+4915112345" in lines[0]
    assert "[b]Größe[/b]" in lines[1]

    shown = run(home, "mails", "2")
    assert "To:      jane@example.com" in shown.stdout
    assert "First line\n[link]https://x.example[/link]" in shown.stdout
    missing = run(home, "mails", "3")
    assert (missing.returncode, "There are 2 mails" in missing.stderr) == (1, True)


def test_the_signing_key_is_changed_and_the_old_one_kept(tmp_path: Path) -> None:
    home = tmp_path / "home"
    before = load_keys(None, home).current.id
    changed = run(home, "rotate-keys")
    assert changed.returncode == 0, changed.stderr
    after = load_keys(None, home)
    assert after.current.id in changed.stdout
    assert [key["kid"] for key in after.jwks()["keys"]] == [after.current.id, before]
    configured = run(home, "rotate-keys", JWT_PRIVATE_KEY=str(home / "keys" / "signing.pem"))
    assert (configured.returncode, "JWT_PREVIOUS_KEYS" in configured.stderr) == (1, True)


def test_doctor_says_who_sends_mails(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert "written into" in run(home, "doctor").stdout
    assert "sent by mail.example:2525" in run(home, "doctor", SMTP_HOST="mail.example", SMTP_PORT="2525").stdout
    production: dict[str, Any] = {
        "ENTREPOT_ENV": "production",
        "DATABASE_URL": "postgresql://127.0.0.1:1/shop",
        "JWT_PRIVATE_KEY": str(home / "keys" / "signing.pem"),
    }
    ill = run(home, "doctor", **production)
    assert (ill.returncode, "Set SMTP_HOST" in ill.stdout) == (1, True), ill.stdout
