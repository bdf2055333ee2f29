"""Every route of the composed shop, as Litestar serves it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler

from entrepot.app import Application
from entrepot.kernel.routes import Operation

FOREIGN_DESCRIPTION = "/unused-description"
"""Where Litestar serves its own pages of the API's description."""


class ServedRoute(msgspec.Struct, frozen=True):
    """A route, however it was declared: over HTTP, as a websocket or as an ASGI application."""

    methods: tuple[str, ...]
    path: str
    handler: BaseRouteHandler

    def __str__(self) -> str:
        return f"{' '.join(self.methods) or type(self.handler).__name__} {self.path}"

    @property
    def operation(self) -> Operation | None:
        return self.handler.opt.get("operation")

    @property
    def written(self) -> Callable[..., Any]:
        """The handler as it was written, without the transaction and the rest around it."""
        written: Callable[..., Any] = inspect.unwrap(self.handler.fn)
        return written


def served_routes(app: Application) -> Iterator[ServedRoute]:
    """All of them, but for the answers to OPTIONS that Litestar makes by itself: they list methods and nothing else."""
    for route in app.litestar.routes:
        handlers = getattr(route, "route_handlers", None) or [route.route_handler]  # type: ignore[union-attr]
        for handler in handlers:
            methods = tuple(sorted(handler.http_methods)) if isinstance(handler, HTTPRouteHandler) else ()
            if methods != ("OPTIONS",):
                yield ServedRoute(methods, route.path_format, handler)
