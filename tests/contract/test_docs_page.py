"""The page that shows the API works without internet: everything it loads, it loads from here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest

from entrepot.app import Application

LOADED: Final = re.compile(r"""(?:src|href)\s*=\s*["']([^"']+)["']""")
FETCHED: Final = re.compile(r"""url:\s*["']([^"']+)["']""")
TYPES: Final = {"css": "text/css", "js": "text/javascript", "png": "image/png", "json": "application/json"}


@pytest.fixture
async def http(app: Application) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as http:
        yield http


async def test_the_page_loads_only_what_is_here(http: httpx.AsyncClient) -> None:
    page = await http.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "unsafe-eval" not in page.headers["content-security-policy"]
    start = (await http.get("/docs/start.js")).text
    for text in (page.text, start):
        assert not re.search(r"(https?:)?//\w", text), "the page names an address elsewhere"
    assets = [*LOADED.findall(page.text), *FETCHED.findall(start)]
    assert len(assets) >= 4
    for asset in assets:
        assert asset.startswith("/"), asset
        reply = await http.get(asset)
        assert reply.status_code == 200, asset
        assert reply.headers["content-type"].startswith(TYPES[asset.rpartition(".")[2]]), asset
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.content


async def test_styles_fetch_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    styles = (await http.get("/docs/swagger-ui.css")).text
    loaded = re.findall(r"url\(\s*[\"']?([^\"')]+)", styles) + re.findall(r"@import\s+[\"']([^\"']+)", styles)
    assert not [address for address in loaded if not address.startswith(("data:", "#"))]


@pytest.mark.parametrize("asset", ["index.html", "..%2f__init__.py", "swagger-ui.css.map", "%00"])
async def test_nothing_else_of_the_package_is_served(asset: str, http: httpx.AsyncClient) -> None:
    assert (await http.get(f"/docs/{asset}")).status_code == 404
