"""`entrepot serve` as a person runs it: real processes, a real port, signals and crashes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

START_LIMIT_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Shop:
    """A shop in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int, log: Path) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.log = log

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def environment(home: Path, port: int) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")
    }
    return {**kept, "ENTREPOT_HOME": str(home), "PORT": str(port), "LOG_FORMAT": "json"}


@contextmanager
def a_shop(home: Path, *options: str, port: int | None = None, **variables: str) -> Iterator[Shop]:
    port = port or free_port()
    log = home.parent / f"{home.name}-{port}.log"
    with log.open("a") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "entrepot", "serve", "--no-demo", *options],
            env={**environment(home, port), **variables},
            stdout=output,
            stderr=output,
            text=True,
            cwd=home.parent,
        )
    shop = Shop(process, port, log)
    try:
        shop.wait_until_ready()
        yield shop
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


def run(home: Path, *arguments: str, port: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "entrepot", *arguments],
        env={**environment(home, port or free_port()), **variables},
        capture_output=True,
        text=True,
        timeout=START_LIMIT_S,
        cwd=home.parent,
        check=False,
    )


def wait_until_free(port: int) -> None:
    """Server processes that lost their parent finish what they are answering, and go."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"something still listens on port {port}")


def server_runs(home: Path) -> bool:
    return (home / "postgres" / "data" / "postmaster.pid").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_shop_and_its_database(home: Path, number: signal.Signals) -> None:
    with a_shop(home) as shop:
        assert httpx.get(f"{shop.url}/api/v1/products").json()["total"] == 0
        assert shop.end(number) == 0
    assert not server_runs(home)
    assert "Stopped." in shop.log.read_text()


def test_after_kill_9_the_next_start_serves_what_was_acknowledged(home: Path) -> None:
    account = {"email": "killed@example.com", "password": "Secret123", "firstName": "Ann", "lastName": "Bell"}
    with a_shop(home) as shop:
        assert httpx.post(f"{shop.url}/api/v1/auth/register", json=account).status_code == 201
        shop.end(signal.SIGKILL)
    with a_shop(home) as shop:
        login = {name: account[name] for name in ("email", "password")}
        assert httpx.post(f"{shop.url}/api/v1/auth/login", json=login).status_code == 200


def test_several_server_processes_share_the_shop_and_end_together(home: Path) -> None:
    with a_shop(home, "--workers", "2") as shop:
        assert httpx.get(f"{shop.url}/api/v1/products").status_code == 200
        assert shop.end(signal.SIGTERM) == 0
    assert not server_runs(home)


def test_a_killed_parent_leaves_no_server_process_on_the_port(home: Path) -> None:
    port = free_port()
    with a_shop(home, "--workers", "2", port=port) as shop:
        shop.end(signal.SIGKILL)
    wait_until_free(port)
    with a_shop(home, port=port) as shop:
        assert httpx.get(f"{shop.url}/health").status_code == 200


def test_one_service_is_served_apart(home: Path) -> None:
    with a_shop(home, "--service", "catalog", "--no-worker") as shop:
        assert httpx.get(f"{shop.url}/api/v1/products").status_code == 200
        assert httpx.post(f"{shop.url}/api/v1/auth/login", json={}).status_code == 404


def test_a_busy_port_gets_one_clear_sentence(home: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        ended = run(home, "serve", port=port)
    assert ended.returncode == 1
    assert f"Port {port}" in ended.stderr
    assert "PORT=" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_broken_data_folder_gets_one_clear_sentence(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("not a folder")
    ended = run(home, "serve")
    assert ended.returncode == 1
    assert str(home) in ended.stderr.replace("\n", "")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/shop", "No PostgreSQL server answers at 127.0.0.1:1/shop"),
        ("postgresql://nobody:secret@no-such-host.invalid/shop", "is not known"),
        ("mysql://root@localhost/shop", "DATABASE_URL"),
    ],
)
def test_a_wrong_database_url_gets_one_clear_sentence(tmp_path: Path, url: str, says: str) -> None:
    ended = run(tmp_path / "home", "serve", DATABASE_URL=url)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert "secret" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_wrong_setting_is_refused_by_name(tmp_path: Path) -> None:
    ended = run(tmp_path / "home", "serve", JWT_EXPIRES_IN="soon", ENTREPOT_ENV="production")
    assert ended.returncode == 1
    assert "JWT_EXPIRES_IN" in ended.stderr
