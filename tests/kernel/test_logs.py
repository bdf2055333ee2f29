"""Logs: what is needed to find a request again, and nothing that is secret."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import msgspec
import pytest

from entrepot.catalog import queries
from entrepot.kernel.logs import JsonFormatter, PrettyFormatter
from tests.builders import PASSWORD, Client, unique


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that anybody logs, as the shop writes it, libraries at their most talkative included."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root, shop = logging.getLogger(), logging.getLogger("entrepot")
    before = (root.level, shop.level)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    shop.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before[0])
    shop.setLevel(before[1])


def lines(written: io.StringIO, logger: str = "entrepot.requests") -> list[dict[str, object]]:
    decoded = [msgspec.json.decode(line) for line in written.getvalue().splitlines()]
    return [line for line in decoded if line["logger"] == logger]


async def test_a_line_for_each_request(client: Client, written: io.StringIO) -> None:
    buyer = await client.signed_in()
    written.truncate(0)
    written.seek(0)
    await buyer.get("/auth/me", headers={"X-Request-ID": "abc", "X-Client-Version": "1.2", "X-Device-Id": "phone"})

    (line,) = lines(written)
    assert line["message"] == "GET /api/v1/auth/me"
    assert (line["request_id"], line["status"], line["user_id"]) == ("abc", 200, buyer.user["id"])
    assert (line["client_version"], line["device_id"], line["level"]) == ("1.2", "phone", "info")
    assert isinstance(line["duration_ms"], float)


async def test_what_is_secret_is_in_no_line(
    client: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = "Marker9x7Secret"
    email = f"{unique('logged')}@example.com"
    headers = {
        "Authorization": f"Bearer {marker}",
        "Cookie": f"cart_token={marker}",
        "X-Cart-Token": marker,
        "Idempotency-Key": marker,
    }
    body = {"email": email, "password": f"{PASSWORD}{marker}", "firstName": "Jane", "lastName": "Smith"}
    registered = (await client.post("/auth/register", body)).json()
    tokens = [registered[name] for name in ("token", "refreshToken")]
    for sent in (
        body,
        {**body, "password": f"wrong{marker}"},
        {"password": marker},
        {"email": marker, "password": [marker]},
    ):
        await client.post(
            "/auth/login",
            {name: value for name, value in sent.items() if name in ("email", "password")},
            headers=headers,
        )
    await client.post("/auth/register", {**body, "password": marker})
    await client.get(f"/products?brand={marker}&lang={marker}&cursor={marker}", headers=headers)
    await client.get("/auth/me", headers=headers)
    await client.post(
        "/auth/login", content=f'{{"password": "{marker}"'.encode(), headers={"Content-Type": "application/json"}
    )

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("something else went wrong")

    monkeypatch.setattr(queries, "find_product", fail)
    failed = await client.get(f"/products/1?brand={marker}", headers={**headers, "X-Request-ID": "failed"})

    text = written.getvalue()
    assert failed.status_code == 500
    assert any(
        line["request_id"] == "failed" and "RuntimeError" in str(line["error"])
        for line in lines(written, "entrepot.errors")
    )
    ours = "\n".join(line for line in text.splitlines() if '"logger":"httpx"' not in line)
    assert marker not in ours
    assert not any(token in ours for token in tokens)
    assert len(lines(written)) >= 10


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/payments/4242424242424242", "/payments/[card number]"),
        ("/payments/intents/pm_4242424242424242/confirm", "/payments/intents/pm_[card number]/confirm"),
        ("/products/4242%204242%204242%204242", "/products/[card number]"),
        ("/products/3782-822463-10005", "/products/[card number]"),
        ("/products/4242424242424241", "/products/4242424242424241"),
        ("/products/42424242424242424242", "/products/42424242424242424242"),
    ],
)
async def test_a_card_number_in_an_address_is_in_no_line(
    client: Client, written: io.StringIO, path: str, logged: str
) -> None:
    card = path.rpartition("/")[2]
    await client.get(f"{path}?card={card}", headers={"X-Device-Id": "4242424242424242"})

    (line,) = lines(written)
    assert (line["message"], line["device_id"]) == (f"GET /api/v1{logged}", "[card number]")


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("entrepot.requests", logging.INFO, "", 0, "GET %s", (message,), None)


@pytest.mark.parametrize("path", ["/a\nINFO forged", "/a\r\nx", "/a\x1b[31mred", "/a\x00b", "/a\u2028b", "/a\x9b31m"])
def test_an_address_cannot_forge_a_line(path: str) -> None:
    for formatter in (PrettyFormatter(), JsonFormatter()):
        line = formatter.format(record(path))

        assert len(line.splitlines()) == 1
        assert "\x1b[31m" not in line.replace("\x1b[36m", "")
        assert "\x9b" not in line
        assert "\x00" not in line


def test_an_address_that_is_no_text_is_logged_all_the_same() -> None:
    assert msgspec.json.decode(JsonFormatter().format(record("/a\udcffb")))["message"].startswith("GET /a")
