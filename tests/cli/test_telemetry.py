"""Traces and error reports arrive where the settings say, when the settings say so."""

from __future__ import annotations

import gzip
import logging
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
import sentry_sdk
from tests.cli.test_serve import a_shop

from entrepot.settings import load_settings
from entrepot.telemetry import watched


class Collector:
    """An HTTP server that remembers what was posted to it."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(self.headers["content-encoding"], bytes)
                received.append((self.path, unpack(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    threading.Thread(target=collector.server.serve_forever, daemon=True).start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()


def test_a_request_and_its_statements_become_spans(home: Path, collector: Collector) -> None:
    with a_shop(home, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{collector.address}") as shop:
        assert httpx.get(f"{shop.url}/api/v1/products").status_code == 200
    spans = b"".join(body for path, body in collector.received if path == "/v1/traces")
    assert b"/api/v1/products" in spans
    assert b"postgresql" in spans


async def test_logged_errors_are_reported_without_local_variables(collector: Collector) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        return

    watched(app, load_settings(_env_file=None, sentry_dsn=f"http://public@{collector.address}/1"))
    try:
        password = secrets.token_hex(20)
        try:
            raise ValueError(len(password))
        except ValueError:
            logging.getLogger("entrepot.errors").exception("request failed")
        sentry_sdk.flush(timeout=5)
    finally:
        sentry_sdk.init()
    reports = b"".join(body for _, body in collector.received)
    assert b"request failed" in reports
    assert password.encode() not in reports


def test_nothing_is_switched_on_by_default() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        return

    assert watched(app, load_settings(_env_file=None)) is app
