"""Serving: the processes that answer requests, how they begin and how they end."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import msgspec
import uvicorn
from uvicorn.supervisors import Multiprocess

from entrepot import app as composition
from entrepot.kernel import logs
from entrepot.kernel.edge import App
from entrepot.settings import LogFormat, Settings, load_settings
from entrepot.telemetry import watched

ORDERS_VARIABLE: Final = "ENTREPOT_SERVING"
"""How the parent tells its server processes what to serve; not for people."""

KEEP_ALIVE_S: Final = 30
PR_SET_PDEATHSIG: Final = 1


class StartError(Exception):
    """The shop cannot start; the message is a sentence that says what to do."""


class ServingOrders(msgspec.Struct, frozen=True):
    """What a server process serves."""

    dsn: str
    services: tuple[str, ...] = ()
    worker: bool = True
    parent: int | None = None


def configure_logs(settings: Settings) -> None:
    """Pretty on a terminal, JSON elsewhere, unless the settings say otherwise."""
    chosen = settings.log_format or (LogFormat.PRETTY if sys.stderr.isatty() else LogFormat.JSON)
    logs.configure(settings.log_level, pretty=chosen is LogFormat.PRETTY)


def refuse_busy_port(host: str, port: int) -> None:
    """Raise StartError when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise StartError(f"Port {port} needs more rights: choose one above 1023 with PORT=3001.") from None
        except OSError as error:
            raise StartError(
                f"Port {port} on {host} is not free ({error.strerror}): stop what uses it, or choose another: PORT=3001."
            ) from None


def serve(settings: Settings, orders: ServingOrders, workers: int) -> bool:
    """Serve until SIGINT or SIGTERM; running requests are finished first. False when the shop could not start."""
    configured: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "loop": "uvloop",
        "http": "httptools",
        "ws": "none",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": settings.trusted_proxies,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": settings.shutdown_timeout_s,
    }
    if workers == 1:
        server = uvicorn.Server(uvicorn.Config(LazyApplication(settings, orders), **configured))
        with _signals_end_quietly():
            server.run()
        return bool(server.started)
    os.environ[ORDERS_VARIABLE] = msgspec.json.encode(msgspec.structs.replace(orders, parent=os.getpid())).decode()
    config = uvicorn.Config("entrepot.serving:create_application", factory=True, workers=workers, **configured)
    with _signals_end_quietly():
        Multiprocess(config, sockets=[config.bind_socket()]).run()
    return True


def create_application() -> LazyApplication:
    """The application of one of several server processes."""
    orders = msgspec.json.decode(os.environ[ORDERS_VARIABLE], type=ServingOrders)
    settings = load_settings()
    configure_logs(settings)
    if orders.parent is not None:
        _die_with(orders.parent)
    return LazyApplication(settings, orders)


class LazyApplication:
    """Opens the database in the server's own event loop, when the server says that it starts."""

    def __init__(self, settings: Settings, orders: ServingOrders) -> None:
        self._settings = settings
        self._orders = orders
        self._application: App | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._application is None:
            self._application = watched(await self._open(), self._settings)
        await self._application(scope, receive, send)

    async def _open(self) -> composition.Application:
        database = await composition.open_database(self._settings, self._orders.dsn)
        return composition.Application(
            self._settings,
            composition.open_shop(self._settings, database),
            services=self._orders.services,
            worker=self._orders.worker,
        )


def check_services(names: tuple[str, ...], known: Mapping[str, object]) -> None:
    """Raise StartError for a service that there is not."""
    if unknown := sorted(set(names) - known.keys()):
        raise StartError(f"There is no service {unknown[0]}: choose from {', '.join(known)}.")


@contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """uvicorn raises the signal that ended it once more when it is done; the database is still to be stopped then."""

    def ignore(_: int, __: FrameType | None) -> None:
        return

    before = {number: signal.signal(number, ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _die_with(parent: int) -> None:
    """Ask Linux to end this process when its parent dies, so that a killed parent leaves no port taken."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the server's parent process has died")
