"""Addresses: the same routes below /api and /api/v1, HEAD like GET, and an answer in JSON for everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from entrepot.app import Application
from entrepot.kernel.openapi import PREFIX, operations_of


@pytest.fixture
async def http(app: Application) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as http:
        yield http


@pytest.fixture
def operations(app: Application) -> list[tuple[str, str]]:
    """Method and path of every operation; parameters are filled with something that there is not."""
    return [(method, path.replace("{", "").replace("}", "")) for method, path, _ in operations_of(app.litestar)]


async def test_the_version_may_be_left_out(http: httpx.AsyncClient, operations: list[tuple[str, str]]) -> None:
    for method, path in operations:
        if path.startswith(PREFIX):
            with_version = await http.request(method, path)
            without = await http.request(method, "/api" + path.removeprefix(PREFIX))
            assert _gist(without) == _gist(with_version), f"{method} {path}"


async def test_a_slash_at_the_end_does_not_matter(http: httpx.AsyncClient, operations: list[tuple[str, str]]) -> None:
    for method, path in operations:
        assert _gist(await http.request(method, f"{path}/")) == _gist(await http.request(method, path)), (
            f"{method} {path}"
        )


async def test_head_is_get_without_the_body(http: httpx.AsyncClient, operations: list[tuple[str, str]]) -> None:
    changing = {"x-request-id", "content-length"}  # every error names its request, and metrics grow
    for method, path in operations:
        if method == "GET":
            head, get = await http.head(path), await http.get(path)
            assert head.status_code == get.status_code, path
            assert head.content == b"", path
            assert {name: value for name, value in head.headers.items() if name not in changing} == {
                name: value for name, value in get.headers.items() if name not in changing
            }, path


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/v1",
        "/api/v1/nothing",
        "/api/v2/products",
        "/docs/nothing",
    ],
)
async def test_an_unknown_path_is_a_json_404(path: str, http: httpx.AsyncClient) -> None:
    for method in ("GET", "POST", "DELETE"):
        reply = await http.request(method, path)
        if reply.status_code != 405:
            _is_error(reply, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/api/v1/products"), ("GET", "/api/v1/auth/login"), ("PATCH", "/api/auth/me"), ("POST", "/health")],
)
async def test_a_wrong_method_is_a_json_405(method: str, path: str, http: httpx.AsyncClient) -> None:
    _is_error(await http.request(method, path), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "path", ["/api/v1/products/word", "/api/v1/products/0", "/api/v1/products/99999999999999999999"]
)
async def test_an_id_that_cannot_be_is_a_404(path: str, http: httpx.AsyncClient) -> None:
    _is_error(await http.get(path), 404, "NOT_FOUND")


def _is_error(reply: httpx.Response, status: int, code: str) -> None:
    body = reply.json()
    assert (reply.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["message"]
    assert body["requestId"] == reply.headers["x-request-id"]


def _gist(reply: httpx.Response) -> tuple[int, str, str]:
    """What two replies of the same route have in common."""
    body = reply.json() if reply.headers.get("content-type") == "application/json" else {}
    code = body.get("code", "") if isinstance(body, dict) else ""
    return reply.status_code, code, reply.headers.get("content-type", "")
