"""Health, metrics, public keys, uploaded files, and the page that shows the API."""

from __future__ import annotations

import asyncio
import mimetypes
from importlib import resources
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Controller, Response

from entrepot.kernel.actors import anyone
from entrepot.kernel.db import Db
from entrepot.kernel.errors import NotFound, Unavailable
from entrepot.kernel.files import PUBLIC, FileMissing
from entrepot.kernel.routes import get
from entrepot.operations.events_api import EventController
from entrepot.shop import Shop

__all__ = [
    "DocsController",
    "EventController",
    "HealthController",
    "KeysController",
    "MediaController",
    "MetricsController",
    "RootController",
]

READY_TIMEOUT_S: Final = 2


class Health(msgspec.Struct, frozen=True):
    status: str


class Readiness(msgspec.Struct, frozen=True):
    status: str
    checks: dict[str, str]


class HealthController(Controller):
    path = "/health"
    tags = ["Operations"]

    @get("/", guard=anyone)
    async def live(self) -> Health:
        """The process is alive."""
        return Health("ok")

    @get("/ready", guard=anyone, refuses=(Unavailable,))
    async def ready(self, db: Db) -> Readiness:
        """The process can serve: its database answers. 503 until then."""
        try:
            async with asyncio.timeout(READY_TIMEOUT_S):
                await db.value("select 1")
        except Exception:  # noqa: BLE001  whatever keeps it from answering, the reply is the same
            raise Unavailable("The database does not answer") from None
        return Readiness("ok", {"database": "ok"})


class MetricsController(Controller):
    path = "/metrics"
    tags = ["Operations"]

    @get("/", guard=anyone, binary="text/plain")
    async def metrics(self, shop: Shop) -> Response[bytes]:
        """What Prometheus reads, of this process."""
        content, media_type = shop.metrics.render()
        return Response(content, media_type=media_type)


class KeysController(Controller):
    path = "/.well-known"
    tags = ["Operations"]

    @get("/jwks.json", guard=anyone)
    async def jwks(self, shop: Shop) -> dict[str, Any]:
        """The public keys that access tokens are signed with (RFC 7517)."""
        return shop.keys.jwks()


class MediaController(Controller):
    path = "/media"
    tags = ["Operations"]

    @get("/{key:path}", guard=anyone, binary="application/octet-stream", refuses=(NotFound,))
    async def media(self, shop: Shop, key: Path) -> Response[bytes]:
        """An uploaded or drawn picture."""
        try:
            content = await shop.files.get(f"{PUBLIC}/{str(key).lstrip('/')}")
        except FileMissing:
            raise NotFound from None
        media_type = mimetypes.guess_type(key.name)[0] or "application/octet-stream"
        return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})


_SWAGGER: Final = resources.files("swagger_ui") / "static"
_ASSETS: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Entrepot API</title>
  <link rel="icon" href="/docs/favicon-32x32.png">
  <link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
  <div id="api"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#api", deepLinking: true, docExpansion: "none", filter: true,
  persistAuthorization: true, displayRequestDuration: true, tryItOutEnabled: true
});
"""
_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self' data:; frame-ancestors 'none'"
)


class RootController(Controller):
    path = "/"
    tags = ["Operations"]
    include_in_schema = False

    @get("/", guard=anyone)
    async def root(self) -> Response[None]:
        """A person who opens the shop's address is shown its API."""
        return Response(None, status_code=302, headers={"Location": "/docs"})


class DocsController(Controller):
    path = "/docs"
    tags = ["Operations"]
    include_in_schema = False

    @get("/", guard=anyone)
    async def page(self) -> Response[str]:
        """The API, to browse and to try. Needs no internet."""
        return Response(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _PAGE_POLICY})

    @get("/start.js", guard=anyone)
    async def start(self) -> Response[str]:
        """What starts the page."""
        return Response(_START, media_type="text/javascript")

    @get("/{asset:str}", guard=anyone)
    async def asset(self, asset: str) -> Response[bytes]:
        """A file of the page."""
        media_type = _ASSETS.get(asset)
        if media_type is None:
            raise NotFound
        content = await asyncio.to_thread((_SWAGGER / asset).read_bytes)
        return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})
