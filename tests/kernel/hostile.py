"""What hostile tests share: every unsafe route of the shop, and what each refusal must look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import httpx
import msgspec
from litestar.typing import FieldDefinition
from pydantic import BaseModel

from entrepot.kernel.actors import Role
from entrepot.kernel.openapi import operations_of
from entrepot.kernel.routes import Operation
from tests.builders import Client

PREFIX = "/api/v1"
JSON = {"Content-Type": "application/json"}


class Unsafe(msgspec.Struct, frozen=True):
    """A route that changes something, with an address of nothing that exists."""

    method: str
    path: str
    guard: Any
    body: type[BaseModel] | None
    optional: bool


def unsafe_routes(client: Client) -> Iterator[Unsafe]:
    """Every POST, PUT, PATCH and DELETE below /api/v1."""
    for method, path, handler in operations_of(client.app.litestar):
        operation: Operation = handler.opt["operation"]
        if method in ("GET", "HEAD", "OPTIONS") or not path.startswith(PREFIX) or handler.opt.get("multipart"):
            continue
        data = handler.parsed_fn_signature.parameters.get("data")
        body = next((kind for kind in _kinds(data) if issubclass(kind, BaseModel)), None)
        optional = data is not None and data.is_optional
        yield Unsafe(method, _filled(path.removeprefix(PREFIX)), operation.guard, body, optional)


def _kinds(data: FieldDefinition | None) -> list[type[Any]]:
    """The type of a body, or those that it may be of."""
    if data is None:
        return []
    return [kind for kind in get_args(data.annotation) or [data.annotation] if isinstance(kind, type)]


def routes_with_body(client: Client) -> list[Unsafe]:
    return [route for route in unsafe_routes(client) if route.body is not None]


def _filled(path: str) -> str:
    """The path with parameters that name nothing: the ids of tables are far smaller, the words are nobody's."""
    return re.sub(r"\{([^}:]+)[^}]*\}", lambda match: "4611686018427387904" if "_id" in match[1] else "nothing", path)


async def callers(client: Client) -> dict[Role, Client]:
    """Somebody of each role that some route asks for."""
    company_id = await client.a_company()
    return {
        Role.ADMIN: await client.signed_in("admin"),
        Role.SELLER: await client.signed_in("seller", company_id=company_id),
        Role.USER: await client.signed_in("user"),
        Role.COURIER: await client.signed_in("courier"),
        Role.SHOP_OWNER: await client.signed_in("shop_owner"),
        Role.LOCATION_ADMIN: await client.signed_in("location_admin"),
    }


def allowed(callers: dict[Role, Client], route: Unsafe) -> Client:
    """The first of the callers whom the route lets in."""
    return next(caller for role, caller in callers.items() if role in route.guard.roles)


def refusal(reply: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The body of a refusal, after looking that it is one, in the contract's shape, and says nothing internal."""
    where = f"{reply.request.method} {reply.request.url!s:.200} -> {reply.status_code} {reply.text:.500}"
    assert 400 <= reply.status_code < 500, where
    assert not statuses or reply.status_code in statuses, where
    assert reply.headers["content-type"].startswith("application/json"), where
    body: dict[str, Any] = reply.json()
    assert body.keys() - {"details"} == {"message", "status", "code", "requestId"}, where
    assert body["status"] == reply.status_code, where
    assert body["requestId"] == reply.headers["x-request-id"], where
    assert re.fullmatch("[A-Z][A-Z_]+", body["code"]), where
    assert body["message"], where
    if reply.status_code == 400 and "details" in body:
        assert all(isinstance(faults, list) and faults for faults in body["details"].values()), where
    for internal in ("Traceback", "asyncpg", "pydantic", "msgspec", "litestar", "entrepot/", "select ", "set_int_max"):
        assert internal not in reply.text, where
    return body
